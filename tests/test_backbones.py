"""Backbones: a picture has the same features alone and in a batch; bad files get clear words."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from artstylenet.backbones import DEFAULT_MODEL, default_name, load_backbone
from artstylenet.backbones.features import (
    channel_statistics,
    features_from_maps,
    pool_to_grid,
    random_projection,
    to_int8,
)
from artstylenet.backbones.onnx import InputSpec
from artstylenet.errors import BackboneError, MissingExtraError

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (3, 28, 28, 3)).astype(np.uint8)


def write_model(folder: Path, *, side: int | str = "side", sha256: str | None = None) -> Path:
    """Write a network of two stages, and its description beside it."""
    onnx = pytest.importorskip("onnx", reason="writing test models needs onnx")
    from onnx import TensorProto, helper, numpy_helper

    weights = {
        "w1": RNG.normal(size=(4, 3, 3, 3)).astype(np.float32),
        "w2": RNG.normal(size=(6, 4, 3, 3)).astype(np.float32),
    }
    same = {"pads": [1, 1, 1, 1]}
    nodes = [
        helper.make_node("Conv", ["pixels", "w1"], ["one"], **same),
        helper.make_node("Relu", ["one"], ["stage_1"]),
        helper.make_node("Conv", ["stage_1", "w2"], ["two"], strides=[2, 2], **same),
        helper.make_node("Relu", ["two"], ["stage_2"]),
    ]
    tensor = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "toy",
        [tensor("pixels", TensorProto.FLOAT, ["n", 3, side, side])],
        [tensor("stage_1", TensorProto.FLOAT, ["n", 4, "h", "w"]),
         tensor("stage_2", TensorProto.FLOAT, ["n", 6, "h2", "w2"])],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = folder / "toy.onnx"
    onnx.save(model, path)
    describe(path, **({"sha256": sha256} if sha256 else {}))
    return path


def describe(path: Path, **changes: object) -> None:
    """Write the description of the toy network, with changes."""
    description = {
        "input": {"name": "pixels", "size": 28, "mean": [100] * 3, "scale": [0.01] * 3},
        "outputs": {"stages": ["stage_1", "stage_2"]},
        "licence": "MIT",
    }
    path.with_suffix(".json").write_text(json.dumps({**description, **changes}))


@pytest.fixture(scope="module")
def model_path(tmp_path_factory) -> Path:
    """A network in a file."""
    return write_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def changed(model_path, tmp_path) -> Path:
    """A copy of it, to be changed."""
    shutil.copy(model_path, tmp_path)
    describe(tmp_path / model_path.name)
    return tmp_path / model_path.name


def assert_same_features(first, second, *, atol: float) -> None:
    """Compare raw features; local descriptors are whole numbers and may be one off."""
    np.testing.assert_allclose(first.statistics, second.statistics, atol=atol)
    np.testing.assert_allclose(first.windows, second.windows, atol=atol)
    assert np.abs(first.local.astype(int) - second.local).max() <= 1


def test_a_model_in_a_file_gives_features_of_its_stages(model_path):
    backbone = load_backbone(str(model_path))
    assert backbone.name == "toy"
    assert backbone.licence == "MIT"
    assert backbone.stage_channels == (4, 6)
    assert not backbone.has_descriptor
    raw = backbone.extract(IMAGES)
    assert raw.statistics.shape == (3, 20)
    assert raw.windows.shape == (3, 4, 12)
    assert raw.local.shape == (3, 196, 6)
    assert raw.local.dtype == np.int8


def test_a_picture_alone_is_the_same_as_in_a_batch_and_twice(model_path):
    backbone = load_backbone(str(model_path))
    together = backbone.extract(IMAGES)
    for row in range(3):
        alone = backbone.extract(IMAGES[[row]])
        assert_same_features(alone, type(together)(
            together.statistics[[row]], together.local[[row]], together.windows[[row]]
        ), atol=1e-5)  # fmt: skip
    assert_same_features(backbone.extract(IMAGES), together, atol=0)


def test_the_key_follows_the_weights_and_the_preprocessing(changed, tmp_path):
    key = load_backbone(str(changed)).key
    assert load_backbone(str(changed)).key == key
    describe(changed, licence="CC0")
    assert load_backbone(str(changed)).key == key
    describe(changed, input={"name": "pixels", "size": 28})
    assert load_backbone(str(changed)).key != key
    (tmp_path / "other").mkdir()
    assert load_backbone(str(write_model(tmp_path / "other"))).key != key


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"sha256": "0" * 64}, "is not the file that .* describes"),
        ({"input": {"name": "image", "size": 28}}, r"no input 'image' \(it has \['pixels'\]\)"),
        ({"input": {"name": "pixels"}}, "needs a 'size'"),
        ({"input": {"name": "pixels", "size": 28, "colour": 1}}, r"unknown fields \['colour'\]"),
        ({"input": {"name": "pixels", "size": 28, "dtype": "int4"}}, "neither float32 nor uint8"),
        ({"input": {"name": "pixels", "size": 28, "layout": "CHW"}}, "neither NCHW nor NHWC"),
        ({"input": {"name": "pixels", "size": 28, "channels": "GBR"}}, "neither RGB nor BGR"),
        ({"outputs": {"stages": ["stage_9"]}}, r"no outputs \['stage_9'\]"),
        ({"outputs": {}}, "'outputs' names no statistics and no local and no windows"),
        (
            {"outputs": {"statistics": "stage_1", "local": "stage_2", "descriptor": "stage_2"}},
            "'outputs' names no part_descriptors",
        ),
        ({"outputs": None}, "objects 'input' and 'outputs'"),
    ],
)
def test_descriptions_that_do_not_fit_are_refused(changed, changes, named):
    describe(changed, **changes)
    with pytest.raises(BackboneError, match=named):
        load_backbone(str(changed))


def test_another_input_size_is_refused(tmp_path):
    path = write_model(tmp_path, side=32)
    with pytest.raises(BackboneError, match="input is 32 pixels, the description says 28"):
        load_backbone(str(path))


def test_files_that_are_no_model_are_refused(tmp_path, changed):
    with pytest.raises(BackboneError, match="There is no model file"):
        load_backbone(str(tmp_path / "none.onnx"))
    changed.with_suffix(".json").write_text("{not json")
    with pytest.raises(BackboneError, match="is not JSON"):
        load_backbone(str(changed))
    changed.with_suffix(".json").write_text("[]")
    with pytest.raises(BackboneError, match="not a JSON object"):
        load_backbone(str(changed))
    changed.with_suffix(".json").unlink()
    with pytest.raises(BackboneError, match=r"put toy\.json beside it"):
        load_backbone(str(changed))
    changed.write_bytes(b"\x80\x04pickle")
    with pytest.raises(BackboneError, match="not an ONNX model that can be run"):
        load_backbone(str(changed))
    with pytest.raises(BackboneError, match=r"expected 'default', a path that ends in \.onnx"):
        load_backbone("resnet50")


def test_timm_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'artstylenet\[torch\]'"):
        load_backbone("timm/resnet50.a1_in1k")


@pytest.mark.skipif(not DEFAULT_MODEL.exists(), reason="the default backbone is not there")
def test_the_name_of_the_default_backbone_is_known_without_opening_it():
    assert default_name() == load_backbone().name


@pytest.mark.skipif(not DEFAULT_MODEL.exists(), reason="the default backbone is not there")
def test_the_default_backbone_is_what_it_says_it_is():
    backbone = load_backbone()
    size = backbone.input_size
    images = RNG.integers(0, 256, (2, size, size, 3)).astype(np.uint8)
    raw = backbone.extract(images)
    assert raw.statistics.shape == (2, 2 * sum(backbone.stage_channels))
    assert raw.local.shape[:2] == (2, 196)
    assert backbone.has_descriptor
    assert raw.windows is None
    n_dimensions = raw.descriptor.shape[1]
    assert raw.part_descriptors.shape == (2, 8, n_dimensions)
    lengths = np.linalg.norm(raw.part_descriptors, axis=2)
    np.testing.assert_allclose(lengths, 1, rtol=1e-4)
    assert not np.array_equal(raw.statistics[0], raw.statistics[1])
    again = backbone.extract(images[[1]])
    np.testing.assert_allclose(again.statistics[0], raw.statistics[1], atol=1e-3)


def test_pixels_are_prepared_as_described():
    images = np.array([[[[10, 20, 30]]]], np.uint8)
    plain = InputSpec("x", 1).prepare(images)
    assert (plain.shape, plain.dtype) == ((1, 3, 1, 1), np.float32)
    np.testing.assert_array_equal(plain.ravel(), [10, 20, 30])
    reversed_ = InputSpec("x", 1, layout="NHWC", channels="BGR", mean=(1, 2, 3), scale=(1, 1, 0.5))
    np.testing.assert_array_equal(reversed_.prepare(images).ravel(), [29, 18, 3.5])
    raw = InputSpec("x", 1, layout="NHWC", dtype="uint8").prepare(images)
    np.testing.assert_array_equal(raw, images)


def test_statistics_are_means_then_deviations():
    maps = RNG.normal(size=(2, 3, 5, 7)).astype(np.float32)
    found = channel_statistics(maps)
    np.testing.assert_allclose(found[:, :3], maps.mean(axis=(2, 3)), atol=1e-6)
    np.testing.assert_allclose(found[:, 3:], maps.std(axis=(2, 3)), atol=1e-6)


@pytest.mark.parametrize("side", [28, 14, 7, 20])
def test_pooling_keeps_the_mean_where_cells_are_equal_and_the_range_always(side):
    maps = RNG.normal(size=(1, 2, side, side)).astype(np.float32)
    grid = pool_to_grid(maps)
    assert grid.shape == (1, 2, 14, 14)
    assert grid.min() >= maps.min()
    assert grid.max() <= maps.max()
    if side % 14 == 0 or 14 % side == 0:
        np.testing.assert_allclose(grid.mean(), maps.mean(), atol=1e-5)
    if side == 14:
        np.testing.assert_array_equal(grid, maps)


def test_windows_are_quarters_of_the_picture():
    maps = np.zeros((1, 1, 14, 14), np.float32)
    maps[0, 0, :7, 7:] = 5
    windows = features_from_maps([maps]).windows[0]
    np.testing.assert_array_equal(windows[:, 0], [0, 5, 0, 0])


def test_projections_keep_lengths_and_never_change():
    projection = random_projection(100, 64)
    np.testing.assert_allclose(projection @ projection.T, np.eye(64), atol=1e-5)
    np.testing.assert_array_equal(projection, random_projection(100, 64))
    assert random_projection(10, 64).shape == (10, 10)


def test_rounding_to_bytes_does_not_wrap_round():
    np.testing.assert_array_equal(to_int8(np.array([-1e9, -1.6, 0.4, 1e9])), [-127, -2, 0, 127])
