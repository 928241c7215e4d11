"""A metric learnt from planted differences."""

from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from training.measures import retrieval, unit_rows
from training.metric import MetricLesson, MetricSettings, bare_differences, learn_metric
from training.seams import SEAMED_PARTS

N_DIMENSIONS = 24
SETTINGS = MetricSettings(n_components=20, n_descriptor=8, shrinkage=0.1, floor=1.0)


def paintings(n_painters, seed, directions_seed=0):
    """Painters differ in four dimensions; four louder ones hold what does not matter."""
    rng = np.random.default_rng(seed)
    painters = np.repeat(np.arange(n_painters), 10)
    style = rng.normal(size=(n_painters, 4))[painters] + 0.4 * rng.normal(size=(len(painters), 4))
    confound = 2.0 * rng.normal(size=(len(painters), 4))
    rest = 0.3 * rng.normal(size=(len(painters), N_DIMENSIONS - 8))
    mixing = np.linalg.qr(
        np.random.default_rng(directions_seed).normal(size=(N_DIMENSIONS, N_DIMENSIONS))
    )[0]
    rows = (np.hstack([style, confound, rest]) @ mixing + 12) ** 2
    changed = (np.hstack([style, rng.normal(size=confound.shape), rest]) @ mixing + 12) ** 2
    return rows.astype(np.float32), changed.astype(np.float32), painters.astype(str)


def lesson(seed=1, inherited=None):
    rows, changed, painters = paintings(30, seed)
    return MetricLesson(
        statistics=rows,
        painters=painters,
        inherited=np.full(len(rows), -9.0) if inherited is None else inherited,
        changed=changed,
        origin=np.arange(len(rows)),
    )


def test_the_metric_finds_painters_it_has_never_seen():
    metric = learn_metric(lesson(), SETTINGS)
    rows, _, painters = paintings(10, seed=2)
    untouched = retrieval(unit_rows(rows - rows.mean(axis=0)), painters)["p10"]
    learnt = retrieval(unit_rows(metric.describe(rows)), painters)["p10"]
    assert learnt > untouched + 0.2


def test_descriptors_have_unit_length_and_the_width_asked_for():
    metric = learn_metric(lesson(), SETTINGS)
    descriptors = metric.describe(paintings(5, seed=3)[0])
    assert descriptors.shape == (50, 8)
    assert np.linalg.norm(descriptors, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.isfinite(metric.describe(np.zeros((1, N_DIMENSIONS)))).all()


def test_the_same_lesson_gives_the_same_metric_on_any_number_of_cores():
    found = []
    for cores in (1, 2):
        with threadpool_limits(cores):
            found.append(learn_metric(lesson(), SETTINGS))
    assert np.array_equal(found[0].weights, found[1].weights)
    assert np.array_equal(found[0].offset, found[1].offset)


def test_the_order_of_the_columns_does_not_turn_the_descriptor_round():
    rows, changed, painters = paintings(30, seed=1)
    order = np.random.default_rng(0).permutation(N_DIMENSIONS)
    common = {"painters": painters, "inherited": np.full(len(rows), -9.0)}
    common["origin"] = np.arange(len(rows))
    plain = learn_metric(MetricLesson(rows, changed=changed, **common), SETTINGS)
    turned = learn_metric(
        MetricLesson(rows[:, order], changed=changed[:, order], **common), SETTINGS
    )
    difference = plain.describe(rows) - turned.describe(rows[:, order])
    assert np.abs(difference).max() < 1e-3


def test_bare_differences_are_within_painters_only():
    rows = np.array([[0.0, 0], [0, 0], [1, 0], [1, 0], [5, 5], [5, 5], [5, 5], [9, 9]])
    painters = np.array(list("aaaabbbb"))
    scores = np.array([-5, -5, 2, 2, -5, -5, -5, 2])
    # Painter b has a single nude, which says nothing.
    assert np.allclose(bare_differences(rows, painters, scores), [[np.sqrt(2), 0]])
    assert bare_differences(rows, painters, np.full(8, -5)).shape == (0, 2)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_leaks_across_a_seam_is_taken_away(seed):
    plain = lesson(seed)
    rng = np.random.default_rng(seed)
    painted = plain.statistics[:, None]
    parts = (np.sqrt(painted) + 0.1 * rng.normal(size=(*painted.shape[:1], 8, N_DIMENSIONS))) ** 2
    leak = rng.normal(size=N_DIMENSIONS)  # a foreign neighbour moves every part along one direction
    moved = rng.normal(size=(len(painted), len(SEAMED_PARTS), 1)) * leak
    beside = (np.sqrt(parts[:, SEAMED_PARTS]) + moved) ** 2
    taught = replace(plain, parts=parts, beside=beside)
    without, with_seams = (
        learn_metric(taught, replace(SETTINGS, seam_weight=weight)) for weight in (0.0, 2.0)
    )

    def leaks(metric):
        home = np.sqrt(parts[:, SEAMED_PARTS]) @ metric.weights
        away = np.sqrt(beside) @ metric.weights
        return np.square(away - home).mean() / np.var(home)

    assert leaks(with_seams) < leaks(without) / 2
    rows, _, painters = paintings(10, seed=9)
    found = retrieval(unit_rows(with_seams.describe(rows)), painters)["p10"]
    assert found > retrieval(unit_rows(rows - rows.mean(axis=0)), painters)["p10"] + 0.2


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rounding_does_not_choose_among_directions_in_which_painters_do_not_differ(seed):
    rows, changed, painters = paintings(6, seed)
    rng = np.random.default_rng(seed)
    common = {"painters": painters, "inherited": np.full(len(rows), -9.0)}
    common |= {"changed": changed, "origin": np.arange(len(rows))}

    def likeness(statistics):
        settings = replace(SETTINGS, n_descriptor=12)
        descriptors = learn_metric(MetricLesson(statistics, **common), settings).describe(rows)
        return descriptors @ descriptors.T

    # Six painters differ in five directions at most: twelve were asked for.
    usual = likeness(rows)
    for _ in range(3):
        nearly = rows * (1 + 1e-6 * rng.normal(size=rows.shape)).astype(np.float32)
        assert np.abs(likeness(nearly) - usual).max() < 1e-3


def test_directions_that_say_nothing_of_painters_count_less():
    plain = lesson()
    variances = []
    for rest in (1.0, 0.0):
        metric = learn_metric(plain, replace(SETTINGS, n_descriptor=20, rest=rest))
        variances.append(np.square(metric.weights).sum(axis=0))
    # Thirty painters differ in all twenty directions; six in five.
    assert (variances[0] > 0).all()
    assert np.allclose(*variances)
    rows, changed, painters = paintings(6, seed=1)
    few = replace(plain, statistics=rows, changed=changed, painters=painters)
    few = replace(few, inherited=np.full(len(rows), -9.0), origin=np.arange(len(rows)))
    metric = learn_metric(few, replace(SETTINGS, n_descriptor=20, rest=0.0))
    assert (np.square(metric.weights).sum(axis=0) > 0).sum() == 5
