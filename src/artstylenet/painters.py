"""A painter as a whole: mixture, breadth, drift, typical works, nearest painters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from artstylenet.collection.painter_names import painter_key
from artstylenet.drift import Drift, painter_drift
from artstylenet.errors import UnknownIdError
from artstylenet.metadata import suggestion
from artstylenet.painter_affinity import (
    INTERVAL,
    N_RESAMPLES,
    ClosestPainters,
    closest_painters_of,
    is_single_hand,
    nearest_painters,
)
from artstylenet.ranking import typical_paintings

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

MOST_WORKS_LOOKED_AT = 20


@dataclass(frozen=True, eq=False)
class PainterDescription:
    """What an atlas says of one painter.

    Attributes
    ----------
    painter : str
        As in ``atlas.painters``.
    n_paintings : int
    known : mapping of str to str
        What the collection says of the painter.
    mixture : Series of shape (n_styles,), float64
        Mean mixture of the works; sums to 1.
    breadth : float
        Effective number of styles of that mean, in [1, n_styles]: the exponential of its entropy.
    breadth_low, breadth_high : float
        90 % interval of it over resampled works. One of a single work says nothing.
    breadth_of_works : float
        Median effective number of styles within one work. A painter of many styles who keeps them
        apart has a large breadth and small one here.
    drift : Drift or None
        How the mixture moves over the years; None if too few works are dated.
    typical : DataFrame
        As of :func:`artstylenet.ranking.typical_paintings`: every work, the most typical first.
    nearest : DataFrame
        As of :func:`artstylenet.painter_affinity.nearest_painters`.
    single_hand : bool
        False for a workshop, a follower and the like.
    closest : dict of str to ClosestPainters
        By id, for the works (twenty at most) of whoever is not a single hand.
    """

    painter: str
    n_paintings: int
    known: Mapping[str, str]
    mixture: pd.Series
    breadth: float
    breadth_low: float
    breadth_high: float
    breadth_of_works: float
    drift: Drift | None
    typical: pd.DataFrame
    nearest: pd.DataFrame
    single_hand: bool
    closest: Mapping[str, ClosestPainters]


def find_painter(atlas: StyleAtlas, name: str) -> str:
    """Return the spelling of a painter in the atlas; case and white space do not count.

    Raises
    ------
    UnknownIdError
        If the atlas has no such painter; near names are suggested.
    """
    names = atlas.painter_styles.index
    found = {painter_key(one): one for one in names}.get(painter_key(name))
    if found is not None:
        return str(found)
    if not len(names):
        raise UnknownIdError("This atlas names no painters.")
    raise UnknownIdError(f"The atlas has no painter {name!r}{suggestion(name, names)}")


def describe_painter(atlas: StyleAtlas, name: str, n: int = 5) -> PainterDescription:
    """Describe a painter.

    Parameters
    ----------
    atlas : StyleAtlas
    name : str
        As :func:`find_painter` understands it.
    n : int, default=5
        How many nearest painters at most.

    Returns
    -------
    PainterDescription

    Raises
    ------
    UnknownIdError
        If the atlas has no such painter; near names are suggested.
    """
    painter = find_painter(atlas, name)
    typical = typical_paintings(atlas, painter)
    rows = np.sort(typical.index.to_numpy())
    mixtures = atlas.painting_styles.to_numpy()[rows]
    low, high = np.quantile(_resampled_breadths(mixtures), INTERVAL)
    single_hand = is_single_hand(painter)
    looked_at = [] if single_hand else rows[:MOST_WORKS_LOOKED_AT].tolist()
    closest = closest_painters_of(atlas, atlas.descriptors[looked_at], looked_at, n=n)
    return PainterDescription(
        painter=painter,
        n_paintings=len(rows),
        known=_known(atlas, painter),
        mixture=pd.Series(mixtures.mean(axis=0), index=atlas.painting_styles.columns),
        breadth=float(effective_number(mixtures.mean(axis=0))),
        breadth_low=float(low),
        breadth_high=float(high),
        breadth_of_works=float(np.median(effective_number(mixtures))),
        drift=painter_drift(atlas, painter),
        typical=typical,
        nearest=nearest_painters(atlas, painter, n),
        single_hand=single_hand,
        closest=dict(zip(atlas.paintings["id"].iloc[looked_at], closest, strict=True)),
    )


def effective_number(mixtures: np.ndarray) -> np.ndarray:
    """Return the exponential of the entropy of mixtures of shape (..., n_styles)."""
    logs = np.log(np.where(mixtures > 0, mixtures, 1.0))
    number: np.ndarray = np.exp(-(mixtures * logs).sum(axis=-1))
    return number


def _resampled_breadths(mixtures: np.ndarray) -> np.ndarray:
    n = len(mixtures)
    weights = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), size=N_RESAMPLES) / n
    return effective_number(weights @ mixtures)


def _known(atlas: StyleAtlas, painter: str) -> dict[str, str]:
    row = atlas.painters.set_index("painter").loc[painter].drop("n_paintings")
    return {str(column): str(value) for column, value in row.items() if pd.notna(value)}
