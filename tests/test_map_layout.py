"""The map: paintings that look alike lie together, whatever their number."""

from __future__ import annotations

import numpy as np
import pytest

from artstylenet.map_layout import lay_out_map


def two_clouds(n: int) -> np.ndarray:
    """Return unit descriptors of two kinds, in turn."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(n, 12)) / 4
    rows[::2, 0] += 3
    rows[1::2, 1] += 3
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16)


def share_of_own_kind(places: np.ndarray) -> float:
    """Return how often the nearest place is of a painting of the same kind."""
    distances = np.linalg.norm(places[:, None] - places, axis=2)
    np.fill_diagonal(distances, np.inf)
    return float(np.mean(distances.argmin(axis=1) % 2 == np.arange(len(places)) % 2))


@pytest.fixture(scope="module")
def places() -> np.ndarray:
    """Places of 60 paintings of two kinds."""
    return lay_out_map(two_clouds(60))


def test_paintings_that_look_alike_lie_together(places):
    assert share_of_own_kind(places) > 0.95


def test_places_fill_the_unit_square_on_one_side(places):
    assert places.shape == (60, 2)
    assert places.dtype == np.float32
    np.testing.assert_allclose(places.min(axis=0), 0, atol=1e-6)
    assert places.max() == 1


def test_the_same_seed_gives_the_same_map(places):
    np.testing.assert_array_equal(lay_out_map(two_clouds(60)), places)


def test_above_the_limit_the_others_are_placed_among_a_sample(monkeypatch):
    monkeypatch.setattr("artstylenet.sampling.MOST_AT_ONCE", 50)
    places = lay_out_map(two_clouds(150))
    assert np.isfinite(places).all()
    assert share_of_own_kind(places) > 0.95


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 8])
def test_few_paintings_have_places_too(n):
    places = lay_out_map(two_clouds(8)[:n])
    assert places.shape == (n, 2)
    assert places.min() >= 0
    assert places.max() <= 1


def test_paintings_that_are_all_alike_have_places():
    assert np.isfinite(lay_out_map(np.ones((10, 4), np.float16))).all()
