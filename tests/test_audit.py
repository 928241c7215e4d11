"""Planted confounds are found, and a clean collection is left in peace."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from artstylenet.atlas import StyleAtlas
from artstylenet.audit import CONFOUNDS, audit_styles, novelty
from artstylenet.audit.confounds import holm
from artstylenet.datasets import make_paintings
from artstylenet.looks import Looks, measure_looks
from artstylenet.results import mixtures_table
from tests.toy_atlas import toy_atlas

N_PAINTINGS, N_STYLES, N_DRAWS, SIZE = 160, 4, 20, 96
FEWEST_MEMBERS = 24  # of a style of fewer, a third is too few to tell from chance


def jpeg(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def grey(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(pixels).convert("L").convert("RGB"))


def framed(pixels: np.ndarray) -> np.ndarray:
    picture = np.full((SIZE, SIZE, 3), (96, 66, 28), np.uint8)
    width = SIZE // 10
    inner = Image.fromarray(pixels).resize((SIZE - 2 * width, SIZE - 2 * width))
    picture[width:-width, width:-width] = np.asarray(inner)
    return picture


def tinted(pixels: np.ndarray) -> np.ndarray:
    return (0.6 * pixels + 0.4 * np.array([235, 170, 60])).astype(np.uint8)


CHANGES = {"grey": grey, "framed": framed, "tinted": tinted}


@cache
def made() -> tuple[np.ndarray, dict[str, Looks]]:
    """Return made paintings' mixtures, and their looks as they are and after each change."""
    paintings = make_paintings(N_PAINTINGS, N_STYLES, size=SIZE, random_state=0)
    sizes = np.full((N_PAINTINGS, 2), 800)
    looks = {
        name: measure_looks([jpeg(change(image)) for image in paintings.images], sizes)
        for name, change in {"clean": np.asarray, **CHANGES}.items()
    }
    return paintings.painting_styles, looks


@cache
def toy() -> StyleAtlas:
    return toy_atlas(N_PAINTINGS, N_STYLES)


def atlas_of(mixtures: np.ndarray) -> StyleAtlas:
    return replace(
        toy(),
        paintings=toy().paintings.copy(),
        painting_styles=mixtures_table(mixtures, toy().painting_styles.index),
        duplicates=toy().duplicates.iloc[:0],
    )


def a_third_of_a_style(mixtures: np.ndarray, style: int, rng: np.random.Generator) -> np.ndarray:
    members = np.flatnonzero(mixtures.argmax(axis=1) == style)
    return rng.choice(members, round(len(members) / 3), replace=False)


@pytest.mark.parametrize("confound", ["grey", "framed", "tinted", "small"])
def test_a_third_of_a_style_that_is_changed_is_found_in_every_draw(confound):
    mixtures, looks = made()
    for draw in range(N_DRAWS):
        rng = np.random.default_rng(draw)
        sizes = np.bincount(mixtures.argmax(axis=1), minlength=N_STYLES)
        style = int(rng.choice(np.flatnonzero(sizes >= FEWEST_MEMBERS)))
        changed = a_third_of_a_style(mixtures, style, rng)
        atlas, facts = atlas_of(mixtures), looks["clean"].facts.copy()
        if confound == "small":
            atlas.paintings.loc[changed, ["width", "height"]] //= 3
        else:
            facts[changed] = looks[confound].facts[changed]
        table = audit_styles(atlas, looks=replace(looks["clean"], facts=facts))
        found = table[table["badge"]]
        assert ((found["style"] == style) & (found["confound"] == confound)).any(), draw
        others = found[found["style"] != style]
        assert not len(others), others


def test_a_style_of_drawings_does_not_hide_the_grey_pictures_of_another():
    mixtures, looks = made()
    styles = mixtures.argmax(axis=1)
    first, second = np.argsort(-np.bincount(styles, minlength=N_STYLES), kind="stable")[:2]
    facts = looks["clean"].facts.copy()
    drawings = np.flatnonzero(styles == first)
    few = np.flatnonzero(styles == second)[: round((styles == second).sum() / 3)]
    for changed in (drawings, few):
        facts[changed] = looks["grey"].facts[changed]
    table = audit_styles(atlas_of(mixtures), looks=replace(looks["clean"], facts=facts))
    found = table[table["badge"]]
    assert set(zip(found["style"], found["confound"], strict=True)) == {
        (first, "grey"),
        (second, "grey"),
    }
    # The second is compared with what is neither.
    others = looks["clean"].fact("monochrome")[~np.isin(styles, (first, second))].mean()
    assert found.set_index("style").loc[second, "elsewhere"] == pytest.approx(others)


