"""Ten thousand damaged pictures through the workers of a build: none stops it."""

from __future__ import annotations

import collections
import os
from collections.abc import Iterator

import numpy as np
import pytest

from artstylenet.extraction import extract
from artstylenet.extraction.books import CRASHED
from artstylenet.feature_store import FeatureStore, open_store
from artstylenet.imaging import decode_picture
from artstylenet.imaging.formats import READ, find_format
from tests.fake_backbone import FakeBackbone
from tests.torture.mutants import STRUCTURES, healthy_files, mutants
from tests.torture.telling import tell

pytestmark = pytest.mark.torture

N_MUTANTS = int(os.environ.get("ARTSTYLENET_MUTANTS", "10000"))


def gentle() -> FakeBackbone:
    """A network that does nothing: decoders are what is tested."""
    return Gentle()


class Gentle(FakeBackbone):
    @staticmethod
    def _misbehave(colour: tuple[int, ...]) -> None:
        """Let every colour pass."""


def test_every_damaged_picture_is_read_or_skipped_with_a_reason(tmp_path):
    folder = tmp_path / "mutants"
    folder.mkdir()
    names = []
    for name, data in mutants(N_MUTANTS):
        (folder / name).write_bytes(data)
        names.append(name)
    store = open_store(tmp_path / "store")
    done = extract(folder, names, gentle, store, n_jobs=2, time_limit=20)
    reasons = collections.Counter(reason.split(":")[0] for reason in done.skipped["reason"])
    n_read = sum(image_hash is not None for image_hash in done.hashes)
    assert n_read + len(done.skipped) == N_MUTANTS
    assert done.skipped["reason"].str.len().gt(0).all()
    # Both kinds are there: the mutants are neither all harmless nor all hopeless.
    assert 0.05 * N_MUTANTS < n_read < 0.95 * N_MUTANTS
    crashed = done.skipped[done.skipped["reason"] == CRASHED]
    late = done.skipped[done.skipped["reason"].str.contains("longer than")]
    tell(
        f"pictures: {N_MUTANTS} damaged ones of {len(list(healthy_files()))} flavours, {n_read} "
        f"read; {len(crashed)} crashed a decoder, {len(late)} were late; others "
        + ", ".join(f"{reason} {n}" for reason, n in reasons.most_common())
    )
    sizes = stored_sizes(store, [one for one in done.hashes if one])
    assert max(width * height for width, height in sizes) < 1 << 30


def stored_sizes(store: FeatureStore, hashes: list[str]) -> Iterator[tuple[int, int]]:
    for block in store.table("fake").read(sorted(set(hashes)), ["width", "height"]):
        yield from zip(block["width"].tolist(), block["height"].tolist(), strict=True)


def test_every_format_that_is_read_is_damaged():
    originals = dict(healthy_files())
    for data in originals.values():
        decode_picture(data, 32)
    assert {find_format(data) for data in originals.values()} == set(READ)
    # Each structure is that of its files: taken apart and put together they are as before.
    for name, data in originals.items():
        if name.split("-")[0] in STRUCTURES:
            take_apart, put_together = STRUCTURES[name.split("-")[0]]
            assert put_together(take_apart(data)) == data


def test_the_same_seed_makes_the_same_mutants_of_every_format():
    kinds = {name for name, _ in healthy_files()}
    first, second = (list(mutants(2 * len(kinds), seed=1)) for _ in range(2))
    assert first == second
    assert {name.split("-", 1)[1].removesuffix(".jpg") for name, _ in first} == kinds
    assert len({data for _, data in first}) > 0.9 * len(first)
    assert np.mean([len(data) for _, data in first]) > 100
