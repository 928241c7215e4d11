"""What is killed: a build, an addition, a refit or names, in a process of its own.

::

    python -m tests.torture.driver build|add|refit ATLAS STORE WORKS N_JOBS
    python -m tests.torture.driver name ATLAS

Figures are left out: they take most of the time, and are written where all other files are.
"""

from __future__ import annotations

import sys
from pathlib import Path

from artstylenet import building, changing
from artstylenet.atlas import StyleAtlas
from artstylenet.build import BuildSettings
from artstylenet.building import build_into
from artstylenet.changing import add_into, refit_in
from artstylenet.collection import read_collection
from artstylenet.curation import name_style

SETTINGS = BuildSettings(styles=(2, 4))


def one_figure(atlas: StyleAtlas, folder: Path) -> None:
    """Write what stands for all figures."""
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


if __name__ == "__main__":
    print("started", flush=True)
    if sys.argv[1] == "name":
        name_without_end(Path(sys.argv[2]))
    else:
        act(sys.argv[1], *map(Path, sys.argv[2:5]), int(sys.argv[5]))
