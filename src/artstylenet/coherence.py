"""Whether the words of a style occur together."""

from __future__ import annotations

import numpy as np
from scipy import sparse

N_TOP_WORDS = 20


def style_coherence(
    style_words: np.ndarray, word_counts: sparse.csr_array, n_top_words: int = N_TOP_WORDS
) -> np.ndarray:
    """Return the NPMI of each style's most probable words within paintings.

    Parameters
    ----------
    style_words : ndarray of shape (n_styles, n_words), float64
        Rows sum to 1.
    word_counts : csr_array of shape (n_paintings, n_words)
    n_top_words : int, default=20

    Returns
    -------
    ndarray of shape (n_styles,), float64
        Mean over pairs, in [-1, 1]; a pair that never meets counts -1. NaN if there are no pairs.

    References
    ----------
    Bouma (2009). Normalized (pointwise) mutual information in collocation extraction. GSCL.
    """
    present = sparse.csr_array((word_counts > 0).astype(np.float64))
    n_paintings = present.shape[0]
    frequency = np.asarray(present.sum(axis=0)).ravel() / n_paintings
    coherence = []
    for words in style_words:
        top = np.argsort(-words, kind="stable")[:n_top_words]
        together = (present[:, top].T @ present[:, top]).toarray() / n_paintings
        with np.errstate(divide="ignore", invalid="ignore"):
            mutual = np.log(together / np.outer(frequency[top], frequency[top]))
            npmi = mutual / -np.log(together)
        npmi[together == 0] = -1.0
        npmi[together == 1] = 1.0
        pairs = np.triu_indices(len(top), k=1)
        coherence.append(npmi[pairs].mean() if len(top) > 1 else np.nan)
    return np.asarray(coherence)
