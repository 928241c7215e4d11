"""Soft assignment of reduced features to prototypes."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.utils import check_random_state, gen_batches
from sklearn.utils.validation import check_is_fitted, validate_data

from artstylenet.parameters import problems_with

# A prototype of fewer examples than this describes pictures, not a habit of painters.
EXAMPLES_PER_WORD = 4
# Prototypes are learnt from at most so many rows: more rows move them less than another seed does.
MOST_EXAMPLES = 20_000
ROWS_AT_ONCE = 8192


class SoftWords(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Words for dense features: each row shares its tokens among its nearest prototypes.

    A prototype m steps away gets a weight of exp(-(d - d_min) / tau), with d the squared distance
    and tau the median over the training rows of d - d_min among the neighbours 2..m.

    Several vocabularies, each from a start of its own, share the tokens: what one prototype has
    of chance, the others do not have.

    Parameters
    ----------
    n_words : int, default=128
        Prototypes of each vocabulary; at most a quarter of the training rows are made.
    n_neighbors : int, default=5
        Prototypes of each vocabulary that share one row.
    n_vocabularies : int, default=1
    n_tokens : float, default=20.0
        Tokens of one row.
    random_state : int, RandomState or None, default=None

    Attributes
    ----------
    prototypes_ : ndarray of shape (n_words_, n_features), float32
        One vocabulary after the other.
    first_words_ : ndarray of shape (n_vocabularies + 1,), int64
        Where each vocabulary starts, and, last, n_words_.
    scale_ : float
        Standard deviation of all training values; features are divided by it.
    temperatures_ : ndarray of shape (n_vocabularies,), float64
        tau of each vocabulary, in squared scaled distance.
    """

    def __init__(
        self,
        n_words: int = 128,
        *,
        n_neighbors: int = 5,
        n_vocabularies: int = 1,
        n_tokens: float = 20.0,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_words = n_words
        self.n_neighbors = n_neighbors
        self.n_vocabularies = n_vocabularies
        self.n_tokens = n_tokens
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learn prototypes.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_features)
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If features are not finite or a parameter is out of range.
        """
        rows: np.ndarray = validate_data(self, X, dtype=[np.float64, np.float32], reset=True)
        whole = ["n_words", "n_neighbors", "n_vocabularies"]
        if problems := problems_with(self, whole=whole, positive=["n_tokens"]):
            raise ValueError("; ".join(problems))
        rng = check_random_state(self.random_state)
        if len(rows) > MOST_EXAMPLES:
            rows = rows[rng.choice(len(rows), MOST_EXAMPLES, replace=False)]
        self.scale_ = float(rows.std()) or 1.0
        scaled = (rows / self.scale_).astype(np.float32)
        n_words = min(self.n_words, max(1, len(rows) // EXAMPLES_PER_WORD))
        vocabularies = []
        for _ in range(self.n_vocabularies):
            with warnings.catch_warnings():
                # Fewer different pictures than words: some prototypes are the same, and are one.
                warnings.simplefilter("ignore", ConvergenceWarning)
                kmeans = KMeans(n_words, n_init=1, max_iter=50, random_state=rng).fit(scaled)
            vocabularies.append(different(kmeans.cluster_centers_.astype(np.float32)))
        self.prototypes_ = np.concatenate(vocabularies)
        self.first_words_ = np.cumsum([0, *map(len, vocabularies)])
        found = [self._nearest(scaled, vocabulary) for vocabulary in range(self.n_vocabularies)]
        self.temperatures_ = np.array([_median_excess(distances) for distances, _ in found])
        return self

    def transform(self, X: ArrayLike) -> sparse.csr_array:
        """Count words.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_features)

        Returns
        -------
        csr_array of shape (n_rows, n_words_), float32
            Rows sum to `n_tokens`.
        """
        check_is_fitted(self)
        rows: np.ndarray = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        batches = [self._count(rows[batch]) for batch in gen_batches(len(rows), ROWS_AT_ONCE)]
        return sparse.csr_array(sparse.vstack(batches, format="csr"))

    def _count(self, X: np.ndarray) -> sparse.csr_array:
        scaled = (X / self.scale_).astype(np.float32)
        n_vocabularies = len(self.temperatures_)
        all_weights, all_words = [], []
        for vocabulary, temperature in enumerate(self.temperatures_):
            distances, words = self._nearest(scaled, vocabulary)
            weights = np.exp(-(distances - distances[:, :1]) / temperature)
            weights *= self.n_tokens / n_vocabularies / weights.sum(axis=1, keepdims=True)
            all_weights.append(weights.astype(np.float32))
            all_words.append(words + self.first_words_[vocabulary])
        together = np.concatenate(all_words, axis=1)
        counts = sparse.csr_array(
            (
                np.concatenate(all_weights, axis=1).ravel(),
                together.ravel(),
                np.arange(len(X) + 1) * together.shape[1],
            ),
            shape=(len(X), len(self.prototypes_)),
        )
        counts.sort_indices()
        return counts

    def _nearest(self, scaled: np.ndarray, vocabulary: int) -> tuple[np.ndarray, np.ndarray]:
        """Return squared distances and numbers of a vocabulary's nearest words, nearest first."""
        first, last = self.first_words_[vocabulary : vocabulary + 2]
        distances = euclidean_distances(scaled, self.prototypes_[first:last], squared=True)
        n_near = min(self.n_neighbors, distances.shape[1])
        near = np.argpartition(distances, n_near - 1, axis=1)[:, :n_near]
        near_distances = np.take_along_axis(distances, near, axis=1)
        order = np.argsort(near_distances, axis=1, kind="stable")
        return (
            np.take_along_axis(near_distances, order, axis=1),
            np.take_along_axis(near, order, axis=1),
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        # Counts are of single precision, whatever the features are.
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    @property
    def _n_features_out(self) -> int:
        return len(self.prototypes_)


class ShiftedScores(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Scores scaled to [0, 1] by their training range: how the paper feeds PCA to LDA.

    Kept for comparison (``--recipe paper``): what is small in such "counts" is an extreme of its
    component as much as what is large, so topics hardly differ.

    Attributes
    ----------
    minimum_, range_ : ndarray of shape (n_features,), float64
    """

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learn the range of every column of X, (n_rows, n_features)."""
        rows: np.ndarray = validate_data(self, X, dtype=np.float64, reset=True)
        self.minimum_ = rows.min(axis=0)
        spread = rows.max(axis=0) - self.minimum_
        self.range_ = np.where(spread > 0, spread, 1.0)
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Return X scaled, clipped to [0, 1], of shape (n_rows, n_features), float64."""
        check_is_fitted(self)
        rows: np.ndarray = validate_data(self, X, dtype=np.float64, reset=False)
        scaled: np.ndarray = np.clip((rows - self.minimum_) / self.range_, 0, 1)
        return scaled

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return names of the output columns."""
        check_is_fitted(self)
        return np.asarray([f"shiftedscores{i}" for i in range(len(self.minimum_))], dtype=object)


def _median_excess(distances: np.ndarray) -> float:
    """Return the median of how much farther than the nearest the others are; 1 if it is 0."""
    excess = distances[:, 1:] - distances[:, :1]
    return (float(np.median(excess)) if excess.size else 0.0) or 1.0


def different(prototypes: np.ndarray) -> np.ndarray:
    """Return prototypes in their order, without those that equal an earlier one but for rounding.

    Which of several equal ones are nearest would be chance: the same picture could get other words.
    """
    _, first = np.unique(prototypes.round(5), axis=0, return_index=True)
    return prototypes[np.sort(first)]
