"""The start as a torch module: a half-width ResNet-50 whose batch normalisation is folded in.

Torch is only needed to teach the network; nothing of the package imports this module.
"""

from __future__ import annotations

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional

from training.graph import MEAN_BGR, quarter_areas

BLOCKS = (3, 4, 6, 3)
WIDTHS = (128, 256, 512, 1024)  # of the blocks' outputs; four times their inner width
STEM_WIDTH = 64


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 beside a shortcut; the first convolution strides, as in the start."""

    def __init__(self, width_in: int, width_out: int, stride: int) -> None:
        super().__init__()
        inner = width_out // 4
        changes_shape = stride != 1 or width_in != width_out
        self.shortcut = nn.Conv2d(width_in, width_out, 1, stride) if changes_shape else None
        self.reduce = nn.Conv2d(width_in, inner, 1, stride)
        self.mix = nn.Conv2d(inner, inner, 3, padding=1)
        self.expand = nn.Conv2d(inner, width_out, 1)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Map (n, width_in, h, w) to (n, width_out, h / stride, w / stride)."""
        change = self.expand(functional.relu(self.mix(functional.relu(self.reduce(maps)))))
        kept = maps if self.shortcut is None else self.shortcut(maps)
        return functional.relu(kept + change)


class StyleNetwork(nn.Module):
    """Stem and four stages; returns the maps after each of the five.

    Parameters
    ----------
    widths : tuple of int
        Output widths of the stages; (256, 512, 1024, 2048) makes a usual ResNet-50.
    """

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, STEM_WIDTH, 7, 2, padding=3)
        self.stages = nn.ModuleList()
        width_in = STEM_WIDTH
        for stage, (n_blocks, width_out) in enumerate(zip(BLOCKS, widths, strict=True)):
            blocks = []
            for block in range(n_blocks):
                stride = 2 if block == 0 and stage > 0 else 1
                blocks.append(Bottleneck(width_in, width_out, stride))
                width_in = width_out
            self.stages.append(nn.Sequential(*blocks))

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        """Return five maps (n, c, h, w) of images (n, size, size, 3) uint8 RGB."""
        maps = images.float().flip(3) - torch.tensor(MEAN_BGR)
        stem = functional.relu(self.stem(maps.permute(0, 3, 1, 2)))
        found = [stem]
        # The start's pooling pads below and on the right only.
        maps = functional.max_pool2d(functional.pad(stem, (0, 1, 0, 1)), 3, 2)
        for stage in self.stages:
            maps = stage(maps)
            found.append(maps)
        return found


def map_statistics(maps: torch.Tensor) -> torch.Tensor:
    """Channel means, then standard deviations, of maps (n, c, h, w): (n, 2 c)."""
    deviation = maps.var(dim=(2, 3), unbiased=False).add(1e-10).sqrt()
    return torch.cat([maps.mean(dim=(2, 3)), deviation], dim=1)


def place_statistics(maps: torch.Tensor) -> torch.Tensor:
    """Return the same of the places of maps (n, c, h, w), the whole last: (n, 9, 2 c)."""
    areas = torch.from_numpy(quarter_areas(maps.shape[2]).T)
    mean, power = (values.flatten(2) @ areas for values in (maps, maps.square()))
    deviation = (power - mean.square()).clamp(min=0).add(1e-10).sqrt()
    return torch.cat([mean, deviation], dim=1).transpose(1, 2)


def _kernels_in_graph_order(network: StyleNetwork) -> list[nn.Conv2d]:
    """Convolutions in the order of the ONNX graph: shortcut first, then the branch."""
    return [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)]


def _convolutions(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    return [node for node in model.graph.node if node.op_type == "Conv"]


def load_network(model: onnx.ModelProto) -> StyleNetwork:
    """Copy the 53 convolutions of the start (or of a model cut from it) into a module."""
    arrays = {tensor.name: tensor for tensor in model.graph.initializer}
    network = StyleNetwork()
    layers = _kernels_in_graph_order(network)
    with torch.no_grad():
        for layer, node in zip(layers, _convolutions(model), strict=True):
            kernel, bias = (numpy_helper.to_array(arrays[name]) for name in node.input[1:3])
            layer.weight.copy_(torch.from_numpy(kernel.copy()))
            if layer.bias is not None:
                layer.bias.copy_(torch.from_numpy(bias.copy()))
    return network.eval()


def changed_kernels(network: StyleNetwork, model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """Return kernels and biases that are another in a network than in an ONNX model, by name.

    :func:`training.graph.with_kernels` puts them into the model.
    """
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    changed = {}
    layers = _kernels_in_graph_order(network)
    for layer, node in zip(layers, _convolutions(model), strict=True):
        for name, value in zip(node.input[1:3], (layer.weight, layer.bias), strict=True):
            if value is None:
                message = f"{name} has no counterpart in the network"
                raise ValueError(message)
            array = np.ascontiguousarray(value.detach().numpy())
            if not np.array_equal(array, arrays[name]):
                changed[name] = array
    return changed
