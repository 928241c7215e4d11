"""Which rows are nearest to a vector or to each other, by cosine; and hubs put right.

In many dimensions some points are near to a great many others and turn up in everybody's list
("hubs"). Local scaling [1]_ [2]_ measures the distance to a point by the distances that are usual
around it: how *dense* the others lie there. The neighbours that tell this are looked for in a
sample of the rows, so that it costs the same in a collection of any size.

References
----------
.. [1] Jégou, Harzallah and Schmid, "A contextual dissimilarity measure for accurate and efficient
   image search", CVPR 2007.
.. [2] Conneau, Lample, Ranzato, Denoyer and Jégou, "Word translation without parallel data",
   ICLR 2018: the same as a difference (CSLS). It ranks alike, but a copy is no longer at 1.
"""

from __future__ import annotations

import numpy as np

SAMPLE_ROWS = 2048
"""Rows among which neighbours are looked for to tell a density."""
NEIGHBOURS_PER_ROW = 1 / 100
FEWEST_NEIGHBOURS = 5
FEWEST_CANDIDATES = 100
"""Rows that are ranked again by local scaling: on 5,910 paintings one in five thousand of
the true first ten lies behind them."""
CLOSEST = 1e-3
"""The least distance that is usual anywhere: among copies it would be 0."""
ROWS_AT_ONCE = 512


def dot_products(rows: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Multiply every row with a vector.

    Half-precision rows are read as they are: neither a copy in single precision nor an index is
    kept, so that rows of a mapped file do as well.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float16, or any other float
    vector : ndarray of shape (d,), float

    Returns
    -------
    ndarray of shape (n,), float32, or the kind of the rows
    """
    if rows.dtype != np.float16:
        products: np.ndarray = rows @ vector.astype(rows.dtype)
        return products
    # The compiler takes half a second to import, and pages with known neighbours need none.
    from artstylenet.half_products import multiply_halves

    return multiply_halves(rows, vector)


def best_columns(similarity: np.ndarray, n: int) -> np.ndarray:
    """Return the columns of the n largest values of each row, best first, ties by column."""
    if n == 0:
        return np.empty((len(similarity), 0), np.int64)
    least = np.partition(similarity, -n, axis=1)[:, -n]
    best = np.empty((len(similarity), n), np.int64)
    for i, row in enumerate(similarity):
        # All that tie with the last one compete for its place.
        columns = np.flatnonzero(row >= least[i])
        best[i] = columns[np.argsort(-row[columns], kind="stable")][:n]
    return best


def best_rows(similarity: np.ndarray, n: int) -> np.ndarray:
    """Return the n rows of the largest values, best first, ties by row; none of minus infinity.

    Parameters
    ----------
    similarity : ndarray of shape (n_rows,), float
    n : int

    Returns
    -------
    ndarray of shape (at most n,), int64
    """
    rows = best_columns(similarity[None], min(n, len(similarity)))[0]
    best: np.ndarray = rows[np.isfinite(similarity[rows])]
    return best


def n_candidates(n: int) -> int:
    """Return how many rows by plain cosine hold the n best ones by local scaling."""
    return max(FEWEST_CANDIDATES, 4 * n)


def densities(vectors: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return how near some rows are to their nearest neighbours.

    Parameters
    ----------
    vectors : ndarray of shape (n, d), float
        Unit rows.
    asked : ndarray of shape (n_asked,), int64
        Row numbers.

    Returns
    -------
    ndarray of shape (n_asked,), float64
        Mean cosine to the nearest hundredth of a sample of at most 2,048 rows (at least 5, the row
        itself left out). A hub has a large one.
    """
    sample = _sample(len(vectors))
    n_near = max(FEWEST_NEIGHBOURS, round(NEIGHBOURS_PER_ROW * len(sample)))
    n_near = min(n_near, len(sample) - 1)
    if n_near < 1:
        return np.zeros(len(asked))
    reference = vectors[sample].astype(np.float64).T
    density = np.empty(len(asked))
    for start in range(0, len(asked), ROWS_AT_ONCE):
        rows = asked[start : start + ROWS_AT_ONCE]
        cosine = vectors[rows].astype(np.float64) @ reference
        cosine[rows[:, None] == sample] = -np.inf
        nearest = np.partition(cosine, -n_near, axis=1)[:, -n_near:]
        density[start : start + len(rows)] = nearest.mean(axis=1)
    return density


def scale_locally(cosine: np.ndarray, density: np.ndarray) -> np.ndarray:
    """Correct cosines for the densities around the points that they lead to.

    Parameters
    ----------
    cosine : ndarray of shape (..., n), float
    density : ndarray of shape (n,), float64
        As of :func:`densities`.

    Returns
    -------
    ndarray of shape (..., n), float64
        1 for a copy; lower than the cosine for a point that lies more densely than the others,
        higher for a solitary one; at most 1.
    """
    usual = np.maximum(1 - density, CLOSEST)
    stretch = np.sqrt(usual.mean() / usual)
    # Rounded, so that ties stay ties whatever the order of the sums.
    scaled: np.ndarray = (1 - (1 - np.minimum(cosine, 1)) * stretch).round(12)
    return scaled


def _sample(n: int) -> np.ndarray:
    """Return the rows that stand for all, sorted: the same for every call."""
    if n <= SAMPLE_ROWS:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, SAMPLE_ROWS, replace=False))
