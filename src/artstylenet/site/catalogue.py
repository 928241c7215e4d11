"""What every page needs of an atlas, gathered once: cards, file names, neighbours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from artstylenet.curation import Curation
from artstylenet.errors import InputError
from artstylenet.explaining.region_maps import grid_word_probabilities
from artstylenet.figures.ordering import order_by_largest
from artstylenet.figures.palette import STYLE_COLORS, style_label
from artstylenet.site.names import file_names, shard
from artstylenet.site.prepared import LabelOnPage, thumbnail_sizes
from artstylenet.site.words import percent
from artstylenet.stage_cache import StageCache

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

Pictures = Literal["thumb", "none", "full"]
Near = Callable[[Literal["styles", "features"], int], np.ndarray]

LEGEND_WEIGHT = 0.01
NARROWEST, WIDEST = 30, 350
CORE_COLUMNS = frozenset(
    {
        "id",
        "path",
        "hash",
        "painter",
        "title",
        "year",
        "year_from",
        "year_to",
        "width",
        "height",
        "rights",
        "credit",
    }
)


@dataclass(eq=False)
class Catalogue:
    """An atlas with what pages say again and again worked out.

    `labels` and `curation` may change while a server runs.

    Attributes
    ----------
    atlas : StyleAtlas
        The atlas.
    title : str
        Name of the site.
    pictures : {'thumb', 'none', 'full'}
        Which pictures the pages show.
    cards : list of dict
        One a painting: how it appears on any wall.
    near : callable (by, row) -> ndarray of int
        Row numbers of the paintings most like one, best first, by ``styles`` or ``features``.
    painter_names : mapping of str to str
        File name of each painter.
    large : mapping of int to (int, int)
        Rows that have a large picture, with its width and height.
    live : bool
        Whether a server stands behind the pages.
    labels : list of LabelOnPage
        What is typical of style 0, 1, ...; empty until the paintings have been measured.
    curation : Curation
        What people have said of the styles.
    word_styles : ndarray of shape (n_styles, n_grid_words) or None
        What region maps follow from; None if the model has no words of parts of pictures.
    """

    atlas: StyleAtlas
    title: str
    pictures: Pictures
    cards: list[dict[str, Any]]
    near: Near
    painter_names: Mapping[str, str]
    large: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    live: bool = False
    labels: list[LabelOnPage] = field(default_factory=list)
    curation: Curation = field(default_factory=Curation)
    word_styles: np.ndarray | None = None

    def thumbnail_size(self, row: int) -> tuple[int, int]:
        """Return width and height of a thumbnail, pixels; those of a plate without pictures."""
        picture = self.cards[row]["picture"]
        return (picture["width"], picture["height"]) if picture else (320, 224)

    @cached_property
    def typical(self) -> dict[str, list[int]]:
        """Rows of each painter's works, the most typical first, ties by id.

        All painters at once: as :func:`artstylenet.ranking.typical_paintings` for each.
        """
        roots = np.sqrt(self.atlas.painting_styles.to_numpy())
        painter_roots = np.sqrt(self.atlas.painter_styles.to_numpy(dtype=float))
        by_id = np.argsort(np.array([card["id"] for card in self.cards], dtype=str), kind="stable")
        rows_of: dict[str, list[int]] = {painter: [] for painter in self.painter_names}
        for row in by_id.tolist():
            if self.cards[row]["painter"] in rows_of:
                rows_of[self.cards[row]["painter"]].append(row)
        for place, rows in enumerate(rows_of.values()):
            affinity = roots[rows] @ painter_roots[place]
            order = np.argsort(-affinity, kind="stable").tolist()
            rows[:] = [rows[i] for i in order]
        return rows_of

    @cached_property
    def like_beside_like(self) -> list[int]:
        """Rows in the order of the heatmap of paintings."""
        return order_by_largest(self.atlas.painting_styles.to_numpy()).tolist()

    @cached_property
    def places(self) -> list[int]:
        """Place of each row in the heatmap of paintings, from 0."""
        return np.argsort(self.like_beside_like).tolist()

    @cached_property
    def sizes(self) -> list[list[float]]:
        """Width and height of the originals, pixels; NaN where they are not known."""
        sizes: list[list[float]] = (
            self.atlas.paintings[["width", "height"]].to_numpy(dtype=float).tolist()
        )
        return sizes

    @cached_property
    def given(self) -> list[tuple[str, list[str]]]:
        """Columns that the collection came with, beyond those that every page shows, as texts."""
        table = self.atlas.paintings
        return [(str(name), texts(table[name])) for name in table if name not in CORE_COLUMNS]


def make_catalogue(
    atlas: StyleAtlas,
    *,
    near: Near,
    title: str | None = None,
    pictures: Pictures = "thumb",
    large: Mapping[int, tuple[int, int]] | None = None,
    live: bool = False,
    labels: Sequence[LabelOnPage] = (),
    word_styles: Callable[[], np.ndarray | None] | None = None,
    cache: StageCache | None = None,
    curation: Curation | None = None,
) -> Catalogue:
    """Gather what pages need.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas to show.
    near : callable (by, row) -> ndarray of int
        Row numbers of the paintings most like one, best first, by ``styles`` or ``features``.
    title : str or None, default None
        Name of the site; 'The hidden styles of 5,910 paintings' if None.
    pictures : {'thumb', 'none', 'full'}, default 'thumb'
        Which pictures the pages show.
    large : mapping of int to (int, int) or None, default None
        Width and height of the large pictures that exist, by row.
    live : bool, default False
        Whether a server stands behind the pages.
    labels : sequence of LabelOnPage, default ()
        What is typical of style 0, 1, ...; without them pages say less.
    word_styles : callable or None, default None
        Returns what region maps follow from, or None if there are none; by default, the model
        is asked.
    cache : StageCache or None, default None
        Where measurements are kept.
    curation : Curation or None, default None
        What people have said of the styles.

    Returns
    -------
    Catalogue
        Ready for :mod:`artstylenet.site.payload`.
    """
    painters = [str(name) for name in atlas.painter_styles.index]
    painter_names = dict(zip(painters, file_names(painters), strict=True))
    return Catalogue(
        atlas=atlas,
        title=title or f"The hidden styles of {atlas.n_paintings:,} paintings",
        pictures=pictures,
        cards=_cards(atlas, painter_names, pictures, cache or StageCache(None)),
        near=near,
        painter_names=painter_names,
        large={} if large is None else large,
        live=live,
        labels=list(labels),
        curation=curation or Curation(),
        word_styles=_word_styles(atlas) if word_styles is None else word_styles(),
    )


def thumbnail_path(name: str) -> str:
    """Return where the thumbnail of a painting lies in the site."""
    return f"thumbs/{shard(name)}/{name}.jpg"


def large_path(name: str) -> str:
    """Return where the large picture of a painting lies in the site."""
    return f"pictures/{shard(name)}/{name}.jpg"


def style_page_path(style: int) -> str:
    """Return where the page of a style lies in the site."""
    return f"styles/style-{style:02d}.html"


def style_chip(style: int) -> dict[str, Any]:
    """Return how a style appears in lists: its number, name, page and colour class."""
    return {
        "style": style,
        "name": style_label(style),
        "page": style_page_path(style),
        "color": f"s{style % len(STYLE_COLORS)}",
    }


def mixture(weights: np.ndarray, deviations: np.ndarray | None = None) -> dict[str, Any]:
    """Return a mixture as a bar of segments and a legend, the largest style first.

    Parameters
    ----------
    weights : ndarray of shape (n_styles,)
        Sums to 1.
    deviations : ndarray of shape (n_styles,) or None, default None
        Standard deviation of each weight, where it is known.

    Returns
    -------
    dict
        ``segments`` (colour class, ``x`` and ``width`` in hundredths of the bar), ``parts``
        (chips with ``percent``, ``width`` and ``give_or_take``, which is empty where it is not
        known; at least 1 % each), ``rest`` (what smaller styles share, as words, or empty) and
        ``words`` for screen readers.
    """
    order = np.lexsort((np.arange(len(weights)), -weights))
    edges = np.concatenate([[0.0], np.cumsum(weights[order])]) / weights.sum() * 100
    widths = np.diff(edges).round(2)
    shown = [i for i, style in enumerate(order) if i == 0 or weights[style] >= LEGEND_WEIGHT]
    parts = [
        style_chip(int(order[i]))
        | {
            "percent": percent(weights[order[i]]),
            "width": f"{widths[i]:g}",
            "give_or_take": "" if deviations is None else f"{100 * deviations[order[i]]:.0f}",
        }
        for i in shown
    ]
    rest = float(weights.sum() - weights[order[shown]].sum())
    return {
        "segments": [
            {"color": part["color"], "x": f"{edges[i]:.2f}", "width": part["width"]}
            for i, part in zip(shown, parts, strict=True)
        ],
        "parts": parts,
        "rest": percent(rest) if rest >= 0.005 else "",
        "words": ", ".join(f"{part['name']} {part['percent']}" for part in parts),
    }


def texts(column: pd.Series) -> list[str]:
    """Return a column as texts; what is missing is empty."""
    return ["" if missing else str(v) for v, missing in zip(column, column.isna(), strict=True)]


def _word_styles(atlas: StyleAtlas) -> np.ndarray | None:
    """Return what region maps follow from, if the atlas has it."""
    try:
        return grid_word_probabilities(atlas.model)
    except InputError:
        return None


def _cards(
    atlas: StyleAtlas, painter_names: Mapping[str, str], pictures: Pictures, cache: StageCache
) -> list[dict[str, Any]]:
    """Return how each painting appears on a wall."""
    paintings = atlas.paintings
    ids = texts(paintings["id"])
    names = file_names(ids)
    empty = [""] * len(ids)
    rights = texts(paintings["rights"]) if "rights" in paintings else empty
    credit_lines = texts(paintings["credit"]) if "credit" in paintings else empty
    mixtures = atlas.painting_styles.to_numpy()
    sizes = [] if pictures == "none" else thumbnail_sizes(atlas, cache).tolist()
    cards = []
    for row, (painting_id, title, painter, year) in enumerate(
        zip(
            ids,
            texts(paintings["title"]),
            texts(paintings["painter"]),
            texts(paintings["year"]),
            strict=True,
        )
    ):
        name = names[row]
        painter_name = painter_names.get(painter, "")
        label = title or painting_id
        cards.append(
            {
                "row": row,
                "id": painting_id,
                "name": name,
                "page": f"paintings/{name}.html",
                "title": label,
                "painter": painter,
                "painter_page": f"painters/{painter_name}.html" if painter_name else "",
                "year": year,
                "alt": ", ".join(part for part in (label, painter, year) if part),
                "picture": _picture(sizes[row], name) if sizes else None,
                "plate": mixture(mixtures[row])["segments"] if pictures == "none" else [],
                "rights": rights[row],
                "credit": credit_lines[row],
            }
        )
    return cards


def _picture(size: list[int], name: str) -> dict[str, Any]:
    """Return where a thumbnail lies, its size, and the class that tells its aspect ratio."""
    width, height = size
    ratio = min(max(round(100 * width / height), NARROWEST), WIDEST)
    return {
        "src": thumbnail_path(name),
        "width": width,
        "height": height,
        "ratio": ratio / 100,
        "shape": f"r{ratio}",
    }
