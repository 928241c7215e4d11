"""Measures on spaces whose answer is known."""

import numpy as np
import pytest

from training.measures import (
    clustering,
    neighbour_vote_accuracy,
    recall_at_one,
    retrieval,
    unit_rows,
)

PAINTERS = np.repeat(["a", "b", "c", "d"], 12)
MOVEMENTS = np.repeat(["early", "late"], 24)


def planted(painter_weight, movement_weight, seed=0):
    """Descriptors that hold painter and movement in dimensions of their own."""
    rng = np.random.default_rng(seed)
    painter = np.eye(4)[np.repeat(np.arange(4), 12)]
    movement = np.eye(2)[np.repeat(np.arange(2), 24)]
    noise = 0.1 * rng.normal(size=(48, 5))
    return unit_rows(np.hstack([painter_weight * painter, movement_weight * movement, noise]))


def test_a_space_that_knows_painters_finds_them_all():
    found = retrieval(planted(1, 0), PAINTERS)
    assert found == {"p1": 1.0, "p10": 1.0, "map": 1.0}
    assert clustering(planted(1, 0), PAINTERS, n_seeds=2)["nmi"] == pytest.approx(1)


def test_knowing_the_painter_does_not_count_as_knowing_the_movement():
    signature, style = planted(1, 0), planted(0.2, 1)
    assert retrieval(signature, MOVEMENTS)["p10"] == 1
    assert retrieval(signature, MOVEMENTS, PAINTERS)["p10"] < 0.7
    assert retrieval(style, MOVEMENTS, PAINTERS)["p10"] == 1
    assert neighbour_vote_accuracy(signature, MOVEMENTS) == 1
    assert neighbour_vote_accuracy(signature, MOVEMENTS, PAINTERS) < 0.8
    assert neighbour_vote_accuracy(style, MOVEMENTS, PAINTERS) == 1


def test_a_label_that_only_one_painter_has_is_not_asked_about():
    labels = np.where(PAINTERS == "a", "alone", "shared")
    rows = unit_rows(np.where(PAINTERS[:, None] == "a", [1, 0.1], [0.1, 1]))
    assert retrieval(rows, labels, PAINTERS)["p10"] == 1


def test_average_precision_of_a_known_ranking():
    # Along an arc the first row sees: a match, a miss, a match; the last one a miss between.
    angles = np.array([0, 0.2, 0.5, 0.9])
    rows = unit_rows(np.column_stack([np.cos(angles), np.sin(angles)]))
    found = retrieval(rows, np.array(["x", "x", "y", "x"]))
    assert found["map"] == pytest.approx(np.mean([(1 + 2 / 3) / 2, (1 + 2 / 3) / 2, 7 / 12]))
    assert found["p1"] == pytest.approx(2 / 3)


def test_recall_finds_the_copy():
    gallery = planted(1, 1)
    index = np.array([3, 30])
    assert recall_at_one(gallery[index], gallery, index) == 1
    assert recall_at_one(gallery[index], gallery, index[::-1]) == 0
