"""The consensus: steadier than any single fit, and honest about what it does not know."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.decomposition import NMF

from artstylenet.consensus import Consensus, fit_consensus
from artstylenet.selection import mean_stability
from artstylenet.style_model import StyleModel
from artstylenet.topics import CollapsedTopics
from tests.planted_counts import as_csr, plant, recovery

NOISY = plant(160, 6, n_words=80, n_tokens=40, prior=0.4, word_prior=0.3)
COUNTS = as_csr(NOISY.counts)


def model_of_counts(**options) -> StyleModel:
    """Return a model that needs no features, whose fits disagree: random starts on noisy counts."""
    model = StyleModel(6, **({"topics": CollapsedTopics(n_init=4)} | options))
    model.block_words_, model.n_features_in_ = [], COUNTS.shape[1]
    return model


@pytest.fixture(scope="module")
def consensus() -> Consensus:
    """Agreed on by five fits of noisy data."""
    return fit_consensus(model_of_counts(), COUNTS, random_state=100)


def test_it_is_steadier_over_seeds_than_single_fits(consensus):
    single = [
        model_of_counts().fit_styles(COUNTS, seed).mixtures(COUNTS) for seed in range(0, 40, 10)
    ]
    agreed = [
        fit_consensus(model_of_counts(), COUNTS, random_state=seed).painting_styles
        for seed in range(0, 40, 10)
    ]
    assert mean_stability(agreed) > mean_stability(single) + 0.05


def test_it_recovers_planted_mixtures_no_worse_than_single_fits(consensus):
    single = [
        recovery(NOISY.mixtures, model_of_counts().fit_styles(COUNTS, seed).mixtures(COUNTS))
        for seed in range(100, 105)
    ]
    assert recovery(NOISY.mixtures, consensus.painting_styles) > np.mean(single)


def test_its_parts_are_aligned(consensus):
    model = consensus.model
    np.testing.assert_allclose(consensus.painting_styles.sum(axis=1), 1)
    np.testing.assert_array_equal(model.mixtures(COUNTS), consensus.painting_styles)
    np.testing.assert_allclose(model.style_words_.sum(axis=1), 1)
    assert (np.diff(consensus.painting_styles.mean(axis=0)) <= 0).all()
    assert consensus.uncertainty.shape == (160, 6)
    assert (consensus.uncertainty >= 0).all()
    assert consensus.style_stability.shape == (6,)
    assert (np.abs(consensus.style_stability) <= 1).all()


def test_its_topics_are_settled_as_averages_of_topics_are_not(consensus):
    topics = consensus.model.topics_
    averages = np.mean([member.style_words_ for member in consensus.members], axis=0)
    moved = []
    for start in (topics.components_, averages):
        settled = clone(topics).set_params(init=start).fit(COUNTS).components_
        moved.append(np.abs(settled - start).sum())
    assert moved[0] < 0.5 * moved[1]
    np.testing.assert_allclose(topics.topic_shares_.sum(), 1)
    # What each topic holds of the tokens follows from the words of all of them.
    words = COUNTS.sum(axis=0) / COUNTS.sum()
    np.testing.assert_allclose(topics.topic_shares_ @ topics.components_, words, atol=5e-4)


def test_uncertainty_is_the_spread_of_the_matched_members(consensus):
    # Styles that the members agree on are those whose weights they agree on.
    spread = consensus.uncertainty.mean(axis=0)
    assert spread[consensus.style_stability.argmax()] < spread[consensus.style_stability.argmin()]


def test_one_member_is_certain_of_itself():
    alone = fit_consensus(model_of_counts(), COUNTS, n_members=1, random_state=3)
    single = model_of_counts().fit_styles(COUNTS, 3)
    np.testing.assert_allclose(alone.painting_styles, single.mixtures(COUNTS), atol=1e-6)
    np.testing.assert_array_equal(alone.uncertainty, 0)
    np.testing.assert_allclose(alone.style_stability, 1)


def test_nothing_depends_on_the_number_of_threads(consensus):
    other = fit_consensus(model_of_counts(), COUNTS, random_state=100, n_jobs=3)
    np.testing.assert_array_equal(other.painting_styles, consensus.painting_styles)
    np.testing.assert_array_equal(other.uncertainty, consensus.uncertainty)


def test_the_model_given_is_left_as_it_was():
    model = model_of_counts()
    fit_consensus(model, COUNTS, n_members=2)
    assert not hasattr(model, "topics_")


@pytest.mark.parametrize(
    "topics", [CollapsedTopics(learn_prior=True), NMF(init="nndsvda", max_iter=500, tol=1e-2)]
)
def test_other_groupings_agree_too(topics):
    agreed = fit_consensus(model_of_counts(topics=topics), COUNTS, n_members=3)
    np.testing.assert_allclose(agreed.painting_styles.sum(axis=1), 1)
    assert (np.diff(agreed.painting_styles.mean(axis=0)) <= 0.01).all()
    assert (agreed.uncertainty >= 0).all()


def test_progress_counts_the_members():
    calls = []
    fit_consensus(
        model_of_counts(), COUNTS, n_members=3, progress=lambda *call: calls.append(call[1:])
    )
    assert calls[0] == (1, 3)
    assert all(b[0] == a[0] + 1 for a, b in pairwise(calls))
