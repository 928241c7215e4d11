"""Several fits of the same number of styles -> one model that does not hang on a seed."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.base import clone

from artstylenet.counting import WORD_SCALE, as_tokens
from artstylenet.progress import Progress, silent
from artstylenet.selection import match_styles
from artstylenet.style_model import StyleModel
from artstylenet.topics import CollapsedTopics

MEMBERS = 5
ROWS_AT_ONCE = 5000


@dataclass(frozen=True, eq=False)
class Consensus:
    """A model agreed on by several fits.

    Attributes
    ----------
    model : StyleModel
        Its styles are those that the members' matched styles, averaged, settle to when they
        learn on (with other groupings than :class:`CollapsedTopics`: those of the member most
        like all others).
    painting_styles : ndarray of shape (n_paintings, n_styles), float64
        Mixtures by `model`; rows sum to 1.
    uncertainty : ndarray of shape (n_paintings, n_styles), float64
        Standard deviation of each weight over the members, styles matched.
    style_stability : ndarray of shape (n_styles,), float64
        Mean correlation of each style with its matches in the members, in [-1, 1].
    members : tuple of StyleModel
        The fits, their styles numbered as those of `model`.
    """

    model: StyleModel
    painting_styles: np.ndarray
    uncertainty: np.ndarray
    style_stability: np.ndarray
    members: tuple[StyleModel, ...]


def fit_consensus(
    model: StyleModel,
    word_counts: sparse.csr_array,
    *,
    n_members: int = MEMBERS,
    random_state: int = 0,
    n_jobs: int = 1,
    progress: Progress = silent,
) -> Consensus:
    """Fit the styles of a model whose words are learnt, with several seeds, and let them agree.

    Parameters
    ----------
    model : StyleModel
        With fitted words; it is not changed.
    word_counts : csr_array of shape (n_paintings, n_words), float32
    n_members : int, default=5
    random_state : int, default=0
    n_jobs : int, default=1
        Threads; the result does not depend on it.
    progress : callable, optional

    Returns
    -------
    Consensus
    """

    def fit(member: int) -> tuple[StyleModel, np.ndarray]:
        fitted = with_words(model).fit_styles(word_counts, random_state + member)
        return fitted, fitted.mixtures(word_counts)

    members, mixtures = [], []
    with ThreadPoolExecutor(n_jobs) as pool:
        for member, (fitted, mixture) in enumerate(pool.map(fit, range(n_members))):
            members.append(fitted)
            mixtures.append(mixture)
            progress("Fitting styles", member + 1, n_members)

    likeness = [
        np.mean([match_styles(one, other)[1].mean() for other in mixtures]) for one in mixtures
    ]
    centre = int(np.argmax(likeness))
    orders = [match_styles(mixtures[centre], mixture)[0] for mixture in mixtures]
    agreed = copy.copy(members[centre])
    if isinstance(agreed.topics_, CollapsedTopics) and n_members > 1:
        matched_styles = [
            member.topics_.components_[member.style_order_[order]]
            for member, order in zip(members, orders, strict=True)
        ]
        # Averages of topics are no topics of the data, and blurred: they are where to start.
        agreed.topics_ = clone(agreed.topics_).set_params(init=np.mean(matched_styles, axis=0))
        agreed.topics_.fit(word_counts)
        agreed.order_styles(word_counts)
        order_of = agreed.style_order_
    else:
        order_of = np.arange(len(agreed.style_words_))
    painting_styles = agreed.mixtures(word_counts)
    matched = [
        mixture[:, order][:, order_of] for mixture, order in zip(mixtures, orders, strict=True)
    ]
    correlations = [
        [_correlation(painting_styles[:, k], mixture[:, k]) for k in range(len(order_of))]
        for mixture in matched
    ]
    return Consensus(
        model=agreed,
        painting_styles=painting_styles,
        uncertainty=np.std(matched, axis=0),
        style_stability=np.mean(correlations, axis=0),
        members=tuple(
            _renumbered(member, order[order_of])
            for member, order in zip(members, orders, strict=True)
        ),
    )


def extend_consensus(
    consensus: Consensus,
    word_counts: sparse.csr_array,
    sample: np.ndarray,
    *,
    word_scale: float = WORD_SCALE,
    random_state: int = 0,
    n_jobs: int = 1,
    progress: Progress = silent,
) -> Consensus:
    """Return a consensus of a sample with the mixtures of all paintings.

    Its topics, if they are :class:`CollapsedTopics`, first learn from the others as a stream.

    Parameters
    ----------
    consensus : Consensus
        Of the sample; it is not changed.
    word_counts : csr_array of shape (n_paintings, n_words), uint16
        Of all, as kept; see :func:`artstylenet.counting.gather_counts`.
    sample : ndarray of int
        Rows that the consensus is of.
    word_scale : float, default=WORD_SCALE
        Counts are in units of one token divided by this.
    random_state : int, default=0
        Draws the order of the stream.
    n_jobs : int, default=1
        Threads; the result does not depend on it.
    progress : callable, optional

    Returns
    -------
    Consensus
        Styles are numbered by their share of all paintings. How stable they are is told by the
        sample, as before. Uncertainty is of half precision.
    """
    n_paintings, n_styles = word_counts.shape[0], consensus.painting_styles.shape[1]
    others = np.setdiff1d(np.arange(n_paintings), sample, assume_unique=True)
    stream = np.random.default_rng(random_state).permutation(others)
    batches = (
        as_tokens(word_counts[np.sort(stream[start : start + ROWS_AT_ONCE])], word_scale)
        for start in range(0, len(stream), ROWS_AT_ONCE)
    )
    model = taught(consensus.model, batches, max(1, len(sample) // ROWS_AT_ONCE))
    weights = np.empty((n_paintings, n_styles))
    spread = np.empty((n_paintings, n_styles), np.float16)

    def weigh(start: int) -> None:
        rows = slice(start, start + ROWS_AT_ONCE)
        tokens = as_tokens(word_counts[rows], word_scale)
        weights[rows] = model.mixtures(tokens)
        spread[rows] = np.std([one.mixtures(tokens) for one in consensus.members], axis=0)

    starts = range(0, n_paintings, ROWS_AT_ONCE)
    with ThreadPoolExecutor(n_jobs) as pool:
        for i, _ in enumerate(pool.map(weigh, starts)):
            progress("Weighing styles", i + 1, len(starts))
    order = np.argsort(-weights.mean(axis=0), kind="stable")
    return Consensus(
        model=_renumbered(model, order),
        painting_styles=weights[:, order],
        uncertainty=spread[:, order],
        style_stability=consensus.style_stability[order],
        members=tuple(_renumbered(member, order) for member in consensus.members),
    )


def taught(
    model: StyleModel, batches: Iterable[sparse.csr_array], n_batches_before: int
) -> StyleModel:
    """Return a model whose topics have learnt from a stream of documents, too.

    Parameters
    ----------
    model : StyleModel
        It is not changed. Topics other than :class:`CollapsedTopics` cannot learn more.
    batches : iterable of csr_array of shape (n_documents, n_words), float32
    n_batches_before : int
        Batches that what is known is worth: the first step is the smaller the more they are.

    Returns
    -------
    StyleModel
    """
    if not isinstance(model.topics_, CollapsedTopics):
        return model
    other = copy.copy(model)
    other.topics_ = copy.copy(model.topics_)
    other.topics_.n_batches_ = n_batches_before
    for batch in batches:
        other.topics_.partial_fit(batch)
    other.style_words_ = other.topics_.components_[other.style_order_]
    return other


def _renumbered(model: StyleModel, order: np.ndarray) -> StyleModel:
    """Return the model whose style k is style ``order[k]`` of this one."""
    other = copy.copy(model)
    other.style_order_ = model.style_order_[order]
    other.style_words_ = model.style_words_[order]
    return other


def with_words(model: StyleModel) -> StyleModel:
    """Copy a model with its fitted words, so that its styles can be fitted apart."""
    copy = clone(model)
    copy.block_words_ = model.block_words_
    copy.n_features_in_ = model.n_features_in_
    return copy


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Correlation, 0 where a column is constant."""
    if first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])
