"""Store an ONNX model in fewer bytes; ONNX Runtime unpacks the constants when it loads."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LARGE = 1024  # entries; smaller constants are left alone


def _half(name: str, array: np.ndarray) -> tuple[list[onnx.TensorProto], list[onnx.NodeProto]]:
    """Constant as float16 behind a cast."""
    small = numpy_helper.from_array(array.astype(np.float16), f"{name}_half")
    cast = helper.make_node("Cast", [small.name], [name], f"{name}_cast", to=TensorProto.FLOAT)
    return [small], [cast]


def _bytes(name: str, array: np.ndarray) -> tuple[list[onnx.TensorProto], list[onnx.NodeProto]]:
    """Convolution weights as int8 with one scale for each output channel."""
    largest = np.abs(array).max(axis=tuple(range(1, array.ndim)), keepdims=True)
    scale = np.maximum(largest, 1e-12).astype(np.float32) / 127
    rounded = np.rint(array / scale).astype(np.int8)
    tensors = [
        numpy_helper.from_array(rounded, f"{name}_int8"),
        numpy_helper.from_array(scale, f"{name}_scale"),
    ]
    nodes = [
        helper.make_node(
            "Cast", [f"{name}_int8"], [f"{name}_float"], f"{name}_cast", to=TensorProto.FLOAT
        ),
        helper.make_node("Mul", [f"{name}_float", f"{name}_scale"], [name], f"{name}_unpack"),
    ]
    return tensors, nodes


def pack_constants(model: onnx.ModelProto, bytes_above: int | None = None) -> onnx.ModelProto:
    """Store large float32 constants small: the network still computes in float32.

    Parameters
    ----------
    model : onnx.ModelProto
        Changed in place and returned.
    bytes_above : int or None
        Convolution kernels with more entries become int8 with a scale for each output channel;
        all other large constants, by default all, become float16.
    """
    kept: list[onnx.TensorProto] = []
    unpacking: list[onnx.NodeProto] = []
    for tensor in model.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.dtype != np.float32 or array.size <= LARGE:
            kept.append(tensor)
            continue
        as_bytes = bytes_above is not None and array.ndim == 4 and array.size > bytes_above
        pack = _bytes if as_bytes else _half
        tensors, nodes = pack(tensor.name, array)
        kept.extend(tensors)
        unpacking.extend(nodes)
    nodes = unpacking + list(model.graph.node)
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model
