"""Who and what stands for a style: paintings, painters and a table of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from artstylenet.atlas import style_column
from artstylenet.errors import InputError, UnknownIdError

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

_LOOKED_AT = 16
"""Times as many paintings are ranked as are asked for where a painter may have only a few."""


def top_paintings(
    atlas: StyleAtlas, style: int, n: int = 10, *, max_per_painter: int | None = None
) -> pd.DataFrame:
    """Rank the paintings with the largest weight of a style.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas to ask.
    style : int
        Number of the style, from 0.
    n : int, default 10
        How many paintings at most.
    max_per_painter : int or None, default None
        Keep at most this many works of one painter, so that the list shows a style rather than
        its most devoted painter. Works without a painter are not limited.

    Returns
    -------
    DataFrame
        Columns ``id``, ``painter``, ``title``, ``year``, ``weight`` (fraction of the painting in
        [0, 1]); best first, ties by id. The index is the row of the painting in the atlas.

    Raises
    ------
    UnknownIdError
        The atlas has no such style.
    InputError
        `n` or `max_per_painter` is below 1.
    """
    weights = atlas.painting_styles[_column(atlas, style)].to_numpy()
    _at_least_one("n", n)
    if max_per_painter is not None:
        _at_least_one("max_per_painter", max_per_painter)
    # Of a million paintings the best few thousand nearly always hold enough painters.
    n_looked_at = n if max_per_painter is None else _LOOKED_AT * n
    while True:
        rows = _heaviest(atlas, weights, n_looked_at)
        is_all = len(rows) == len(weights)
        if max_per_painter is not None:
            rows = _few_a_painter(atlas, rows, max_per_painter)
        if is_all or len(rows) >= n:
            break
        n_looked_at *= _LOOKED_AT
    rows = rows[:n]
    table: pd.DataFrame = atlas.paintings.iloc[rows][["id", "painter", "title", "year"]]
    table = table.set_axis(rows)
    table["weight"] = weights[rows]
    return table


def top_painters(atlas: StyleAtlas, style: int, n: int = 10) -> pd.DataFrame:
    """Rank the painters whose works hold most of a style.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas to ask.
    style : int
        Number of the style, from 0.
    n : int, default 10
        How many painters at most.

    Returns
    -------
    DataFrame
        Columns ``painter``, ``n_paintings``, ``weight`` (mean over the painter's works, fraction
        in [0, 1]); best first, ties by name. Empty if the collection names no painters.

    Raises
    ------
    UnknownIdError
        The atlas has no such style.
    InputError
        `n` is below 1.
    """
    weights = atlas.painter_styles[_column(atlas, style)].to_numpy(dtype=float)
    _at_least_one("n", n)
    rows = _best_first(atlas.painter_styles.index.to_numpy(), weights)[:n]
    n_paintings = atlas.painters.set_index("painter")["n_paintings"]
    names = atlas.painter_styles.index[rows]
    return pd.DataFrame(
        {
            "painter": names.to_numpy(),
            "n_paintings": n_paintings.reindex(names).to_numpy(),
            "weight": weights[rows],
        }
    )


def typical_paintings(atlas: StyleAtlas, painter: str) -> pd.DataFrame:
    """Rank a painter's works by how near their mixture is to the painter's own.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas to ask.
    painter : str
        Name as in ``atlas.painters``.

    Returns
    -------
    DataFrame
        Columns ``id``, ``painter``, ``title``, ``year``, ``affinity`` (Bhattacharyya coefficient
        of the two mixtures, in [0, 1]); the most typical first and so the least typical last,
        ties by id. The index is the row of the painting in the atlas.

    Raises
    ------
    UnknownIdError
        The atlas has no such painter.
    """
    if painter not in atlas.painter_styles.index:
        raise UnknownIdError(f"no painter {painter!r} in this atlas")
    theirs = np.flatnonzero(atlas.paintings["painter"].eq(painter).fillna(value=False))
    mixtures = np.sqrt(atlas.painting_styles.to_numpy()[theirs])
    affinity = mixtures @ np.sqrt(atlas.painter_styles.loc[painter].to_numpy(dtype=float))
    order = _best_first(atlas.paintings["id"].iloc[theirs].to_numpy(), affinity)
    rows = theirs[order]
    table: pd.DataFrame = atlas.paintings.iloc[rows][["id", "painter", "title", "year"]]
    table = table.set_axis(rows)
    table["affinity"] = affinity[order].clip(0.0, 1.0)
    return table


def style_table(atlas: StyleAtlas, n: int = 10) -> pd.DataFrame:
    """Return the styles with their top painters and paintings, one row a style.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas to ask.
    n : int, default 10
        How many painters and paintings per style at most.

    Returns
    -------
    DataFrame
        ``atlas.styles`` with two more columns, ``top_painters`` (lists of names) and
        ``top_paintings`` (lists of ids), best first; the most prevalent style first.
    """
    numbers = range(atlas.n_styles)
    table: pd.DataFrame = atlas.styles.assign(
        top_painters=pd.Series(
            [top_painters(atlas, k, n)["painter"].tolist() for k in numbers],
            index=atlas.styles.index,
            dtype=object,
        ),
        top_paintings=pd.Series(
            [top_paintings(atlas, k, n)["id"].tolist() for k in numbers],
            index=atlas.styles.index,
            dtype=object,
        ),
    )
    return table


def _heaviest(atlas: StyleAtlas, weights: np.ndarray, n: int) -> np.ndarray:
    """Return the rows of at least the n largest weights, best first, ties by id."""
    rows = np.arange(len(weights))
    if n < len(weights):
        # All that tie with the last one compete for its place.
        rows = np.flatnonzero(weights >= np.partition(weights, -n)[-n])
    return rows[_best_first(atlas.paintings["id"].iloc[rows].to_numpy(), weights[rows])]


def _few_a_painter(atlas: StyleAtlas, rows: np.ndarray, most: int) -> np.ndarray:
    """Return ranked rows without what comes after `most` works of the same painter."""
    painters = atlas.paintings["painter"].iloc[rows]
    seen_before = painters.groupby(painters).cumcount()
    few: np.ndarray = rows[~(seen_before >= most).reindex(painters.index).to_numpy()]
    return few


def _best_first(names: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return row numbers by falling value; equal values by name."""
    return np.lexsort((names.astype(str), -values))


def _column(atlas: StyleAtlas, style: int) -> str:
    """Return the column of a style that exists."""
    if not 0 <= style < atlas.n_styles:
        raise UnknownIdError(f"no style {style}: this atlas has styles 0 to {atlas.n_styles - 1}")
    return style_column(style)


def _at_least_one(name: str, value: int) -> None:
    """Refuse a count below 1."""
    if value < 1:
        raise InputError(f"{name} must be at least 1, not {value}")
