"""An exhibition: a room for each style, with works that show it and not one painter or decade."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from artstylenet.errors import InputError, UnknownIdError
from artstylenet.metadata import year_spans

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

PER_STYLE = 8
SAME_ROOM = 0.5
"""What a painter's next work counts after each that hangs in the room already."""
OTHER_ROOMS = 0.8
"""What it counts after each that hangs in another room."""
SAME_TIME = 0.5
"""How much a work loses if all others of the room are of its time."""
YEARS = 20
"""Works that lie fewer years apart are of one time."""
FAINTEST = 0.1
"""Weight of its style that a work must have to stand for it."""
_LOOKED_AT = 64
"""Works that are looked at first; as many times more where one of the others might be better."""


def make_exhibition(
    atlas: StyleAtlas, *, per_style: int = PER_STYLE, styles: Sequence[int] | None = None
) -> pd.DataFrame:
    """Choose works that show the styles of an atlas, balanced by painter and date.

    Room by room in turns, each style takes the work with the largest weight, which counts half
    for every work of its painter in the room, 0.8 for every one in other rooms, and up to half
    less the more works of the room are of its time. No work hangs twice.

    Parameters
    ----------
    atlas : StyleAtlas
    per_style : int, default=8
        Works a room at most; a style that fewer works show has fewer.
    styles : sequence of int or None, default=None
        Which styles, in the order of their rooms; None is all.

    Returns
    -------
    DataFrame
        Columns ``style``, ``place`` (in the room, from 1), ``id``, ``painter``, ``title``,
        ``year``, ``weight`` (of the style, in [0, 1]). The index is the row in the atlas.

    Raises
    ------
    InputError
        If `per_style` is below 1, or no style is named.
    UnknownIdError
        If the atlas has no such style.
    """
    if per_style < 1:
        raise InputError(f"per_style must be at least 1, not {per_style}.")
    rooms = list(range(atlas.n_styles)) if styles is None else list(dict.fromkeys(styles))
    if not rooms:
        raise InputError("An exhibition needs at least one style.")
    for style in rooms:
        if not 0 <= style < atlas.n_styles:
            raise UnknownIdError(
                f"The atlas has no style {style}: its styles are 0 to {atlas.n_styles - 1}."
            )
    weights = atlas.painting_styles.to_numpy()
    # Works by nobody known are of different painters, as far as anybody knows.
    painters = atlas.paintings["painter"].astype(object).where(atlas.paintings["painter"].notna())
    names = [name if isinstance(name, str) else f"\0{row}" for row, name in enumerate(painters)]
    years = year_spans(atlas).mean(axis=1)
    hung: dict[int, list[int]] = {style: [] for style in rooms}
    seen: Counter[str] = Counter()
    free = np.ones(atlas.n_paintings, bool)
    for _ in range(per_style):
        for style in rooms:
            row = _next_work(weights[:, style], free, hung[style], names, seen, years)
            if row is not None:
                hung[style].append(row)
                free[row] = False
                seen[names[row]] += 1
    rows = [row for style in rooms for row in hung[style]]
    table: pd.DataFrame = atlas.paintings.iloc[rows][["id", "painter", "title", "year"]]
    table = table.set_axis(rows)
    table.insert(0, "style", [style for style in rooms for _ in hung[style]])
    table.insert(1, "place", [place + 1 for style in rooms for place in range(len(hung[style]))])
    table["weight"] = [weights[row, style] for style in rooms for row in hung[style]]
    return table


def _next_work(
    weights: np.ndarray,
    free: np.ndarray,
    hung: list[int],
    names: list[str],
    seen: Counter[str],
    years: np.ndarray,
) -> int | None:
    """Return the row of the work that the room takes next; None if no work is left for it."""
    free_weights = np.where(free, weights, 0.0)
    n_looked_at = _LOOKED_AT
    while True:
        # A weight never counts more than it is: the best of the heaviest is the best of all if
        # it counts more than the weight that the lighter ones stay below.
        least = FAINTEST
        if n_looked_at < len(weights):
            least = max(FAINTEST, np.partition(free_weights, -n_looked_at)[-n_looked_at])
        candidates = np.flatnonzero(free_weights >= least)
        if not len(candidates):
            return None
        best, value = _best_of(candidates, weights, hung, names, seen, years)
        if least == FAINTEST or value >= least:
            return best
        n_looked_at *= _LOOKED_AT


def _best_of(
    candidates: np.ndarray,
    weights: np.ndarray,
    hung: list[int],
    names: list[str],
    seen: Counter[str],
    years: np.ndarray,
) -> tuple[int, float]:
    """Return the row of the best of some works, and what it counts."""
    here = Counter(names[row] for row in hung)
    counts = np.array(
        [
            SAME_ROOM ** here[names[row]] * OTHER_ROOMS ** (seen[names[row]] - here[names[row]])
            for row in candidates.tolist()
        ]
    )
    if hung:
        # NaN is near to nothing: an undated work is of no time.
        near = np.abs(years[candidates][:, None] - years[hung]) < YEARS
        counts *= 1 - SAME_TIME * near.mean(axis=1)
    values = weights[candidates] * counts
    return int(candidates[values.argmax()]), float(values.max())
