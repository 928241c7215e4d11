"""How many workers pay, told by measuring while they work.

What a machine calls a CPU may be half a core, or be shared with others: then as many workers as
CPUs take twice the memory of half as many, and do no more.
"""

from __future__ import annotations

import time
from collections.abc import Callable

FEWEST_TO_DOUBT = 4
"""Fewer workers than these are not doubted."""

WARM_UP, SAMPLE = 4, 24
"""Files a worker, before and while its pace is measured."""

GAIN = 1.05
"""How much faster all workers must be than half of them to be kept."""


class Pace:
    """Half of the workers at first, then all; whichever is faster goes on to the end.

    Parameters
    ----------
    most : int
        Workers at most.
    is_settled : bool, default=False
        Whether all of them are wanted whatever their pace.
    clock : callable, default=time.perf_counter
        Returns seconds.

    Attributes
    ----------
    n_workers : int
        How many there should be now.
    """

    def __init__(
        self,
        most: int,
        *,
        is_settled: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._most = most
        self._clock = clock
        self._half_rate: float | None = None
        self._is_settled = is_settled or most < FEWEST_TO_DOUBT
        self.n_workers = most if self._is_settled else -(-most // 2)
        self._n_files = 0
        self._since = 0.0

    def file_done(self) -> None:
        """Count a file that is finished; `n_workers` may be another then."""
        if self._is_settled:
            return
        self._n_files += 1
        if self._n_files == WARM_UP * self.n_workers:
            self._since = self._clock()
        if self._n_files < (WARM_UP + SAMPLE) * self.n_workers:
            return
        rate = SAMPLE * self.n_workers / max(self._clock() - self._since, 1e-9)
        if self._half_rate is None:
            self._half_rate, self._n_files, self.n_workers = rate, 0, self._most
        else:
            self._is_settled = True
            if rate < GAIN * self._half_rate:
                self.n_workers = -(-self._most // 2)
