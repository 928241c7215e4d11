"""Topics by CVB0: planted ones are found, and no peer finds better ones."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy import sparse
from sklearn.decomposition import LatentDirichletAllocation

from artstylenet.selection import held_out_perplexity, mean_stability
from artstylenet.topics import CollapsedTopics
from artstylenet.topics.estimator import learn_document_prior
from tests.planted_counts import Planted, as_csr, halves, plant, recovery

SEEDS = (0, 1, 2)
PRIOR, WORD_PRIOR = 0.3, 0.1


@pytest.fixture(scope="module")
def planted() -> Planted:
    """300 documents of 80 tokens from 4 topics."""
    return plant(prior=PRIOR, word_prior=WORD_PRIOR)


@pytest.fixture(scope="module")
def fitted(planted) -> CollapsedTopics:
    """What was learnt from them."""
    return CollapsedTopics(4, random_state=0).fit(planted.counts)


@pytest.mark.parametrize("init", [None, "clusters"])
@pytest.mark.parametrize("seed", SEEDS)
def test_planted_topics_are_recovered_up_to_their_order(seed, init):
    planted = plant(seed=seed)
    model = CollapsedTopics(4, document_prior=4 * PRIOR, init=init, random_state=seed)
    mixtures = model.fit_transform(planted.counts)
    assert recovery(planted.mixtures, mixtures) > 0.95
    assert recovery(planted.topics.T, model.components_.T) > 0.97


def test_what_is_learnt_are_distributions(planted, fitted):
    np.testing.assert_allclose(fitted.components_.sum(axis=1), 1)
    np.testing.assert_allclose(fitted.transform(planted.counts).sum(axis=1), 1)
    np.testing.assert_allclose(fitted.topic_shares_.sum(), 1)
    assert fitted.components_.min() > 0
    assert fitted.document_prior_.sum() == pytest.approx(2.4)


def test_shares_of_topics_are_those_of_the_tokens(planted, fitted):
    np.testing.assert_allclose(
        fitted.topic_shares_, fitted.transform(planted.counts).mean(axis=0), atol=0.02
    )


def test_learning_and_inferring_at_once_is_the_same_as_one_after_the_other(planted, fitted):
    at_once = CollapsedTopics(4, random_state=0).fit_transform(planted.counts)
    np.testing.assert_array_equal(at_once, fitted.transform(planted.counts))


@pytest.mark.parametrize("convert", [as_csr, sparse.csc_array, sparse.coo_matrix, np.float32])
def test_counts_may_come_in_any_container(planted, fitted, convert):
    other = CollapsedTopics(4, random_state=0).fit(convert(planted.counts))
    np.testing.assert_array_equal(other.components_, fitted.components_)
    np.testing.assert_array_equal(
        other.transform(convert(planted.counts)), fitted.transform(planted.counts)
    )


def test_counts_given_are_left_as_they_are(planted, fitted):
    stored_zero = sparse.csr_array(planted.counts.astype(np.float32))
    stored_zero.data[0] = 0
    before = stored_zero.copy()
    CollapsedTopics(2, max_iter=2).fit(stored_zero).transform(stored_zero)
    assert stored_zero.nnz == before.nnz
    np.testing.assert_array_equal(stored_zero.data, before.data)


def test_the_same_seed_is_the_same_result_with_other_fits_beside_it(planted):
    def fit(seed: int) -> np.ndarray:
        return CollapsedTopics(4, max_iter=20, random_state=seed).fit(planted.counts).components_

    alone = [fit(seed) for seed in SEEDS]
    with ThreadPoolExecutor(3) as pool:
        beside = list(pool.map(fit, SEEDS))
    np.testing.assert_array_equal(alone, beside)
    assert not np.array_equal(alone[0], alone[1])


def test_a_document_is_inferred_whatever_its_neighbours(planted, fitted):
    order = np.random.default_rng(0).permutation(len(planted.counts))
    together = fitted.transform(planted.counts)
    np.testing.assert_array_equal(fitted.transform(planted.counts[order]), together[order])
    np.testing.assert_array_equal(fitted.transform(planted.counts[[7]]), together[[7]])


def test_a_document_without_words_gets_the_prior(planted):
    model = CollapsedTopics(4, learn_prior=True, random_state=0).fit(planted.counts)
    prior = model.document_prior_ / model.document_prior_.sum()
    mixtures = model.transform(np.vstack([np.zeros(60), planted.counts[:1]]))
    np.testing.assert_allclose(mixtures[0], prior, rtol=1e-5)
    assert not np.allclose(mixtures[1], prior, atol=0.05)


def test_documents_without_words_change_nothing_for_the_others(planted, fitted):
    counts = np.vstack([planted.counts, np.zeros((5, 60))])
    other = CollapsedTopics(4, random_state=0).fit(counts)
    np.testing.assert_array_equal(other.components_, fitted.components_)


def test_many_tokens_overrule_the_prior_and_few_do_not(fitted):
    words = fitted.components_[2]
    few, many = fitted.transform(np.stack([words, 500 * words]))
    assert many.argmax() == 2
    assert many[2] > 0.95 > few[2]


def test_score_is_the_mean_log_probability_of_a_token(planted, fitted):
    probabilities = fitted.transform(planted.counts) @ fitted.components_
    expected = (planted.counts * np.log(probabilities)).sum() / planted.counts.sum()
    assert fitted.score(planted.counts) == pytest.approx(expected, rel=1e-5)
    assert fitted.perplexity(planted.counts) == pytest.approx(np.exp(-expected), rel=1e-4)


def test_more_sweeps_never_leave_the_fit_worse(planted):
    perplexities = [
        CollapsedTopics(4, max_iter=n, tol=0, random_state=0)
        .fit(planted.counts)
        .perplexity(planted.counts)
        for n in (1, 5, 20, 80)
    ]
    assert perplexities == sorted(perplexities, reverse=True)


@pytest.mark.parametrize("init", [None, "clusters"])
def test_a_fit_of_twelve_takes_at_most_four_times_the_memory_of_the_counts(init):
    counts = as_csr(np.random.default_rng(0).poisson(0.4, (4000, 300)))
    n_bytes = counts.data.nbytes + counts.indices.nbytes + counts.indptr.nbytes
    model = CollapsedTopics(12, max_iter=2, init=init, random_state=0)
    model.fit(counts[:50])  # what is compiled and imported is no matter of the counts
    tracemalloc.start()
    model.fit(counts)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * n_bytes


def test_sweeps_stop_once_little_moves(planted):
    early, never = (
        CollapsedTopics(4, max_iter=100, tol=tol, random_state=0).fit(planted.counts)
        for tol in (0.05, 0)
    )
    assert early.n_iter_ < never.n_iter_ == 100


def test_fractions_of_tokens_count_as_such(planted, fitted):
    counts = planted.counts[:20]
    tiny = counts / 1e4
    np.testing.assert_allclose(
        fitted.transform(tiny), np.full((20, 4), 0.25), atol=0.01, err_msg="almost no words"
    )
    assert fitted.perplexity(counts / 2) == pytest.approx(fitted.perplexity(counts), rel=0.05)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_learnt_prior_knows_rare_topics_from_common_ones(seed):
    alpha = np.array([1.5, 0.3, 0.3, 0.15])
    planted = plant(400, prior=alpha, n_tokens=100, seed=seed)
    symmetric, learnt = (
        CollapsedTopics(4, document_prior=2.25, learn_prior=learn, random_state=0)
        for learn in (False, True)
    )
    better = recovery(planted.mixtures, learnt.fit_transform(planted.counts))
    assert better > recovery(planted.mixtures, symmetric.fit_transform(planted.counts))
    np.testing.assert_allclose(np.sort(learnt.document_prior_)[::-1], alpha, atol=0.35)


def test_a_learnt_prior_is_learnt_to_the_end_though_little_moves():
    planted = plant(400, prior=np.array([1.5, 0.3, 0.3, 0.15]), n_tokens=100)
    priors = [
        CollapsedTopics(4, learn_prior=True, tol=tol, max_iter=200, random_state=0)
        .fit(planted.counts)
        .document_prior_
        for tol in (0.5, 0)
    ]
    np.testing.assert_allclose(*priors, rtol=0.1)


def test_the_fixed_point_finds_the_prior_of_known_mixtures():
    alpha = np.array([0.9, 0.3, 0.1])
    rng = np.random.default_rng(0)
    n_dk = rng.multinomial(500, rng.dirichlet(alpha, 3000)).astype(np.float32)
    found = learn_document_prior(n_dk, np.full(3, 1, np.float32), n_updates=200)
    np.testing.assert_allclose(found, alpha, rtol=0.06)


def test_no_topic_dies_of_a_learnt_prior(planted):
    model = CollapsedTopics(12, learn_prior=True, random_state=0).fit(planted.counts)
    assert model.document_prior_.min() >= 1e-3 * (1 - 1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_held_out_perplexity_is_that_of_scikit_learn_or_better(seed):
    learnt, shown, scored = _train_and_test(seed)
    ours = CollapsedTopics(
        4, document_prior=4 * PRIOR, word_prior=WORD_PRIOR, random_state=seed
    ).fit(learnt)
    theirs = LatentDirichletAllocation(
        4,
        doc_topic_prior=PRIOR,
        topic_word_prior=WORD_PRIOR,
        max_iter=25,
        random_state=seed,
    ).fit(learnt)
    assert held_out_perplexity(ours, shown, scored) < 1.01 * held_out_perplexity(
        theirs, shown, scored
    )


def test_held_out_perplexity_is_that_of_tomotopy_or_better():
    tomotopy = pytest.importorskip("tomotopy", reason="tomotopy is not installed (extra [dev])")
    learnt, shown, scored = _train_and_test(0)
    ours = CollapsedTopics(4, document_prior=4 * PRIOR, word_prior=WORD_PRIOR, random_state=0)
    theirs = tomotopy.LDAModel(k=4, alpha=PRIOR, eta=WORD_PRIOR, seed=1)
    theirs.optim_interval = 0
    for row in learnt.astype(int):
        theirs.add_doc([str(word) for word in np.repeat(np.arange(60), row)])
    theirs.train(300, workers=1)
    # Its topics in the words' own order; words that were never met keep the prior's share.
    words = np.array([int(word) for word in theirs.used_vocabs])
    peer = CollapsedTopics(4, document_prior=4 * PRIOR, random_state=0).fit(learnt)
    peer.components_ = np.full((4, 60), 1e-6)
    peer.components_[:, words] = [theirs.get_topic_word_dist(k) for k in range(4)]
    assert held_out_perplexity(ours.fit(learnt), shown, scored) < 1.01 * held_out_perplexity(
        peer, shown, scored
    )


def test_held_out_perplexity_comes_near_that_of_the_truth():
    learnt, shown, scored = _train_and_test(0)
    ours = CollapsedTopics(4, document_prior=4 * PRIOR, word_prior=WORD_PRIOR, random_state=0).fit(
        learnt
    )
    truth = CollapsedTopics(4, document_prior=4 * PRIOR, max_iter=1, random_state=0).fit(learnt)
    truth.components_ = plant(400, seed=0).topics
    uniform = np.exp(-(scored.sum() * np.log(1 / 60)) / scored.sum())
    assert held_out_perplexity(ours, shown, scored) < 1.03 * held_out_perplexity(
        truth, shown, scored
    )
    assert held_out_perplexity(ours, shown, scored) < 0.6 * uniform


def _train_and_test(seed: int) -> tuple[np.ndarray, sparse.csr_array, sparse.csr_array]:
    """Return counts to learn from, and the two halves of others."""
    counts = plant(400, prior=PRIOR, word_prior=WORD_PRIOR, seed=seed).counts
    shown, scored = halves(counts[300:])
    return counts[:300], as_csr(shown), as_csr(scored)


def _spoilt(value: float) -> np.ndarray:
    counts = np.ones((5, 4))
    counts[2, 1] = value
    return counts


@pytest.mark.parametrize(
    ("counts", "named"),
    [
        (_spoilt(-1), "[Nn]egative"),
        (_spoilt(np.nan), "NaN"),
        (_spoilt(np.inf), "infinity"),
        (np.zeros((5, 4)), "all counts are zero"),
        (np.full((5, 40), 1 / 40), "5 tokens of 40 words, n_samples=5: .*not frequencies"),
        (np.ones((0, 4)), "0 sample"),
    ],
)
def test_counts_that_cannot_be_used_are_refused(counts, named):
    with pytest.raises(ValueError, match=named):
        CollapsedTopics(2).fit(counts)


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"n_components": 0}, "n_components must be a positive integer, got 0"),
        ({"n_components": 2.5}, "n_components must be a positive integer, got 2.5"),
        ({"n_components": True}, "n_components must be a positive integer, got True"),
        ({"document_prior": 0}, "document_prior must be .* got 0"),
        ({"document_prior": np.nan}, "document_prior must be .* got nan"),
        ({"document_prior": np.inf}, "document_prior must be .* got inf"),
        ({"word_prior": -0.1}, "word_prior must be .* got -0.1"),
        ({"word_prior": "small"}, "word_prior must be .* got 'small'"),
        ({"max_iter": 0}, "max_iter must be .* got 0"),
        ({"max_iter": 1.5}, "max_iter must be .* got 1.5"),
        ({"init": "cluster"}, "init must be 'clusters', an array or None, got 'cluster'"),
        ({"tol": -1}, "tol must be .* got -1"),
        ({"max_iter": 0, "word_prior": 0}, "max_iter must be .*; word_prior must be"),
    ],
)
def test_parameters_out_of_range_are_named_with_what_was_given(parameters, named):
    with pytest.raises(ValueError, match=named):
        CollapsedTopics(**parameters).fit(np.ones((5, 4)))


def test_documents_of_another_vocabulary_are_refused(fitted):
    with pytest.raises(ValueError, match=r"61 features.*expecting 60"):
        fitted.transform(np.ones((2, 61)))


def test_a_score_of_no_words_is_refused(fitted):
    with pytest.raises(ValueError, match="all counts are zero"):
        fitted.score(np.zeros((3, 60)))


@pytest.mark.parametrize("init", [None, "clusters"])
@pytest.mark.parametrize("counts", [np.eye(3), np.ones((20, 4)), np.eye(4).repeat(5, axis=0)])
def test_more_topics_than_documents_or_words_still_give_distributions(counts, init):
    mixtures = CollapsedTopics(9, init=init, random_state=0).fit_transform(counts)
    np.testing.assert_allclose(mixtures.sum(axis=1), 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_starts_from_clusters_end_closer_to_each_other_than_random_ones(seed):
    # Twice the topics that are there: what is split, and how, is left to the start.
    counts = plant(prior=0.1, seed=seed).counts

    def agreement(init: str | None) -> float:
        fits = [
            CollapsedTopics(8, init=init, random_state=start).fit_transform(counts)
            for start in range(4)
        ]
        return mean_stability(fits)

    assert agreement("clusters") > agreement(None)
