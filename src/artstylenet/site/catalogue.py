"""What every page needs of an atlas, gathered once: cards, file names, neighbours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from artstylenet.curation import Curation
from artstylenet.errors import InputError
from artstylenet.explaining.region_maps import grid_word_probabilities
from artstylenet.figures.ordering import order_by_largest
from artstylenet.figures.palette import STYLE_COLORS, style_label
from artstylenet.site.cards import Cards, Pictures, Texts, drawn_rows, is_large
from artstylenet.site.names import file_names, shard
from artstylenet.site.prepared import LabelOnPage, thumbnail_sizes
from artstylenet.site.words import percent
from artstylenet.stage_cache import StageCache

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

Near = Callable[[Literal["styles", "features"], int], np.ndarray]

LEGEND_WEIGHT = 0.01
MOST_PAINTERS = 2000
"""Painters whose works are kept ranked."""
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
    cards : Cards
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
    cards: Cards
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
    def drawn(self) -> np.ndarray:
        """Rows that the map and other pages that hold many paintings are of, ascending."""
        return drawn_rows(self.atlas.n_paintings)

    @cached_property
    def rows(self) -> dict[str, int]:
        """Row of each painting by its file name."""
        return {name: row for row, name in enumerate(self.cards.names)}

    @cached_property
    def painters(self) -> np.ndarray:
        """Place of each painting's painter among all, -1 where none is known: int32."""
        named = pd.Index(self.painter_names)
        places = named.get_indexer(pd.Index(self.atlas.paintings["painter"].astype(object)))
        return places.astype(np.int32)

    @cached_property
    def _works(self) -> dict[str, np.ndarray]:
        """Rows of each painter's works."""
        order = np.argsort(self.painters, kind="stable")
        n_painters = len(self.painter_names)
        edges = np.searchsorted(self.painters[order], np.arange(n_painters + 1))
        parts = np.split(order, edges)[1:-1]
        return dict(zip(self.painter_names, parts, strict=True))

    def works_of(self, painter: str) -> np.ndarray:
        """Return the rows of a painter's works, ascending."""
        return self._works[painter]

    def typical(self, painter: str) -> list[int]:
        """Return the rows of a painter's works, the most typical first, ties by id.

        As :func:`artstylenet.ranking.typical_paintings`.
        """
        return self._typical(painter)

    @cached_property
    def _typical(self) -> Callable[[str], list[int]]:
        mixtures = self.atlas.painting_styles.to_numpy()
        painter_roots = np.sqrt(self.atlas.painter_styles.to_numpy(dtype=float))
        places = {painter: place for place, painter in enumerate(self.painter_names)}

        @lru_cache(MOST_PAINTERS)
        def rank(painter: str) -> list[int]:
            rows = self.works_of(painter)
            ids = np.array(self.cards.ids(rows), dtype=str)
            rows = rows[np.argsort(ids, kind="stable")]
            affinity = np.sqrt(mixtures[rows]) @ painter_roots[places[painter]]
            ranked: list[int] = rows[np.argsort(-affinity, kind="stable")].tolist()
            return ranked

        return rank

    @cached_property
    def like_beside_like(self) -> np.ndarray:
        """Rows in the order of the heatmap of paintings."""
        return order_by_largest(self.atlas.painting_styles.to_numpy())

    @cached_property
    def places(self) -> np.ndarray:
        """Place of each row in the heatmap of paintings, from 0."""
        return np.argsort(self.like_beside_like)

    def size(self, row: int) -> tuple[float, float]:
        """Return width and height of an original, pixels; NaN where they are not known."""
        width, height = self._sizes[row].tolist()
        return width, height

    @cached_property
    def _sizes(self) -> np.ndarray:
        return self.atlas.paintings[["width", "height"]].to_numpy(dtype=float)

    @cached_property
    def given(self) -> list[tuple[str, Texts]]:
        """Columns that the collection came with, beyond those that every page shows, as texts."""
        table = self.atlas.paintings
        return [(str(name), Texts(table[name])) for name in table if name not in CORE_COLUMNS]


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
    # Opening a million thumbnails takes a minute; their sizes are looked up when they are shown.
    is_measured = pictures != "none" and not is_large(atlas.n_paintings)
    sizes = thumbnail_sizes(atlas, cache or StageCache(None)) if is_measured else None
    mixtures = atlas.painting_styles.to_numpy()

    def plate(row: int) -> list[dict[str, Any]]:
        segments: list[dict[str, Any]] = mixture(mixtures[row])["segments"]
        return segments

    return Catalogue(
        atlas=atlas,
        title=title or f"The hidden styles of {atlas.n_paintings:,} paintings",
        pictures=pictures,
        cards=Cards(atlas, painter_names, pictures, sizes, plate),
        near=near,
        painter_names=painter_names,
        large={} if large is None else large,
        live=live,
        labels=list(labels),
        curation=curation or Curation(),
        word_styles=_word_styles(atlas) if word_styles is None else word_styles(),
    )


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


def _word_styles(atlas: StyleAtlas) -> np.ndarray | None:
    """Return what region maps follow from, if the atlas has it."""
    try:
        return grid_word_probabilities(atlas.model)
    except InputError:
        return None
