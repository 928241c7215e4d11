"""From signed features to counts: nothing is lost, and small collections get words too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.decomposition import PCA

from artstylenet.style_model import BlockWords
from artstylenet.visual_words import Block, GridWords, ShiftedScores, SoftWords
from artstylenet.visual_words.grid_words import count_quarters


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    """200 rows of 6 features."""
    return np.random.default_rng(0).normal(size=(200, 6))


@pytest.fixture(scope="module")
def words(rows) -> SoftWords:
    """30 words of them."""
    return SoftWords(30, n_neighbors=4, n_tokens=12.5, random_state=0).fit(rows)


def test_every_row_gives_its_tokens_to_its_nearest_words(rows, words):
    counts = words.transform(rows).toarray()
    assert counts.shape == (200, 30)
    np.testing.assert_allclose(counts.sum(axis=1), 12.5, rtol=1e-5)
    distances = np.linalg.norm((rows / words.scale_)[:, None] - words.prototypes_, axis=2)
    for row in range(200):
        order = distances[row].argsort()
        assert (np.diff(counts[row, order[:4]]) <= 1e-4).all(), "nearer words get more"
        assert (counts[row, order[4:]] == 0).all(), "only the nearest get any"


def test_weights_fall_with_the_squared_distance_as_documented(rows, words):
    squared = ((rows[:1] / words.scale_ - words.prototypes_) ** 2).sum(axis=1)
    near = np.sort(squared)[:4]
    expected = np.exp(-(near - near[0]) / words.temperatures_[0])
    found = np.sort(words.transform(rows[:1]).data)[::-1]
    np.testing.assert_allclose(found, 12.5 * expected / expected.sum(), rtol=1e-4)


def test_vocabularies_share_the_tokens_and_differ(rows, words):
    model = SoftWords(30, n_neighbors=4, n_vocabularies=3, n_tokens=12, random_state=0).fit(rows)
    counts = model.transform(rows).toarray().reshape(200, 3, 30)
    np.testing.assert_allclose(counts.sum(axis=2), 4, rtol=1e-5)
    assert ((counts > 0).sum(axis=2) == 4).all()
    np.testing.assert_array_equal(model.first_words_, [0, 30, 60, 90])
    np.testing.assert_array_equal(model.prototypes_[:30], words.prototypes_)
    assert not np.allclose(model.prototypes_[30:60], model.prototypes_[:30])


def test_units_of_the_features_change_nothing(rows, words):
    other = SoftWords(30, n_neighbors=4, n_tokens=12.5, random_state=0).fit(1000 * rows)
    np.testing.assert_allclose(
        other.transform(1000 * rows).toarray(), words.transform(rows).toarray(), atol=1e-2
    )


def test_many_rows_are_counted_in_batches_as_if_at_once(words, rows, monkeypatch):
    at_once = words.transform(rows).toarray()
    monkeypatch.setattr("artstylenet.visual_words.soft_words.ROWS_AT_ONCE", 7)
    np.testing.assert_allclose(words.transform(rows).toarray(), at_once, rtol=1e-4, atol=1e-5)


def test_a_sample_of_many_rows_teaches_the_words(rows, monkeypatch):
    monkeypatch.setattr("artstylenet.visual_words.soft_words.MOST_EXAMPLES", 80)
    assert SoftWords(128, random_state=0).fit(rows).prototypes_.shape == (20, 6)


@pytest.mark.parametrize("n_rows", [1, 2, 3, 9])
def test_few_rows_make_few_words(rows, n_rows):
    model = SoftWords(128, random_state=0).fit(rows[:n_rows])
    counts = model.transform(rows[:n_rows])
    assert counts.shape == (n_rows, max(1, n_rows // 4))
    np.testing.assert_allclose(counts.sum(axis=1), 20, rtol=1e-5)


def test_rows_that_are_all_alike_get_the_same_words():
    counts = SoftWords(random_state=0).fit(np.ones((40, 3))).transform(np.ones((40, 3)))
    np.testing.assert_allclose(counts.sum(axis=1), 20, rtol=1e-5)
    assert (counts.toarray() == counts.toarray()[0]).all()


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"n_words": 0}, "n_words must be .* got 0"),
        ({"n_neighbors": 0}, "n_neighbors must be .* got 0"),
        ({"n_vocabularies": 0}, "n_vocabularies must be .* got 0"),
        ({"n_tokens": 0}, "n_tokens must be .* got 0"),
        ({"n_tokens": np.nan}, "n_tokens must be .* got nan"),
        ({"n_words": 0, "n_tokens": -1}, "n_words must be .*; n_tokens must be"),
    ],
)
def test_parameters_out_of_range_are_named_with_what_was_given(rows, parameters, named):
    with pytest.raises(ValueError, match=named):
        SoftWords(**parameters).fit(rows)


@pytest.mark.parametrize("spoilt", [np.nan, np.inf])
@pytest.mark.parametrize("words", [SoftWords(), ShiftedScores()])
def test_features_that_are_not_finite_are_refused(rows, words, spoilt):
    spoilt_rows = rows.copy()
    spoilt_rows[3, 2] = spoilt
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        words.fit(spoilt_rows)


def test_shifted_scores_lie_between_their_training_extremes(rows):
    scores = ShiftedScores().fit(rows)
    shifted = scores.transform(rows)
    np.testing.assert_allclose(shifted.min(axis=0), 0)
    np.testing.assert_allclose(shifted.max(axis=0), 1)
    np.testing.assert_array_equal(
        scores.transform(10 * rows).clip(0, 1), scores.transform(10 * rows)
    )
    np.testing.assert_array_equal(ShiftedScores().fit_transform(np.ones((4, 2))), 0)


def test_grid_words_are_the_nearest_prototypes():
    rng = np.random.default_rng(0)
    local = rng.integers(-127, 128, (5, 196, 8)).astype(np.int8)
    model = GridWords(20, random_state=0).fit(local.reshape(-1, 8))
    assert model.prototypes_.shape == (20, 8)
    distances = np.linalg.norm(local[:, :, None].astype(float) - model.prototypes_, axis=3)
    np.testing.assert_array_equal(model.assign(local), distances.argmin(axis=2))
    assert model.assign(local).dtype == np.uint16


def test_grid_words_of_one_painting_of_one_colour():
    local = np.full((1, 196, 8), 3, np.int8)
    model = GridWords(512, random_state=0).fit(local[0])
    assert len(np.unique(model.assign(local))) == 1


def test_grid_words_are_learnt_from_a_sample(monkeypatch):
    monkeypatch.setattr("artstylenet.visual_words.grid_words.MOST_EXAMPLES", 50)
    cells = np.random.default_rng(0).normal(size=(500, 4))
    assert len(GridWords(512, random_state=0).fit(cells).prototypes_) == 5


def test_a_vocabulary_without_words_is_refused():
    with pytest.raises(ValueError, match=r"n_words must be .* got 0"):
        GridWords(0).fit(np.ones((20, 2)))


def test_quarters_are_counted_apart():
    grid = np.zeros((1, 4, 4), np.uint16)
    grid[0, :2, 2:] = 1
    grid[0, 2:, :2] = [[2, 2], [2, 0]]
    grid[0, 3, 3] = 2
    counts = count_quarters(grid.reshape(1, 16), 3).reshape(4, 3)
    np.testing.assert_array_equal(counts, [[4, 0, 0], [0, 4, 0], [1, 0, 3], [3, 0, 1]])


def test_quarters_hold_every_cell_once():
    grid_words = np.random.default_rng(0).integers(0, 7, (9, 196)).astype(np.uint16)
    counts = count_quarters(grid_words, 7).reshape(9, 4, 7)
    np.testing.assert_array_equal(counts.sum(axis=2), 49)
    expected = [np.bincount(words, minlength=7) for words in grid_words]
    np.testing.assert_array_equal(counts.sum(axis=1), expected)


def _fitted_block(block: Block, features: np.ndarray) -> BlockWords:
    return BlockWords(block, PCA(3), SoftWords(), random_state=0).fit(features)


FEATURES = np.random.default_rng(0).poisson(2.0, size=(50, 16))
WINDOWS = Block(
    "windows", 2, 14, n_parts=4, n_words=9, n_neighbors=2, n_tokens=5, scored_parts=(1, 2)
)
COUNTED = Block("grid", 2, 14, n_parts=4, counted=True, n_tokens=0.5, scored_parts=(1, 2))
WHOLE = Block("whole", 0, 16, n_words=9)


@pytest.mark.parametrize("block", [WINDOWS, COUNTED, WHOLE], ids=lambda block: block.name)
def test_words_of_a_picture_are_those_of_its_parts_together(block):
    model = _fitted_block(block, FEATURES)
    parts = model.transform_parts(FEATURES).toarray()
    assert parts.shape == (50 * block.n_parts, model.n_words_)
    together = parts.reshape(50, block.n_parts, -1).sum(axis=1)
    np.testing.assert_allclose(model.transform(FEATURES).toarray(), together, rtol=1e-5)


@pytest.mark.parametrize("block", [WINDOWS, COUNTED, WHOLE], ids=lambda block: block.name)
def test_words_shown_and_scored_are_all_the_words(block):
    model = _fitted_block(block, FEATURES)
    shown, scored = model.split(FEATURES)
    np.testing.assert_allclose(
        (shown + scored).toarray(), model.transform(FEATURES).toarray(), rtol=1e-5
    )


@pytest.mark.parametrize("block", [WINDOWS, COUNTED], ids=lambda block: block.name)
def test_the_parts_that_are_scored_are_those_named(block):
    model = _fitted_block(block, FEATURES)
    parts = model.transform_parts(FEATURES).toarray().reshape(50, 4, -1)
    shown, scored = model.split(FEATURES)
    np.testing.assert_allclose(shown.toarray(), parts[:, [0, 3]].sum(axis=1), rtol=1e-5)
    np.testing.assert_allclose(scored.toarray(), parts[:, [1, 2]].sum(axis=1), rtol=1e-5)


def test_a_block_left_out_neither_shows_nor_scores():
    block = Block("metric", 0, 16, n_words=9, left_out=(0,))
    shown, scored = _fitted_block(block, FEATURES).split(FEATURES)
    assert shown.nnz == scored.nnz == 0
    assert shown.shape == scored.shape == (50, 9)


def test_counts_are_weighted_and_only_their_columns_are_read():
    counts = _fitted_block(COUNTED, FEATURES).transform(FEATURES).toarray()
    columns = FEATURES[:, 2:14].reshape(50, 4, 3).sum(axis=1)
    np.testing.assert_allclose(counts, columns / 2)


def test_parts_get_their_shares_of_the_tokens():
    shared = replace(WINDOWS, shares=(16, 20))
    shares = np.random.default_rng(1).dirichlet(np.ones(4), 50)
    features = np.hstack([FEATURES, shares])
    parts = _fitted_block(shared, features).transform_parts(features)
    np.testing.assert_allclose(parts.sum(axis=1), (20 * shares).ravel(), rtol=1e-5)
    even = np.hstack([FEATURES, np.full((50, 4), 0.25)])
    np.testing.assert_allclose(
        _fitted_block(shared, even).transform(even).toarray(),
        _fitted_block(WINDOWS, FEATURES).transform(FEATURES).toarray(),
        rtol=1e-5,
    )


@pytest.mark.parametrize(
    "features", [np.ones((20, 16)), FEATURES[:1], FEATURES[:2]], ids=["constant", "one", "two"]
)
def test_blocks_that_say_nothing_still_give_their_tokens(features):
    model = _fitted_block(WINDOWS, features)
    np.testing.assert_allclose(model.transform(features).sum(axis=1), 20, rtol=1e-5)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"stop": 0}, "'windows' has 0 columns"),
        ({"n_parts": 5}, "'windows' has 12 columns, which are not 5 equal parts"),
        ({"n_parts": 0}, "n_parts of 1 or more, got 0 and 0"),
        ({"start": -4}, "start of 0 or more .* got -4"),
        ({"n_tokens": 0}, "positive n_tokens"),
        ({"n_words": 0}, "positive n_tokens, n_words"),
        ({"n_vocabularies": 0}, "n_vocabularies, got 20.0, 128, 5, 0"),
        ({"shares": (12, 15)}, "a column of shares for each of 4 parts, got .12, 15."),
        ({"scored_parts": (1, 4)}, "4 parts, but scored_parts names"),
        ({"left_out": (4,)}, "4 parts, but left_out names"),
        ({"scored_parts": (1, 2), "left_out": (2, 3)}, r"both scores and leaves out \[2\]"),
    ],
)
def test_blocks_that_make_no_sense_are_refused(wrong, named):
    with pytest.raises(ValueError, match=named):
        Block(**{"name": "windows", "start": 0, "stop": 12, "n_parts": 4, **wrong})


def test_cells_of_another_width_are_refused():
    words = GridWords(3, random_state=0).fit(FEATURES[:, :6])
    with pytest.raises(ValueError, match=r"n_cells, 6\).*got \(2, 9, 5\)"):
        words.assign(np.zeros((2, 9, 5), np.int8))
