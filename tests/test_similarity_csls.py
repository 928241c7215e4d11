"""Similar paintings: half-precision products, hubs put right, what is asked for and what is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from artstylenet.atlas import StyleAtlas
from artstylenet.errors import InputError, UnknownIdError
from artstylenet.neighbours import best_columns, densities, dot_products, scale_locally
from artstylenet.similarity import nearest_paintings, similar_paintings, similar_to_new
from tests.toy_atlas import toy_atlas


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def with_a_hub(seed: int, n: int = 600, n_hubs: int = 6) -> np.ndarray:
    """Return directions at random, the last few of them pulled towards the middle of all."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, 24)) + 0.5
    rows[-n_hubs:] = rng.normal(scale=0.25, size=(n_hubs, 24)) + 0.5
    return unit(rows).astype(np.float16)


def occurrences(vectors: np.ndarray, *, corrected: bool) -> np.ndarray:
    """Count how often each row is among the ten nearest of another."""
    cosine = vectors.astype(np.float32) @ vectors.astype(np.float32).T
    if corrected:
        cosine = scale_locally(cosine, densities(vectors, np.arange(len(vectors))))
    np.fill_diagonal(cosine, -np.inf)
    return np.bincount(best_columns(cosine, 10).ravel(), minlength=len(vectors))


def test_products_of_halves_are_those_of_singles() -> None:
    rng = np.random.default_rng(0)
    for scale in (1e-7, 1e-4, 1.0, 1e3):  # the first are subnormal
        rows = (scale * rng.normal(size=(50, 33))).astype(np.float16)
        vector = rng.normal(size=33).astype(np.float32)
        expected = rows.astype(np.float64) @ vector
        assert np.allclose(dot_products(rows, vector), expected, rtol=1e-4, atol=1e-5 * scale)


@pytest.mark.parametrize("value", [0.0, -0.0, 6e-8, -6e-8, 6.1e-5, -2.5, 65504.0, 1.0])
def test_every_kind_of_half_is_read(value: float) -> None:
    half = np.array([[value]], np.float16)
    assert dot_products(half, np.ones(1))[0] == np.float32(half[0, 0])


def test_rows_that_are_not_contiguous_are_read_all_the_same() -> None:
    rows = np.random.default_rng(0).normal(size=(20, 16)).astype(np.float16)
    vector = np.arange(8.0)
    assert np.allclose(dot_products(rows[::2, ::2], vector), rows[::2, ::2] @ vector, atol=0.05)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_hubs_are_in_fewer_lists_and_nothing_is_left_out_of_all(seed: int) -> None:
    vectors = with_a_hub(seed)
    plain = occurrences(vectors, corrected=False)
    corrected = occurrences(vectors, corrected=True)
    assert plain[-6:].min() > 30  # they are planted well
    assert corrected.max() < plain.max() / 2
    assert (corrected == 0).mean() < (plain == 0).mean()


def test_one_question_and_all_questions_have_the_same_answers() -> None:
    atlas = replace(toy_atlas(600), descriptors=with_a_hub(3))
    for by in ("styles", "features"):
        all_rows = nearest_paintings(atlas, by=by, n=5)  # type: ignore[arg-type]
        for row in (0, 17, 599):
            asked = atlas.paintings["id"].iloc[row]
            one = similar_paintings(atlas, asked, by=by, n=5)  # type: ignore[arg-type]
            assert one.index.tolist() == all_rows[row].tolist()


def test_best_first_and_never_the_painting_itself(atlas: StyleAtlas) -> None:
    for by in ("styles", "features"):
        found = similar_paintings(atlas, "toy-007", by=by, n=100)  # type: ignore[arg-type]
        assert len(found) == 59
        assert "toy-007" not in set(found["id"])
        assert found["similarity"].is_monotonic_decreasing


def test_a_picture_of_the_atlas_given_as_new_finds_itself(atlas: StyleAtlas) -> None:
    mixture = atlas.painting_styles.to_numpy()[5]
    by_styles = similar_to_new(atlas, mixture=mixture)
    assert by_styles["id"].iloc[0] == "toy-005"
    assert by_styles["similarity"].iloc[0] == pytest.approx(1, abs=1e-6)
    by_features = similar_to_new(atlas, descriptor=atlas.descriptors[5].astype(np.float32))
    assert by_features["id"].iloc[0] == "toy-005"


def test_a_copy_is_at_one_and_solitary_points_rise() -> None:
    cosine = np.array([1.0, 0.5, 0.5, 0.5])
    scaled = scale_locally(cosine, np.array([0.9, 0.8, 0.5, 1.0]))
    assert scaled[0] == 1
    assert scaled[2] > scaled[1] > scaled[3]
    assert np.isfinite(scale_locally(np.array([1 + 1e-7, -1.0]), np.ones(2))).all()
    level = np.full(4, 0.3)
    assert np.allclose(scale_locally(cosine, level), cosine)


@pytest.mark.parametrize("n", [2, 3])
def test_collections_of_a_few_paintings_do(n: int) -> None:
    atlas = toy_atlas(n)
    found = similar_paintings(atlas, "toy-000", by="features")
    assert len(found) == n - 1
    assert nearest_paintings(atlas, by="features").shape == (n, n - 1)
    assert densities(atlas.descriptors[:1], np.array([0])).tolist() == [0]


def test_what_cannot_be_answered_is_said(atlas: StyleAtlas) -> None:
    with pytest.raises(UnknownIdError, match="did you mean toy-007"):
        similar_paintings(atlas, "toy007")
    with pytest.raises(InputError, match="by 'styles' or 'features', not by 'colour'"):
        similar_paintings(atlas, "toy-007", by="colour")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="at least 1"):
        similar_paintings(atlas, "toy-007", n=0)
    with pytest.raises(InputError, match="either a mixture or a descriptor"):
        similar_to_new(atlas)
