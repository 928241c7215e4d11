"""Which painters are near to a painter, and to a work whose painter is not known.

Visual affinity of pictures, measured in this collection: not an attribution, and not influence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from artstylenet.neighbours import best_rows
from artstylenet.similarity import row_of

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

N_RESAMPLES = 200
INTERVAL = (0.05, 0.95)
NEAREST_WORKS = 3
"""A work is as near to a painter as to that painter's three nearest works."""
MOST_HELD_OUT = 1000
FEWEST_HELD_OUT = 50
"""Fewer works of known painters cannot tell what is near."""

_WHO = r"school|circle|followers?|manner|style|cop(?:y|yist)|imitators?|attributed"
_NO_SINGLE_HAND = re.compile(
    r"\b(?:workshop|studio|atelier)\b|^(?:unidentified|unknown|anonymous)\b"
    r"|^(?:(?:possibly|probably|perhaps) )?"
    rf"(?:(?:{_WHO}|pupils?|assistants?) (?:of|to|after)|after) "
    rf"|\((?:{_WHO})\b",
    re.IGNORECASE,
)


def is_single_hand(painter: object) -> bool:
    """Tell whether a name is that of one known painter: ``Workshop of Rubens`` is not."""
    return isinstance(painter, str) and not _NO_SINGLE_HAND.search(painter)


def nearest_painters(atlas: StyleAtlas, painter: str, n: int = 5) -> pd.DataFrame:
    """Return the painters whose works are nearest to a painter's, on the whole.

    Parameters
    ----------
    atlas : StyleAtlas
    painter : str
        Name as in ``atlas.painters``.
    n : int, default=5
        How many at most.

    Returns
    -------
    DataFrame
        Columns ``painter``, ``n_paintings``, ``affinity`` (cosine of the mean descriptors of the
        two, in [-1, 1]), ``low`` and ``high`` (90 % interval over resampled works),
        ``nearest_share`` (of the resamples in which nobody was nearer), ``link`` and ``linked``
        (ids of the two most similar works, the painter's own first) and ``link_similarity``
        (their cosine); nearest first.
    """
    works = _works_by_painter(atlas)
    own = works.pop(painter)
    if not works:
        return pd.DataFrame(columns=_NEAREST_COLUMNS)
    rng = np.random.default_rng(0)
    ours, our_draws = _mean_directions(atlas.descriptors[own].astype(np.float32), rng)
    means, draws = zip(
        *(
            _mean_directions(atlas.descriptors[rows].astype(np.float32), rng)
            for rows in works.values()
        ),
        strict=True,
    )
    affinity = np.array([ours @ theirs for theirs in means])
    # draws of shape (n_painters, N_RESAMPLES)
    resampled = np.array([(our_draws * theirs).sum(axis=1) for theirs in draws])
    low, high = np.quantile(resampled, INTERVAL, axis=1)
    nearest_share = (resampled == resampled.max(axis=0)).mean(axis=1)
    names = list(works)
    found = []
    for i in best_rows(affinity, n):
        rows = works[names[i]]
        cosine = atlas.descriptors[own].astype(np.float64) @ atlas.descriptors[rows].T.astype(
            np.float64
        )
        mine, theirs_at = np.unravel_index(cosine.argmax(), cosine.shape)
        ids = atlas.paintings["id"]
        found.append(
            (
                names[i],
                len(rows),
                affinity[i],
                low[i],
                high[i],
                nearest_share[i],
                ids.iloc[own[mine]],
                ids.iloc[rows[theirs_at]],
                cosine.max(),
            )
        )
    return pd.DataFrame(found, columns=_NEAREST_COLUMNS)


_NEAREST_COLUMNS = [
    "painter",
    "n_paintings",
    "affinity",
    "low",
    "high",
    "nearest_share",
    "link",
    "linked",
    "link_similarity",
]


