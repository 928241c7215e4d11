"""How well a space of descriptors keeps painters and movements together.

All measures use the cosine of unit rows. "Same movement" counts only between different painters,
so that recognising a painter is not taken for seeing a style.
"""

from __future__ import annotations

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score


def unit_rows(matrix: np.ndarray) -> np.ndarray:
    """Scale every row to length one, in float32.

    Parameters
    ----------
    matrix : ndarray of shape (n, d), float
        Rows; a zero row stays zero.
    """
    matrix = np.asarray(matrix, np.float32)
    return matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-12)


def ranked_matches(
    descriptors: np.ndarray, labels: np.ndarray, groups: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Say of every painting's neighbours, nearest first, whether they share its label.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d), float32, unit rows
        Descriptors.
    labels : ndarray of shape (n,)
        What a match has in common.
    groups : ndarray of shape (n,) or None
        Neighbours of the painting's own group are left out; by default only the painting itself.

    Returns
    -------
    matches : ndarray of shape (n, n), bool
        ``matches[i, r]``: the neighbour of rank r shares the label of painting i.
    listed : ndarray of shape (n,), int64
        How many neighbours painting i has; columns from there on are false.
    """
    cosine = descriptors @ descriptors.T
    _, label_codes = np.unique(labels, return_inverse=True)
    owner = np.arange(len(labels)) if groups is None else np.unique(groups, return_inverse=True)[1]
    left_out = owner[:, None] == owner[None, :]
    cosine[left_out] = -np.inf
    order = np.argsort(-cosine, axis=1, kind="stable")
    matches = label_codes[order] == label_codes[:, None]
    matches &= ~np.take_along_axis(left_out, order, axis=1)
    return matches, (~left_out).sum(axis=1)


def retrieval(
    descriptors: np.ndarray, labels: np.ndarray, groups: np.ndarray | None = None
) -> dict[str, float]:
    """Return precision@1, precision@10 and mean average precision.

    Paintings without any possible match are not asked about.

    Parameters
    ----------
    descriptors, labels, groups
        As for :func:`ranked_matches`.

    Returns
    -------
    dict
        ``p1``, ``p10``, ``map``, each in [0, 1].
    """
    matches, _ = ranked_matches(descriptors, labels, groups)
    matches = matches[matches.any(axis=1)]
    ranks = np.arange(1, matches.shape[1] + 1)
    precision = np.cumsum(matches, axis=1) / ranks
    average = (precision * matches).sum(axis=1) / matches.sum(axis=1)
    return {
        "p1": float(matches[:, 0].mean()),
        "p10": float(matches[:, :10].mean()),
        "map": float(average.mean()),
    }


def clustering(descriptors: np.ndarray, labels: np.ndarray, n_seeds: int = 10) -> dict[str, float]:
    """Return how well k-means, with as many clusters as labels, finds the labels again.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d), float32, unit rows
        Descriptors.
    labels : ndarray of shape (n,)
        Labels to find.
    n_seeds : int
        Number of seeds, each with four starts.

    Returns
    -------
    dict
        ``nmi``, ``nmi_spread``, ``ari``, ``ari_spread``: means and standard deviations over seeds.
    """
    n_clusters = len(np.unique(labels))
    nmi, ari = [], []
    for seed in range(n_seeds):
        found = KMeans(n_clusters, n_init=4, random_state=seed).fit_predict(descriptors)
        nmi.append(normalized_mutual_info_score(labels, found))
        ari.append(adjusted_rand_score(labels, found))
    return {
        "nmi": float(np.mean(nmi)),
        "nmi_spread": float(np.std(nmi)),
        "ari": float(np.mean(ari)),
        "ari_spread": float(np.std(ari)),
    }


def neighbour_vote_accuracy(
    descriptors: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray | None = None,
    n_neighbours: int = 10,
) -> float:
    """Return the accuracy of a vote of the nearest neighbours, averaged over paintings.

    With ``groups`` the painter of each painting is held apart: what is left is style, not
    signature.

    Parameters
    ----------
    descriptors, labels, groups
        As for :func:`ranked_matches`.
    n_neighbours : int
        Number of voters; a tie goes to the nearer label.
    """
    cosine = descriptors @ descriptors.T
    names, codes = np.unique(labels, return_inverse=True)
    owner = np.arange(len(labels)) if groups is None else np.unique(groups, return_inverse=True)[1]
    cosine[owner[:, None] == owner[None, :]] = -np.inf
    nearest = np.argpartition(-cosine, n_neighbours, axis=1)[:, :n_neighbours]
    votes = np.zeros((len(labels), len(names)))
    near_cosine = np.take_along_axis(cosine, nearest, axis=1)
    for column in range(n_neighbours):
        # The cosine, far below one vote, only breaks ties.
        value = 1 + 1e-3 * np.maximum(near_cosine[:, column], -1)
        np.add.at(votes, (np.arange(len(labels)), codes[nearest[:, column]]), value)
    return float((votes.argmax(axis=1) == codes).mean())


def recall_at_one(changed: np.ndarray, gallery: np.ndarray, index: np.ndarray) -> float:
    """Return how often the nearest painting to a changed copy is the painting itself.

    Parameters
    ----------
    changed : ndarray of shape (n_queries, d), float32, unit rows
        Descriptors of changed copies.
    gallery : ndarray of shape (n, d), float32, unit rows
        Descriptors of the unchanged paintings.
    index : ndarray of shape (n_queries,), int
        Which row of the gallery each copy was made from.
    """
    return float(((changed @ gallery.T).argmax(axis=1) == index).mean())
