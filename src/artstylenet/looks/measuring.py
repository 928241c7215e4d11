"""Looks of all paintings of an atlas: one pass over its thumbnails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from artstylenet.cpus import usable_cpus
from artstylenet.looks.facets import colour_features, composition_features, texture_features
from artstylenet.looks.facts import FACTS, measure_facts
from artstylenet.looks.views import COLOUR_SIDE, Views, view_thumbnail
from artstylenet.progress import Progress, silent
from artstylenet.stage_cache import StageCache, digest

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

VERSION = 2
"""Raised when a measurement changes, so that cached ones are made again."""

N_SWATCHES = 64
_BATCH = 64


@dataclass(frozen=True, eq=False)
class Looks:
    """Measurements of pictures; row i is painting i.

    Attributes
    ----------
    facts : ndarray of shape (n_paintings, n_facts), float64
        Columns as in :data:`FACTS`.
    swatches : ndarray of shape (n_paintings, 64, 3), uint8
        sRGB colours at the nodes of an 8 x 8 lattice: a fair sample of the colours there are.
    colour : ndarray of shape (n_paintings, 121), float32
    texture : ndarray of shape (n_paintings, 39), float32
    composition : ndarray of shape (n_paintings, 160), float32
        Features of the three facets; see :mod:`artstylenet.looks.facets`.
    """

    facts: np.ndarray
    swatches: np.ndarray
    colour: np.ndarray
    texture: np.ndarray
    composition: np.ndarray

    def fact(self, name: str) -> np.ndarray:
        """Return one fact of every painting, (n_paintings,), float64."""
        return self.facts[:, list(FACTS).index(name)]


def measure_looks(
    thumbnails: Sequence[bytes],
    sizes: np.ndarray,
    *,
    n_jobs: int | None = None,
    progress: Progress = silent,
) -> Looks:
    """Measure pictures.

    Parameters
    ----------
    thumbnails : sequence of bytes
        JPEG.
    sizes : ndarray of shape (n, 2)
        Width and height of the originals, pixels.
    n_jobs : int or None, default=None
        Threads; None is one a CPU. The result does not depend on it.
    progress : callable, optional

    Returns
    -------
    Looks
    """
    n = len(thumbnails)
    rows: list[tuple[np.ndarray, ...]] = []
    with ThreadPoolExecutor(n_jobs or usable_cpus()) as pool:
        for start in range(0, n, _BATCH):
            progress("Measuring colours and marks", start, n)
            batch = slice(start, start + _BATCH)
            rows += pool.map(_measure, thumbnails[batch], sizes[batch])
    progress("Measuring colours and marks", n, n)
    facts, swatches, colour, texture, composition = map(np.stack, zip(*rows, strict=True))
    return Looks(facts, swatches, colour, texture, composition)


_KNOWN: WeakKeyDictionary[StyleAtlas, Looks] = WeakKeyDictionary()


def looks_of(
    atlas: StyleAtlas, cache: StageCache | None = None, *, progress: Progress = silent
) -> Looks:
    """Return the looks of an atlas, measured once.

    Parameters
    ----------
    atlas : StyleAtlas
    cache : StageCache or None, default=None
        Where they are kept from one run of the program to the next.
    progress : callable, optional

    Returns
    -------
    Looks
    """
    if atlas not in _KNOWN:
        inputs = {"version": VERSION, "hashes": digest(atlas.paintings["hash"].tolist())}

        def measure() -> dict[str, np.ndarray]:
            sizes = atlas.paintings[["width", "height"]].to_numpy()
            looks = measure_looks(_Thumbnails(atlas), sizes, progress=progress)
            return {field.name: getattr(looks, field.name) for field in fields(looks)}

        _KNOWN[atlas] = Looks(**(cache or StageCache(None)).get("looks", inputs, measure))
    return _KNOWN[atlas]


class _Thumbnails(Sequence[bytes]):
    """The thumbnails of an atlas, read as they are asked for."""

    def __init__(self, atlas: StyleAtlas) -> None:
        self._thumbnails = atlas.thumbnails

    def __len__(self) -> int:
        return len(self._thumbnails)

    def __getitem__(self, which: int | slice) -> bytes | list[bytes]:  # type: ignore[override]
        if isinstance(which, slice):
            return self._thumbnails[which].to_pylist()
        return bytes(self._thumbnails[which].as_py())

    def __iter__(self) -> Iterator[bytes]:
        return (thumbnail.as_py() for thumbnail in self._thumbnails)


def _measure(thumbnail: bytes, size: np.ndarray) -> tuple[np.ndarray, ...]:
    views = view_thumbnail(thumbnail)
    return (
        measure_facts(views, int(size[0]), int(size[1])),
        _swatches(views),
        colour_features(views),
        texture_features(views),
        composition_features(views),
    )


def _swatches(views: Views) -> np.ndarray:
    step = COLOUR_SIDE // int(np.sqrt(N_SWATCHES))
    return views.small[step // 2 :: step, step // 2 :: step].reshape(N_SWATCHES, 3)
