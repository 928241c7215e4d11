"""Standardising and principal components of rows that are seen once, block by block."""

from __future__ import annotations

import numpy as np
from scipy import linalg
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler


class Moments:
    """Mean, variance and covariance of all rows so far, in double precision.

    The same rows in the same order give the same moments to the last bit only if they come in
    the same blocks.

    Parameters
    ----------
    n_features : int

    Attributes
    ----------
    scaler_ : StandardScaler
        Fitted on the rows so far.
    """

    def __init__(self, n_features: int) -> None:
        self.scaler_ = StandardScaler()
        self._shift: np.ndarray | None = None
        self._products = np.zeros((n_features, n_features))

    def add(self, rows: np.ndarray) -> None:
        """Take in more rows, (n_rows, n_features)."""
        self.scaler_.partial_fit(rows)
        precise = rows.astype(np.float64)
        if self._shift is None:
            # Near the mean, so that no digits are lost where it is large beside the deviation.
            self._shift = precise.mean(axis=0)
        precise -= self._shift
        self._products += precise.T @ precise

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
        n_rows = int(self.scaler_.n_samples_seen_)
        offset = self.scaler_.mean_ - self._shift
        covariance = self._products / n_rows - np.outer(offset, offset)
        covariance /= np.outer(self.scaler_.scale_, self.scaler_.scale_)
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
