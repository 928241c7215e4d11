"""Ways to teach the last block: what of it moves, and what is asked of it.

Four things can be asked, in units of the standardised roots of its statistics or in the space of
the metric:

- *keep*: on the clean picture, give what the start gives;
- *ignore*: on the changed picture, give what the start gives on the clean one;
- *style*: works of one painter lie closer than works of others (supervised contrast over batches
  of several painters, Khosla et al. 2020);
- *spread*: no labels; the two views of a picture agree, while every coordinate keeps its spread
  and no two say the same (VICReg, Bardes et al. 2022).

Whatever moves is held near where it was (L2-SP, Li et al. 2018).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from training.graph import N_EARLY
from training.metric import StyleMetric
from training.network import map_statistics

PAINTERS_IN_BATCH = 8
WORKS_OF_EACH = 4
TEMPERATURE = 0.1
AGREEMENT, VARIANCE, COVARIANCE = 25.0, 25.0, 1.0  # of VICReg, as published


@dataclass(frozen=True)
class Way:
    """One way to teach.

    Attributes
    ----------
    about : str
        In words.
    gains_only : bool
        Only a factor and a shift for each channel of each convolution move.
    keep, ignore, style, spread : float
        Weights of what is asked.
    near_start : float
        Weight of the squared distance of what moves from where it was.
    rate : float
        Learning rate of AdamW.
    """

    about: str
    gains_only: bool = False
    keep: float = 1.0
    ignore: float = 1.0
    style: float = 0.0
    spread: float = 0.0
    near_start: float = 1.0
    rate: float = 1e-5


WAYS = {
    "distilled": Way("last block, painters in contrast", style=1.0, rate=2e-5),
    "slow": Way("the same at half the rate, style weighing a third", style=0.3),
    "gains": Way(
        "a factor and a shift for each channel of the last block, painters in contrast",
        gains_only=True,
        style=1.0,
        near_start=0.01,
        rate=1e-3,
    ),
    "views": Way("last block, no labels: VICReg over changed copies", ignore=0.0, spread=0.04),
    "calm": Way("last block, no labels: changes are to be ignored", ignore=3.0, rate=2e-5),
}


class GainedConvolution(nn.Module):
    """A frozen convolution with a factor and a shift for each channel."""

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.convolution = convolution.requires_grad_(requires_grad=False)
        self.gain = nn.Parameter(torch.ones(convolution.out_channels, 1, 1))
        self.shift = nn.Parameter(torch.zeros(convolution.out_channels, 1, 1))

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Convolve, multiply, add."""
        return self.convolution(maps) * self.gain + self.shift

    def folded(self) -> nn.Conv2d:
        """Return one convolution that does the same."""
        same = copy.deepcopy(self.convolution).requires_grad_(requires_grad=True)
        with torch.no_grad():
            same.weight.mul_(self.gain[..., None])
            if same.bias is not None:
                same.bias.mul_(self.gain[:, 0, 0]).add_(self.shift[:, 0, 0])
        return same


def with_gains(block: nn.Module) -> nn.Module:
    """Return a copy of a block whose convolutions are :class:`GainedConvolution`."""
    block = copy.deepcopy(block)
    for name, layer in list(block.named_children()):
        if isinstance(layer, nn.Conv2d):
            setattr(block, name, GainedConvolution(layer))
    return block


def without_gains(block: nn.Module) -> nn.Module:
    """Return a copy of a block with plain convolutions that does the same."""
    block = copy.deepcopy(block)
    for name, layer in list(block.named_children()):
        if isinstance(layer, GainedConvolution):
            setattr(block, name, layer.folded())
    return block


class Student(nn.Module):
    """The last block, and behind it the metric.

    Parameters
    ----------
    block : nn.Module
        Last block of the start; copied.
    metric : StyleMetric
        Learnt for the start; does not move.
    way : Way
        Says what moves.
    """

    def __init__(self, block: nn.Module, metric: StyleMetric, way: Way) -> None:
        super().__init__()
        self.block = with_gains(block) if way.gains_only else copy.deepcopy(block)
        self.register_buffer("late_weights", torch.from_numpy(metric.weights[N_EARLY:]))

    def forward(
        self, maps: torch.Tensor, early_part: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return roots of the late statistics (n, 2048) and coordinates (n, d) of any length."""
        late = map_statistics(self.block(maps)).clamp(min=1e-8).sqrt()
        return late, early_part + late @ self.late_weights

    def what_moves(self) -> dict[str, nn.Parameter]:
        """Return the parameters that are taught."""
        return {name: value for name, value in self.named_parameters() if value.requires_grad}


def contrast(coordinates: torch.Tensor, painters: torch.Tensor) -> torch.Tensor:
    """Supervised contrastive loss of rows (n, d) with painters (n,) int64; lengths don't matter."""
    descriptors = functional.normalize(coordinates, dim=1)
    itself = torch.eye(len(painters), dtype=torch.bool)
    logits = (descriptors @ descriptors.T / TEMPERATURE).masked_fill(itself, -1e4)
    same = (painters[:, None] == painters[None, :]) & ~itself
    return -(functional.log_softmax(logits, dim=1) * same).sum(1).div(same.sum(1)).mean()


def vicreg(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Loss of two views (n, d) of the same pictures whose coordinates have a deviation near 1."""
    loss = AGREEMENT * functional.mse_loss(one, other)
    for view in (one, other):
        centred = view - view.mean(dim=0)
        deviation = centred.var(dim=0).add(1e-4).sqrt()
        covariance = centred.T @ centred / (len(view) - 1)
        off_diagonal = covariance - torch.diag(torch.diagonal(covariance))
        loss = loss + VARIANCE / 2 * functional.relu(1 - deviation).mean()
        loss = loss + COVARIANCE * off_diagonal.square().sum() / view.shape[1]
    return loss


def draw_batches(painters: np.ndarray, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield rows of eight painters with four works each, without end."""
    names, codes, counts = np.unique(painters, return_inverse=True, return_counts=True)
    works = [np.flatnonzero(codes == code) for code in range(len(names))]
    enough = np.flatnonzero(counts >= WORKS_OF_EACH)
    # Between "every painter alike" and "every work alike".
    chance = np.sqrt(counts[enough]) / np.sqrt(counts[enough]).sum()
    while True:
        chosen = rng.choice(enough, PAINTERS_IN_BATCH, replace=False, p=chance)
        rows = [rng.choice(works[code], WORKS_OF_EACH, replace=False) for code in chosen]
        yield np.concatenate(rows)
