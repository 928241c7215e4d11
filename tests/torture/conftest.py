"""What is built undisturbed, and what was killed, damaged and refused, at the end of a run."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from artstylenet.datasets import make_paintings, write_paintings
from tests.torture.driver import act
from tests.torture.telling import TOLD


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty paintings, to be built from; modules that want others have their own."""
    folder = tmp_path_factory.mktemp("works")
    write_paintings(make_paintings(30, 3, size=96, random_state=0), folder / "old")
    return folder


@pytest.fixture(scope="module")
def reference(works: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The atlas of an undisturbed build of them; its store lies beside it."""
    folder = tmp_path_factory.mktemp("reference")
    act("build", folder / "atlas", folder / "store", works, 2)
    return folder / "atlas"


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
