"""From pictures to an atlas: planted mixtures come back, and so does the same atlas."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy import sparse

from artstylenet.atlas import StyleAtlas
from artstylenet.backbones import DEFAULT_MODEL
from artstylenet.build import (
    BuildSettings,
    build_atlas,
    describe_paintings,
    extract_collection,
    inputs_digest,
    possible_numbers,
    without_words,
)
from artstylenet.collection import Collection, read_collection
from artstylenet.datasets import make_paintings, write_paintings
from artstylenet.errors import InputError
from artstylenet.growing import refit_warm
from artstylenet.storage import load_atlas, save_atlas
from tests.planted_counts import recovery

N_PAINTINGS, N_PLANTED = 80, 4
SEEDS = (0, 1, 2)

pytestmark = pytest.mark.skipif(
    not DEFAULT_MODEL.exists(), reason=f"the default backbone is not there ({DEFAULT_MODEL.name})"
)


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """A feature store shared by all builds: no picture is seen twice by the network."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> dict[int, tuple[Collection, np.ndarray]]:
    """A collection of planted styles per seed, and its mixtures in the order of the paintings."""
    collections = {}
    for seed in SEEDS:
        drawn = make_paintings(N_PAINTINGS, N_PLANTED, size=224, random_state=seed)
        folder = write_paintings(drawn, tmp_path_factory.mktemp(f"made-{seed}"))
        collection = read_collection(folder)
        rows = [int(Path(path).stem) for path in collection.paintings["path"]]
        collections[seed] = collection, drawn.painting_styles[rows]
    return collections


@pytest.fixture(scope="module")
def build(made, store) -> Callable[..., StyleAtlas]:
    """Build an atlas of the collection of a seed, from the shared store."""

    def build(seed: int, n_styles: int | tuple[int, int], **options) -> StyleAtlas:
        options = {"random_state": seed, "n_jobs": 1, "store": store, **options}
        return build_atlas(made[seed][0], n_styles, **options)

    return build


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_mixtures_and_their_number_come_back_where_the_papers_recipe_fails(
    seed, made, build
):
    truth = made[seed][1]
    chosen = build(seed, (2, 7))
    assert abs(chosen.n_styles - N_PLANTED) <= 1
    # A planted style that has no match counts as not recovered at all.
    assert recovery(truth, chosen.painting_styles.to_numpy()) >= 0.8
    papers = build(seed, N_PLANTED, recipe="paper")
    assert recovery(truth, papers.painting_styles.to_numpy()) < 0.5


@pytest.fixture(scope="module")
def small(made, tmp_path_factory) -> Collection:
    """Twenty paintings of the first collection."""
    source = made[0][0]
    folder = tmp_path_factory.mktemp("small")
    for path in source.paintings["path"][:20]:
        (folder / path).parent.mkdir(exist_ok=True)
        shutil.copy(source.root / path, folder / path)
    return read_collection(folder)


@pytest.fixture(scope="module")
def small_atlas(small, store) -> StyleAtlas:
    """Their atlas."""
    return build_atlas(small, (2, 3), store=store, n_jobs=1, coherence=True)


def test_everything_is_aligned(small, small_atlas):
    atlas = small_atlas
    assert list(atlas.painting_styles.index) == list(atlas.paintings["id"])
    assert list(atlas.paintings["path"]) == list(small.paintings["path"])
    assert list(atlas.painter_styles.index) == list(atlas.painters["painter"])
    for name in ("word_counts", "grid_words", "descriptors", "map_positions", "uncertainty"):
        assert getattr(atlas, name).shape[0] == 20, name
    assert len(atlas.thumbnails) == 20
    np.testing.assert_allclose(atlas.painting_styles.sum(axis=1), 1)
    np.testing.assert_allclose(atlas.painter_styles.sum(axis=1), 1)
    assert atlas.styles["share"].is_monotonic_decreasing
    np.testing.assert_allclose(atlas.styles["share"], atlas.painting_styles.mean(axis=0))
    assert atlas.styles["coherence"].between(-1, 1).all()
    assert set(atlas.paintings["width"]) == {224}


