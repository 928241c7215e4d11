"""Descriptors of parts: exact pooling, and guesses that tell parts apart."""

from __future__ import annotations

import numpy as np
import pytest

from artstylenet.backbones.features import channel_statistics
from artstylenet.visual_words import PartDescriptors
from artstylenet.visual_words.part_descriptors import pool_halves

SEEDS = (0, 1, 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_halves_are_pooled_exactly(seed):
    maps = np.random.default_rng(seed).random((3, 5, 8, 8)).astype(np.float32)
    quarters = [maps[:, :, r : r + 4, c : c + 4] for r in (0, 4) for c in (0, 4)]
    windows = np.stack([channel_statistics(quarter) for quarter in quarters], axis=1)
    left, right = maps[..., :4], maps[..., 4:]
    top, bottom = maps[:, :, :4], maps[:, :, 4:]
    expected = [channel_statistics(half) for half in (left, right, top, bottom)]
    np.testing.assert_allclose(pool_halves(windows), np.stack(expected, axis=1), atol=1e-5)


def planted(seed: int) -> tuple[np.ndarray, ...]:
    """Return windows and descriptors of plain pictures, descriptors of two kinds, mixed windows."""
    rng = np.random.default_rng(seed)
    styles = np.abs(rng.normal(size=(6, 20)))
    to_descriptor = rng.normal(size=(20, 8))
    kinds = rng.integers(6, size=300)
    windows = styles[kinds][:, None] * rng.uniform(0.9, 1.1, (300, 4, 20))
    descriptors = np.sqrt(windows.mean(axis=1)) @ to_descriptor
    descriptors /= np.linalg.norm(descriptors, axis=1, keepdims=True)
    mixed = styles[[0, 1, 0, 1]][None] * rng.uniform(0.9, 1.1, (20, 4, 20))
    plain = [descriptors[kinds == kind].mean(axis=0) for kind in (0, 1)]
    return windows, descriptors, np.stack(plain), mixed


@pytest.mark.parametrize("seed", SEEDS)
def test_parts_are_described_as_whole_pictures_of_their_kind(seed):
    windows, descriptors, plain, mixed = planted(seed)
    guesses = PartDescriptors().fit(windows, descriptors).transform(mixed)
    assert guesses.shape == (20, 8, 8)
    np.testing.assert_allclose(np.linalg.norm(guesses, axis=2), 1, rtol=1e-5)
    likeness = guesses @ plain.T
    # Quarters 0 and 2 and the left half are of one kind, the others of the other.
    assert (likeness[:, [0, 2, 4], 0] > likeness[:, [0, 2, 4], 1]).all()
    assert (likeness[:, [1, 3, 5], 1] > likeness[:, [1, 3, 5], 0]).all()
    assert likeness[:, 4, 0].mean() > 0.9


def test_few_paintings_and_constant_statistics_are_no_trouble():
    windows = np.ones((3, 4, 20))
    guesses = PartDescriptors().fit(windows, np.eye(3)).transform(windows)
    assert np.isfinite(guesses).all()
