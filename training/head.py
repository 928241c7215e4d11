"""A shallow network behind the metric: tried, and not shipped (decision 012).

One hidden layer is added to the unit descriptor: x + B relu(A x + a). B starts at zero, so that
the head starts as the metric itself. It is taught by supervised contrast between painters, the
changed copy of every work being one more work of its painter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from training.measures import unit_rows
from training.metric import MetricLesson, StyleMetric
from training.ways import contrast, draw_batches


@dataclass(frozen=True)
class HeadSettings:
    """How wide, and how long to teach.

    Attributes
    ----------
    n_hidden : int
        Width of the hidden layer.
    n_steps : int
        Batches.
    rate, decay : float
        Of AdamW.
    """

    n_hidden: int = 256
    n_steps: int = 600
    rate: float = 3e-4
    decay: float = 0.1


class Head(nn.Module):
    """x + B relu(A x + a), for rows of unit length."""

    def __init__(self, width: int, n_hidden: int) -> None:
        super().__init__()
        self.hide = nn.Linear(width, n_hidden)
        self.show = nn.Linear(n_hidden, width, bias=False)
        nn.init.zeros_(self.show.weight)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Map (n, width) to (n, width), of any length."""
        # A coordinate of a unit row is small; hidden units want values near one.
        scaled = rows * rows.shape[1] ** 0.5
        return scaled + self.show(functional.relu(self.hide(scaled)))


def learn_head(
    lesson: MetricLesson, metric: StyleMetric, settings: HeadSettings | None = None
) -> Callable[[np.ndarray], np.ndarray]:
    """Learn a head and return the function from statistics to descriptors.

    Parameters
    ----------
    lesson : MetricLesson
        What the metric was learnt from; every work must have one changed copy.
    metric : StyleMetric
        Stays as it is.
    settings : HeadSettings or None
        By default those that were tried.

    Returns
    -------
    callable
        From statistics (n, n_statistics) to unit descriptors (n, d), float32.
    """
    chosen = settings or HeadSettings()
    torch.manual_seed(0)
    clean = torch.from_numpy(metric.describe(lesson.statistics[lesson.origin]))
    changed = torch.from_numpy(metric.describe(lesson.changed))
    painters = lesson.painters[lesson.origin]
    codes = torch.from_numpy(np.unique(painters, return_inverse=True)[1])
    head = Head(clean.shape[1], chosen.n_hidden)
    optimiser = torch.optim.AdamW(head.parameters(), chosen.rate, weight_decay=chosen.decay)
    batches = draw_batches(painters, np.random.default_rng(0))
    for _ in range(chosen.n_steps):
        rows = torch.from_numpy(next(batches))
        both = torch.cat([clean[rows], changed[rows]])
        loss = contrast(head(both), codes[rows].repeat(2))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    def describe(statistics: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return unit_rows(head(torch.from_numpy(metric.describe(statistics))).numpy())

    return describe