@dataclass(frozen=True, eq=False)
class ClosestPainters:
    """The painters that a work is close to, as far as the collection can tell.

    Attributes
    ----------
    painters : DataFrame
        Columns ``painter``, ``n_paintings``, ``affinity`` (mean cosine to that painter's three
        nearest works), ``likely`` (whether the painter belongs to the set that holds the true one
        for nine in ten of the held-out works) and ``link`` (id of the nearest work); closest
        first. Holds every likely painter.
    is_close : bool or None
        Whether any painter is close: less than a tenth of held-out works are as far from their
        own painter if this is False. None if too few works are known to tell.
    known_share : float or None
        Share of held-out works, in [0, 1], that are no nearer to their own painter than this work
        is to the closest one.
    stranger_share : float or None
        Share of works, all others of their painter taken away, that are as near to somebody.
    """

    painters: pd.DataFrame
    is_close: bool | None
    known_share: float | None
    stranger_share: float | None

    @property
    def summary(self) -> str:
        """One or two sentences that say how sure this is."""
        if self.is_close is None:
            return (
                "Too few painters have several works in this collection to tell what is close: "
                "take these as the nearest, not as near."
            )
        if not self.is_close:
            nearer = 100 * (1 - (self.known_share or 0))
            return (
                f"No painter of this collection is close: {nearer:.0f} % of the works here are "
                "nearer to their own painter."
            )
        likely = self.painters.loc[self.painters["likely"], "painter"].tolist()
        who = f"{likely[0]} alone is" if len(likely) == 1 else f"{len(likely)} painters are"
        return (
            f"{who} likely, if it is one of this collection: nine in ten held-out works have their "
            f"painter in such a set. Of works whose painter is not in the collection, "
            f"{100 * (self.stranger_share or 0):.0f} % look as close to somebody."
        )


@dataclass(frozen=True, eq=False)
class _Calibration:
    """What held-out works of known painters are like.

    Attributes
    ----------
    own : ndarray of shape (n_held_out,), float64
        Affinity of each to its own painter.
    others : ndarray of shape (n_held_out,), float64
        Affinity to the closest other painter.
    """

    own: np.ndarray
    others: np.ndarray

    @property
    def margin(self) -> float:
        """How far behind the closest the true painter may be, for nine in ten."""
        behind = np.maximum(self.own, self.others) - self.own
        # The finite-sample quantile of conformal prediction.
        level = min(1.0, np.ceil((len(behind) + 1) * 0.9) / len(behind))
        return float(np.quantile(behind, level, method="higher"))


def closest_painters(atlas: StyleAtlas, painting_id: str, n: int = 5) -> ClosestPainters:
    """Return the painters that one work of the atlas is close to.

    Parameters
    ----------
    atlas : StyleAtlas
    painting_id : str
        A work by nobody known, by a workshop, or by a known painter; it is not compared with
        itself.
    n : int, default=5
        How many painters at least, if there are as many.

    Returns
    -------
    ClosestPainters

    Notes
    -----
    How near is near is learnt from works of known painters, each held out in turn (a thousand of
    them at most). The set of likely painters is a conformal prediction set [1]_: all that are at
    most so far behind the closest one that the true painter is in the set for nine in ten.

    References
    ----------
    .. [1] Vovk, Gammerman and Shafer, "Algorithmic learning in a random world", Springer 2005.
    """
    row = row_of(atlas, painting_id)
    return closest_painters_of(atlas, atlas.descriptors[[row]], [row], n=n)[0]


def closest_painters_of(
    atlas: StyleAtlas, descriptors: np.ndarray, rows: Sequence[int] = (), *, n: int = 5
) -> list[ClosestPainters]:
    """Return the painters that works are close to; see :func:`closest_painters`.

    Parameters
    ----------
    atlas : StyleAtlas
    descriptors : ndarray of shape (n_works, n_dimensions), float
        Unit rows.
    rows : sequence of n_works int, or empty
        Where the works are in the atlas; empty if they are new.
    n : int, default=5
        How many painters at least, if there are as many.
    """
    works = {name: own for name, own in _works_by_painter(atlas).items() if is_single_hand(name)}
    if not len(descriptors):
        return []
    calibration = _calibrate(atlas, works)
    affinity, nearest = _affinities(atlas, descriptors, np.array(rows, dtype=np.int64), works)
    return [
        _closest(atlas, list(works), works, affinity[i], nearest[i], calibration, n)
        for i in range(len(descriptors))
    ]


