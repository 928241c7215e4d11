"""Style descriptors of parts of a picture, guessed from what one stage of the network sees."""

from __future__ import annotations

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

N_PARTS = 4
"""Quarters (top left, top right, bottom left, bottom right), and as many halves."""
# Pairs of quarters that make the left, right, top and bottom half.
_HALVES = np.array([[0, 2], [1, 3], [0, 1], [2, 3]])


class PartDescriptors(BaseEstimator):  # type: ignore[misc]
    """Descriptors of quarters and halves, in the space of whole pictures.

    A learnt metric sees whole pictures, from the statistics of all stages; of parts only one
    stage's are known. Ridge regression on the collection itself fills the gap: what the parts of a
    painting say on average, its descriptor says too. No label is looked at.

    Parameters
    ----------
    penalty : float, default=0.1
        Of the regression, per painting, for standardised statistics.

    Attributes
    ----------
    mean_, scale_ : ndarray of shape (2, 1, n_window_statistics), float32
        Of the roots of statistics of quarters, then of halves.
    coefficients_ : ndarray of shape (2, n_window_statistics, n_dimensions), float32
    intercept_ : ndarray of shape (n_dimensions,), float32
    """

    def __init__(self, penalty: float = 0.1) -> None:
        self.penalty = penalty

    def fit(self, windows: np.ndarray, descriptors: np.ndarray) -> Self:
        """Learn from whole pictures.

        Parameters
        ----------
        windows : ndarray of shape (n_paintings, 4, n_window_statistics), float16 or float32
            Means, then standard deviations, of channels in each quarter.
        descriptors : ndarray of shape (n_paintings, n_dimensions), float16 or float32
            Unit rows.

        Returns
        -------
        self
        """
        targets = descriptors.astype(np.float32)
        self.intercept_ = targets.mean(axis=0)
        means, scales, coefficients = [], [], []
        for roots in _roots_of_parts(windows):
            means.append(roots.mean(axis=(0, 1), keepdims=True)[0])
            scales.append(roots.std(axis=(0, 1), keepdims=True)[0] + np.float32(1e-6))
            inputs = ((roots - means[-1]) / scales[-1]).mean(axis=1).astype(np.float64)
            covariance = inputs.T @ inputs / len(inputs)
            covariance[np.diag_indices_from(covariance)] += self.penalty
            against = inputs.T @ (targets - self.intercept_) / len(inputs)
            coefficients.append(np.linalg.solve(covariance, against))
        self.mean_, self.scale_ = np.stack(means), np.stack(scales)
        self.coefficients_ = np.stack(coefficients).astype(np.float32)
        return self

    def transform(self, windows: np.ndarray) -> np.ndarray:
        """Guess descriptors.

        Parameters
        ----------
        windows : ndarray of shape (n_paintings, 4, n_window_statistics), float16 or float32

        Returns
        -------
        ndarray of shape (n_paintings, 8, n_dimensions), float32
            Unit rows: four quarters, then the left, right, top and bottom half.
        """
        check_is_fitted(self)
        kinds = zip(
            _roots_of_parts(windows), self.mean_, self.scale_, self.coefficients_, strict=True
        )
        guesses = np.concatenate(
            [
                (roots - mean) / scale @ coefficients + self.intercept_
                for roots, mean, scale, coefficients in kinds
            ],
            axis=1,
        )
        norms = np.linalg.norm(guesses, axis=2, keepdims=True)
        unit: np.ndarray = guesses / np.maximum(norms, 1e-12)
        return unit


def pool_halves(windows: np.ndarray) -> np.ndarray:
    """Return the statistics of halves: (n, 4, n_window_statistics) float32, the same of quarters.

    Exact: means average, and the variance of a half is the mean of the squares less the square of
    the mean.
    """
    n_channels = windows.shape[2] // 2
    means, deviations = windows[..., :n_channels], windows[..., n_channels:]
    squares = means**2 + deviations**2
    pooled_means = means[:, _HALVES].mean(axis=2)
    pooled_squares = squares[:, _HALVES].mean(axis=2)
    pooled_deviations = np.sqrt(np.maximum(pooled_squares - pooled_means**2, 0))
    return np.concatenate([pooled_means, pooled_deviations], axis=2)


def _roots_of_parts(windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return roots of the statistics of quarters and of halves: roots are spread more evenly."""
    quarters = windows.astype(np.float32)
    halves = pool_halves(quarters)
    return np.sqrt(np.maximum(quarters, 0)), np.sqrt(np.maximum(halves, 0))