def test_counts_in_the_atlas_are_those_that_gave_its_mixtures(small_atlas):
    counts = small_atlas.word_counts.astype(np.float32) / small_atlas.run["word_scale"]
    again = small_atlas.model.mixtures(counts)
    np.testing.assert_allclose(again, small_atlas.painting_styles, atol=0.01)


def assert_equal(first: StyleAtlas, second: StyleAtlas) -> None:
    """Compare what two builds found."""
    for field in ("paintings", "painting_styles", "painters", "painter_styles", "styles"):
        pd.testing.assert_frame_equal(getattr(first, field), getattr(second, field))
    for field in ("grid_words", "descriptors", "map_positions", "uncertainty"):
        np.testing.assert_array_equal(getattr(first, field), getattr(second, field), field)
    np.testing.assert_array_equal(first.word_counts.toarray(), second.word_counts.toarray())
    pd.testing.assert_frame_equal(first.selection.table, second.selection.table)
    assert first.thumbnails.to_pylist() == second.thumbnails.to_pylist()
    assert first.run == second.run


def test_the_same_seed_gives_the_same_atlas_from_another_store_with_more_jobs(
    small, small_atlas, tmp_path
):
    again = build_atlas(small, (2, 3), store=tmp_path, n_jobs=2, coherence=True)
    assert_equal(again, small_atlas)


def test_another_seed_gives_another_atlas(small, small_atlas, store):
    other = build_atlas(small, (2, 3), store=store, n_jobs=1, random_state=1)
    assert not np.array_equal(other.painting_styles, small_atlas.painting_styles)


def test_what_a_build_is_made_of_is_told_apart(small, store, monkeypatch):
    settings = BuildSettings()
    extracted = extract_collection(small, settings, store=store, n_jobs=1)
    retitled = replace(small, paintings=small.paintings.assign(title="Untitled"))
    digests = [
        inputs_digest(extracted, settings),
        inputs_digest(extracted, BuildSettings(seed=1)),
        inputs_digest(replace(extracted, collection=retitled), settings),
        inputs_digest(replace(extracted, hashes=extracted.hashes[::-1]), settings),
    ]
    monkeypatch.setattr("artstylenet.build.RECIPES_VERSION", 0)  # another version of this package
    digests.append(inputs_digest(extracted, settings))
    assert len(set(digests)) == len(digests)
    monkeypatch.undo()
    assert inputs_digest(extracted, settings) == digests[0]


def test_bad_files_are_skipped_and_duplicates_dropped_if_asked_for(small, store, tmp_path):
    shutil.copytree(small.root, tmp_path / "works")
    first = small.paintings["path"][0]
    shutil.copy(small.root / first, tmp_path / "works" / "copy.jpg")
    (tmp_path / "works" / "bad.jpg").write_bytes((small.root / first).read_bytes()[:500])
    collection = read_collection(tmp_path / "works")
    kept = build_atlas(collection, 2, store=store, n_jobs=1)
    assert kept.n_paintings == 21
    assert list(kept.skipped["path"]) == ["bad.jpg"]
    assert kept.duplicates["path"].tolist() == sorted(["copy.jpg", first])
    dropped = extract_collection(
        collection, BuildSettings((2, 2), duplicates="drop"), store=store, n_jobs=1
    )
    assert len(dropped.hashes) == len(dropped.collection.paintings) == len(dropped.sizes) == 20
    assert len(set(dropped.hashes)) == 20


def test_a_large_collection_is_streamed_and_its_planted_mixtures_come_back(
    made, build, monkeypatch, tmp_path
):
    monkeypatch.setattr("artstylenet.sampling.MOST_AT_ONCE", 60)
    monkeypatch.setattr("artstylenet.feature_store.BLOCK_ROWS", 16)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    atlas = build(0, N_PLANTED)
    assert atlas.run["notes"][-1].endswith("learnt from 60 paintings drawn at random.")
    assert recovery(made[0][1], atlas.painting_styles.to_numpy()) >= 0.8
    assert_equal(build(0, N_PLANTED, n_jobs=2), atlas)
    assert not list(tmp_path.iterdir())
    assert atlas.styles["share"].is_monotonic_decreasing
    again = refit_warm(atlas)
    assert recovery(atlas.painting_styles.to_numpy(), again.atlas.painting_styles.to_numpy()) > 0.9
    save_atlas(atlas, tmp_path / "atlas")
    assert_equal(load_atlas(tmp_path / "atlas"), atlas)


