"""The inner loops of CVB0, compiled by numba.

Names follow Asuncion et al. (2009): ``gamma`` is the posterior of the topic of one entry of the
document-word matrix, ``n_dk``, ``n_wk`` and ``n_k`` are expected counts of tokens by document, by
word, and in all. Every loop is sequential, so a fit is the same on any machine with any number of
threads; many fits run side by side because the lock of the interpreter is released.

Posteriors are the memory of a fit: one number for every entry and topic. They are kept as whole
multiples of ``POSTERIOR_STEP`` in 16 bits, and counts are made of what is kept, never of what was
rounded away, so that rounding cannot add up.
"""

from __future__ import annotations

import numba
import numpy as np

POSTERIOR_LEVELS = 65535
"""A posterior of 1; `gamma` counts in fractions of it."""

POSTERIOR_STEP = np.float32(1 / POSTERIOR_LEVELS)

# Divisions by zero cannot occur (all priors are positive), so IEEE corner cases are given up.
_compile = numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")


@_compile
def count_topics(indptr, indices, counts, gamma, n_dk, n_wk, n_k):  # type: ignore[no-untyped-def]
    """Add up the expected counts of all entries from their posteriors, in place."""
    n_dk[:] = 0
    n_wk[:] = 0
    n_topics = gamma.shape[1]
    for d in range(len(indptr) - 1):
        for j in range(indptr[d], indptr[d + 1]):
            w = indices[j]
            for k in range(n_topics):
                mass = counts[j] * (np.float32(gamma[j, k]) * POSTERIOR_STEP)
                n_dk[d, k] += mass
                n_wk[w, k] += mass
    for k in range(n_topics):
        total = 0.0
        for w in range(n_wk.shape[0]):
            total += n_wk[w, k]
        n_k[k] = total


@_compile
def sweep(  # type: ignore[no-untyped-def]
    indptr, indices, counts, gamma, n_dk, n_wk, n_k, document_prior, word_prior
):
    """Update every posterior once (Asuncion et al. 2009, equation 16), in place.

    Parameters
    ----------
    indptr, indices : ndarray, int32
        Rows of a CSR matrix of shape (n_documents, n_words).
    counts : ndarray of shape (n_entries,), float32
        Tokens of each entry; fractions are allowed.
    gamma : ndarray of shape (n_entries, n_topics), uint16
        Posteriors in steps; rows sum to `POSTERIOR_LEVELS`, up to rounding.
    n_dk, n_wk, n_k : ndarray of shape (n_documents | n_words, n_topics) and (n_topics,), float32
    document_prior : ndarray of shape (n_topics,), float32
        Pseudo-counts of topics in a document, alpha.
    word_prior : float
        Pseudo-count of a word in a topic, beta.

    Returns
    -------
    float
        Fraction of all tokens' posterior mass that moved, in [0, 1].
    """
    n_topics = gamma.shape[1]
    words_prior = np.float32(word_prior * n_wk.shape[0])
    beta = np.float32(word_prior)
    levels = np.float32(POSTERIOR_LEVELS)
    half = np.float32(0.5)
    fresh = np.empty(n_topics, np.float32)
    moved = 0.0
    tokens = 0.0
    for d in range(len(indptr) - 1):
        for j in range(indptr[d], indptr[d + 1]):
            w = indices[j]
            c = counts[j]
            total = np.float32(0)
            for k in range(n_topics):
                # The entry itself is taken out of the counts before its topic is inferred.
                own = c * (np.float32(gamma[j, k]) * POSTERIOR_STEP)
                weight = (
                    (max(n_wk[w, k] - own, np.float32(0)) + beta)
                    / (n_k[k] - own + words_prior)
                    * (max(n_dk[d, k] - own, np.float32(0)) + document_prior[k])
                )
                fresh[k] = weight
                total += weight
            scale = levels / total
            change = np.float32(0)
            for k in range(n_topics):
                before = np.float32(gamma[j, k])
                gamma[j, k] = np.uint16(fresh[k] * scale + half)
                step = (np.float32(gamma[j, k]) - before) * POSTERIOR_STEP
                n_dk[d, k] += c * step
                n_wk[w, k] += c * step
                n_k[k] += c * step
                change += abs(step)
            moved += c * change
            tokens += c
    return moved / (2 * tokens)


@_compile
def infer_mixtures(  # type: ignore[no-untyped-def]
    indptr, indices, counts, word_topics, document_prior, n_updates, tolerance, mixtures
):
    """Infer the mixtures of documents with the topics held fixed.

    Multiplicative updates of the maximum a posteriori mixture in the collapsed parametrisation:
    theta_k is proportional to alpha_k + sum_w c_w P(k | w, theta).

    Parameters
    ----------
    indptr, indices, counts
        CSR rows as in :func:`sweep`.
    word_topics : ndarray of shape (n_words, n_topics), float32
        Probability of each word in each topic; columns sum to 1.
    document_prior : ndarray of shape (n_topics,), float32
    n_updates : int
        At most so many updates of each document.
    tolerance : float
        Stop once no weight moves by more.
    mixtures : ndarray of shape (n_documents, n_topics), float64
        Filled; rows sum to 1. A document without words gets the prior.
    """
    n_topics = word_topics.shape[1]
    prior = document_prior / document_prior.sum()
    theta = np.empty(n_topics, np.float32)
    fresh = np.empty(n_topics, np.float32)
    for d in range(len(indptr) - 1):
        theta[:] = prior
        for _ in range(n_updates):
            fresh[:] = document_prior
            for j in range(indptr[d], indptr[d + 1]):
                w = indices[j]
                total = np.float32(1e-30)
                for k in range(n_topics):
                    total += theta[k] * word_topics[w, k]
                scale = counts[j] / total
                for k in range(n_topics):
                    fresh[k] += scale * theta[k] * word_topics[w, k]
            total = np.float32(0)
            for k in range(n_topics):
                total += fresh[k]
            largest = np.float32(0)
            for k in range(n_topics):
                updated = fresh[k] / total
                largest = max(largest, abs(updated - theta[k]))
                theta[k] = updated
            if largest < tolerance:
                break
        total_mixture = 0.0
        for k in range(n_topics):
            total_mixture += theta[k]
        for k in range(n_topics):
            mixtures[d, k] = theta[k] / total_mixture


@_compile
def add_expected_counts(  # type: ignore[no-untyped-def]
    indptr, indices, counts, word_topics, mixtures, n_wk
):
    """Add the expected counts of topics by word to `n_wk`, (n_words, n_topics), float64.

    Other parameters as of :func:`infer_mixtures`, which `mixtures` come from.
    """
    n_topics = word_topics.shape[1]
    weights = np.empty(n_topics)
    for d in range(len(indptr) - 1):
        for j in range(indptr[d], indptr[d + 1]):
            w = indices[j]
            total = 1e-30
            for k in range(n_topics):
                weights[k] = mixtures[d, k] * word_topics[w, k]
                total += weights[k]
            for k in range(n_topics):
                n_wk[w, k] += counts[j] * weights[k] / total


@_compile
def log_likelihoods(  # type: ignore[no-untyped-def]
    indptr, indices, counts, word_topics, mixtures, result
):
    """Fill `result` with the log probability of each document's tokens, natural logarithm."""
    for d in range(len(indptr) - 1):
        result[d] = 0.0
        for j in range(indptr[d], indptr[d + 1]):
            probability = 1e-30
            for k in range(word_topics.shape[1]):
                probability += mixtures[d, k] * word_topics[indices[j], k]
            result[d] += counts[j] * np.log(probability)
