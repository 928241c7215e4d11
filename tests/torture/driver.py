"""What is killed: a build, an addition, a refit, names or an explorer, in a process of its own.

Such a process is forked off one that has imported what takes long, so that hundreds can be
killed within minutes. LanceDB is not among it: its threads would not come along.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from artstylenet import building, changing
from artstylenet.atlas import StyleAtlas
from artstylenet.build import BuildSettings
from artstylenet.building import build_into
from artstylenet.changing import add_into, refit_in
from artstylenet.collection import read_collection
from artstylenet.curation import name_style
from artstylenet.topics import CollapsedTopics

SETTINGS = BuildSettings(styles=(2, 4))

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.torture.driver"])
IMPORTED_LATE = (
    "artstylenet.backbones.onnx",
    "artstylenet.explorer",
    "artstylenet.explorer.api",
    "artstylenet.site",
    "artstylenet.storage.estimator_files",
    "lance_namespace",
    "pyarrow.dataset",
    "pyarrow.parquet",
)


def one_figure(atlas: StyleAtlas, folder: Path) -> None:
    """Write what stands for all figures: they take most of the time, and are written likewise."""
    folder.mkdir()
    (folder / "figure.svg").write_text(f"<svg>{atlas.n_paintings}</svg>")


for module in (building, changing):
    module.write_figures = one_figure


def act(action: str, atlas: Path, store: Path, works: Path, n_jobs: int) -> None:
    """Do one thing to the end."""
    options = {"store": store, "n_jobs": n_jobs, "progress": say}
    if action == "build":
        build_into(atlas, read_collection(works / "old"), SETTINGS, **options)
    elif action == "add":
        add_into(atlas, read_collection(works / "new"), **options)
    else:
        refit_in(atlas, warm=True, **options)


def say(stage: str, n_done: int, n_total: int) -> None:
    """Tell how far it is, for those who want to kill at a certain moment."""
    print(f"{stage} {n_done}/{n_total}", flush=True)


def name_without_end(atlas: Path) -> None:
    """Give names, and print each once it is promised to be kept."""
    number = 0
    while True:
        name_style(atlas, 0, f"name {number}")
        print(number, flush=True)
        number += 1


def explore(atlas: Path) -> None:
    """Serve the explorer as its command does, and print its address."""
    from artstylenet.cli.explore import explore as command

    command(atlas, no_open=True, port=0, host="127.0.0.1", images=None, title=None)


class Forked:
    """A function that runs in a process group of its own, and what it has printed."""

    def __init__(self, function: Callable[..., None], *arguments: object, said: Path) -> None:
        said.touch()
        self.said = said
        self.process = FORKS.Process(target=_run, args=(function, arguments, said))
        self.process.start()
        self.pid = self.process.pid
        self.kill = self.process.kill

    def lines(self) -> list[str]:
        """Return the whole lines that were printed so far."""
        return self.said.read_text().split("\n")[:-1]

    def wait_for_line(self) -> str:
        """Return the first line, once it has been printed."""
        while not self.lines():
            assert self.process.is_alive()
            time.sleep(0.002)
        return self.lines()[0]


def _run(function: Callable[..., None], arguments: tuple[object, ...], said: Path) -> None:
    os.setsid()
    handle = os.open(said, os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(handle, stream)
    print("started", flush=True)
    function(*arguments)


if __name__ == "tests.torture.driver" and "forkserver" in " ".join(sys.orig_argv):
    for name in IMPORTED_LATE:
        importlib.import_module(name)
    # Compiled loops are read from their cache.
    CollapsedTopics(2, init="clusters", random_state=0).fit_transform(np.eye(8) * 3)
