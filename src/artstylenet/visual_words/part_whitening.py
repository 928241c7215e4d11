"""What differs within paintings weighs less than what differs between them."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from artstylenet.parameters import problems_with

MOST_TRUST = 0.8
"""Weight of the covariance, against the identity, that is learnt from endless paintings."""
DIFFERENCES_A_FEATURE = 6
"""At so many free differences for every feature the weight is half of that."""


class PartWhitening(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Make the parts of a painting alike: equal variance within paintings in every direction.

    The style of a painting is in all its parts; skies, faces and ground are not. So a direction in
    which parts of one painting differ says little of style, however much of all variance it has.
    Rows are multiplied by the inverse root of the covariance of parts less their painting's mean,
    shrunk towards a multiple of the identity: the more, the fewer paintings there are to learn it
    from. No labels are needed.

    Parameters
    ----------
    n_parts : int, default=4
        Every so many rows are one painting.
    shrinkage : float or None, default=None
        In (0, 1]; at 1 nothing changes but the unit. None is 1 - 0.8 m / (m + 6 n_features), with m
        the free differences, n_paintings * (n_parts - 1): 0.26 for 5,900 paintings of 4 parts and
        256 features, 0.89 for 80.

    Attributes
    ----------
    shrinkage_ : float
    matrix_ : ndarray of shape (n_features, n_features), float32
        Symmetric.
    """

    def __init__(self, n_parts: int = 4, *, shrinkage: float | None = None) -> None:
        self.n_parts = n_parts
        self.shrinkage = shrinkage

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learn from X, (n_paintings * n_parts, n_features), painting after painting.

        Raises
        ------
        ValueError
            If features are not finite, rows are no whole paintings, or a parameter is out of range.
        """
        rows: np.ndarray = validate_data(self, X, dtype=[np.float64, np.float32], reset=True)
        given = [] if self.shrinkage is None else ["shrinkage"]
        problems = problems_with(self, whole=["n_parts"], positive=given)
        if not problems and self.shrinkage is not None and self.shrinkage > 1:
            problems = [f"shrinkage must be at most 1, got {self.shrinkage!r}"]
        if not problems and len(rows) % self.n_parts:
            problems = [
                f"rows must be whole paintings of {self.n_parts} parts, got n_samples={len(rows)}"
            ]
        if problems:
            raise ValueError("; ".join(problems))
        n_features = rows.shape[1]
        free = len(rows) * (self.n_parts - 1) / self.n_parts
        by_size = 1 - MOST_TRUST * free / (free + DIFFERENCES_A_FEATURE * n_features)
        self.shrinkage_ = float(by_size if self.shrinkage is None else self.shrinkage)
        paintings = rows.reshape(-1, self.n_parts, n_features)
        differences = (paintings - paintings.mean(axis=1, keepdims=True)).reshape(-1, n_features)
        covariance = differences.T.astype(np.float64) @ differences / len(rows)
        # Parts that never differ leave nothing to weigh by: the identity.
        usual = float(np.trace(covariance)) / n_features or 1.0
        shrunk = (1 - self.shrinkage_) * covariance + self.shrinkage_ * usual * np.eye(n_features)
        variances, directions = np.linalg.eigh(shrunk)
        self.matrix_ = ((directions / np.sqrt(variances)) @ directions.T).astype(np.float32)
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Return X, (n_rows, n_features), in the new units, float32."""
        check_is_fitted(self)
        rows: np.ndarray = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        whitened: np.ndarray = rows.astype(np.float32, copy=False) @ self.matrix_
        return whitened

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    @property
    def _n_features_out(self) -> int:
        return len(self.matrix_)
