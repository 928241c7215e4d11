"""Which paintings stand for all, where there are too many to look at at once."""

from __future__ import annotations

import numpy as np

MOST_AT_ONCE = 20_000
"""Paintings that a build looks at all together; of more, so many are drawn, and the others are
read block by block and placed among them. What is learnt hardly changes with more."""


def sample_rows(n_rows: int, random_state: int = 0, *, most: int | None = None) -> np.ndarray:
    """Return the rows that stand for all.

    Parameters
    ----------
    n_rows : int
    random_state : int, default=0
    most : int or None, default=None
        None is MOST_AT_ONCE.

    Returns
    -------
    ndarray of shape (at most `most`,), int64
        Ascending; all rows if there are no more.
    """
    most = MOST_AT_ONCE if most is None else most
    if n_rows <= most:
        return np.arange(n_rows)
    rng = np.random.default_rng(random_state)
    return np.sort(rng.choice(n_rows, most, replace=False))
