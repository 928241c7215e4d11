"""The order in which rows of a heatmap stand."""

from __future__ import annotations

import numpy as np

MOST_COMPARED = 2000
"""Rows of which all pairs are compared: two million distances."""


def order_by_similarity(mixtures: np.ndarray) -> np.ndarray:
    """Return row numbers such that neighbours have similar mixtures.

    Parameters
    ----------
    mixtures : ndarray of shape (n_rows, n_styles)
        Rows sum to 1.

    Returns
    -------
    ndarray of shape (n_rows,), int
        Leaves of an average-linkage tree on Hellinger distances, in optimal order [1]_, turned so
        that the end richer in style 0 comes first. More than 2,000 rows are ordered by their
        largest style, and by its weight.

    References
    ----------
    .. [1] Bar-Joseph, Gifford, Jaakkola 2001. Fast optimal leaf ordering for hierarchical
       clustering.
    """
    if len(mixtures) < 3:
        return np.argsort(-mixtures[:, 0], kind="stable")
    if len(mixtures) > MOST_COMPARED:
        return np.lexsort((-mixtures.max(axis=1), mixtures.argmax(axis=1)))
    # Imported here: pages that order nothing should come at once.
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import pdist

    tree = linkage(pdist(np.sqrt(mixtures)), method="average", optimal_ordering=True)
    leaves = np.asarray(leaves_list(tree), dtype=int)
    half = len(leaves) // 2
    first, last = mixtures[leaves[:half], 0].mean(), mixtures[leaves[-half:], 0].mean()
    return leaves if first >= last else leaves[::-1]


def order_by_largest(mixtures: np.ndarray) -> np.ndarray:
    """Return row numbers such that like stands beside like, for any number of rows.

    Parameters
    ----------
    mixtures : ndarray of shape (n_rows, n_styles)
        Rows sum to 1.

    Returns
    -------
    ndarray of shape (n_rows,), int
        Rows of the same largest style together, after each style the most similar of those left,
        from style 0 on; among them those of the same second largest, in that order.
        In these blocks the weight of the largest rises and falls by turns, so that neighbours are
        alike across the edge of a block, too. Ties keep their order.
    """
    n_rows, n_styles = mixtures.shape
    if n_styles < 2 or n_rows < 2:
        return np.arange(n_rows)
    ranks = np.argsort(-mixtures, axis=1, kind="stable")
    largest, second = ranks[:, 0], ranks[:, 1]
    means = np.stack(
        [
            mixtures[largest == style].mean(axis=0) if (largest == style).any() else row
            for style, row in enumerate(np.eye(n_styles))
        ]
    )
    place = np.empty(n_styles, int)
    place[_chain(means)] = np.arange(n_styles)
    blocks = np.unique(n_styles * place[largest] + place[second], return_inverse=True)[1]
    weights = mixtures[np.arange(n_rows), largest]
    return np.lexsort((np.where(blocks % 2, -weights, weights), blocks))


def _chain(mixtures: np.ndarray) -> list[int]:
    """Return row numbers from row 0 on, each the nearest by Hellinger distance of those left.

    A tree of a few styles would say little more, and pages would wait for SciPy's clustering.
    """
    affinities = np.sqrt(mixtures) @ np.sqrt(mixtures).T
    chain, left = [0], list(range(1, len(mixtures)))
    while left:
        nearest = max(left, key=lambda row: affinities[chain[-1], row])
        left.remove(nearest)
        chain.append(nearest)
    return chain
