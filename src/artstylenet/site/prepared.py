"""What pages need and takes long to work out: worked out once for an atlas, kept beside it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pyarrow as pa

from artstylenet.errors import ArtStyleNetError
from artstylenet.imaging import open_thumbnail
from artstylenet.progress import Progress, silent
from artstylenet.sampling import sample_rows
from artstylenet.similarity import By, nearest_paintings
from artstylenet.site.cards import is_large
from artstylenet.site.sprites import make_sheet, sheet_count
from artstylenet.site.words import percent
from artstylenet.stage_cache import StageCache, digest
from artstylenet.storage import load_atlas
from artstylenet.storage.folder import CACHE_FOLDER
from artstylenet.storage.opened import open_later

if TYPE_CHECKING:
    import pandas as pd

    from artstylenet.atlas import StyleAtlas

VERSION = 2
"""Raised when something here changes, so that it is worked out again."""
NEIGHBOURS = 8
MOST_COMPARED = 20_000
"""Paintings that are all compared with each other before anybody asks."""
ROWS_AT_ONCE = 20_000


@dataclass(frozen=True)
class LabelColour:
    """A colour of a style: ``#rrggbb``, its plain name, its share in [0, 1]."""

    rgb: str
    name: str
    share: float


@dataclass(frozen=True)
class LabelOnPage:
    """What pages say of a style: one or two sentences (or none), its colours, doubts about it."""

    text: str
    palette: tuple[LabelColour, ...]
    badges: tuple[str, ...] = ()


def thumbnail_sizes(atlas: StyleAtlas, cache: StageCache) -> np.ndarray:
    """Return width and height of every thumbnail: ndarray of shape (n_paintings, 2), int16."""

    def measure() -> dict[str, np.ndarray]:
        sizes = np.empty((atlas.n_paintings, 2), np.int16)
        for row, thumbnail in enumerate(atlas.thumbnails):
            with open_thumbnail(thumbnail.as_py()) as image:
                sizes[row] = image.size
        return {"sizes": sizes}

    return cache.get("thumbnail-sizes", _pictures(atlas), measure)["sizes"]


def nearest(atlas: StyleAtlas, cache: StageCache) -> dict[By, np.ndarray]:
    """Return rows of the paintings most like each, (n_paintings, at most 8), by each space."""

    def compare() -> dict[str, np.ndarray]:
        return {
            by: nearest_paintings(atlas, by=by, n=NEIGHBOURS).astype(np.int32)
            for by in get_args(By)
        }

    return _by_space(cache.get("nearest", _findings(atlas, _pictures(atlas)), compare))


def wall_labels(
    atlas: StyleAtlas, cache: StageCache, progress: Progress = silent
) -> list[LabelOnPage]:
    """Return what is typical of style 0, 1, ...

    Of a large collection 20,000 paintings are looked at.
    """
    findings = _findings(atlas, _pictures(atlas))
    if is_large(atlas.n_paintings):
        atlas = _some(atlas, sample_rows(atlas.n_paintings))

    def describe() -> dict[str, np.ndarray]:
        # Colours are grouped and tested by libraries that pages do not need otherwise.
        from artstylenet.audit import audit_styles
        from artstylenet.labels import style_label
        from artstylenet.looks import looks_of

        looks = looks_of(atlas, cache, progress=progress)
        labels = [style_label(atlas, style, looks=looks) for style in range(atlas.n_styles)]
        tests = audit_styles(atlas, looks=looks)
        tree = [
            {
                "text": label.text,
                "palette": [
                    {"rgb": colour.rgb, "name": colour.name, "share": float(colour.share)}
                    for colour in label.palette
                ],
                "badges": _badges(tests[tests["badge"] & (tests["style"] == label.style)]),
            }
            for label in labels
        ]
        return {"json": np.frombuffer(json.dumps(tree).encode(), np.uint8)}

    return _as_labels(cache.get("wall-labels", findings, describe))


def map_sheets(atlas: StyleAtlas, cache: StageCache) -> list[bytes]:
    """Return the sheets of tiny pictures that the map shows, as JPEG."""

    def pack() -> dict[str, np.ndarray]:
        return {
            f"{number}": np.frombuffer(make_sheet(atlas.thumbnails, number), np.uint8)
            for number in range(sheet_count(atlas.n_paintings))
        }

    return _as_sheets(cache.get("map-sheets", _pictures(atlas), pack))


@dataclass(frozen=True, eq=False)
class Prepared:
    """All that is kept of an atlas; see the functions of the same names."""

    nearest: Mapping[By, np.ndarray]
    """Empty for more than 20,000 paintings: a question costs less than all answers."""
    wall_labels: Sequence[LabelOnPage]
    map_sheets: Sequence[bytes]


