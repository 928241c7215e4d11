"""Words that come with the network: for one painting, or too few to learn any."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from artstylenet import build
from artstylenet.backbones import load_backbone
from artstylenet.build import build_atlas
from artstylenet.collection import read_collection
from artstylenet.counting import tabulate
from artstylenet.datasets import make_paintings, write_paintings
from artstylenet.errors import AtlasError
from artstylenet.placing import raw_features
from artstylenet.storage import load_atlas, save_atlas
from artstylenet.storage.vocabulary_file import (
    VOCABULARY_FILE,
    Vocabulary,
    read_vocabulary,
    vocabulary_of,
    write_vocabulary,
)

N_PAINTINGS = 24


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """Made paintings of three styles, (24, 224, 224, 3), uint8."""
    return make_paintings(N_PAINTINGS, 3, size=224, random_state=0).images


@pytest.fixture(scope="module")
def collection(tmp_path_factory):
    """The same on disk."""
    drawn = make_paintings(N_PAINTINGS, 3, size=224, random_state=0)
    return read_collection(write_paintings(drawn, tmp_path_factory.mktemp("made")))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A feature store."""
    return tmp_path_factory.mktemp("store")


def _count(vocabulary: Vocabulary, pictures: np.ndarray) -> np.ndarray:
    raw = raw_features(load_backbone(), pictures)
    features = tabulate([raw], vocabulary.space).features
    return vocabulary.model.count_words(features).toarray()


def test_the_vocabulary_is_of_the_network_beside_it():
    """Fails when the network is another: run `python -m training.words`."""
    key = load_backbone().key
    assert read_vocabulary().backbone == key
    assert vocabulary_of(key) is not None
    assert vocabulary_of("another") is None


def test_one_painting_gets_words_at_once(pictures):
    vocabulary = read_vocabulary()
    blocks = [words.block for words in vocabulary.model.block_words_]
    tokens = sum(block.n_tokens * (196 if block.counted else block.n_parts) for block in blocks)
    counts = _count(vocabulary, pictures[:1])
    assert counts.shape[0] == 1
    assert counts.sum() == pytest.approx(tokens, rel=1e-3)
    together = _count(vocabulary, pictures[:3])
    np.testing.assert_allclose(together[:1], counts, rtol=1e-4, atol=1e-4)


def test_a_vocabulary_comes_back_from_its_file(pictures, tmp_path):
    vocabulary = read_vocabulary()
    write_vocabulary(replace(vocabulary, backbone="other"), tmp_path / "words.npz")
    other = read_vocabulary(tmp_path / "words.npz")
    assert other.backbone == "other"
    np.testing.assert_array_equal(_count(other, pictures[:2]), _count(vocabulary, pictures[:2]))


def test_a_vocabulary_without_a_part_is_refused(tmp_path):
    with np.load(VOCABULARY_FILE) as file:
        arrays = {name: array for name, array in file.items() if "prototypes_" not in name}
        described = arrays["described"].tobytes().replace(b'"SoftWords"', b'"os.system"')
    arrays["described"] = np.frombuffer(described, np.uint8)
    np.savez(tmp_path / "words.npz", **arrays)
    with pytest.raises(AtlasError, match=r"names an estimator 'os\.system'"):
        read_vocabulary(tmp_path / "words.npz")


def test_a_small_collection_gets_the_words_of_the_network(collection, store, tmp_path):
    options = {"store": store, "n_jobs": 1}
    atlas = build_atlas(collection, 3, **options)
    shipped = read_vocabulary()
    for words, given in zip(atlas.model.block_words_, shipped.model.block_words_, strict=True):
        assert words.block == given.block
        if not words.block.counted:
            np.testing.assert_array_equal(words.words_.prototypes_, given.words_.prototypes_)
    assert any("come with the network" in note for note in atlas.run["notes"])
    again = load_atlas(save_atlas(atlas, tmp_path / "atlas"))
    np.testing.assert_array_equal(again.word_counts.toarray(), atlas.word_counts.toarray())


@pytest.mark.parametrize("options", [{"recipe": "paper"}, {"components": 0.9}, {}])
def test_words_are_learnt_where_asked_for_and_from_enough_paintings(
    collection, store, options, monkeypatch
):
    if not options:
        monkeypatch.setattr(build, "ENOUGH_FOR_WORDS", N_PAINTINGS)
    atlas = build_atlas(collection, 3, store=store, n_jobs=1, **options)
    assert not any("come with the network" in note for note in atlas.run["notes"])
    shipped = read_vocabulary().space.grid_words.prototypes_
    assert not np.array_equal(atlas.feature_space.grid_words.prototypes_, shipped)
