"""The feature table: columns where the blocks say they are, learnt from any number of batches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from artstylenet.features import (
    N_DESCRIBED,
    PART_TOKENS,
    FeatureSpace,
    half_shares,
    last_stage_block,
    learn_feature_space,
    part_shares,
    rotate_dimensions,
    style_blocks,
)
from artstylenet.recipes import RECIPES, make_recipe
from artstylenet.visual_words import GridWords

STAGES = (4, 6, 8)
N_STATISTICS = 2 * sum(STAGES)
RNG = np.random.default_rng(0)
RAW = {
    "statistics": RNG.normal(size=(40, N_STATISTICS)).astype(np.float16),
    "windows": RNG.normal(size=(40, 4, 10)).astype(np.float16),
    "local": RNG.integers(-127, 128, (40, 196, 5)).astype(np.int8),
}
METRIC = {
    "descriptor": RNG.normal(size=(40, 18)).astype(np.float16),
    "part_descriptors": RNG.normal(size=(40, 8, 18)).astype(np.float16),
}


def batches(raw: dict[str, np.ndarray], size: int = 40):
    """Give raw features block by block."""

    def give() -> Iterator[dict[str, np.ndarray]]:
        for start in range(0, 40, size):
            yield {name: values[start : start + size] for name, values in raw.items()}

    return give


@pytest.fixture(scope="module", params=[False, True], ids=["statistics", "metric"])
def raw(request) -> dict[str, np.ndarray]:
    """Raw features without and with a learnt descriptor."""
    return {**RAW, **METRIC} if request.param else RAW


@pytest.fixture(scope="module")
def space(raw) -> FeatureSpace:
    """What is learnt from them."""
    return learn_feature_space(batches(raw), 40, n_grid_words=12)


def test_descriptors_are_unit_vectors(raw, space):
    descriptors = space.describe(raw)
    assert descriptors.shape[1] == (18 if "descriptor" in raw else N_STATISTICS)
    np.testing.assert_allclose(np.linalg.norm(descriptors, axis=1), 1, rtol=1e-4)


def test_a_descriptor_of_nothing_is_no_division_by_zero():
    space = FeatureSpace(GridWords())
    assert np.isfinite(space.describe({"descriptor": np.zeros((2, 4), np.float16)})).all()


def test_the_same_is_learnt_from_small_and_large_blocks(raw, space):
    other = learn_feature_space(batches(raw, size=7), 40, n_grid_words=12)
    np.testing.assert_array_equal(other.grid_words.prototypes_, space.grid_words.prototypes_)
    np.testing.assert_allclose(other.describe(raw), space.describe(raw), atol=1e-5)


def test_every_block_finds_its_columns(raw, space):
    words = space.grid_words.assign(raw["local"])
    table = space.tabulate(raw, words)
    blocks = style_blocks(
        STAGES,
        n_window_statistics=10,
        n_grid_words=12,
        n_descriptor=18 if "descriptor" in raw else 0,
    )
    named = {block.name: table[:, block.start : block.stop] for block in blocks}
    assert (named["grid"].reshape(40, 4, 12).sum(axis=2) == 49).all()
    if "descriptor" in raw:
        parts, whole = named["parts"][:, : 8 * 18], named["parts"][:, 8 * 18 :]
        expected = rotate_dimensions(space.describe(raw))
        np.testing.assert_allclose(whole, expected, atol=0.01)
        expected = rotate_dimensions(raw["part_descriptors"].astype(np.float32).reshape(-1, 18))
        np.testing.assert_allclose(parts, expected.reshape(40, 8 * 18), rtol=1e-3, atol=0.01)
    else:
        np.testing.assert_array_equal(named["windows"], raw["windows"].reshape(40, 40))
        stages = np.hstack([named[f"stage_{stage}"] for stage in range(3)])
        np.testing.assert_array_equal(stages, raw["statistics"])
    shares = [block.shares for block in blocks if block.shares]
    assert max([block.stop for block in blocks] + [last for _, last in shares]) == table.shape[1]
    if "descriptor" in raw:
        assert [(block.name, block.shares) for block in blocks if block.shares] == [
            ("parts", (table.shape[1] - N_DESCRIBED, table.shape[1]))
        ]
        shares = part_shares(raw["part_descriptors"].astype(np.float32))
        np.testing.assert_allclose(table[:, -N_DESCRIBED:], shares, atol=1e-3)


def test_a_quarter_a_half_and_the_whole_get_their_tokens():
    parts = np.random.default_rng(0).normal(size=(5, 8, 3)).astype(np.float32)
    tokens = PART_TOKENS * part_shares(parts)
    np.testing.assert_allclose(tokens[:, :4], 35, rtol=1e-5)
    np.testing.assert_allclose(tokens[:, 4:8], 60 * half_shares(parts), rtol=1e-5)
    np.testing.assert_allclose(tokens[:, 8], 8, rtol=1e-5)


def test_halves_of_two_looks_say_little():
    parts = np.zeros((2, 8, 3), np.float32)
    parts[0, :4] = np.eye(3)[[0, 1, 0, 1]]  # one look on the left, another on the right
    parts[1, :4] = np.eye(3)[0]
    shares = half_shares(parts)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-6)
    assert shares[0, :2].sum() > 0.98, "left and right"
    np.testing.assert_allclose(shares[1], 0.25, rtol=1e-6)


@pytest.mark.parametrize("n_descriptor", [0, 18])
def test_what_is_shown_and_what_is_scored_is_never_the_same(n_descriptor):
    blocks = style_blocks(
        STAGES, n_window_statistics=10, n_grid_words=12, n_descriptor=n_descriptor
    )
    scored = {block.name: block.scored_parts for block in blocks}
    assert any(scored.values())
    if n_descriptor:  # by region: the metric sees all of the picture
        assert scored["parts"] == scored["grid"] == (1, 2)
        parts = next(block for block in blocks if block.name == "parts")
        assert parts.left_out == (4, 5, 6, 7, 8), "halves and the whole see both sides"
    else:  # by stage: whole blocks
        assert [scored[f"stage_{s}"] for s in range(3)] == [(), (0,), ()]
        assert scored["windows"] == scored["grid"] == (0, 1, 2, 3)


def test_rotating_dimensions_keeps_what_they_say():
    rows = np.random.default_rng(1).normal(size=(30, 18)).astype(np.float32)
    rotated = rotate_dimensions(rows)
    np.testing.assert_allclose(rotated @ rotated.T, 18 * rows @ rows.T, rtol=1e-3, atol=1e-2)
    np.testing.assert_array_equal(rotated, rotate_dimensions(rows))


def test_the_papers_features_are_the_means_of_the_last_stage():
    statistics = np.arange(N_STATISTICS)
    block = last_stage_block(STAGES)
    np.testing.assert_array_equal(statistics[block.start : block.stop], np.arange(20, 28))


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_make_mixtures_of_the_table(raw, space, name):
    recipe = make_recipe(
        name,
        stage_channels=STAGES,
        n_window_statistics=10,
        n_descriptor=18 if "descriptor" in raw else 0,
        space=space,
        n_components=3,
    )
    table = space.tabulate(raw, space.grid_words.assign(raw["local"]))
    model = recipe.model.set_params(n_styles=2, random_state=0)
    mixtures = model.fit_transform(table)
    np.testing.assert_allclose(mixtures.sum(axis=1), 1)
    reduced = [
        words.reducer_.n_components_ for words in model.block_words_ if hasattr(words, "reducer_")
    ]
    assert set(reduced) == {3}


def test_a_recipe_that_is_not_known_names_those_that_are(space):
    with pytest.raises(ValueError, match="default, paper; got 'soup'"):
        make_recipe(
            "soup", stage_channels=STAGES, n_window_statistics=1, n_descriptor=0, space=space
        )
