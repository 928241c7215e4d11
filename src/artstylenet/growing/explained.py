"""How well the styles of an atlas explain paintings that they were not learnt from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from artstylenet.atlas import StyleAtlas
from artstylenet.selection import completion_log_likelihoods, unigram_log_likelihoods

WORSE = 0.05
"""New paintings this much more perplexing than old ones, beyond doubt, call for a refit."""

SURE = 2.0
"""Standard errors that a difference must exceed to be beyond doubt."""

STRANGE = 0.2
"""So do new paintings of which this fraction, beyond doubt, is unlike all old ones."""

FAR = 0.95
MOST_COMPARED = 2000
MOST_SEARCHED = 20_000

UNSEEN = 1 / 3
"""A refit is due, too, once styles were learnt from less than two thirds of the paintings."""


@dataclass(frozen=True)
class Explained:
    """Perplexity per word of new paintings, against that of old ones that were held out.

    Attributes
    ----------
    n_new : int
    perplexity : float
        Of words of the new paintings, their mixtures inferred from other words; at least 1.
    perplexity_of_old : float
        The same of old paintings, held out when the number of styles was chosen.
    standard_error : float
        Of the logarithm of `perplexity`, over the new paintings; NaN for one painting.
    perplexity_of_frequencies : float
        Of the new paintings by nothing but how frequent each word is in the atlas: the baseline.
    n_strange : int
        New paintings farther from every old one than 95 % of the old are from each other's
        nearest. Words cannot tell: each picture gets the nearest ones, however far they are.
    unseen : float
        Fraction in [0, 1] of the paintings now in the atlas that its styles were not learnt from.
    """

    n_new: int
    perplexity: float
    perplexity_of_old: float
    standard_error: float
    perplexity_of_frequencies: float
    n_strange: int
    unseen: float

    @property
    def excess(self) -> float:
        """How much more perplexing new paintings are: 0.1 is a tenth more, below 0 is less."""
        return self.perplexity / self.perplexity_of_old - 1

    @property
    def is_foreign(self) -> bool:
        """Tell whether new paintings are of other kinds than the old ones, beyond doubt."""
        # One painting has no standard error: it proves nothing.
        worse = np.log1p(self.excess) - SURE * self.standard_error > np.log1p(WORSE)
        # As if one more had been strange and one had not, so that few prove little.
        share = (self.n_strange + 1) / (self.n_new + 2)
        error = np.sqrt(share * (1 - share) / (self.n_new + 2))
        return bool(worse or share - SURE * error > STRANGE)

    @property
    def refit_is_due(self) -> bool:
        """Tell whether styles should be fitted again."""
        return self.is_foreign or self.unseen > UNSEEN

    @property
    def advice(self) -> str:
        """Return one or two sentences for people."""
        figures = (
            f"Perplexity per word of the new paintings: {self.perplexity:.1f}; of old ones, held "
            f"out: {self.perplexity_of_old:.1f}; by word frequencies alone: "
            f"{self.perplexity_of_frequencies:.1f}. {self.n_strange:,} of {self.n_new:,} are "
            "unlike anything that was there."
        )
        if self.is_foreign:
            return f"{figures} The old styles explain the new paintings badly: refit."
        if self.refit_is_due:
            return (
                f"{figures} The styles were learnt without {self.unseen:.0%} of the paintings: "
                "refit, there may be more to find."
            )
        return f"{figures} The old styles do for the new paintings: no refit is due."


def explain_new(
    atlas: StyleAtlas,
    shown: sparse.csr_array,
    scored: sparse.csr_array,
    descriptors: np.ndarray,
    unseen: float,
) -> Explained:
    """Measure how well the styles of an atlas explain new paintings, by document completion.

    Parameters
    ----------
    atlas : StyleAtlas
        Without the new paintings.
    shown, scored : csr_array of shape (n_new, n_words), float32
        See :meth:`artstylenet.style_model.StyleModel.split_words`.
    descriptors : ndarray of shape (n_new, n_dimensions), float16
        Unit rows.
    unseen : float
        See :class:`Explained`.

    Returns
    -------
    Explained
    """
    learnt = sparse.csr_array(atlas.word_counts.astype(np.float64) / atlas.run["word_scale"])
    # Words that came with the network need not have been seen in any old painting.
    seen = np.asarray(learnt.sum(axis=0) + scored.sum(axis=0)).ravel() > 0
    possible = _can_be_scored(atlas) & seen
    tokens = np.asarray(scored.sum(axis=1), dtype=np.float64).ravel()
    likelihoods = completion_log_likelihoods(atlas.model.topics_, shown, scored, possible)
    by_frequency = unigram_log_likelihoods(learnt * possible[None], scored)
    mean = likelihoods.sum() / tokens.sum()
    # Linearised: the error of a ratio of two sums over paintings.
    residuals = likelihoods - mean * tokens
    n_new = len(tokens)
    error = (
        float(np.sqrt(n_new / (n_new - 1) * np.square(residuals).sum()) / tokens.sum())
        if n_new > 1
        else float("nan")
    )
    table = atlas.selection.table.set_index("n_styles")["perplexity"]
    return Explained(
        n_new=n_new,
        perplexity=float(np.exp(-mean)),
        perplexity_of_old=float(table[atlas.n_styles]),
        standard_error=error,
        perplexity_of_frequencies=float(np.exp(-by_frequency.sum() / tokens.sum())),
        n_strange=count_strange(atlas.descriptors, descriptors),
        unseen=unseen,
    )


def count_strange(old: np.ndarray, new: np.ndarray, *, random_state: int = 0) -> int:
    """Count new paintings that are farther from all old ones than 95 % of the old from theirs.

    Parameters
    ----------
    old, new : ndarray of shape (n, n_dimensions), float16
        Unit descriptors. Of more than 20,000 old ones a sample is searched.
    random_state : int, default=0

    Returns
    -------
    int
        0 if there are fewer than two old paintings.
    """
    if len(old) < 2:
        return 0
    order = np.random.default_rng(random_state).permutation(len(old))[:MOST_SEARCHED]
    known = old[order].astype(np.float32)
    own = known[:MOST_COMPARED] @ known.T
    # Not with itself.
    own[np.arange(len(own)), np.arange(len(own))] = -1
    least = np.quantile(own.max(axis=1), 1 - FAR)
    batches = np.array_split(new, -(-len(new) // MOST_COMPARED))
    nearest = [(rows.astype(np.float32) @ known.T).max(axis=1) for rows in batches]
    return int((np.concatenate(nearest) < least).sum())


def _can_be_scored(atlas: StyleAtlas) -> np.ndarray:
    """Tell which words belong to families of which parts are scored, (n_words,) bool."""
    blocks = atlas.model.block_words_
    scored = [bool(words.block.scored_parts) for words in blocks]
    possible = np.repeat(scored, [words.n_words_ for words in blocks])
    # Where no family has parts to score, every other word of the vocabulary is scored.
    return possible if possible.any() else np.arange(len(possible)) % 2 == 1
