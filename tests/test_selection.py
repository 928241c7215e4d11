"""Choosing the number of styles: planted numbers are found, and no elbow is made up."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import LatentDirichletAllocation

from artstylenet.selection import (
    Documents,
    Selection,
    agreed_elbow,
    choose_n_styles,
    conclude,
    find_elbow,
    given_number,
    held_out_perplexity,
    match_styles,
    mean_stability,
)
from artstylenet.topics import CollapsedTopics
from tests.planted_counts import as_csr, plant_documents

NUMBERS = range(2, 9)


@pytest.fixture(scope="module")
def documents() -> Documents:
    """150 paintings of 4 styles, four families of words each."""
    return plant_documents(150, 4, seed=0)


@pytest.fixture(scope="module")
def selection(documents) -> Selection:
    """What is chosen for them."""
    return choose_n_styles(documents, NUMBERS)


@pytest.mark.parametrize(
    ("n_paintings", "n_planted", "seed"),
    [(120, 3, 1), (120, 3, 2), (150, 4, 3), (150, 5, 4), (200, 6, 5)],
)
def test_the_planted_number_is_found_within_one(n_paintings, n_planted, seed):
    documents = plant_documents(n_paintings, n_planted, seed=seed)
    found = choose_n_styles(documents, NUMBERS, random_state=seed)
    assert abs(found.n_styles - n_planted) <= 1


def test_the_evidence_holds_together(selection):
    table = selection.table
    assert list(table["n_styles"]) == list(NUMBERS)
    assert selection.perplexities.shape == (5, len(NUMBERS))
    np.testing.assert_allclose(table["perplexity"], selection.perplexities.mean(axis=0))
    np.testing.assert_allclose(table["perplexity_low"], selection.perplexities.min(axis=0))
    np.testing.assert_allclose(table["perplexity_high"], selection.perplexities.max(axis=0))
    assert table["stability"].between(-1, 1).all()
    assert (table["standard_error"] >= 0).all()
    assert selection.minimum == table["n_styles"][table["perplexity"].idxmin()]
    assert selection.perplexities.max() < selection.unigram_perplexity
    assert str(selection.n_styles) in selection.reason


def test_styles_are_most_stable_at_the_planted_number(selection):
    table = selection.table.set_index("n_styles")
    assert table["stability"][4] > 0.95
    assert table["stability"][8] < 0.85


def test_nothing_depends_on_the_number_of_threads(documents, selection):
    other = choose_n_styles(documents, NUMBERS, n_jobs=3)
    pd.testing.assert_frame_equal(other.table, selection.table)
    np.testing.assert_array_equal(other.perplexities, selection.perplexities)
    assert other.reason == selection.reason


def test_another_seed_holds_out_other_paintings(documents, selection):
    other = choose_n_styles(documents, [2, 3], random_state=7)
    assert not np.array_equal(other.perplexities, selection.perplexities[:, :2])


def test_numbers_may_come_in_any_order_and_twice(documents):
    other = choose_n_styles(documents, [4, 2, 4, 3], n_seeds=2)
    assert list(other.table["n_styles"]) == [2, 3, 4]


def test_progress_counts_every_fit(documents):
    calls = []
    choose_n_styles(
        documents,
        [2, 3],
        n_seeds=2,
        progress=lambda stage, done, total: calls.append((done, total)),
    )
    assert calls == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_other_groupings_are_judged_the_same_way(documents):
    topics = LatentDirichletAllocation(max_iter=3)
    found = choose_n_styles(documents, [2, 4], n_seeds=2, topics=topics)
    assert 1 < found.perplexities.min() < found.unigram_perplexity


def test_a_number_that_is_given_is_kept_with_its_evidence(documents):
    found = given_number(documents, 5, n_seeds=2)
    assert (found.n_styles, found.rule) == (5, "given")
    assert found.reason == "5 styles, as asked for."
    assert 0 < found.table["stability"][0] < 1


def test_perplexity_of_a_perfect_guess_is_one():
    model = CollapsedTopics(2, random_state=0).fit(np.kron(np.eye(2), np.ones((9, 2))))
    model.components_ = np.array([[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]])
    shown, scored = as_csr(np.array([[1e6, 0, 0, 0]])), as_csr(np.array([[0, 3, 0, 0]]))
    # Of the words that are scored at all, the shown one's topic can only give this one.
    assert held_out_perplexity(model, shown, scored) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("numbers", "options", "named"),
    [
        ([], {}, r"2 or more, got \[\]"),
        ([1, 2], {}, r"2 or more, got \[1, 2\]"),
        ([121], {}, "121 styles .* 150 paintings, of which 30 are held out"),
        ([2], {"rule": "best"}, "auto, elbow, one-se, minimum, stable; got 'best'"),
        ([2], {"n_seeds": 1}, "n_seeds must be 2 or more, .* got 1"),
    ],
)
def test_what_cannot_be_tried_is_refused(documents, numbers, options, named):
    with pytest.raises(ValueError, match=named):
        choose_n_styles(documents, numbers, **options)


def test_paintings_without_words_that_score_are_refused(documents):
    silent = Documents(documents.words, documents.words, as_csr(np.zeros(documents.words.shape)))
    with pytest.raises(ValueError, match="the 30 held out of 150 have none in `scored`"):
        choose_n_styles(silent, [2])


def test_the_fewest_paintings_that_two_styles_take():
    few = plant_documents(7, 2, seed=0)
    assert choose_n_styles(few, [2]).n_styles == 2
    with pytest.raises(ValueError, match=r"3 styles .* 7 paintings, of which 5"):
        choose_n_styles(few, [3])


@pytest.mark.parametrize("elbow", [4, 6, 9])
def test_the_elbow_of_two_straight_lines_is_where_they_meet(elbow):
    numbers = np.arange(2, 15)
    curve = np.where(numbers < elbow, 100 + 20.0 * (elbow - numbers), 100 + elbow - numbers)
    assert find_elbow(numbers, curve) == elbow


@pytest.mark.parametrize(
    "curve",
    [
        np.linspace(100, 50, 12),
        np.linspace(50, 100, 12),
        np.full(12, 70.0),
        100 - np.arange(12.0) ** 2 / 2,
        np.linspace(100, 50, 12) ** 1.02,
    ],
    ids=["straight", "rising", "level", "ever steeper", "hardly bent"],
)
def test_no_elbow_is_made_up(curve):
    assert find_elbow(range(5, 17), curve) is None


def test_three_numbers_are_too_few_for_an_elbow():
    assert find_elbow([2, 3, 4], np.array([9.0, 2.0, 1.0])) is None


@pytest.mark.parametrize("seed", range(5))
def test_what_resamples_agree_on_is_steadier_than_the_elbow_of_one_curve(seed):
    numbers = np.arange(5, 21)
    rng = np.random.default_rng(seed)
    bend = 100 + 60 * np.exp(-(numbers - 5) / 5)
    resampled = bend + rng.normal(0, 1.0, (200, len(numbers)))
    elbow, agreement = agreed_elbow(numbers, resampled)
    truth = find_elbow(numbers, bend)
    assert abs(elbow - truth) <= 1
    single = np.array([find_elbow(numbers, row) or 0 for row in resampled])
    assert agreement == np.mean(abs(single - elbow) <= 1)
    near, exact = (
        {n: np.mean(abs(single - n) <= within) for n in numbers[1:-1].tolist()} for within in (1, 0)
    )
    finer = [n for n in near if n > elbow and near[n] >= 0.8 and exact[n] >= 0.25]
    assert not finer
    assert agreement == max(near.values()) or exact[elbow] >= 0.25


def test_of_neighbours_that_resamples_are_split_between_the_larger_is_the_elbow():
    numbers = np.arange(2, 9)
    bend = {n: np.where(numbers < n, 100 + 20.0 * (n - numbers), 100 + n - numbers) for n in (3, 4)}
    assert agreed_elbow(numbers, np.array([bend[3]] * 55 + [bend[4]] * 45)) == (4, 1.0)
    assert agreed_elbow(numbers, np.array([bend[3]] * 90 + [bend[4]] * 10)) == (3, 1.0)


@pytest.mark.parametrize("seed", range(5))
def test_resamples_of_a_straight_line_agree_on_no_elbow(seed):
    numbers = np.arange(5, 21)
    noise = np.random.default_rng(seed).normal(0, 1.0, (200, len(numbers)))
    assert agreed_elbow(numbers, np.linspace(100, 50, len(numbers)) + noise)[1] < 0.5
    assert agreed_elbow(numbers, np.tile(np.linspace(100, 50, 16), (9, 1))) == (None, 0.0)


FALLING = 40 + 100 / (np.arange(2, 10) - 1.0)
FLATTENING = np.array([90, 70, 52, 50, 50.1, 50.2, 50.3, 50.4])
STRAIGHT = np.linspace(90, 55, 8)


def conclude_from(
    curve: np.ndarray, stability: object = 0.5, *, rule: str = "auto", noise: float = 0.0
) -> Selection:
    """Conclude from a curve over 2..9 styles with a standard error of 0.5."""
    resampled = curve + noise * np.random.default_rng(0).normal(size=(50, len(curve)))
    table = pd.DataFrame(
        {
            "n_styles": np.arange(2, 10),
            "perplexity": curve,
            "standard_error": 0.5,
            "stability": np.broadcast_to(stability, 8),
        }
    )
    return conclude(table, curve[None], resampled, rule, 200.0)


STEADY_TO_SIX = np.array([1, 1, 0.95, 0.9, 0.85, 0.7, 0.6, 0.5])


@pytest.mark.parametrize(
    ("curve", "options", "rule", "n_styles", "said"),
    [
        (FLATTENING, {}, "one-se", 5, "within one standard error"),
        (FALLING, {}, "elbow", 4, "bends most at 4"),
        (FALLING, {"noise": 99}, "stable", 2, "No number gives stable styles"),
        (STRAIGHT, {"stability": STEADY_TO_SIX}, "stable", 6, "largest number .* 0.85"),
        (STRAIGHT, {"rule": "minimum"}, "minimum", 9, "lowest at 9"),
        (FALLING, {"rule": "one-se"}, "one-se", 9, "within one standard error"),
        (FALLING, {"rule": "stable", "stability": STEADY_TO_SIX}, "stable", 6, "other seeds"),
        (FALLING, {"rule": "elbow", "noise": 99}, "elbow", 4, "bends most at 4"),
        (STRAIGHT, {"rule": "elbow", "stability": STEADY_TO_SIX}, "stable", 6, "has no elbow"),
    ],
)
def test_every_rule_speaks_where_it_should_and_says_so(curve, options, rule, n_styles, said):
    found = conclude_from(curve, **options)
    assert (found.rule, found.n_styles) == (rule, n_styles)
    assert re.search(said, found.reason)
    assert "optimal" not in found.reason


def test_a_bend_that_comes_back_wins_over_a_tail_that_does_not():
    creeping = np.array([90, 70, 52, 51, 48, 46, 46.2, 46.1])
    loose_tail = np.array([0.5, 0.9, 1, 0.9, 0.8, 0.7, 0.7, 0.7])
    found = conclude_from(creeping, loose_tail)
    assert (found.rule, found.n_styles, found.one_standard_error) == ("elbow", 4, 7)
    assert "0.70, not 1.00" in found.reason
    steady = conclude_from(creeping, 0.9)
    assert (steady.rule, steady.n_styles) == ("one-se", 7)


def test_a_minimum_next_to_the_end_of_the_range_is_no_minimum():
    creeping = np.array([90, 87, 82, 80, 75, 74, 70, 71])
    steady_until_four = np.array([0.9, 0.9, 0.9, 0.8, 0.8, 0.7, 0.7, 0.7])
    found = conclude_from(creeping, steady_until_four, noise=3.0)
    assert (found.rule, found.n_styles, found.one_standard_error) == ("stable", 4, 8)


def test_a_curve_that_still_falls_is_called_a_choice_of_resolution():
    assert "choice of resolution" in conclude_from(FALLING).reason
    assert "choice of resolution" not in conclude_from(FLATTENING).reason


def test_matching_finds_a_shuffle():
    mixtures = np.random.default_rng(0).dirichlet(np.ones(5), 80)
    order = np.array([3, 0, 4, 1, 2])
    found, correlations = match_styles(mixtures, mixtures[:, order])
    np.testing.assert_array_equal(order[found], np.arange(5))
    np.testing.assert_allclose(correlations, 1)


def test_styles_that_never_vary_match_nothing():
    constant = np.full((20, 2), 0.5)
    assert match_styles(constant, constant)[1].tolist() == [0, 0]


def test_stability_is_one_for_the_same_and_near_zero_for_chance():
    rng = np.random.default_rng(0)
    same = rng.dirichlet(np.ones(3), 500)
    assert mean_stability([same, same[:, ::-1], same]) == pytest.approx(1)
    assert abs(mean_stability([rng.dirichlet(np.ones(3), 500) for _ in range(3)])) < 0.1
    assert np.isnan(mean_stability([same]))
