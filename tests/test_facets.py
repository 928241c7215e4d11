"""One facet at a time: what is planted in one is found in that one."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from artstylenet.constraints import Constraints
from artstylenet.errors import InputError, UnknownIdError
from artstylenet.facets import (
    compare_by_facets,
    facet_contributions,
    facet_styles,
    similar_by_facets,
    similar_to_picture,
)
from artstylenet.facets.contributions import predicted_variance
from artstylenet.looks import measure_looks
from artstylenet.results import mixtures_table
from tests.planted_counts import recovery
from tests.toy_atlas import toy_atlas

N_PAINTINGS, SIZE = 72, 96
COLOURS = ((190, 70, 50), (60, 90, 180), (90, 150, 70))
GRAINS = (3, 8, 24)
LAYOUTS = ("above", "left", "middle")
KINDS = {"colour": COLOURS, "texture": GRAINS, "composition": LAYOUTS}


def draw(kinds: dict[str, int], rng: np.random.Generator) -> bytes:
    """Return a picture of one of three colours, grains and layouts, freely combined."""
    grain = GRAINS[kinds["texture"]]
    spots = rng.normal(0, 25, (SIZE // grain, SIZE // grain))
    noise = Image.fromarray(spots.astype(np.float32)).resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    y, x = np.indices((SIZE, SIZE)) / SIZE
    light = {
        "above": y < 0.45,
        "left": x < 0.45,
        "middle": np.hypot(y - 0.5, x - 0.5) < 0.3,
    }[LAYOUTS[kinds["composition"]]]
    pixels = np.array(COLOURS[kinds["colour"]]) * (0.6 + 0.5 * light[..., None])
    pixels = np.clip(pixels + np.asarray(noise)[..., None], 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


@pytest.fixture(scope="module", params=[0, 1, 2])
def planted(request):
    """An atlas of such pictures, and which of three each is in every facet, (n, 3)."""
    rng = np.random.default_rng(request.param)
    kinds = {facet: rng.integers(0, 3, N_PAINTINGS) for facet in KINDS}
    thumbnails = [
        draw({facet: int(kind[i]) for facet, kind in kinds.items()}, rng)
        for i in range(N_PAINTINGS)
    ]
    atlas = toy_atlas(N_PAINTINGS)
    return replace(atlas, thumbnails=pa.chunked_array([pa.array(thumbnails, pa.binary())])), kinds


@pytest.mark.parametrize("facet", KINDS)
def test_likeness_in_a_facet_is_likeness_in_what_was_planted_there(planted, facet):
    atlas, kinds = planted
    ids = atlas.paintings["id"]
    agreement = {
        other: np.mean(
            [
                (
                    kinds[other][similar_by_facets(atlas, ids[i], {facet: 1}, n=10).index]
                    == kinds[other][i]
                ).mean()
                for i in range(0, N_PAINTINGS, 6)
            ]
        )
        for other in KINDS
    }
    assert agreement[facet] > 0.9
    assert max(value for other, value in agreement.items() if other != facet) < 0.7


@pytest.mark.parametrize("facet", KINDS)
def test_styles_of_a_facet_are_what_was_planted_there(planted, facet):
    atlas, kinds = planted
    found = facet_styles(atlas, facet, 3).painting_styles
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert recovery(np.eye(3)[kinds[facet]], found.to_numpy()) > 0.75
    others = [
        recovery(np.eye(3)[kinds[other]], found.to_numpy()) for other in KINDS if other != facet
    ]
    assert max(others) < 0.6


@pytest.mark.parametrize("facet", KINDS)
def test_a_style_that_is_a_facet_is_told_by_that_facet(planted, facet):
    atlas, kinds = planted
    mixtures = 0.9 * np.eye(3)[kinds[facet]] + 0.1 / 3
    atlas = replace(atlas, painting_styles=mixtures_table(mixtures, atlas.painting_styles.index))
    contributions = facet_contributions(atlas)
    assert contributions.index.name == "style"
    assert (contributions.idxmax(axis=1) == facet).all()
    assert contributions[facet].min() > 0.5


def test_nothing_is_predicted_from_noise():
    rng = np.random.default_rng(0)
    explained = predicted_variance(rng.normal(size=(300, 10)), rng.normal(size=(300, 4)))
    assert explained.max() < 0.05


def test_parts_of_a_similarity_sum_to_it_and_weights_decide():
    atlas = toy_atlas()
    weights = {"features": 2, "colour": 1, "texture": 0, "composition": 1}
    found = similar_by_facets(atlas, "toy-004", weights, n=5)
    parts = [part for part, weight in weights.items() if weight]
    np.testing.assert_allclose(found[parts].sum(axis=1), found["similarity"], atol=1e-5)
    assert "texture" not in found
    assert "toy-004" not in set(found["id"])
    assert found["similarity"].is_monotonic_decreasing
    assert len(similar_by_facets(atlas, "toy-004", n=1000)) == 59


def test_constraints_hold_and_a_picture_from_outside_is_like_itself():
    atlas = toy_atlas()
    only = Constraints(where={"movement": ["Cubism"]})
    found = similar_by_facets(atlas, "toy-004", {"colour": 1}, n=50, constraints=only)
    assert set(atlas.paintings["movement"][found.index]) == {"Cubism"}
    thumbnail = atlas.thumbnails[4].as_py()
    looks = measure_looks([thumbnail], np.array([[1200, 900]]))
    nearest = similar_to_picture(atlas, looks, atlas.descriptors[4], n=1)
    assert nearest["id"].tolist() == ["toy-004"]
    assert nearest["similarity"].iloc[0] == pytest.approx(1, abs=1e-3)


def test_two_pictures_are_compared_part_by_part():
    atlas = toy_atlas()
    itself = compare_by_facets(atlas, "toy-004", "toy-004")
    np.testing.assert_allclose(itself["likeness"], 1, atol=1e-3)
    nearest = similar_by_facets(atlas, "toy-004", {"colour": 1}, n=1)["id"].iloc[0]
    assert compare_by_facets(atlas, "toy-004", nearest).loc["colour", "rank"] == 1


@pytest.mark.parametrize(
    ("weights", "problem"),
    [
        ({"colour": -1}, "0 or more, got colour=-1"),
        ({"colour": float("nan")}, "0 or more"),
        ({"colour": 0, "texture": 0}, "above 0"),
        ({}, "above 0"),
        ({"subject": 1, "colour": -2}, "no facet subject.*colour=-2"),
    ],
)
def test_weights_that_make_no_sense_are_refused(weights, problem):
    with pytest.raises(InputError, match=problem):
        similar_by_facets(toy_atlas(6, 2), "toy-001", weights)


def test_unknown_paintings_and_facets_are_refused():
    atlas = toy_atlas(6, 2)
    with pytest.raises(UnknownIdError, match="did you mean"):
        similar_by_facets(atlas, "toy-01")
    with pytest.raises(InputError, match="no facet 'subject'"):
        facet_styles(atlas, "subject")
    with pytest.raises(InputError, match="number of paintings"):
        facet_styles(atlas, "colour", 7)
    with pytest.raises(InputError, match="at least 1"):
        similar_by_facets(atlas, "toy-001", n=0)
