"""Ten thousand damaged pictures through the workers of a build: none stops it."""

from __future__ import annotations

import collections
import os

import numpy as np
import pytest

from artstylenet.extraction import extract
from artstylenet.extraction.books import CRASHED
from artstylenet.feature_store import open_store
from tests.fake_backbone import FakeBackbone
from tests.torture.mutants import healthy_files, mutants

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
    print(f"{n_read} of {N_MUTANTS} read; skipped: {reasons.most_common()}")
    assert n_read + len(done.skipped) == N_MUTANTS
    assert done.skipped["reason"].str.len().gt(0).all()
    # Both kinds are there: the mutants are neither all harmless nor all hopeless.
    assert 0.05 * N_MUTANTS < n_read < 0.95 * N_MUTANTS
    crashed = done.skipped[done.skipped["reason"] == CRASHED]
    late = done.skipped[done.skipped["reason"].str.contains("longer than")]
    print(f"decoders crashed on {len(crashed)}, were late on {len(late)}")
    sizes = {
        image_hash: (width, height)
        for image_hash, width, height in _sizes(store, [h for h in done.hashes if h])
    }
    assert max(width * height for width, height in sizes.values()) < 1 << 30


def _sizes(store, hashes):
    table = store.table("fake")
    unique = sorted(set(hashes))
    for block, start in zip(table.read(unique, ["width", "height"]), range(0, 10**9, 1000)):  # noqa: B905
        yield from zip(
            unique[start : start + 1000], block["width"].tolist(), block["height"].tolist(),
            strict=True,
        )  # fmt: skip


def test_the_same_seed_makes_the_same_mutants_of_every_format():
    first, second = (list(mutants(60, seed=1)) for _ in range(2))
    assert first == second
    kinds = {name for name, _ in healthy_files()}
    assert {name.split("-", 1)[1].removesuffix(".jpg") for name, _ in first} == kinds
    assert len({data for _, data in first}) == len(first)
    assert np.mean([len(data) for _, data in first]) > 100
