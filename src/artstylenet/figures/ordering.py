"""The order in which rows of a heatmap stand."""

from __future__ import annotations

import numpy as np


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
        that the end richer in style 0 comes first.

    References
    ----------
    .. [1] Bar-Joseph, Gifford, Jaakkola 2001. Fast optimal leaf ordering for hierarchical
       clustering.
    """
    if len(mixtures) < 3:
        return np.argsort(-mixtures[:, 0], kind="stable")
    # Imported here: pages that order nothing should come at once.
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import pdist

    tree = linkage(pdist(np.sqrt(mixtures)), method="average", optimal_ordering=True)
    leaves = np.asarray(leaves_list(tree), dtype=int)
    half = len(leaves) // 2
    first, last = mixtures[leaves[:half], 0].mean(), mixtures[leaves[-half:], 0].mean()
    return leaves if first >= last else leaves[::-1]
