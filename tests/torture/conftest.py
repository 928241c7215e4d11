"""What was killed, damaged and refused, in a few lines at the end of a run."""

from __future__ import annotations

import psutil
import pytest

from tests.torture.telling import TOLD


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if TOLD:
        terminalreporter.section("torture")
    for sentence in TOLD:
        terminalreporter.write_line(sentence)
    terminalreporter.write_line(f"CPU time: {cpu_seconds() / 60:.1f} min")


def cpu_seconds() -> float:
    """Return what this process and its children have computed, also those of a fork server."""
    me = psutil.Process()
    return sum(sum(one.cpu_times()[:4]) for one in (me, *me.children()))
