"""Word counts simulated from known topics, and how near an inferred answer comes to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from artstylenet.selection import Documents, match_styles


@dataclass(frozen=True, eq=False)
class Planted:
    """Counts and the truth that they were drawn from.

    Attributes
    ----------
    topics : ndarray of shape (n_topics, n_words)
        Rows sum to 1.
    mixtures : ndarray of shape (n_documents, n_topics)
        Rows sum to 1.
    counts : ndarray of shape (n_documents, n_words), float64
        Whole numbers.
    """

    topics: np.ndarray
    mixtures: np.ndarray
    counts: np.ndarray


def plant(
    n_documents: int = 300,
    n_topics: int = 4,
    *,
    n_words: int = 60,
    n_tokens: int = 80,
    prior: float | np.ndarray = 0.3,
    word_prior: float = 0.1,
    seed: int = 0,
) -> Planted:
    """Draw documents from the model that LDA assumes."""
    rng = np.random.default_rng(seed)
    topics = rng.dirichlet(np.full(n_words, word_prior), n_topics)
    mixtures = rng.dirichlet(np.broadcast_to(prior, n_topics), n_documents)
    counts = rng.multinomial(n_tokens, mixtures @ topics).astype(float)
    return Planted(topics, mixtures, counts)


def plant_documents(
    n_documents: int, n_topics: int, *, n_families: int = 4, seed: int
) -> Documents:
    """Draw paintings with four families of words: every other one is scored."""
    rng = np.random.default_rng(seed)
    mixtures = rng.dirichlet(np.full(n_topics, 0.25), n_documents)
    families = [
        rng.multinomial(25, mixtures @ rng.dirichlet(np.full(40, 0.1), n_topics)) for _ in range(4)
    ]
    empty = np.zeros_like(families[0])
    shown, scored = (
        [family if f % 2 == side else empty for f, family in enumerate(families)] for side in (0, 1)
    )
    return Documents(*(as_csr(np.hstack(side)) for side in (families, shown, scored)))


def halves(counts: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Deal every token to one of two halves, independent given the mixture."""
    shown = np.random.default_rng(seed).binomial(counts.astype(int), 0.5).astype(float)
    return shown, counts - shown


def as_csr(counts: np.ndarray) -> sparse.csr_array:
    """Return counts as the package keeps them."""
    return sparse.csr_array(counts.astype(np.float32))


def recovery(truth: np.ndarray, found: np.ndarray) -> float:
    """Return the mean correlation of planted mixtures with found ones, matched; 0 if missing."""
    n_styles = max(truth.shape[1], found.shape[1])
    padded = [np.pad(m, ((0, 0), (0, n_styles - m.shape[1]))) for m in (truth, found)]
    return float(match_styles(*padded)[1][: truth.shape[1]].sum() / truth.shape[1])
