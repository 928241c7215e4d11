"""Features -> reducer -> words -> topics -> mixtures, as one scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin, clone
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from artstylenet.errors import InputError
from artstylenet.moments import Moments
from artstylenet.topics import CollapsedTopics
from artstylenet.visual_words import Block, SoftWords

DEFAULT_COMPONENTS = 48


class BlockWords(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Words of one block: standardise, reduce, assign to words, add up the parts.

    Parameters
    ----------
    block : Block
    reducer : transformer
        Cloned; a number of components above what the data allow is lowered to it.
    words : transformer
        Cloned; gives non-negative counts.
    random_state : int, RandomState or None, default=None

    Attributes
    ----------
    scaler_ : StandardScaler
    reducer_, words_ : fitted clones
    n_words_ : int
    """

    def __init__(
        self,
        block: Block,
        reducer: Any,
        words: Any,
        *,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.block = block
        self.reducer = reducer
        self.words = words
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: object = None, *, moments: Moments | None = None) -> Self:
        """Learn the words of columns ``block.start:block.stop`` of X.

        `moments` of more rows than X, if given, tell how to standardise, and what the principal
        components are.
        """
        if self.block.counted:
            self.n_words_ = self.block.part_width
            return self
        rng = check_random_state(self.random_state)
        parts = parts_of(X, self.block)
        self.scaler_ = StandardScaler().fit(parts) if moments is None else moments.scaler_
        scaled = self.scaler_.transform(parts)
        self.reducer_ = _with_known(clone(self.reducer), random_state=rng.randint(2**31 - 1))
        if moments is not None and isinstance(self.reducer_, PCA):
            self.reducer_ = moments.principal_components(self.reducer_)
            reduced = self.reducer_.transform(scaled)
        else:
            components = getattr(self.reducer_, "n_components", None)
            if isinstance(components, (int, np.integer)):
                self.reducer_.set_params(n_components=min(int(components), *parts.shape))
            # A block that never varies has no variance to explain: 0 / 0 in the ratios.
            with np.errstate(invalid="ignore"):
                reduced = self.reducer_.fit_transform(scaled)
        self.words_ = _with_known(
            clone(self.words),
            n_words=self.block.n_words,
            n_neighbors=self.block.n_neighbors,
            n_vocabularies=self.block.n_vocabularies,
            n_tokens=self.block.n_tokens,
            random_state=rng.randint(2**31 - 1),
        ).fit(reduced)
        self.n_words_ = self.words_.transform(reduced[:1]).shape[1]
        return self

    def transform(self, X: np.ndarray) -> sparse.csr_array:
        """Return counts of words of the whole picture, (n_paintings, n_words_), float32."""
        return _add_parts(self.transform_parts(X), self.block.n_parts)

    def transform_parts(self, X: np.ndarray) -> sparse.csr_array:
        """Return counts part by part, (n_paintings * n_parts, n_words_), float32."""
        parts = parts_of(X, self.block)
        if self.block.counted:
            return sparse.csr_array(parts * np.float32(self.block.n_tokens), dtype=np.float32)
        reduced = self.reducer_.transform(self.scaler_.transform(parts))
        counts = sparse.csr_array(self.words_.transform(reduced), dtype=np.float32)
        if self.block.shares is not None:
            shares = X[:, slice(*self.block.shares)].astype(np.float32).ravel()
            counts.data *= np.repeat(self.block.n_parts * shares, np.diff(counts.indptr))
        return counts

    def split(self, X: np.ndarray) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Return counts of the parts that are shown, and of those that are scored.

        Both of shape (n_paintings, n_words_); parts that are left out are in neither.
        """
        counts = self.transform_parts(X)
        part = np.arange(counts.shape[0]) % self.block.n_parts
        scored = np.isin(part, self.block.scored_parts)
        shown = ~scored & ~np.isin(part, self.block.left_out)
        return (
            _add_parts(_only_rows(counts, shown), self.block.n_parts),
            _add_parts(_only_rows(counts, scored), self.block.n_parts),
        )


class StyleModel(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Every painting as a mixture of styles.

    Parameters
    ----------
    n_styles : int, default=12
        Number of styles; wins over what `topics` says.
    reducer : transformer or None, default=None
        Applied to each block of features. None means PCA to 48 components.
    words : transformer or None, default=None
        Turns reduced features into counts, block by block. None means :class:`SoftWords`.
    topics : transformer or None, default=None
        Turns counts into mixtures. None means :class:`CollapsedTopics` that starts from clusters.
    blocks : sequence of Block or None, default=None
        Families of columns. None means that all columns are one block.
    random_state : int, RandomState or None, default=None

    Attributes
    ----------
    block_words_ : list of BlockWords
    topics_ : fitted clone of `topics`
    style_words_ : ndarray of shape (n_styles, n_words), float64
        Probability of each word in each style; rows sum to 1. Style 0 is the most prevalent.
    style_order_ : ndarray of shape (n_styles,), int
        Component of `topics_` that each style is.

    Examples
    --------
    >>> import numpy as np
    >>> from artstylenet.style_model import StyleModel
    >>> features = np.random.default_rng(0).normal(size=(40, 8))
    >>> StyleModel(n_styles=3, random_state=0).fit_transform(features).shape
    (40, 3)
    """

    def __init__(
        self,
        n_styles: int = 12,
        *,
        reducer: Any = None,
        words: Any = None,
        topics: Any = None,
        blocks: Sequence[Block] | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_styles = n_styles
        self.reducer = reducer
        self.words = words
        self.topics = topics
        self.blocks = blocks
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learn words and styles.

        Parameters
        ----------
        X : ndarray of shape (n_paintings, n_features)
            One row a painting.
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If features are not finite or never vary, or there are fewer paintings than styles.
        """
        X = self._check_features(X, reset=True)
        if (X[:1] == X).all():
            raise ValueError(
                f"paintings that differ are needed, but all {X.shape[1]} features are constant "
                f"over n_samples={len(X)}"
            )
        rng = check_random_state(self.random_state)
        self.fit_words(X, rng.randint(2**31 - 1))
        return self.fit_styles(self.count_words(X), rng.randint(2**31 - 1))

    def fit_words(
        self, X: np.ndarray, random_state: int, moments: Sequence[Moments | None] | None = None
    ) -> Self:
        """Learn the words only; the first half of :meth:`fit`.

        Parameters
        ----------
        X : ndarray of shape (n_paintings, n_features)
        random_state : int
        moments : sequence of Moments or None, default=None
            One for each block (None for counts), where X is a sample and these are of all.
        """
        rng = check_random_state(random_state)
        blocks = self.blocks or [Block("features", 0, X.shape[1])]
        needed = max(max(block.stop, *(block.shares or (0,))) for block in blocks)
        if needed > X.shape[1]:
            raise ValueError(
                f"X has {X.shape[1]} features, but the blocks need {needed} features as input"
            )
        self.n_features_in_ = X.shape[1]
        self.block_words_ = [
            BlockWords(
                block,
                PCA(DEFAULT_COMPONENTS) if self.reducer is None else self.reducer,
                SoftWords() if self.words is None else self.words,
                random_state=rng.randint(2**31 - 1),
            ).fit(X, moments=None if moments is None else moments[i])
            for i, block in enumerate(blocks)
        ]
        return self

    def fit_styles(self, word_counts: sparse.csr_array, random_state: int) -> Self:
        """Learn styles from counts of words; the second half of :meth:`fit`."""
        n_paintings = word_counts.shape[0]
        whole = isinstance(self.n_styles, (int, np.integer))
        if not (whole and 1 <= self.n_styles <= n_paintings):
            raise ValueError(
                f"n_styles={self.n_styles!r} must be a whole number, at least 1 and at most "
                f"n_samples={n_paintings}"
            )
        topics = CollapsedTopics(init="clusters") if self.topics is None else clone(self.topics)
        self.topics_ = _with_known(
            topics, n_components=self.n_styles, n_clusters=self.n_styles, random_state=random_state
        ).fit(word_counts)
        return self.order_styles(word_counts)

    def order_styles(self, word_counts: sparse.csr_array) -> Self:
        """Give styles their numbers: components of `topics_` by falling share of the collection."""
        shares = np.asarray(self.topics_.transform(word_counts)).sum(axis=0)
        self.style_order_ = np.argsort(-shares, kind="stable")
        components = np.asarray(self.topics_.components_)[self.style_order_]
        self.style_words_ = _as_distributions(components)
        return self

    def count_words(self, X: np.ndarray) -> sparse.csr_array:
        """Return counts of words, (n_paintings, n_words), float32, block after block.

        Raises
        ------
        InputError
            If X is not as wide as what the words were learnt from.
        """
        if X.shape[1] != self.n_features_in_:
            raise InputError(
                f"Paintings have {X.shape[1]} features here, but these words were learnt from "
                f"{self.n_features_in_}: an atlas of an earlier version can be looked at, and has "
                "to be built again before paintings are placed in it."
            )
        blocks = [block.transform(X) for block in self.block_words_]
        return sparse.csr_array(sparse.hstack(blocks, format="csr"))

    def split_words(self, X: np.ndarray) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Return counts of words shown and of words scored in a test of held-out paintings.

        Both of shape (n_paintings, n_words), float32. Where no block has parts to score, every
        other word of the vocabulary is scored.
        """
        pairs = [block.split(X) for block in self.block_words_]
        shown, scored = (
            sparse.csr_array(sparse.hstack(side, format="csr")) for side in zip(*pairs, strict=True)
        )
        if not scored.nnz:
            every_other = np.arange(shown.shape[1]) % 2
            return _scale_columns(shown, 1 - every_other), _scale_columns(shown, every_other)
        return shown, scored

    def mixtures(self, word_counts: sparse.csr_array) -> np.ndarray:
        """Return the mixtures of counted documents, (n_paintings, n_styles); rows sum to 1."""
        weights = np.asarray(self.topics_.transform(word_counts))[:, self.style_order_]
        return _as_distributions(weights)

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Return the mixtures of paintings.

        Parameters
        ----------
        X : ndarray of shape (n_paintings, n_features)

        Returns
        -------
        ndarray of shape (n_paintings, n_styles), float64
            Rows sum to 1.
        """
        check_is_fitted(self)
        return self.mixtures(self.count_words(self._check_features(X, reset=False)))

    def fit_transform(self, X: ArrayLike, y: object = None, **fit_params: Any) -> np.ndarray:
        """Learn styles and return the mixtures, exactly as :meth:`transform` would."""
        return self.fit(X, y, **fit_params).transform(X)

    def _check_features(self, X: ArrayLike, *, reset: bool) -> np.ndarray:
        kinds = [np.float64, np.float32, np.float16, np.uint8]
        return np.asarray(validate_data(self, X, dtype=kinds, reset=reset))

    @property
    def _n_features_out(self) -> int:
        return len(self.style_words_)


def parts_of(X: np.ndarray, block: Block) -> np.ndarray:
    """Return the columns of a block, one row a part: (n_paintings * n_parts, part_width)."""
    parts: np.ndarray = X[:, block.start : block.stop].reshape(-1, block.part_width)
    return parts if block.counted else parts.astype(np.float32, copy=False)


def _with_known(estimator: Any, **parameters: Any) -> Any:
    """Set those of the parameters that the estimator has."""
    known = estimator.get_params(deep=False)
    return estimator.set_params(**{k: v for k, v in parameters.items() if k in known})


def _as_distributions(weights: np.ndarray) -> np.ndarray:
    """Make rows sum to 1; a row without weight (groupings without a prior give such) is even."""
    precise = weights.astype(np.float64)
    totals = precise.sum(axis=1, keepdims=True)
    precise[totals[:, 0] <= 0] = 1.0
    distributions: np.ndarray = precise / precise.sum(axis=1, keepdims=True)
    return distributions


def _add_parts(counts: sparse.csr_array, n_parts: int) -> sparse.csr_array:
    """Add up every n_parts rows: (n * n_parts, n_words) -> (n, n_words)."""
    if n_parts == 1:
        return counts
    summed = sparse.csr_array(
        (counts.data, counts.indices, counts.indptr[::n_parts]),
        shape=(counts.shape[0] // n_parts, counts.shape[1]),
    )
    summed.sum_duplicates()
    return summed


def _only_rows(counts: sparse.csr_array, kept: np.ndarray) -> sparse.csr_array:
    """Empty the rows that are not kept."""
    lengths = np.diff(counts.indptr) * kept
    entries = np.repeat(kept, np.diff(counts.indptr))
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    return sparse.csr_array(
        (counts.data[entries], counts.indices[entries], indptr), shape=counts.shape
    )


def _scale_columns(counts: sparse.csr_array, factors: np.ndarray) -> sparse.csr_array:
    scaled = sparse.csr_array(counts.multiply(factors[None].astype(np.float32)))
    scaled.eliminate_zeros()
    return scaled
