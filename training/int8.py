"""The network in bytes: what ONNX Runtime multiplies three to four times as fast as float32.

Activations are unsigned bytes, one scale a map; weights have seven bits and one scale for each
output channel. Seven, not eight, because then the sum of two products always fits in sixteen bits:
processors with instructions for bytes (VNNI) and without (AVX2) give the same integers, so that
features do not depend on the machine.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)

from training.features import to_square
from training.graph import Trunk, float_trunk

GREY = 117  # taken from every colour; the start's means lie around it
N_CALIBRATING = 256
BATCH = 8
MOST_PLACES = 28  # rows and columns of a map that statistics look at


class _Pictures(CalibrationDataReader):  # type: ignore[misc]
    """Hands out pictures in batches."""

    def __init__(self, pictures: Sequence[np.ndarray]) -> None:
        self._batches = (
            {"images": np.stack(pictures[start : start + BATCH])}
            for start in range(0, len(pictures), BATCH)
        )

    def get_next(self) -> dict[str, np.ndarray] | None:
        """Return the next batch, None after the last."""
        return next(self._batches, None)


def int8_trunk(source: onnx.ModelProto, n_stages: int, pictures: Sequence[np.ndarray]) -> Trunk:
    """Return the layers of some stages, quantised.

    Parameters
    ----------
    source : onnx.ModelProto
        The start, or the start with other weights.
    n_stages : int
        How many stages to keep.
    pictures : sequence of ndarray of shape (height, width, 3), uint8
        What scales are chosen on: the largest activation of a batch of eight, averaged over
        batches. (The largest of all pictures would leave most bytes unused.)
    """
    trunk = float_trunk(source, n_stages, (GREY,) * 3)
    squares = [to_square(picture) for picture in pictures]
    exact = {"scale": np.array(1, np.float32), "zero_point": np.array(GREY, np.uint8)}
    with tempfile.TemporaryDirectory() as folder:
        quantised = Path(folder) / "int8.onnx"
        quantize_static(
            trunk.model,
            quantised,
            _Pictures(squares),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Add", "Relu", "MaxPool"],
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            extra_options={
                "CalibMovingAverage": True,
                # Pixels are bytes already.
                "TensorQuantOverrides": {"images_centred": [exact]},
            },
        )
        model = onnx.load(quantised)
    _read_bytes(model.graph)
    nodes = [
        next(n for n in model.graph.node if n.output[0] == f"{name}_QuantizeLinear_Output")
        for name in trunk.maps
    ]
    return Trunk(
        model,
        [node.output[0] for node in nodes],
        [(node.input[1], node.input[2]) for node in nodes],
        MOST_PLACES,
    )


def _read_bytes(graph: onnx.GraphProto) -> None:
    """Let the first layer read pixels as they are, not turned to floats and back."""
    (detour,) = [node for node in graph.node if list(node.input)[:1] == ["images_centred"]]
    skipped = {"images_float", "images_centred", detour.output[0]}
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] == detour.output[0]:
            node.input[0] = "images_turned"
    kept = [node for node in graph.node if not skipped.intersection(node.output)]
    del graph.node[:]
    graph.node.extend(kept)
    constants = [tensor for tensor in graph.initializer if tensor.name != "centre"]
    del graph.initializer[:]
    graph.initializer.extend(constants)
