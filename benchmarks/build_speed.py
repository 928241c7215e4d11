"""Time, memory and size of a build, against the bars that this project sets itself.

::

    python -m benchmarks.build_speed PAINTINGS             # a build from an empty store, and again
    python -m benchmarks.build_speed PAINTINGS --install   # also the size of a default install

Both builds run as users run them: the command, in a process of its own, with 5..20 styles tried
the first time and one number given the second. Memory is the sum over the command and its
workers of what is theirs alone plus their share of what is shared (PSS), sampled ten times a
second. The load of the machine is printed, since times on a busy machine say little.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
COMMAND = (sys.executable, "-m", "artstylenet")
SAMPLE_EVERY = 0.1
HELP_RUNS = 5
MINUTE = 60.0
GIGABYTE = 1e9
STAGE_LINE = re.compile(r"^(?P<stage>.+): [\d,]+ in (?P<seconds>[\d.]+) s$")
MODEL_STAGES = ("Learning visual words", "Trying numbers of styles", "Fitting styles")


@dataclass(frozen=True)
class Run:
    """A command that has ended.

    Attributes
    ----------
    seconds : float
        Wall time.
    cpu_seconds : float
        Of the command and all its workers.
    peak_bytes : int
        Largest sum of memory over the command and its workers.
    stages : dict of str to float
        Wall seconds of each stage, as the command reports them.
    summary : str
        What it printed.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    stages: dict[str, float]
    summary: str


@dataclass(frozen=True)
class Line:
    """A row of the table; without a bar it is only told."""

    what: str
    value: float
    unit: str
    bar: float | None = None

    def __str__(self) -> str:
        digits = 0 if self.value >= 100 or self.unit == "packages" else 1 if self.value >= 10 else 2
        bar = "" if self.bar is None else f"under {self.bar:g} {self.unit}"
        verdict = "" if self.bar is None else "yes" if self.value < self.bar else "**no**"
        return f"| {self.what} | {self.value:.{digits}f} {self.unit} | {bar} | {verdict} |"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.build_speed", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("paintings", type=Path, help="folder or table of paintings")
    parser.add_argument("--again", type=int, default=9, help="styles of the second build")
    parser.add_argument("--install", action="store_true", help="also install into a new venv")
    options = parser.parse_args(arguments)

    print(machine(), file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="artstylenet-bench-") as scratch:
        lines = list(measure_builds(options.paintings, Path(scratch), options.again))
        if options.install:
            lines += measure_install(Path(scratch) / "venv")
    print(f"{machine()}\n")
    print("| measured | value | bar | met |\n|---|---|---|---|")
    print("\n".join(map(str, lines)))


def machine() -> str:
    """Say what is measured on and how busy it is."""
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    cores = len(os.sched_getaffinity(0))
    return f"Python {platform.python_version()}, {cores} cores, load {load} (1, 5, 15 minutes)"


def measure_builds(paintings: Path, scratch: Path, n_again: int) -> Iterable[Line]:
    yield Line("`artstylenet --help`, best of 5", best_help_time(), "s", 0.5)
    build = (*COMMAND, "build", str(paintings), "-o", str(scratch / "atlas"))
    build += ("--store", str(scratch / "store"))
    first = run((*build, "--styles", "5..20"))
    print(first.summary, file=sys.stderr)
    yield Line("build from an empty store, 5..20 styles", first.seconds / MINUTE, "min", 12)
    for stage, seconds in first.stages.items():
        yield Line(f"... {stage.lower()}", seconds, "s")
    models = sum(first.stages.get(stage, 0.0) for stage in MODEL_STAGES)
    yield Line("... words, topic models and their number", models / MINUTE, "min", 3)
    yield Line("... CPU time", first.cpu_seconds / MINUTE, "min")
    yield Line("... peak memory, workers included", first.peak_bytes / GIGABYTE, "GB", 2)
    yield Line("feature store", size_of(scratch / "store") / GIGABYTE, "GB")
    yield Line("atlas", size_of(scratch / "atlas") / GIGABYTE, "GB")
    again = run((*build, "--styles", str(n_again)))
    yield Line(f"build again, {n_again} styles", again.seconds / MINUTE, "min", 1)
    for stage, seconds in again.stages.items():
        yield Line(f"... {stage.lower()} ", seconds, "s")
    yield Line("... peak memory", again.peak_bytes / GIGABYTE, "GB", 2)


def best_help_time() -> float:
    """Return the wall seconds of ``artstylenet --help``, the best of a few."""
    times = []
    for _ in range(HELP_RUNS):
        start = time.perf_counter()
        subprocess.run((*COMMAND, "--help"), check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return min(times)


def run(command: Sequence[str]) -> Run:
    """Run a command and watch it."""
    start, cpu_before = time.perf_counter(), cpu_of_ended_children()
    with tempfile.TemporaryFile("w+") as progress, tempfile.TemporaryFile("w+") as summary:
        process = psutil.Popen(command, stdout=summary, stderr=progress)
        peak = 0
        while process.poll() is None:
            peak = max(peak, memory_of(process))
            time.sleep(SAMPLE_EVERY)
        seconds = time.perf_counter() - start
        progress.seek(0)
        summary.seek(0)
        told = progress.read()
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{told}")
        found = (STAGE_LINE.match(line) for line in told.splitlines())
        return Run(
            seconds=seconds,
            cpu_seconds=cpu_of_ended_children() - cpu_before,
            peak_bytes=peak,
            stages={line["stage"]: float(line["seconds"]) for line in found if line},
            summary=summary.read(),
        )


def memory_of(process: psutil.Process) -> int:
    """Return the bytes that a process and its children hold now."""
    total = 0
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for member in family:
        try:
            found = member.memory_full_info()
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
        # Only Linux tells the share; elsewhere what is the process's own.
        total += getattr(found, "pss", 0) or found.uss
    return total


def cpu_of_ended_children() -> float:
    """Return the CPU seconds of all children waited for, and of their children."""
    times = os.times()
    return times.children_user + times.children_system


def measure_install(venv: Path) -> Iterable[Line]:
    """Install without extras into a new environment; look for torch."""
    subprocess.run((sys.executable, "-m", "venv", str(venv)), check=True)
    python = str(venv / "bin" / "python")
    empty = size_of(venv)
    pip = (python, "-m", "pip", "--disable-pip-version-check")
    subprocess.run((*pip, "install", "--quiet", "--quiet", str(ROOT)), check=True)
    yield Line("default install", (size_of(venv) - empty) / GIGABYTE, "GB", 1.3)
    listed = subprocess.run(
        (*pip, "list", "--format", "json"), check=True, capture_output=True, text=True
    ).stdout
    names = [package["name"].lower() for package in json.loads(listed)]
    yield Line("... packages", len(names), "packages")
    yield Line("... torch or CUDA among them", sum(map(is_torch, names)), "packages", 1)


def is_torch(name: str) -> bool:
    return name.startswith(("torch", "nvidia-", "triton"))


def size_of(folder: Path) -> int:
    """Return the bytes on disk of all files below a folder."""
    return sum(
        path.lstat().st_blocks * 512
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    )


if __name__ == "__main__":
    main()
