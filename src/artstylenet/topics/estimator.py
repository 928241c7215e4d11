"""A scikit-learn estimator for Latent Dirichlet Allocation by CVB0."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.special import digamma
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import normalize
from sklearn.utils import check_random_state
from sklearn.utils.extmath import randomized_svd
from sklearn.utils.validation import check_is_fitted, check_non_negative, validate_data

from artstylenet.parameters import problems_with
from artstylenet.topics import kernels

# Sweeps between two updates of a learnt document prior, and before the first.
PRIOR_EVERY = 10
PRIOR_AFTER = 20
# Half of a document's words start in the topic of its cluster: sure enough to say where to go,
# undecided enough to leave what else is in it to the sweeps.
IN_CLUSTER = 0.5
CLUSTER_RANK = 32
CLUSTER_STARTS = 10
# Entries whose posteriors are drawn at once.
ENTRIES_DRAWN = 4096
# Sweeps of each start before the best goes on.
START_SWEEPS = 20
# A learnt prior is settled once no pseudo-count moves by more than this fraction in an update.
PRIOR_SETTLED = 0.02
# How fast the steps of a stream fall: between 0.5 (exclusive) and 1, so that topics settle.
STEP_DECAY = 0.7


class CollapsedTopics(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Latent Dirichlet Allocation by zero-order collapsed variational Bayes (CVB0).

    Every document is a mixture of topics, every topic a distribution over words. Counts may be
    fractions of tokens, so that softly assigned words are welcome. The same seed gives the same
    result on any number of threads.

    Parameters
    ----------
    n_components : int, default=10
        Number of topics.
    document_prior : float or None, default=None
        Total pseudo-count of all topics in a document (K alpha). None means 2.4.
    word_prior : float, default=0.05
        Pseudo-count of every word in a topic (beta).
    learn_prior : bool, default=False
        Learn one document prior a topic by Minka's fixed point (Wallach et al. 2009), instead of
        the same for all.
    n_init : int, default=1
        Random starts. With more than one, each runs for a few sweeps and the one that explains
        the data best goes on: that escapes most poor optima at little cost.
    max_iter : int, default=150
        Most sweeps over the data.
    tol : float, default=1e-3
        Stop when a sweep moves less than this fraction of the tokens' posterior mass (and a learnt
        prior has settled).
    init : {"clusters"}, ndarray of shape (n_components, n_words) or None, default=None
        Where to start, instead of anywhere. ``clusters``: documents start with half their words in
        the topic of their cluster by k-means, so that other seeds end at nearly the same topics;
        `n_init` has no effect. An array: topics to start near; topic k of the result goes back to
        row k. Rows are made to sum to 1.
    random_state : int, RandomState or None, default=None

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_words), float64
        Probability of each word in each topic; rows sum to 1 (phi).
    document_prior_ : ndarray of shape (n_components,), float64
        Pseudo-counts of topics in a document (alpha).
    topic_shares_ : ndarray of shape (n_components,), float64
        Fraction of all tokens of the training data in each topic; sums to 1.
    n_iter_ : int
        Sweeps made.
    n_tokens_ : float
        Tokens learnt from.
    n_batches_ : int
        Batches learnt from, see :meth:`partial_fit`; 1 after :meth:`fit`.

    References
    ----------
    Foulds, Boyles, DuBois, Smyth, Welling (2013). Stochastic collapsed variational Bayesian
    inference for latent Dirichlet allocation. KDD.
    Asuncion, Welling, Smyth, Teh (2009). On smoothing and inference for topic models. UAI.
    Wallach, Mimno, McCallum (2009). Rethinking LDA: why priors matter. NIPS.

    Examples
    --------
    >>> import numpy as np
    >>> from artstylenet.topics import CollapsedTopics
    >>> counts = np.kron(np.eye(2), np.full((5, 4), 3.0))
    >>> CollapsedTopics(2, random_state=0).fit_transform(counts).round(1)[0].max()
    np.float64(0.9)
    """

    def __init__(
        self,
        n_components: int = 10,
        *,
        document_prior: float | None = None,
        word_prior: float = 0.05,
        learn_prior: bool = False,
        n_init: int = 1,
        max_iter: int = 150,
        tol: float = 1e-3,
        init: str | np.ndarray | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_components = n_components
        self.document_prior = document_prior
        self.word_prior = word_prior
        self.learn_prior = learn_prior
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.init = init
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learn topics.

        Parameters
        ----------
        X : array or sparse matrix of shape (n_documents, n_words)
            Non-negative counts; fractions are allowed.
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If counts are negative, not finite or all zero, if there are fewer tokens than words,
            or a parameter is out of range.
        """
        counts = self._check_counts(X, reset=True)
        n_topics = self._check_parameters()
        if not counts.nnz:
            raise ValueError("X holds no words: all counts are zero.")
        n_tokens = float(counts.sum(dtype=np.float64))
        if n_tokens < counts.shape[1]:
            raise ValueError(
                f"X holds {n_tokens:g} tokens of {counts.shape[1]} words, n_samples="
                f"{counts.shape[0]}: topics need at least as many tokens as words. Give counts, "
                "not frequencies, or learn fewer words."
            )
        rng = check_random_state(self.random_state)
        total_prior = 2.4 if self.document_prior is None else self.document_prior
        alpha = np.full(n_topics, total_prior / n_topics, np.float32)
        state = self._best_start(counts, alpha, rng)
        settled = not self.learn_prior
        for n_sweeps in range(1, self.max_iter + 1):
            moved = state.run(alpha, self.word_prior, 1)
            if self.learn_prior and n_sweeps >= PRIOR_AFTER and n_sweeps % PRIOR_EVERY == 0:
                before, alpha = alpha, learn_document_prior(state.n_dk, alpha)
                settled = np.allclose(alpha, before, rtol=PRIOR_SETTLED, atol=0)
            if moved < self.tol and settled:
                break
        state.count()
        self.components_ = state.topic_words(self.word_prior)
        self.document_prior_ = alpha.astype(np.float64)
        self.topic_shares_ = state.n_k.astype(np.float64) / state.n_k.sum(dtype=np.float64)
        self.n_iter_ = n_sweeps
        self.n_tokens_ = n_tokens
        self.n_batches_ = 1
        return self

    def partial_fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learn from one more batch of a stream, in time and memory that depend on it alone.

        The first batch is fitted as by :meth:`fit`, which finds a better optimum than a random
        start; draw it at random and make it large enough to show every topic. After that topics
        move by a step that falls with the number of batches (stochastic CVB0, with the batch's
        mixtures inferred to their end).

        Parameters
        ----------
        X : array or sparse matrix of shape (n_documents, n_words)
            Non-negative counts; fractions are allowed.
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError
            As :meth:`fit`, or if the number of words is not that of the first batch.
        """
        if not hasattr(self, "n_batches_"):
            return self.fit(X)
        counts = self._check_counts(X, reset=False)
        n_tokens = float(counts.sum(dtype=np.float64))
        if not n_tokens:
            return self
        self.n_batches_ += 1
        self.n_tokens_ += n_tokens
        n_words = counts.shape[1]
        in_batch = np.zeros((n_words, len(self.components_)))
        rows = (counts.indptr, counts.indices, counts.data)
        kernels.add_expected_counts(*rows, self._word_topics(), self.transform(counts), in_batch)
        step = self.n_batches_**-STEP_DECAY
        # Both are estimates of the counts in all tokens so far.
        prior_mass = self.word_prior * n_words
        topic_mass = self.topic_shares_ * (self.n_tokens_ - n_tokens)
        before = self.components_.T * (topic_mass + prior_mass) - self.word_prior
        before *= self.n_tokens_ / (self.n_tokens_ - n_tokens)
        n_wk = (1 - step) * before + step * in_batch * (self.n_tokens_ / n_tokens)
        n_wk = np.maximum(n_wk, 0)
        self.topic_shares_ = n_wk.sum(axis=0) / n_wk.sum()
        smoothed = n_wk.T + self.word_prior
        self.components_ = smoothed / smoothed.sum(axis=1, keepdims=True)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Infer the mixtures of documents, topics held fixed.

        Parameters
        ----------
        X : array or sparse matrix of shape (n_documents, n_words)

        Returns
        -------
        ndarray of shape (n_documents, n_components), float64
            Rows sum to 1. A document without words gets the prior.
        """
        check_is_fitted(self)
        counts = self._check_counts(X, reset=False)
        mixtures = np.empty((counts.shape[0], len(self.components_)))
        kernels.infer_mixtures(
            counts.indptr,
            counts.indices,
            counts.data,
            self._word_topics(),
            self.document_prior_.astype(np.float32),
            100,
            1e-4,
            mixtures,
        )
        return mixtures

    def fit_transform(self, X: ArrayLike, y: object = None, **fit_params: Any) -> np.ndarray:
        """Learn topics and return the mixtures, exactly as :meth:`transform` would."""
        return self.fit(X, y, **fit_params).transform(X)

    def score(self, X: ArrayLike, y: object = None) -> float:
        """Return the mean log probability of a token, its document's own mixture given.

        Natural logarithm, at most 0. The mixture is inferred from the same words, so this flatters
        large numbers of topics; :func:`artstylenet.selection.held_out_perplexity` does not.
        """
        check_is_fitted(self)
        counts = self._check_counts(X, reset=False)
        if not counts.nnz:
            raise ValueError("X holds no words: all counts are zero.")
        mixtures = self.transform(counts)
        likelihoods = document_log_likelihoods(counts, self.components_, mixtures)
        return float(likelihoods.sum() / counts.sum())

    def perplexity(self, X: ArrayLike) -> float:
        """Return exp(-score): at least 1, lower is better."""
        return float(np.exp(-self.score(X)))

    def _best_start(
        self, counts: sparse.csr_array, alpha: np.ndarray, rng: np.random.RandomState
    ) -> CollapsedState:
        """Return a start near given topics, a random one, or the best of several after a while."""
        if isinstance(self.init, str):
            clusters = cluster_documents(counts, len(alpha), rng)
            return CollapsedState.of_clusters(counts, clusters, len(alpha), rng)
        if self.init is not None:
            return CollapsedState.near(counts, self._given_topics(counts.shape[1]), alpha, rng)
        best = CollapsedState.random(counts, len(alpha), rng)
        if self.n_init == 1:
            return best
        best.run(alpha, self.word_prior, START_SWEEPS)
        for _ in range(self.n_init - 1):
            other = CollapsedState.random(counts, len(alpha), rng)
            other.run(alpha, self.word_prior, START_SWEEPS)
            best = max(best, other, key=lambda s: s.log_likelihood(alpha, self.word_prior))
        return best

    def _given_topics(self, n_words: int) -> np.ndarray:
        """Return `init` as topics by words, checked; rows sum to 1."""
        given = np.asarray(self.init, dtype=np.float64)
        if given.shape != (self.n_components, n_words):
            raise ValueError(
                f"init must be of shape {(self.n_components, n_words)}, topics by words; got "
                f"{given.shape}"
            )
        if not (np.isfinite(given).all() and (given >= 0).all() and given.any(axis=1).all()):
            raise ValueError("init must hold weights of 0 or more, and each topic a word")
        return given / given.sum(axis=1, keepdims=True)

    def _word_topics(self) -> np.ndarray:
        return np.ascontiguousarray(self.components_.T, dtype=np.float32)

    def _check_counts(self, X: ArrayLike, *, reset: bool) -> sparse.csr_array:
        checked = validate_data(
            self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=reset
        )
        check_non_negative(checked, f"{type(self).__name__} (counts of words)")
        return as_counts(checked)

    def _check_parameters(self) -> int:
        priors = ["word_prior"] if self.document_prior is None else ["document_prior", "word_prior"]
        problems = problems_with(self, whole=["n_components", "max_iter"], positive=priors)
        if isinstance(self.init, str) and self.init != "clusters":
            problems.append(f"init must be 'clusters', an array or None, got {self.init!r}")
        if not self.tol >= 0:
            problems.append(f"tol must be 0 or more, got {self.tol!r}")
        if problems:
            raise ValueError("; ".join(problems))
        return int(self.n_components)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        tags.input_tags.sparse = True
        return tags

    @property
    def _n_features_out(self) -> int:
        return len(self.components_)


class CollapsedState:
    """Posteriors of all entries and the counts that follow from them; names as in `kernels`."""

    def __init__(self, counts: sparse.csr_array, gamma: np.ndarray) -> None:
        self.counts = counts
        self.gamma = gamma
        n_topics = gamma.shape[1]
        self.n_dk = np.empty((counts.shape[0], n_topics), np.float32)
        self.n_wk = np.empty((counts.shape[1], n_topics), np.float32)
        self.n_k = np.empty(n_topics, np.float32)
        self.count()

    @classmethod
    def random(
        cls, counts: sparse.csr_array, n_topics: int, rng: np.random.RandomState
    ) -> CollapsedState:
        """Start with every entry undecided: a flat Dirichlet draw each."""
        return cls.drawn(counts, n_topics, rng, lambda draws, _: draws)

    @classmethod
    def near(
        cls,
        counts: sparse.csr_array,
        topic_words: np.ndarray,
        alpha: np.ndarray,
        rng: np.random.RandomState,
    ) -> CollapsedState:
        """Start every entry at its posterior under given topics, times an exponential draw."""
        word_topics = np.ascontiguousarray(topic_words.T, dtype=np.float32)
        mixtures = np.empty((counts.shape[0], len(alpha)))
        rows = (counts.indptr, counts.indices, counts.data)
        kernels.infer_mixtures(*rows, word_topics, alpha, 100, 1e-4, mixtures)
        documents = documents_of_entries(counts)

        def weigh(draws: np.ndarray, block: slice) -> np.ndarray:
            of_documents = mixtures[documents[block]].astype(np.float32)
            # A word that no given topic holds is undecided.
            return draws * (of_documents * word_topics[counts.indices[block]] + 1e-12)

        return cls.drawn(counts, len(alpha), rng, weigh)

    @classmethod
    def of_clusters(
        cls,
        counts: sparse.csr_array,
        clusters: np.ndarray,
        n_topics: int,
        rng: np.random.RandomState,
    ) -> CollapsedState:
        """Start half of every entry in the topic of its document's cluster, the rest undecided."""
        documents = documents_of_entries(counts)

        def weigh(draws: np.ndarray, block: slice) -> np.ndarray:
            draws *= (1 - IN_CLUSTER) / draws.sum(axis=1, keepdims=True)
            draws[np.arange(len(draws)), clusters[documents[block]]] += IN_CLUSTER
            return draws

        return cls.drawn(counts, n_topics, rng, weigh)

    @classmethod
    def drawn(
        cls,
        counts: sparse.csr_array,
        n_topics: int,
        rng: np.random.RandomState,
        weigh: Callable[[np.ndarray, slice], np.ndarray],
    ) -> CollapsedState:
        """Start from exponential draws that `weigh` changes, block by block of entries.

        `weigh` gets draws of shape (n_entries_of_block, n_topics), float32, and the block; the
        rows it returns need not sum to 1. Blocks spare memory, several times that of the counts.
        """
        gamma = np.empty((counts.nnz, n_topics), np.uint16)
        for first in range(0, counts.nnz, ENTRIES_DRAWN):
            block = slice(first, min(first + ENTRIES_DRAWN, counts.nnz))
            draws = rng.exponential(size=(block.stop - first, n_topics)).astype(np.float32)
            weights = weigh(draws, block)
            weights *= kernels.POSTERIOR_LEVELS / weights.sum(axis=1, keepdims=True)
            gamma[block] = np.rint(weights)
        return cls(counts, gamma)

    def count(self) -> None:
        """Count anew from the posteriors: single precision drifts over many increments."""
        kernels.count_topics(*self._rows, self.gamma, self.n_dk, self.n_wk, self.n_k)

    def run(self, alpha: np.ndarray, word_prior: float, n_sweeps: int) -> float:
        """Sweep so many times; return the fraction of posterior mass that the last one moved."""
        moved = 1.0
        state = (self.gamma, self.n_dk, self.n_wk, self.n_k)
        for _ in range(n_sweeps):
            moved = kernels.sweep(*self._rows, *state, alpha, word_prior)
        return moved

    def topic_words(self, word_prior: float) -> np.ndarray:
        """Return the probability of each word in each topic, (n_topics, n_words), float64."""
        smoothed = self.n_wk.T.astype(np.float64) + word_prior
        return smoothed / smoothed.sum(axis=1, keepdims=True)

    def log_likelihood(self, alpha: np.ndarray, word_prior: float) -> float:
        """Return the log probability of all tokens under the documents' current mixtures."""
        mixtures = self.n_dk.astype(np.float64) + alpha
        mixtures /= mixtures.sum(axis=1, keepdims=True)
        topic_words = self.topic_words(word_prior)
        return float(document_log_likelihoods(self.counts, topic_words, mixtures).sum())

    @property
    def _rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self.counts.indptr, self.counts.indices, self.counts.data


def cluster_documents(
    counts: sparse.csr_array, n_clusters: int, rng: np.random.RandomState
) -> np.ndarray:
    """Return a cluster for each document, by k-means on the directions of square roots of counts.

    Square roots make Euclidean distance that of Hellinger; the leading directions are enough.

    Parameters
    ----------
    counts : csr_array of shape (n_documents, n_words), float32
    n_clusters : int
        Some stay empty if there are fewer different documents.
    rng : RandomState

    Returns
    -------
    ndarray of shape (n_documents,), int
    """
    n_documents, n_words = counts.shape
    if n_documents <= n_clusters:
        return np.arange(n_documents)
    directions = normalize(counts.sqrt())
    rank = min(CLUSTER_RANK, n_documents, n_words)
    left, values, _ = randomized_svd(directions, rank, random_state=rng)
    with warnings.catch_warnings():
        # Fewer different documents than clusters: the empty ones are left to the sweeps.
        warnings.simplefilter("ignore", ConvergenceWarning)
        kmeans = KMeans(n_clusters, n_init=CLUSTER_STARTS, random_state=rng)
        return np.asarray(kmeans.fit_predict(left * values))


def documents_of_entries(counts: sparse.csr_array) -> np.ndarray:
    """Return the row of every stored entry, in order: shape (n_entries,), int32."""
    documents = np.arange(counts.shape[0], dtype=np.int32)
    return np.repeat(documents, np.diff(counts.indptr))


def as_counts(X: Any) -> sparse.csr_array:
    """Return counts as CSR with sorted int32 indices and float32 values, zeros left out.

    Arrays are those of `X` if they are so already; `X` itself is never changed.
    """
    counts = sparse.csr_array(X, dtype=np.float32)
    if not (counts.has_canonical_format and counts.data.all()):
        counts = counts.copy()
        counts.sum_duplicates()
        counts.eliminate_zeros()
    counts.indices = counts.indices.astype(np.int32, copy=False)
    counts.indptr = counts.indptr.astype(np.int32, copy=False)
    return counts


def document_log_likelihoods(
    counts: sparse.csr_array, topic_words: np.ndarray, mixtures: np.ndarray
) -> np.ndarray:
    """Return the log probability of each document's tokens under a given mixture.

    Parameters
    ----------
    counts : csr_array of shape (n_documents, n_words), float32
    topic_words : ndarray of shape (n_topics, n_words)
        Rows sum to 1.
    mixtures : ndarray of shape (n_documents, n_topics), float64
        Rows sum to 1.

    Returns
    -------
    ndarray of shape (n_documents,), float64
        Natural logarithm, at most 0.
    """
    word_topics = np.ascontiguousarray(topic_words.T, dtype=np.float32)
    result = np.empty(counts.shape[0])
    rows = (counts.indptr, counts.indices, counts.data)
    kernels.log_likelihoods(*rows, word_topics, mixtures, result)
    return result


def learn_document_prior(n_dk: np.ndarray, alpha: np.ndarray, n_updates: int = 5) -> np.ndarray:
    """Re-estimate the asymmetric document prior by Minka's fixed point.

    Parameters
    ----------
    n_dk : ndarray of shape (n_documents, n_topics), float32
        Expected counts of topics.
    alpha : ndarray of shape (n_topics,), float32
        Pseudo-counts to start from.
    n_updates : int, default=5

    Returns
    -------
    ndarray of shape (n_topics,), float32
        Each at least 1e-3, so that no topic dies out.
    """
    lengths = n_dk.sum(axis=1, dtype=np.float64)
    for _ in range(n_updates):
        total = alpha.sum(dtype=np.float64)
        numerator = (digamma(n_dk + alpha) - digamma(alpha)).sum(axis=0, dtype=np.float64)
        denominator = (digamma(lengths + total) - digamma(total)).sum()
        alpha = np.maximum(alpha * numerator / denominator, 1e-3).astype(np.float32)
    return alpha
