"""Changes keep a picture a picture, and change it."""

import numpy as np
import pytest

from training.changes import FIXED, RANDOM, crop, frame, greyscale, half_size, random_change, squash


@pytest.fixture
def picture():
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (40, 60, 3), dtype=np.uint8)


@pytest.mark.parametrize("name", FIXED)
def test_every_fixed_change_gives_another_picture_and_leaves_the_first(name, picture):
    before = picture.copy()
    changed = FIXED[name](picture)
    assert changed.dtype == np.uint8
    assert changed.ndim == 3
    assert changed.shape[2] == 3
    assert changed.shape != picture.shape or (changed != picture).any()
    assert np.array_equal(picture, before)


@pytest.mark.parametrize("name", RANDOM)
def test_every_random_change_runs_on_any_shape(name):
    for shape in ((5, 9, 3), (64, 20, 3)):
        changed = RANDOM[name](np.full(shape, 90, np.uint8), np.random.default_rng(1))
        assert changed.dtype == np.uint8
        assert min(changed.shape) >= 1


def test_random_changes_repeat_with_their_seed(picture):
    one, two = (random_change(picture, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(one, two)


def test_greyscale_has_equal_channels(picture):
    grey = greyscale(picture)
    assert (grey[..., 0] == grey[..., 2]).all()


def test_shapes_are_as_asked(picture):
    assert crop(picture, 0.1).shape == (36, 54, 3)
    assert squash(picture, 0.75).shape == (40, 44, 3)
    assert squash(picture, 1.25).shape == (32, 60, 3)
    assert half_size(picture).shape == (20, 30, 3)
    framed = frame(picture, 0.1)
    assert framed.shape == (48, 68, 3)
    assert np.array_equal(framed[4:-4, 4:-4], picture)
