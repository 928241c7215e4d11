"""What was killed, damaged and refused, in a few lines at the end of a run."""

from __future__ import annotations

import pytest

from tests.torture.telling import TOLD


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if TOLD:
        terminalreporter.section("torture")
    for sentence in TOLD:
        terminalreporter.write_line(sentence)
