"""Numbers that say how good mixtures are, given what is known of the paintings."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import (
    adjusted_mutual_info_score,
    adjusted_rand_score,
    normalized_mutual_info_score,
)
from sklearn.metrics.cluster import contingency_matrix
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.preprocessing import StandardScaler

N_NEIGHBOURS = 10
N_FOLDS = 5
ROWS_AT_ONCE = 512


def label_agreement(dominant: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Compare dominant styles with labels.

    Parameters
    ----------
    dominant : ndarray of shape (n_paintings,), int
        Number of the style with the largest weight.
    labels : ndarray of shape (n_paintings,)

    Returns
    -------
    dict of str to float
        ``nmi`` and ``purity`` (the share of the paintings that have the commonest label of their
        style) in [0, 1]; ``ari`` and ``ami`` are 0 by chance and at most 1.
    """
    return {
        "nmi": float(normalized_mutual_info_score(labels, dominant)),
        "ari": float(adjusted_rand_score(labels, dominant)),
        "ami": float(adjusted_mutual_info_score(labels, dominant)),
        "purity": float(contingency_matrix(labels, dominant).max(axis=0).sum() / len(labels)),
    }


def precision_at(
    vectors: np.ndarray, labels: np.ndarray, n: int = N_NEIGHBOURS, *, random_state: int = 0
) -> float:
    """Return the share of the n nearest paintings that have the painting's own label.

    Parameters
    ----------
    vectors : ndarray of shape (n_paintings, n_dimensions)
        Nearness is their dot product: unit descriptors, or square roots of mixtures.
    labels : ndarray of shape (n_paintings,)
    n : int, default=10
        Lowered to the number of other paintings.
    random_state : int, default=0
        Order among equally near paintings, of which hard groupings have many.

    Returns
    -------
    float
        In [0, 1].
    """
    order = np.random.default_rng(random_state).permutation(len(vectors))
    shuffled, labels = vectors[order].astype(np.float32), labels[order]
    n = min(n, len(vectors) - 1)
    hits = 0
    for start in range(0, len(shuffled), ROWS_AT_ONCE):
        rows = np.arange(start, min(start + ROWS_AT_ONCE, len(shuffled)))
        nearness = shuffled[rows] @ shuffled.T
        nearness[np.arange(len(rows)), rows] = -np.inf
        nearest = np.argpartition(-nearness, n - 1, axis=1)[:, :n]
        hits += int((labels[nearest] == labels[rows, None]).sum())
    return hits / (n * len(shuffled))


def effective_styles(mixtures: np.ndarray) -> np.ndarray:
    """Return exp(entropy) of each mixture, (n_paintings,): 1 is pure, n_styles is even."""
    logs = np.log(np.where(mixtures > 0, mixtures, 1.0))
    numbers: np.ndarray = np.exp(-(mixtures * logs).sum(axis=1))
    return numbers


def probe_accuracy(
    vectors: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray | None = None,
    *,
    random_state: int = 0,
) -> float:
    """Return how often a linear classifier reads the label from the vectors of unseen paintings.

    Parameters
    ----------
    vectors : ndarray of shape (n_paintings, n_dimensions)
    labels : ndarray of shape (n_paintings,)
        Labels of fewer than five paintings (or groups) are left out.
    groups : ndarray of shape (n_paintings,) or None, default=None
        Paintings of one group (a painter, when the label is a movement) are never in both the
        training part and the test part.
    random_state : int, default=0

    Returns
    -------
    float
        Mean over labels of the share recognised, in [0, 1]; chance is one over the number of
        labels. NaN if fewer than two labels are left.

    Notes
    -----
    Linear discriminant analysis with a shrunken covariance, because it is solved at once; Karayev
    et al. (2014) took a linear SVM for the same purpose.
    """
    members = np.arange(len(labels)) if groups is None else groups
    known, codes = np.unique(labels, return_inverse=True)
    enough = np.array([len(np.unique(members[codes == code])) for code in range(len(known))])
    kept = np.flatnonzero((enough >= N_FOLDS)[codes])
    if len(np.unique(codes[kept])) < 2:
        return float("nan")
    vectors, codes, members = vectors[kept].astype(np.float64), codes[kept], members[kept]
    folds: Any = StratifiedKFold if groups is None else StratifiedGroupKFold
    splitter = folds(N_FOLDS, shuffle=True, random_state=random_state)
    guessed = np.empty_like(codes)
    for train, test in splitter.split(vectors, codes, None if groups is None else members):
        scaler = StandardScaler().fit(vectors[train])
        classifier = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
        classifier.fit(scaler.transform(vectors[train]), codes[train])
        guessed[test] = classifier.predict(scaler.transform(vectors[test]))
    right = [(guessed[codes == code] == code).mean() for code in np.unique(codes)]
    return float(np.mean(right))