def test_a_collection_without_painters(small, store, tmp_path):
    for i, path in enumerate(small.paintings["path"]):
        shutil.copy(small.root / path, tmp_path / f"{i}.jpg")
    atlas = build_atlas(read_collection(tmp_path), 2, store=store, n_jobs=1)
    assert atlas.n_painters == len(atlas.painter_styles) == 0
    assert (atlas.styles["n_painters_dominant"] == 0).all()


def test_a_collection_that_cannot_be_read_at_all(tmp_path, store):
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"None of the 2 pictures .* can be read"):
        build_atlas(read_collection(tmp_path), 2, store=store, n_jobs=1)


def test_fewer_paintings_than_styles(small, store):
    with pytest.raises(InputError, match="20 paintings are too few for 16 styles"):
        build_atlas(small, 16, store=store, n_jobs=1)


def test_paintings_that_are_all_the_same_picture(tmp_path, store):
    for i in range(12):
        Image.new("RGB", (64, 64), (200, 40, 40)).save(tmp_path / f"{i}.png")
    atlas = build_atlas(read_collection(tmp_path), 2, store=store, n_jobs=1)
    np.testing.assert_allclose(
        atlas.painting_styles, atlas.painting_styles.iloc[[0] * 12], rtol=1e-5
    )


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"styles": (1, 4)}, "2 or more, got 1..4"),
        ({"styles": (6, 4)}, "2 or more, got 6..4"),
        ({"choose": "best"}, "one-se.*'best'"),
        ({"recipe": "soup"}, "default, paper; got 'soup'"),
        ({"duplicates": "hide"}, "keep or drop; got 'hide'"),
        ({"seed": -1}, "0 or more; got -1"),
        ({"components": 1.5}, "got 1.5"),
        ({"components": 0}, "got 0"),
        ({"recipe": "soup", "seed": -1}, "recipe must .*; seed must"),
    ],
)
def test_settings_out_of_range_are_refused(settings, named):
    with pytest.raises(InputError, match=named):
        BuildSettings(**settings)


@pytest.mark.parametrize(
    ("n_paintings", "numbers", "has_note"),
    [(1000, range(5, 21), False), (80, range(5, 21), False), (40, range(5, 11), True),
     (10, range(5, 6), True)],
)  # fmt: skip
def test_small_collections_try_fewer_numbers_and_say_so(n_paintings, numbers, has_note):
    tried, notes = possible_numbers((5, 20), n_paintings)
    assert tried == numbers
    assert bool(notes) is has_note


def test_columns_given_are_kept_under_a_name_that_is_free(small, store):
    given = small.paintings.assign(
        style="Baroque", entropy="high", hash="mine", width="50 cm", style_00="x", rights="CC0"
    )
    extracted = extract_collection(
        replace(small, paintings=given), BuildSettings((2, 2)), store=store, n_jobs=1
    )
    table = describe_paintings(extracted)
    assert table.columns.is_unique
    assert list(table.columns[:6]) == ["id", "path", "hash", "painter", "title", "year"]
    for name in ("style", "entropy", "hash", "width", "style_00"):
        assert list(table[f"given_{name}"]) == list(given[name])
    assert set(table["rights"]) == {"CC0"}
    assert set(table["width"]) == {224}


def test_paintings_without_words_are_named():
    counts = sparse.csr_array(np.eye(15, dtype=np.uint16))
    ids = [f"p{i}" for i in range(15)]
    assert without_words(ids, counts) == ()
    assert without_words(ids, sparse.csr_array(np.diag([1, 0, 3, 0, 1]))) == (
        "Without visual words, so that their mixture is only what is usual: p1, p3.",
    )
    (note,) = without_words(ids, sparse.csr_array((15, 4)))
    assert note.endswith("p8, p9 and 5 more.")