def _closest(
    atlas: StyleAtlas,
    names: list[str],
    works: dict[str, np.ndarray],
    affinity: np.ndarray,
    nearest: np.ndarray,
    calibration: _Calibration | None,
    n: int,
) -> ClosestPainters:
    there = int(np.isfinite(affinity).sum())
    likely = np.zeros(len(names), dtype=bool)
    is_close = known_share = stranger_share = None
    if calibration is not None and there:
        known_share = float((calibration.own <= affinity.max()).mean())
        stranger_share = float((calibration.others >= affinity.max()).mean())
        is_close = known_share >= 1 - 0.9
        likely = is_close & (affinity >= affinity.max() - calibration.margin)
    order = best_rows(affinity, max(n, int(likely.sum())))
    table = pd.DataFrame(
        {
            "painter": [names[i] for i in order],
            "n_paintings": [len(works[names[i]]) for i in order],
            "affinity": affinity[order],
            "likely": likely[order],
            "link": atlas.paintings["id"].to_numpy()[nearest[order]],
        }
    )
    return ClosestPainters(table, is_close, known_share, stranger_share)


def _calibrate(atlas: StyleAtlas, works: dict[str, np.ndarray]) -> _Calibration | None:
    """Hold works of known painters out, one at a time; None if there are too few."""
    several = [rows for rows in works.values() if len(rows) > 1]
    known = np.sort(np.concatenate(several)) if several else np.empty(0, np.int64)
    if len(known) < FEWEST_HELD_OUT or len(works) < 2:
        return None
    if len(known) > MOST_HELD_OUT:
        known = np.sort(np.random.default_rng(0).choice(known, MOST_HELD_OUT, replace=False))
    affinity, _ = _affinities(atlas, atlas.descriptors[known], known, works)
    number = {name: i for i, name in enumerate(works)}
    true = [number[name] for name in atlas.paintings["painter"].iloc[known]]
    own = affinity[np.arange(len(known)), true].copy()
    affinity[np.arange(len(known)), true] = -np.inf
    return _Calibration(own, affinity.max(axis=1))


def _affinities(
    atlas: StyleAtlas, descriptors: np.ndarray, rows: np.ndarray, works: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Compare works with painters.

    Returns
    -------
    affinity : ndarray of shape (n_works, n_painters), float64
        Minus infinity for a painter who has no other work.
    nearest : ndarray of shape (n_works, n_painters), int64
        Row of the painter's nearest work.
    """
    affinity = np.full((len(descriptors), len(works)), -np.inf)
    nearest = np.zeros(affinity.shape, np.int64)
    ours = descriptors.astype(np.float32)
    for i, own in enumerate(works.values()):
        cosine = ours @ atlas.descriptors[own].T.astype(np.float32)
        if len(rows):
            cosine[rows[:, None] == own] = -np.inf
        n_near = min(NEAREST_WORKS, len(own))
        best = np.partition(cosine, -n_near, axis=1)[:, -n_near:].astype(np.float64)
        there = np.isfinite(best)
        n_there = there.sum(axis=1)
        total = np.where(there, best, 0).sum(axis=1)
        affinity[:, i] = np.where(n_there > 0, total / np.maximum(n_there, 1), -np.inf)
        nearest[:, i] = own[cosine.argmax(axis=1)]
    return affinity, nearest


def _works_by_painter(atlas: StyleAtlas) -> dict[str, np.ndarray]:
    """Return the rows of every painter's works, by name."""
    painters = atlas.paintings["painter"].reset_index(drop=True)
    groups = painters.groupby(painters).indices.items()
    return {str(name): np.asarray(rows, dtype=np.int64) for name, rows in groups}


def _mean_directions(
    descriptors: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the direction of the mean of some works, and of the means of resamples of them."""
    n = len(descriptors)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=N_RESAMPLES)
    return _unit(descriptors.mean(axis=0)), _unit(weights.astype(np.float32) @ descriptors)


def _unit(rows: np.ndarray) -> np.ndarray:
    scaled: np.ndarray = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)
    return scaled
