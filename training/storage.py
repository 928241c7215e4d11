"""Store an ONNX model in fewer bytes; ONNX Runtime unpacks the constants when it loads."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LARGE = 1024  # entries; smaller constants are left alone
PACKED = "_half"  # ends the names of those that are packed


def pack_constants(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store large float32 constants as float16: the network still computes in float32.

    Parameters
    ----------
    model : onnx.ModelProto
        Changed in place and returned.
    """
    kept: list[onnx.TensorProto] = []
    unpacking: list[onnx.NodeProto] = []
    for tensor in model.graph.initializer:
        name, array = tensor.name, numpy_helper.to_array(tensor)
        if array.dtype != np.float32 or array.size <= LARGE:
            kept.append(tensor)
            continue
        packed = name + PACKED
        kept.append(numpy_helper.from_array(array.astype(np.float16), packed))
        unpacking.append(
            helper.make_node("Cast", [packed], [name], f"{name}_cast", to=TensorProto.FLOAT)
        )
    nodes = unpacking + list(model.graph.node)
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def stored_name(model: onnx.ModelProto, name: str) -> str:
    """Return the name under which a constant is stored, packed or not."""
    names = {tensor.name for tensor in model.graph.initializer}
    return name if name in names else name + PACKED
