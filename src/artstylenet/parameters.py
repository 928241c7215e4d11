"""Whether the parameters of an estimator are in range."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def problems_with(
    estimator: object, *, whole: Sequence[str] = (), positive: Sequence[str] = ()
) -> list[str]:
    """Say which parameters of an estimator cannot be used, and what they are.

    Parameters
    ----------
    estimator : object
        Its parameters are attributes.
    whole : sequence of str
        Parameters that must be positive whole numbers.
    positive : sequence of str
        Parameters that must be finite numbers above 0.

    Returns
    -------
    list of str
        One clause a problem; empty if all is well.
    """
    problems = []
    for name in whole:
        value = getattr(estimator, name)
        if isinstance(value, bool) or not (isinstance(value, (int, np.integer)) and value >= 1):
            problems.append(f"{name} must be a positive integer, got {value!r}")
    for name in positive:
        value = getattr(estimator, name)
        if not (isinstance(value, (int, float, np.number)) and 0 < value < np.inf):
            problems.append(f"{name} must be a finite number above 0, got {value!r}")
    return problems
