"""How much each facet has to do with each style."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from artstylenet.facets.likeness import reduce_facet
from artstylenet.looks import Looks, looks_of
from artstylenet.looks.facets import FACETS

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

FOLDS = 5
RIDGE = 1.0


def facet_contributions(atlas: StyleAtlas, *, looks: Looks | None = None) -> pd.DataFrame:
    """Return how well each facet alone tells how much of each style a painting has.

    Parameters
    ----------
    atlas : StyleAtlas
    looks : Looks or None, default=None
        Measurements of the paintings; None measures them, once for an open atlas.

    Returns
    -------
    DataFrame of shape (n_styles, 3), index ``style``
        Fraction of the variance of a style's weights that a linear model of the facet predicts
        for paintings it has not seen, in [0, 1]. Facets overlap: rows do not sum to 1.
    """
    looks = looks_of(atlas) if looks is None else looks
    mixtures = atlas.painting_styles.to_numpy()
    return pd.DataFrame(
        {facet: predicted_variance(reduce_facet(looks, facet), mixtures) for facet in FACETS},
        index=pd.RangeIndex(atlas.n_styles, name="style"),
    )


def predicted_variance(features: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return R squared of ridge regression on paintings left out in turn, not below 0.

    Parameters
    ----------
    features : ndarray of shape (n, n_features)
    targets : ndarray of shape (n, n_targets)

    Returns
    -------
    ndarray of shape (n_targets,), float64
    """
    fold = np.random.default_rng(0).permutation(len(features)) % FOLDS
    errors = np.zeros(targets.shape[1])
    for held in range(FOLDS):
        learnt, left = fold != held, fold == held
        if not left.any() or not learnt.any():
            continue
        x_mean, y_mean = features[learnt].mean(axis=0), targets[learnt].mean(axis=0)
        x = (features[learnt] - x_mean).astype(np.float64)
        gram = x.T @ x + RIDGE * np.eye(x.shape[1])
        weights = np.linalg.solve(gram, x.T @ (targets[learnt] - y_mean))
        predicted = (features[left] - x_mean) @ weights + y_mean
        errors += ((targets[left] - predicted) ** 2).sum(axis=0)
    spread = ((targets - targets.mean(axis=0)) ** 2).sum(axis=0)
    explained: np.ndarray = np.clip(1 - errors / np.maximum(spread, 1e-12), 0, 1)
    return explained
