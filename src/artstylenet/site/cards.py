"""How paintings appear on walls: of large collections, each is worked out when it is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
import pandas as pd
import pyarrow as pa

from artstylenet.imaging import open_thumbnail
from artstylenet.sampling import sample_rows
from artstylenet.site.names import file_names, shard

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

Pictures = Literal["thumb", "none", "full"]

MOST_DRAWN = 100_000
"""Paintings that one page may hold all of. Of more so many are drawn from, always the same, and
nothing is worked out for all of them before it is asked for."""
MOST_KEPT = 20_000
"""Cards that are kept once they have been made."""
NARROWEST, WIDEST = 30, 350


def is_large(n_paintings: int) -> bool:
    """Tell whether a collection has too many paintings for one page to hold them all."""
    return n_paintings > MOST_DRAWN


def drawn_rows(n_paintings: int) -> np.ndarray:
    """Return the rows that pages draw from, ascending: all where that is possible."""
    return sample_rows(n_paintings, most=MOST_DRAWN)


def texts(column: pd.Series) -> list[str]:
    """Return a column as texts; what is missing is empty."""
    if isinstance(column.dtype, pd.StringDtype):
        found: list[str] = column.fillna("").tolist()
        return found
    return ["" if missing else str(v) for v, missing in zip(column, column.isna(), strict=True)]


class Texts(Sequence[str]):
    """A column as texts, held at once, or of large collections read when they are looked at."""

    def __init__(self, column: pd.Series) -> None:
        self._held: list[str] | None = None
        self._compact: pa.Array | None = None
        self._column = column
        if not is_large(len(column)):
            self._held = texts(column)
        elif isinstance(column.dtype, pd.StringDtype):
            # A table from a file comes in pieces, of which taking a few rows takes milliseconds.
            whole = pa.array(column, from_pandas=True)
            self._compact = whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole

    def __len__(self) -> int:
        return len(self._column)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[str]: ...
    def __getitem__(self, row: int | slice) -> str | Sequence[str]:
        if self._held is not None:
            return self._held[row]
        if isinstance(row, slice):
            return texts(self._column.iloc[row])
        if self._compact is not None:
            return self._compact[row].as_py() or ""
        value = self._column.iloc[row]
        return "" if pd.isna(value) else str(value)

    def take(self, rows: np.ndarray) -> list[str]:
        """Return the texts of some rows."""
        if self._held is not None:
            return [self._held[row] for row in rows.tolist()]
        if self._compact is not None:
            return [text or "" for text in self._compact.take(pa.array(rows)).to_pylist()]
        return texts(self._column.iloc[rows])


class Cards(Sequence[dict[str, Any]]):
    """How each painting appears on a wall.

    Parameters
    ----------
    atlas : StyleAtlas
    painter_names : mapping of str to str
        File name of each painter.
    pictures : {'thumb', 'none', 'full'}
    sizes : ndarray of shape (n_paintings, 2), int, or None
        Width and height of the thumbnails; None looks when a card is made.
    plate : callable of a row
        Returns what stands in for the picture on pages without pictures.

    Attributes
    ----------
    names : list of str
        File name of each painting.
    """

    def __init__(
        self,
        atlas: StyleAtlas,
        painter_names: Mapping[str, str],
        pictures: Pictures,
        sizes: np.ndarray | None,
        plate: Callable[[int], list[dict[str, Any]]],
    ) -> None:
        paintings = atlas.paintings
        self._thumbnails = atlas.thumbnails
        self._originals = paintings[["width", "height"]]
        self._painter_names = painter_names
        self._pictures = pictures
        self._sizes = sizes
        self._plate = plate
        self._ids, self._titles, self._painters, self._years = (
            Texts(paintings[name]) for name in ("id", "title", "painter", "year")
        )
        self._rights, self._credits = (
            Texts(paintings[name]) if name in paintings else None for name in ("rights", "credit")
        )
        self.names = file_names(texts(paintings["id"]))
        self._kept = lru_cache(MOST_KEPT)(self._make)

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, row: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, row: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, row: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        rows = range(len(self))
        if isinstance(row, slice):
            return [self._kept(one) for one in rows[row]]
        return self._kept(rows[row])

    def titles(self, rows: np.ndarray) -> list[str]:
        """Return what some paintings are called."""
        pairs = zip(self._titles.take(rows), self._ids.take(rows), strict=True)
        return [title or painting_id for title, painting_id in pairs]

    def ids(self, rows: np.ndarray) -> list[str]:
        """Return the ids of some paintings."""
        return self._ids.take(rows)

    def painters(self, rows: np.ndarray) -> list[str]:
        """Return the painters of some paintings, empty where they are not known."""
        return self._painters.take(rows)

    def years(self, rows: np.ndarray) -> list[str]:
        """Return the years of some paintings as given, empty where they are not."""
        return self._years.take(rows)

    def aspects(self, rows: np.ndarray) -> list[float]:
        """Return width over height of some pictures, 1 where it is not known.

        Of a large collection they are those of the originals, so that no thumbnail is opened.
        """
        if self._pictures == "none":
            return [1] * len(rows)
        sizes = self._originals.to_numpy(dtype=float) if self._sizes is None else self._sizes
        return [
            round(_ratio(width, height) / 100, 2) if width > 0 and height > 0 else 1
            for width, height in sizes[rows].tolist()
        ]

    def thumbnail_folders(self, rows: np.ndarray) -> list[str]:
        """Return the folder in ``thumbs/`` of each picture; empty without pictures."""
        if self._pictures == "none":
            return [""] * len(rows)
        return [shard(self.names[row]) for row in rows.tolist()]

    def _make(self, row: int) -> dict[str, Any]:
        name, painting_id, painter = self.names[row], self._ids[row], self._painters[row]
        label = self._titles[row] or painting_id
        year = self._years[row]
        painter_name = self._painter_names.get(painter, "")
        is_plate = self._pictures == "none"
        return {
            "row": row,
            "id": painting_id,
            "name": name,
            "page": painting_page_path(name),
            "title": label,
            "painter": painter,
            "painter_page": f"painters/{painter_name}.html" if painter_name else "",
            "year": year,
            "alt": ", ".join(part for part in (label, painter, year) if part),
            "picture": None if is_plate else _picture(self._size(row), name),
            "plate": self._plate(row) if is_plate else [],
            "rights": self._rights[row] if self._rights else "",
            "credit": self._credits[row] if self._credits else "",
        }

    def _size(self, row: int) -> tuple[int, int]:
        if self._sizes is not None:
            width, height = self._sizes[row].tolist()
            return width, height
        with open_thumbnail(self._thumbnails[row].as_py()) as image:
            return image.size


def painting_page_path(name: str) -> str:
    """Return where the page of a painting lies in the site."""
    return f"paintings/{name}.html"


def thumbnail_path(name: str) -> str:
    """Return where the thumbnail of a painting lies in the site."""
    return f"thumbs/{shard(name)}/{name}.jpg"


def _picture(size: tuple[int, int], name: str) -> dict[str, Any]:
    """Return where a thumbnail lies, its size, and the class that tells its aspect ratio."""
    width, height = size
    ratio = _ratio(width, height)
    return {
        "src": thumbnail_path(name),
        "width": width,
        "height": height,
        "ratio": ratio / 100,
        "shape": f"r{ratio}",
    }


def _ratio(width: float, height: float) -> int:
    """Return width over height in hundredths, within what a wall can show."""
    return min(max(round(100 * width / height), NARROWEST), WIDEST)
