"""Ways to teach the last stage: what of it moves, and what is asked of it.

Four things can be asked, of the whole picture and of its parts:

- *keep*: on the clean picture, give the statistics that the start gives;
- *ignore*: on the changed picture, give the descriptor that the start gives on the clean one;
- *style*: the neighbours of a work, and of a part of it, are by its painter (neighbourhood
  components, Goldberger et al. 2004, over batches of several painters);
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

from training.graph import N_EARLY, STAGE_CHANNELS
from training.metric import StyleMetric
from training.network import place_statistics

PAINTERS_IN_BATCH = 8
WORKS_OF_EACH = 4
TEMPERATURE = 0.1
MAPS_AT_ONCE = 64
AGREEMENT, VARIANCE, COVARIANCE = 25.0, 25.0, 1.0  # of VICReg, as published
TAUGHT = 3  # the stage that is taught, of STAGE_CHANNELS
N_BEFORE = N_EARLY - 2 * STAGE_CHANNELS[TAUGHT]  # statistics of the stages before it
LEAST_STATISTIC = 1e-4  # below it a root would be too steep to learn from


@dataclass(frozen=True)
class Way:
    """One way to teach.

    Attributes
    ----------
    about : str
        In words.
    n_blocks : int
        How many blocks of the stage move, counted from its end.
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
    n_blocks: int = 1
    gains_only: bool = False
    keep: float = 1.0
    ignore: float = 1.0
    style: float = 0.0
    spread: float = 0.0
    near_start: float = 0.1
    rate: float = 5e-6


WAYS = {
    "last": Way("last block, painters found by their neighbours", style=1.0),
    "last two": Way("last two blocks, painters found by their neighbours", n_blocks=2, style=1.0),
    "deep": Way(
        "all six blocks of the stage, painters found by their neighbours", n_blocks=6, style=1.0
    ),
    "gains": Way(
        "a factor and a shift for each channel of the stage, painters found by their neighbours",
        n_blocks=6,
        gains_only=True,
        style=1.0,
        near_start=0.01,
        rate=1e-4,
    ),
    "views": Way(
        "all six blocks, no labels: VICReg over changed copies",
        n_blocks=6,
        ignore=0.0,
        spread=0.04,
    ),
    "calm": Way("all six blocks, no labels: changes are to be ignored", n_blocks=6, ignore=10.0),
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


def _with_layers(module: nn.Module, kind: type, make: object) -> nn.Module:
    """Return a copy of a module with every layer of a kind replaced by what ``make`` gives."""
    module = copy.deepcopy(module)
    for parent in list(module.modules()):
        for name, layer in list(parent.named_children()):
            if isinstance(layer, kind):
                setattr(parent, name, make(layer))
    return module


def with_gains(blocks: nn.Module) -> nn.Module:
    """Return a copy of blocks whose convolutions are :class:`GainedConvolution`."""
    return _with_layers(blocks, nn.Conv2d, GainedConvolution)


def without_gains(blocks: nn.Module) -> nn.Module:
    """Return a copy of blocks with plain convolutions that does the same."""
    return _with_layers(blocks, GainedConvolution, GainedConvolution.folded)


def unstrided(stage: nn.Sequential) -> nn.Sequential:
    """Return a copy of a stage for maps of which every second row and column is left out."""
    stage = copy.deepcopy(stage)
    for convolution in (stage[0].shortcut, stage[0].reduce):
        convolution.stride = (1, 1)
    return stage


class Student(nn.Module):
    """The last stage, and behind it the metric.

    Parameters
    ----------
    stage : nn.Sequential
        As :func:`unstrided` gives it; copied.
    metric : StyleMetric
        Learnt for the start; does not move.
    way : Way
        Says what moves.
    """

    def __init__(self, stage: nn.Sequential, metric: StyleMetric, way: Way) -> None:
        super().__init__()
        stage = copy.deepcopy(stage).to(memory_format=torch.channels_last)
        n_frozen = len(stage) - way.n_blocks
        self.frozen = stage[:n_frozen].requires_grad_(requires_grad=False)
        self.moving = with_gains(stage[n_frozen:]) if way.gains_only else stage[n_frozen:]
        self.register_buffer("late_weights", torch.from_numpy(metric.weights[N_BEFORE:]))

    def forward(self, maps: torch.Tensor, early: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what the moving blocks make of maps (n, c, 14, 14), as :func:`shown` gives them.

        ``early`` (n, 9, d) is the part of the coordinates that comes from the stages before.

        Returns
        -------
        late : Tensor of shape (n, 9, 1024)
            Roots of the stage's statistics in all places, the whole last.
        coordinates : Tensor of shape (n, 9, d)
            Descriptors of any length.
        """
        # Half as many bits take half the time, and what is taught is kept in all of them.
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training):
            maps = self.moving(maps.contiguous(memory_format=torch.channels_last))
        late = place_statistics(maps.float()).clamp(min=LEAST_STATISTIC).sqrt()
        return late, early + late @ self.late_weights

    def what_moves(self) -> dict[str, nn.Parameter]:
        """Return the parameters that are taught."""
        return {name: value for name, value in self.named_parameters() if value.requires_grad}

    def taught_stage(self) -> nn.Sequential:
        """Return the stage with plain convolutions."""
        return nn.Sequential(*copy.deepcopy(self.frozen), *without_gains(self.moving))


def shown(frozen: nn.Sequential, maps: np.ndarray) -> np.ndarray:
    """Return what the frozen blocks of a stage make of maps (n, 256, 14, 14), float16, once."""
    if not len(frozen):
        return maps
    found = []
    with torch.no_grad():
        for first in range(0, len(maps), MAPS_AT_ONCE):
            some = torch.from_numpy(maps[first : first + MAPS_AT_ONCE].astype(np.float32))
            found.append(frozen(some.contiguous(memory_format=torch.channels_last)).half().numpy())
    return np.concatenate(found)


def neighbourhood(
    coordinates: torch.Tensor, painters: torch.Tensor, works: torch.Tensor
) -> torch.Tensor:
    """Return how unlikely it is that a row's neighbours are by its painter (a loss).

    Parameters
    ----------
    coordinates : Tensor of shape (n, d), float
        Of any length; what they have in common does not matter.
    painters, works : Tensor of shape (n,), int64
        Who painted it, and what it is a view of. Views of one work are no neighbours: a contrast
        that counts them pushes them apart to make room for the painter's other works.
    """
    descriptors = functional.normalize(coordinates - coordinates.mean(dim=0), dim=1)
    own = works[:, None] == works[None, :]
    logits = (descriptors @ descriptors.T / TEMPERATURE).masked_fill(own, -1e4)
    alike = logits.masked_fill(painters[:, None] != painters[None, :], -1e4)
    return (logits.logsumexp(dim=1) - alike.logsumexp(dim=1)).mean()


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
