"""Collages: two halves side by side, whose styles a mixture must both name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

N_NAMED = 3
"""Largest styles of a collage that are looked at."""


@dataclass(frozen=True)
class CollageResult:
    """How well a contender reads collages.

    Attributes
    ----------
    name : str
    both : float
        Share of collages whose two styles are among the three largest.
    first : float
        Share whose largest style is one of the two.
    chance_both : float
        `both` for three styles drawn at random.
    n_collages : int
        Collages whose halves come from paintings of different dominant styles.
    spread : float
        Standard deviation of `both` over draws; not a number for a single draw.
    """

    name: str
    both: float
    first: float
    chance_both: float
    n_collages: int
    spread: float = float("nan")


def paste_halves(first: np.ndarray, second: np.ndarray, axis: int = 1) -> np.ndarray:
    """Put the first half of one picture before the second half of another.

    Parameters
    ----------
    first, second : ndarray of shape (size, size, 3), uint8
        Whole pictures, squashed to the network's square as every painting is, so that a half has
        the scale that it has within its own picture.
    axis : {0, 1}, default=1
        1: left and right half side by side; 0: upper half above lower half.

    Returns
    -------
    ndarray of shape (size, size, 3), uint8
    """
    middle = first.shape[axis] // 2
    before, _ = np.split(first, [middle], axis)
    _, behind = np.split(second, [middle], axis)
    return np.concatenate([before, behind], axis)


def draw_pairs(rows: Sequence[int], n_pairs: int, *, random_state: int = 0) -> np.ndarray:
    """Draw pairs of different paintings, (n_pairs, 2), int."""
    rng = np.random.default_rng(random_state)
    firsts = rng.integers(len(rows), size=n_pairs)
    seconds = (firsts + rng.integers(1, len(rows), size=n_pairs)) % len(rows)
    return np.asarray(rows)[np.stack([firsts, seconds], axis=1)]


def measure_collages(
    name: str,
    collage_mixtures: np.ndarray,
    pair_mixtures: np.ndarray,
) -> CollageResult:
    """Ask whether collages hold the styles of their halves.

    Parameters
    ----------
    name : str
        Of the contender.
    collage_mixtures : ndarray of shape (n_collages, n_styles), float64
        Mixtures of the collages.
    pair_mixtures : ndarray of shape (n_collages, 2, n_styles), float64
        Mixtures of the two whole paintings. Pairs of one dominant style are left out.

    Returns
    -------
    CollageResult
    """
    n_styles = collage_mixtures.shape[1]
    dominant = pair_mixtures.argmax(axis=2)
    apart = dominant[:, 0] != dominant[:, 1]
    dominant = dominant[apart]
    named = np.argsort(-collage_mixtures[apart], axis=1, kind="stable")[:, :N_NAMED]
    found = (named[:, None, :] == dominant[:, :, None]).any(axis=2).all(axis=1)
    first = (named[:, :1] == dominant).any(axis=1)
    n_named = min(N_NAMED, n_styles)
    chance = n_named * (n_named - 1) / max(n_styles * (n_styles - 1), 1)
    return CollageResult(
        name=name,
        both=float(found.mean()) if len(found) else float("nan"),
        first=float(first.mean()) if len(first) else float("nan"),
        chance_both=min(1.0, chance),
        n_collages=int(apart.sum()),
    )


def mean_of_draws(results: Sequence[CollageResult]) -> CollageResult:
    """Return what the draws of one contender say together; all with collages count the same."""
    told = [result for result in results if result.n_collages]
    if not told:
        return results[0]
    both = np.array([result.both for result in told])
    return replace(
        told[0],
        both=float(both.mean()),
        first=float(np.mean([result.first for result in told])),
        n_collages=sum(result.n_collages for result in told),
        spread=float(both.std(ddof=1)) if len(both) > 1 else float("nan"),
    )


def make_collages(pairs: np.ndarray, read_picture: Callable[[int], np.ndarray]) -> list[np.ndarray]:
    """Return the collages of pairs of paintings; `read_picture` gives the square of a row."""
    return [paste_halves(read_picture(int(a)), read_picture(int(b))) for a, b in pairs]
