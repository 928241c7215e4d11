"""Evidence for a number of styles, as data: who shows it need not know how it was gathered."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

STABLE = 0.85
"""Styles whose mean matched correlation between seeds is at least this are called stable."""

TRANSITION_COLUMNS = ["n_styles", "style", "next_style", "share"]


def no_transitions() -> pd.DataFrame:
    """Return a table of transitions without rows."""
    return typed_transitions(pd.DataFrame(columns=TRANSITION_COLUMNS))


def typed_transitions(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of transitions with the types of its columns, also if it has no rows."""
    return table.astype({"n_styles": int, "style": int, "next_style": int, "share": float})


@dataclass(frozen=True, eq=False)
class Selection:
    """Evidence for a number of styles.

    Attributes
    ----------
    table : DataFrame, one row per number tried, ascending
        Columns ``n_styles``, ``perplexity`` (mean over seeds of the held-out perplexity per
        word), ``perplexity_low`` and ``perplexity_high`` (smallest and largest over seeds),
        ``standard_error`` (of the excess over the lowest perplexity, over resampled paintings),
        ``stability`` (mean matched correlation between seeds, in [-1, 1]) and,
        when asked for, ``coherence``.
    perplexities : ndarray of shape (n_seeds, n_numbers), float64
        Held-out perplexity of every fit.
    elbow : int or None
        Elbow of the curve (Kneedle); None if there is none.
    elbow_agreement : float
        Fraction in [0, 1] of resamples whose elbow is within one of `elbow`.
    one_standard_error : int
        Smallest number within one standard error of the minimum.
    minimum : int
        Number with the lowest perplexity.
    stable : int
        Largest number whose styles are stable; the most stable one if none is.
    n_styles : int
        The number chosen.
    rule : str
        ``given``, ``one-se``, ``elbow``, ``stable`` or ``minimum``: the rule that spoke.
    reason : str
        One or two sentences for people.
    unigram_perplexity : float
        Held-out perplexity of word frequencies alone: the baseline.
    transitions : DataFrame
        What splits when one more style is allowed, see
        :func:`artstylenet.selection.style_transitions`.
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
    transitions: pd.DataFrame = field(default_factory=no_transitions)

    @property
    def any_stable(self) -> bool:
        """Whether a number was tried whose styles come back well enough to be called stable."""
        return bool((self.table["stability"] >= STABLE).any())
