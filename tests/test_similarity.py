"""Which paintings are alike: symmetric, exact, and never the painting itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from artstylenet.errors import InputError, UnknownIdError
from artstylenet.similarity import (
    best_columns,
    nearest_paintings,
    similar_paintings,
    similar_to_new,
)

WAYS = ("styles", "features")


@pytest.fixture(scope="module")
def doubled(atlas):
    """An atlas in which paintings 10, 20, 30 and 59 are the same picture."""
    styles = atlas.painting_styles.copy()
    descriptors = atlas.descriptors.copy()
    for row in (20, 30, 59):
        styles.iloc[row] = styles.iloc[10]
        descriptors[row] = descriptors[10]
    return replace(atlas, painting_styles=styles, descriptors=descriptors)


def test_similarity_of_mixtures_is_symmetric_and_in_its_range(atlas):
    first, other = atlas.paintings["id"][[4, 7]]
    to_first = similar_paintings(atlas, first, n=60).set_index("id")["similarity"]
    to_other = similar_paintings(atlas, other, n=60).set_index("id")["similarity"]
    assert to_first[other] == pytest.approx(to_other[first], abs=1e-6)
    assert to_first.between(0, 1).all()


@pytest.mark.parametrize("by", WAYS)
def test_a_painting_is_not_similar_to_itself(atlas, by):
    for painting_id in atlas.paintings["id"][:5]:
        similar = similar_paintings(atlas, painting_id, by=by, n=1000)
        assert len(similar) == atlas.n_paintings - 1
        assert painting_id not in set(similar["id"])
        assert similar["similarity"].is_monotonic_decreasing
        np.testing.assert_array_equal(atlas.paintings["id"][similar.index], similar["id"])


@pytest.mark.parametrize("by", WAYS)
def test_duplicates_are_nearest_and_in_the_order_of_the_atlas(doubled, by):
    similar = similar_paintings(doubled, "toy-020", by=by, n=3)
    assert list(similar["id"]) == ["toy-010", "toy-030", "toy-059"]
    np.testing.assert_allclose(similar["similarity"], 1, atol=2e-3)
    np.testing.assert_array_equal(nearest_paintings(doubled, by=by, n=3)[20], [10, 30, 59])


def test_similarity_of_styles_is_one_less_hellinger_distance(atlas):
    similar = similar_paintings(atlas, "toy-004", n=60)
    mixtures = atlas.painting_styles.to_numpy()
    expected = 1 - np.linalg.norm(
        np.sqrt(mixtures[similar.index]) - np.sqrt(mixtures[4]), axis=1
    ) / (np.sqrt(2))
    np.testing.assert_allclose(similar["similarity"], expected, atol=1e-6)


def test_similarity_of_features_is_the_cosine_scaled_by_the_density_there(atlas):
    similar = similar_paintings(atlas, "toy-004", by="features", n=60)
    descriptors = atlas.descriptors.astype(float)
    cosine = descriptors @ descriptors.T
    np.fill_diagonal(cosine, -np.inf)
    usual = 1 - np.sort(cosine)[:, -5:].mean(axis=1)[similar.index]
    expected = 1 - (1 - cosine[4][similar.index]) * np.sqrt(usual.mean() / usual)
    np.testing.assert_allclose(similar["similarity"], expected, atol=1e-5)


@pytest.mark.parametrize("by", WAYS)
def test_block_by_block_is_the_same_as_one_by_one(doubled, by, monkeypatch):
    one_by_one = [
        similar_paintings(doubled, painting_id, by=by, n=7).index
        for painting_id in doubled.paintings["id"]
    ]
    for rows in (1, 7, 512):
        monkeypatch.setattr("artstylenet.similarity.ROWS_AT_ONCE", rows)
        np.testing.assert_array_equal(nearest_paintings(doubled, by=by, n=7), one_by_one)


def test_there_are_no_more_neighbours_than_other_paintings(atlas):
    assert nearest_paintings(atlas, n=1000).shape == (60, 59)


def test_ties_go_to_the_lower_column_also_where_the_cut_falls():
    rng = np.random.default_rng(0)
    similarity = rng.integers(0, 4, (50, 300)).astype(float)
    expected = np.argsort(-similarity, axis=1, kind="stable")
    for n in (0, 1, 5, 100, 300):
        np.testing.assert_array_equal(best_columns(similarity, n), expected[:, :n])


def test_a_new_painting_finds_the_one_it_copies(atlas):
    mixture = atlas.painting_styles.to_numpy()[17]
    assert similar_to_new(atlas, mixture=mixture, n=1)["id"].item() == "toy-017"
    descriptor = atlas.descriptors[17].astype(np.float32)
    assert similar_to_new(atlas, descriptor=descriptor, n=1)["id"].item() == "toy-017"


def test_an_unknown_painting_suggests_near_ones(atlas):
    with pytest.raises(UnknownIdError, match=r"no painting 'toy-0017'; did you mean toy-017"):
        similar_paintings(atlas, "toy-0017")
    with pytest.raises(UnknownIdError, match=r"no painting 'guernica'\."):
        similar_paintings(atlas, "guernica")


def test_of_many_paintings_those_that_begin_alike_are_suggested(atlas, monkeypatch):
    monkeypatch.setattr("artstylenet.metadata.MOST_COMPARED", 10)
    with pytest.raises(UnknownIdError, match=r"did you mean toy-00\d"):
        similar_paintings(atlas, "toy-00")
    with pytest.raises(UnknownIdError, match=r"no painting 'x-toy-017'\."):
        similar_paintings(atlas, "x-toy-017")


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda atlas: similar_paintings(atlas, "toy-000", n=0), "at least 1, got 0"),
        (lambda atlas: similar_paintings(atlas, "toy-000", by="size"), "not by 'size'"),
        (lambda atlas: nearest_paintings(atlas, by="size"), "not by 'size'"),
        (lambda atlas: similar_to_new(atlas), "either a mixture or a descriptor"),
        (
            lambda atlas: similar_to_new(atlas, mixture=np.ones(5) / 5, descriptor=np.ones(16)),
            "either a mixture or a descriptor",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(atlas, call, named):
    with pytest.raises(InputError, match=named):
        call(atlas)
