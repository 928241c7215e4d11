"""How a painter's mixture moves over the years, and whether that may be chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from artstylenet.metadata import year_spans

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

FEWEST_WORKS = 3
FEW_WORKS = 10
N_PERMUTATIONS = 999


@dataclass(frozen=True, eq=False)
class Drift:
    """A straight line through a painter's mixtures over the years.

    Attributes
    ----------
    styles : DataFrame of n_styles rows
        Columns ``style``, ``slope`` (change of weight in ten years) and ``p_value`` (share of
        permutations of the years with as steep a slope, two-sided); steepest first.
    p_value : float
        Share of permutations of the years in which they explain as much of all weights together.
    explained : float
        Share of the variance of the weights that the line explains, in [0, 1].
    first_year, last_year : float
        Of the middles of the years of the dated works.
    n_dated : int
        Works with a year.
    uncertain : bool
        Fewer than ten works are dated.
    """

    styles: pd.DataFrame
    p_value: float
    explained: float
    first_year: float
    last_year: float
    n_dated: int
    uncertain: bool


def painter_drift(atlas: StyleAtlas, painter: str) -> Drift | None:
    """Return how a painter's mixture moves over the years.

    Parameters
    ----------
    atlas : StyleAtlas
    painter : str
        Name as in ``atlas.painters``.

    Returns
    -------
    Drift or None
        None if fewer than three works are dated, or all in the same year.
    """
    own = atlas.paintings["painter"].eq(painter).fillna(value=False).to_numpy(dtype=bool)
    years = year_spans(atlas).mean(axis=1)
    dated = own & np.isfinite(years)
    years = years[dated]
    if len(years) < FEWEST_WORKS or np.ptp(years) == 0:
        return None
    weights = atlas.painting_styles.to_numpy()[dated]
    centred = weights - weights.mean(axis=0)
    decades = (years - years.mean()) / 10
    slopes = decades @ centred / (decades @ decades)
    rng = np.random.default_rng(0)
    shuffled = np.stack([rng.permutation(decades) for _ in range(N_PERMUTATIONS)])
    # The sum of squares of the years is the same in every order.
    by_chance = shuffled @ centred / (decades @ decades)
    # Half a millionth of leeway: equal sums in another order must count as equal.
    steep = (np.abs(by_chance) >= np.abs(slopes) * (1 - 5e-7)).sum(axis=0)
    total = (slopes**2).sum()
    as_much = ((by_chance**2).sum(axis=1) >= total * (1 - 5e-7)).sum()
    table = pd.DataFrame(
        {
            "style": range(len(slopes)),
            "slope": slopes,
            "p_value": (1 + steep) / (1 + N_PERMUTATIONS),
        }
    )
    order = np.argsort(-np.abs(slopes), kind="stable")
    variance = (centred**2).sum()
    return Drift(
        styles=table.iloc[order].reset_index(drop=True),
        p_value=float((1 + as_much) / (1 + N_PERMUTATIONS)),
        explained=float(total * (decades @ decades) / variance) if variance else 0.0,
        first_year=float(years.min()),
        last_year=float(years.max()),
        n_dated=len(years),
        uncertain=len(years) < FEW_WORKS,
    )
