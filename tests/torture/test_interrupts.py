"""Ctrl-C and SIGTERM at any moment: no traceback, no worker left, and the next run goes on."""

from __future__ import annotations

import fcntl
import os
import random
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.torture.driver import SETTINGS, act
from tests.torture.telling import tell
from tests.torture.test_kills import tables

pytestmark = pytest.mark.torture

N_INTERRUPTS = int(os.environ.get("ARTSTYLENET_INTERRUPTS", "40"))
COMMAND = "from artstylenet.cli import main; print('started', flush=True); main()"


def start(works: Path, folder: Path) -> subprocess.Popen[str]:
    """Start a build as a shell does in the foreground, in a group of its own."""
    styles = "{}..{}".format(*SETTINGS.styles)
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "build", str(works / "old"), "-o", str(folder / "atlas"),
         "--styles", styles, "--store", str(folder / "store"), "--jobs", "2"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    assert process.stdout.readline() == "started\n"
    return process


def interrupt(process: subprocess.Popen[str], kind: int, n_times: int) -> str:
    """Send a signal to all processes of a build some times in a row; return its errors."""
    try:
        workers = psutil.Process(process.pid).children(recursive=True)
        for _ in range(n_times):
            os.killpg(process.pid, kind)
            time.sleep(0.02)
    except (psutil.NoSuchProcess, ProcessLookupError):
        workers = []
    told = process.communicate(timeout=300)[1]
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert not alive
    return told


def test_an_interrupt_at_any_moment_ends_in_order(works, reference, tmp_path):
    moments = random.Random(0)
    started = time.perf_counter()
    process = start(works, tmp_path / "timed")
    process.communicate()
    length = time.perf_counter() - started
    assert process.returncode == 0
    n_interrupted = 0
    for number in range(N_INTERRUPTS):
        folder = tmp_path / str(number)
        kind = (signal.SIGINT, signal.SIGINT, signal.SIGINT, signal.SIGTERM)[number % 4]
        process = start(works, folder)
        # Half of them while libraries are being imported.
        time.sleep(moments.uniform(0, length if number % 2 else length / 5))
        told = interrupt(process, kind, moments.choice((1, 2, 4)))
        assert "Traceback" not in told, told
        assert process.returncode in (0, 130 if kind == signal.SIGINT else -signal.SIGTERM), told
        n_interrupted += process.returncode != 0
        if process.returncode == 130:
            assert told.splitlines()[-1].startswith("Interrupted."), told
        if number % 4 == 1:
            act("build", folder / "atlas", folder / "store", works, 2)
            assert tables(folder / "atlas") == tables(reference)
    tell(f"interrupts: {n_interrupted} of {N_INTERRUPTS} within {length:.1f} s, no traceback")
    assert n_interrupted > N_INTERRUPTS / 3


@pytest.mark.parametrize("n_times", [1, 3])
def test_who_waits_for_another_build_can_be_interrupted(n_times, works, tmp_path):
    (tmp_path / "atlas").mkdir()
    with (tmp_path / "atlas" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = start(works, tmp_path)
        line = ""
        while "waiting for it to end" not in line:
            line = process.stderr.readline()
            assert line
        told = interrupt(process, signal.SIGINT, n_times)
    assert process.returncode == 130
    assert told.startswith("Interrupted.")
    assert "Traceback" not in told
