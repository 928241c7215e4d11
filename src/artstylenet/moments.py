"""Standardising and principal components of rows that are seen once, block by block."""

from __future__ import annotations

import numpy as np
from scipy import linalg
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

NOISE = 1e-12
"""A variance below this part of the squared mean is rounding: the column never varies."""


class Moments:
    """Mean, variance and covariance of all rows so far, in double precision.

    Rows are features in half precision, so that sums of their products lose nothing that counts.
    The same rows in the same order give the same moments to the last bit only if they come in
    the same blocks.

    Parameters
    ----------
    n_features : int
    """

    def __init__(self, n_features: int) -> None:
        self._n_rows = 0
        self._sums = np.zeros(n_features)
        self._products = np.zeros((n_features, n_features))

    def add(self, rows: np.ndarray) -> None:
        """Take in more rows, (n_rows, n_features)."""
        precise = rows.astype(np.float64)
        self._n_rows += len(rows)
        self._sums += precise.sum(axis=0)
        self._products += precise.T @ precise

    def add_moments(self, others: Moments) -> None:
        """Take in the rows that other moments are of."""
        self._n_rows += others._n_rows
        self._sums += others._sums
        self._products += others._products

    @property
    def scaler_(self) -> StandardScaler:
        """As if fitted on the rows so far."""
        scaler = StandardScaler()
        scaler.n_samples_seen_, scaler.n_features_in_ = self._n_rows, len(self._sums)
        scaler.mean_ = self._sums / self._n_rows
        squares = self._products.diagonal() / self._n_rows
        variances = squares - scaler.mean_**2
        scaler.var_ = np.where(variances > NOISE * squares, variances, 0.0)
        scaler.scale_ = np.where(scaler.var_ > 0, np.sqrt(scaler.var_), 1.0)
        return scaler

    def principal_components(self, asked: PCA) -> PCA:
        """Return the components of the standardised rows.

        Parameters
        ----------
        asked : PCA
            Tells their number, or the fraction of the variance to keep; it is not changed.

        Returns
        -------
        PCA
            As if fitted on all rows at once by the covariance (scikit-learn's
            ``covariance_eigh``), but for rounding. In single precision, as features are.
        """
        n_rows, scaler = self._n_rows, self.scaler_
        covariance = self._products / n_rows - np.outer(scaler.mean_, scaler.mean_)
        covariance /= np.outer(scaler.scale_, scaler.scale_)
        covariance *= n_rows / max(n_rows - 1, 1)
        variances, columns = linalg.eigh(covariance)
        variances, vectors = np.maximum(variances[::-1], 0), columns.T[::-1]
        # An eigenvector has no sign of its own: its largest entry is positive, as scikit-learn's.
        largest = np.abs(vectors).argmax(axis=1)
        vectors *= np.sign(vectors[np.arange(len(vectors)), largest])[:, None]
        ratios = variances / max(variances.sum(), np.finfo(np.float64).tiny)
        n_components = _number(asked.n_components, ratios, n_rows)
        pca = PCA(n_components)
        pca.n_components_ = n_components
        pca.n_samples_, pca.n_features_in_ = n_rows, len(variances)
        pca.mean_ = np.zeros(len(variances), np.float32)
        pca.components_ = vectors[:n_components].astype(np.float32)
        pca.explained_variance_ = variances[:n_components].astype(np.float32)
        pca.explained_variance_ratio_ = ratios[:n_components].astype(np.float32)
        pca.singular_values_ = np.sqrt(pca.explained_variance_ * max(n_rows - 1, 1))
        left_out = variances[n_components : min(n_rows, len(variances))]
        pca.noise_variance_ = float(left_out.mean()) if len(left_out) else 0.0
        return pca


def _number(asked: float | None, ratios: np.ndarray, n_rows: int) -> int:
    """Return a number of components for what a PCA was asked for."""
    most = min(n_rows, len(ratios))
    if asked is None:
        return most
    if isinstance(asked, (int, np.integer)):
        return min(int(asked), most)
    return min(int(np.searchsorted(ratios.cumsum(), asked, side="right")) + 1, most)
