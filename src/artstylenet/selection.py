"""Choosing the number of styles with evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Selection:
    """Evidence for a number of styles.

    Attributes
    ----------
    table : DataFrame, one row per number tried, ascending
        Columns ``n_styles``, ``perplexity`` (mean over seeds of the held-out perplexity per
        word), ``perplexity_low`` and ``perplexity_high`` (smallest and largest over seeds),
        ``standard_error``, ``stability`` (mean matched correlation between seeds, in [-1, 1]) and,
        when asked for, ``coherence``.
    perplexities : ndarray of shape (n_seeds, n_numbers), float64
        Held-out perplexity of every fit; NaN where a seed was not needed.
    elbow : int or None
        Elbow of the curve (Kneedle); None if there is none.
    elbow_agreement : float
        Fraction in [0, 1] of resamples whose elbow is within one of `elbow`.
    one_standard_error : int
        Smallest number within one standard error of the minimum.
    minimum : int
        Number with the lowest perplexity.
    stable : int
        Largest number whose styles are stable.
    n_styles : int
        The number chosen.
    rule : str
        ``given``, ``one-se``, ``elbow``, ``stable`` or ``minimum``: the rule that spoke.
    reason : str
        One or two sentences for people.
    unigram_perplexity : float
        Held-out perplexity of word frequencies alone: the baseline.
    """

    table: pd.DataFrame
    perplexities: np.ndarray
    elbow: int | None
    elbow_agreement: float
    one_standard_error: int
    minimum: int
    stable: int
    n_styles: int
    rule: str
    reason: str
    unigram_perplexity: float
