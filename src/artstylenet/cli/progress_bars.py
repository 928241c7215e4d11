"""Stages of long work as bars with rate and time left, on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from artstylenet.progress import Progress


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Show bars on a terminal, else one line a finished stage.

    Yields
    ------
    Progress
    """
    if sys.stderr.isatty():
        with _bars() as report:
            yield report
    else:
        yield _lines()


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        ProgressColumn,
        SpinnerColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as RichProgress
    from rich.text import Text

    class Rate(ProgressColumn):
        """How many a second."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else f"{speed:.1f}/s", style="cyan")

    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, int] = {}

        def report(stage: str, n_done: int, n_total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=n_total)
            bars.update(tasks[stage], completed=n_done, total=n_total)  # type: ignore[arg-type]

        yield report


def _lines() -> Progress:
    started: dict[str, float] = {}

    def report(stage: str, n_done: int, n_total: int) -> None:
        start = started.setdefault(stage, time.monotonic())
        if n_done == n_total:
            seconds = time.monotonic() - start
            sys.stderr.write(f"{stage}: {n_done:,} in {seconds:.1f} s\n")

    return report