def find_prepared(atlas: StyleAtlas, cache: StageCache) -> Prepared | None:
    """Return what has been worked out before, if all of it has."""
    pictures = _pictures(atlas)
    findings = _findings(atlas, pictures)
    labels, sheets = cache.peek("wall-labels", findings), cache.peek("map-sheets", pictures)
    near = cache.peek("nearest", findings) if _is_compared(atlas) else {}
    if near is None or labels is None or sheets is None:
        return None
    return Prepared(_by_space(near), _as_labels(labels), _as_sheets(sheets))


def prepare(atlas: StyleAtlas, cache: StageCache) -> Prepared:
    """Return everything, worked out where it has not been before."""
    if not is_large(atlas.n_paintings):
        thumbnail_sizes(atlas, cache)
    sheets = map_sheets(atlas, cache)
    near = nearest(atlas, cache) if _is_compared(atlas) else {}
    return Prepared(near, wall_labels(atlas, cache), sheets)


def _is_compared(atlas: StyleAtlas) -> bool:
    """Tell whether all paintings are compared with all before anybody asks."""
    return atlas.n_paintings <= MOST_COMPARED


def _some(atlas: StyleAtlas, rows: np.ndarray) -> StyleAtlas:
    """Return an atlas of some of the paintings, by styles and painters of all."""

    def rows_of(name: str) -> Callable[[], dict[str, Any]]:
        return lambda: {name: getattr(atlas, name)[rows]}

    def whole(name: str) -> Callable[[], dict[str, Any]]:
        return lambda: {name: getattr(atlas, name)}

    return open_later(
        {name: rows_of(name) for name in ("word_counts", "grid_words")}
        | {name: whole(name) for name in ("model", "feature_space")},
        paintings=atlas.paintings.iloc[rows].reset_index(drop=True),
        painting_styles=atlas.painting_styles.iloc[rows],
        descriptors=atlas.descriptors[rows],
        map_positions=atlas.map_positions[rows],
        uncertainty=atlas.uncertainty[rows],
        # Taking them would put all into one array first: gigabytes, more than it can number.
        thumbnails=pa.chunked_array(
            [atlas.thumbnails.slice(row, 1).chunk(0) for row in rows.tolist()]
        ),
        painters=atlas.painters,
        painter_styles=atlas.painter_styles,
        styles=atlas.styles,
        selection=atlas.selection,
        skipped=atlas.skipped,
        duplicates=atlas.duplicates,
        run=atlas.run,
        image_root=atlas.image_root,
    )


def _by_space(arrays: Mapping[str, np.ndarray]) -> dict[By, np.ndarray]:
    return {by: arrays[by] for by in get_args(By) if by in arrays}


def _as_labels(arrays: Mapping[str, np.ndarray]) -> list[LabelOnPage]:
    return [
        LabelOnPage(
            label["text"],
            tuple(LabelColour(**colour) for colour in label["palette"]),
            tuple(label["badges"]),
        )
        for label in json.loads(arrays["json"].tobytes())
    ]


def _as_sheets(arrays: Mapping[str, np.ndarray]) -> list[bytes]:
    return [arrays[f"{number}"].tobytes() for number in range(len(arrays))]


def _badges(tests: pd.DataFrame) -> list[str]:
    """Return in words what a style may be instead."""
    return [
        f"It may be a matter of {confound}"
        + (f" ({detail})" if detail else "")
        + f": {percent(share)} of its paintings, {percent(elsewhere)} of the others."
        for confound, detail, share, elsewhere in tests[
            ["confound", "detail", "share", "elsewhere"]
        ].itertuples(index=False, name=None)
    ]


def _pictures(atlas: StyleAtlas) -> dict[str, Any]:
    hashes = atlas.paintings["hash"]
    if not is_large(len(hashes)):
        return {"version": VERSION, "pictures": digest(hashes.tolist())}
    seen = hashlib.sha256()
    for start in range(0, len(hashes), ROWS_AT_ONCE):
        seen.update("".join(hashes.iloc[start : start + ROWS_AT_ONCE]).encode())
    return {"version": VERSION, "pictures": seen.hexdigest()}


def _findings(atlas: StyleAtlas, pictures: dict[str, Any]) -> dict[str, Any]:
    seen = hashlib.sha256(np.ascontiguousarray(atlas.painting_styles.to_numpy()).data)
    seen.update(np.ascontiguousarray(atlas.descriptors).data)
    return {**pictures, "findings": seen.hexdigest()}


def main(folder: str) -> int:
    """Prepare the atlas in a folder, in a process of its own; return its exit code."""
    os.nice(15)
    try:
        atlas = load_atlas(folder, whole=False)
        prepare(atlas, StageCache(Path(folder) / CACHE_FOLDER))
    except (ArtStyleNetError, OSError):
        return 1
    return 0