def test_clean_collections_have_findings_no_more_often_than_stated():
    mixtures, looks = made()
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(100):
        # Dealt anew, styles have nothing to do with pictures, whatever the pictures are.
        shuffled = rng.permutation(mixtures)
        mixed = {name: values.facts for name, values in looks.items()}
        facts = np.where(rng.random((N_PAINTINGS, 1)) < 0.2, mixed["grey"], mixed["clean"])
        facts = np.where(rng.random((N_PAINTINGS, 1)) < 0.1, mixed["framed"], facts)
        table = audit_styles(atlas_of(shuffled), looks=replace(looks["clean"], facts=facts))
        found += bool(table["badge"].any())
    assert found <= 5


def test_made_paintings_as_they_are_get_no_badge():
    mixtures, looks = made()
    assert not audit_styles(atlas_of(mixtures), looks=looks["clean"])["badge"].any()


def test_copies_and_single_painters_are_found():
    mixtures, looks = made()
    atlas = atlas_of(mixtures)
    first = np.flatnonzero(mixtures.argmax(axis=1) == 0)
    ids = atlas.paintings["id"].iloc[first[: len(first) // 2]]
    painters = atlas.paintings["painter"].where(mixtures.argmax(axis=1) != 1, "Ada Müller")
    atlas = replace(
        atlas,
        duplicates=pd.DataFrame({"group": 0, "id": ids, "path": ids, "kind": "same bytes"}),
        paintings=atlas.paintings.assign(painter=painters),
    )
    table = audit_styles(atlas, looks=looks["clean"]).set_index(["style", "confound"])
    assert table.loc[(0, "duplicates"), "badge"]
    assert table.loc[(1, "one painter"), "badge"]
    assert table.loc[(1, "one painter"), "detail"] == "Ada Müller"
    assert table["badge"].sum() == 2
    assert set(table.index.get_level_values("confound")) <= set(CONFOUNDS)


def test_without_painters_nothing_is_said_of_them():
    _, looks = made()
    atlas = replace(toy_atlas(N_PAINTINGS, N_STYLES, with_painters=False))
    table = audit_styles(atlas, looks=looks["clean"])
    assert "one painter" not in set(table["confound"])


def test_holm_by_hand():
    np.testing.assert_allclose(holm(np.array([0.01, 0.04, 0.03])), [0.03, 0.06, 0.06])
    np.testing.assert_allclose(holm(np.array([0.9, 0.9])), [1, 1])
    assert len(holm(np.array([]))) == 0


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_strangers_are_the_most_novel(seed):
    rng = np.random.default_rng(seed)
    atlas = toy_atlas()
    middles = rng.normal(size=(5, 16))
    vectors = atlas.painting_styles.to_numpy() @ middles + 0.05 * rng.normal(size=(60, 16))
    strangers = [7, 23, 41]
    vectors[strangers] = 3 * rng.normal(size=(3, 16))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    table = novelty(replace(atlas, descriptors=vectors.astype(np.float16)))
    ids = atlas.paintings["id"].to_numpy()
    assert set(table.index[:5]) >= set(ids[strangers])
    assert table["distance"].is_monotonic_decreasing
    assert table["novelty"].between(0, 1).all()
    assert table["ambiguity"].between(0, 1).all()


def test_a_painting_is_not_its_own_style():
    atlas = toy_atlas(6, 2)
    vectors = np.zeros((6, 16), np.float16)
    vectors[:, 0] = 1
    vectors[5] = np.eye(16)[3]
    mixtures = np.array([[1.0, 0.0]] * 5 + [[0.0, 1.0]])
    atlas = replace(
        atlas,
        painting_styles=mixtures_table(mixtures, atlas.painting_styles.index),
        descriptors=vectors,
    )
    table = novelty(atlas)
    assert table.index[0] == atlas.paintings["id"].iloc[5]
    assert table["distance"].iloc[0] > 0.9
