"""What differs within paintings weighs less."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from artstylenet.visual_words import PartWhitening

N_PAINTINGS, N_PARTS = 120, 4


@pytest.fixture(scope="module")
def parts() -> np.ndarray:
    """Rows of parts: styles differ along column 0; sky and ground, more, along column 1."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(N_PAINTINGS, N_PARTS, 6)) / 4
    rows[:, :, 0] += (np.arange(N_PAINTINGS) % 2)[:, None] * 2
    rows[:, :, 1] += np.array([8.0, 8.0, -8.0, -8.0]) + rng.normal(size=(N_PAINTINGS, N_PARTS))
    return rows.reshape(-1, 6)


def test_clusters_are_of_paintings_not_of_places(parts):
    def agreement(rows):
        clusters = KMeans(2, n_init=3, random_state=0).fit_predict(rows)
        return adjusted_rand_score(np.repeat(np.arange(N_PAINTINGS) % 2, N_PARTS), clusters)

    assert agreement(parts) < 0.05
    assert agreement(PartWhitening(shrinkage=0.01).fit_transform(parts)) > 0.9


def test_without_shrinkage_parts_differ_equally_in_every_direction(parts):
    whitened = PartWhitening(shrinkage=1e-9).fit_transform(parts).reshape(N_PAINTINGS, N_PARTS, 6)
    differences = (whitened - whitened.mean(axis=1, keepdims=True)).reshape(-1, 6)
    np.testing.assert_allclose(differences.T @ differences / len(parts), np.eye(6), atol=1e-3)


def test_at_full_shrinkage_only_the_unit_changes(parts):
    matrix = PartWhitening(shrinkage=1.0).fit(parts).matrix_
    np.testing.assert_allclose(matrix, np.eye(6) * matrix[0, 0], atol=1e-6)


def test_few_paintings_are_trusted_less():
    rows = np.random.default_rng(0).normal(size=(4000, 6))
    few, many = (PartWhitening().fit(rows[:n]).shrinkage_ for n in (8, 4000))
    assert 0.2 < many < 0.25 < 0.85 < few < 1
    # Rows without structure: what few of them seem to say is chance, and is hardly listened to.
    matrix = PartWhitening().fit(rows[:8]).matrix_
    np.testing.assert_allclose(matrix / matrix[0, 0], np.eye(6), atol=0.2)


def test_order_of_the_paintings_changes_nothing(parts):
    shuffled = parts.reshape(N_PAINTINGS, N_PARTS, 6)[::-1].reshape(-1, 6)
    expected = PartWhitening().fit(parts).matrix_
    np.testing.assert_allclose(PartWhitening().fit(shuffled).matrix_, expected, rtol=1e-5)


@pytest.mark.parametrize("rows", [np.ones((8, 3)), np.arange(12.0).reshape(4, 3)])
def test_parts_that_never_differ_and_a_single_painting_give_finite_rows(rows):
    assert np.isfinite(PartWhitening().fit_transform(rows)).all()


@pytest.mark.parametrize(
    ("options", "rows", "named"),
    [
        ({}, np.ones((7, 3)), "4 parts, got n_samples=7"),
        ({"n_parts": 0}, np.ones((8, 3)), "n_parts must be .* got 0"),
        ({"shrinkage": 0}, np.ones((8, 3)), "shrinkage must be .* got 0"),
        ({"shrinkage": 1.5}, np.ones((8, 3)), "at most 1, got 1.5"),
        ({}, np.full((8, 3), np.nan), "NaN"),
    ],
)
def test_what_makes_no_sense_is_refused(options, rows, named):
    with pytest.raises(ValueError, match=named):
        PartWhitening(**options).fit(rows)
