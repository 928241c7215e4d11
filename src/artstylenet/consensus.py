"""Several fits of the same number of styles -> one model that does not hang on a seed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.base import clone

from artstylenet.progress import Progress, silent
from artstylenet.selection import match_styles
from artstylenet.style_model import StyleModel
from artstylenet.topics import CollapsedTopics

MEMBERS = 5


@dataclass(frozen=True, eq=False)
class Consensus:
    """A model agreed on by several fits.

    Attributes
    ----------
    model : StyleModel
        Its styles are the members' matched styles, averaged (with other groupings than
        :class:`CollapsedTopics`: those of the member most like all others).
    painting_styles : ndarray of shape (n_paintings, n_styles), float64
        Mixtures by `model`; rows sum to 1.
    uncertainty : ndarray of shape (n_paintings, n_styles), float64
        Standard deviation of each weight over the members, styles matched.
    style_stability : ndarray of shape (n_styles,), float64
        Mean correlation of each style with its matches in the members, in [-1, 1].
    """

    model: StyleModel
    painting_styles: np.ndarray
    uncertainty: np.ndarray
    style_stability: np.ndarray


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
    agreed = members[centre]
    if isinstance(agreed.topics_, CollapsedTopics):
        found = [
            (member.topics_, member.style_order_[order])
            for member, order in zip(members, orders, strict=True)
        ]
        averages = {}
        for name in ("components_", "document_prior_", "topic_shares_"):
            matched_values = [getattr(topics, name)[order] for topics, order in found]
            averages[name] = np.mean(matched_values, axis=0)
        for name, average in averages.items():
            setattr(agreed.topics_, name, average)
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
    )


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
