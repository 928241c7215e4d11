"""The same input, seed and versions give the same bytes, however the work is shared out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from artstylenet import building, changing
from artstylenet.backbones import DEFAULT_MODEL, load_backbone
from artstylenet.build import BuildSettings
from artstylenet.building import build_into
from artstylenet.changing import add_into, refit_in
from artstylenet.collection import read_collection
from artstylenet.datasets import make_paintings, write_paintings
from artstylenet.extraction import extract
from artstylenet.feature_store import open_store

TABLES = ("paintings.csv", "painters.csv", "styles.csv")
SETTINGS = {"styles": (2, 3), "seed": 5, "duplicates": "drop"}

pytestmark = pytest.mark.skipif(
    not DEFAULT_MODEL.exists(), reason=f"the default backbone is not there ({DEFAULT_MODEL.name})"
)


@pytest.fixture(scope="module", autouse=True)
def no_figures():
    with pytest.MonkeyPatch.context() as patch:
        for module in (building, changing):
            patch.setattr(module, "write_figures", lambda atlas, folder: None)
        yield


@pytest.fixture(scope="module")
def works(tmp_path_factory) -> Path:
    made = make_paintings(30, 3, size=64, random_state=3)
    folder = write_paintings(made, tmp_path_factory.mktemp("works"))
    more = make_paintings(6, 3, size=64, random_state=4)
    write_paintings(more, folder.parent / "more")
    return folder


@pytest.fixture(scope="module")
def first(works, tmp_path_factory) -> Path:
    """Built by one process, then grown and refitted."""
    folder = tmp_path_factory.mktemp("first") / "atlas"
    store = tmp_path_factory.mktemp("store")
    build_into(folder, read_collection(works), BuildSettings(**SETTINGS), store=store, n_jobs=1)
    (folder / "before").mkdir()
    for name in (*TABLES, "run.json"):
        (folder / "before" / name).write_bytes((folder / name).read_bytes())
    add_into(folder, read_collection(works.parent / "more"), store=store, n_jobs=1)
    refit_in(folder, warm=True, store=store, n_jobs=1)
    return folder


def tables(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in TABLES}


@pytest.mark.parametrize("n_jobs", [3])
def test_tables_are_the_same_to_the_byte_for_any_number_of_jobs(n_jobs, first, works, tmp_path):
    folder, store = tmp_path / "atlas", tmp_path / "store"
    build_into(
        folder, read_collection(works), BuildSettings(**SETTINGS), store=store, n_jobs=n_jobs
    )
    assert tables(folder) == tables(first / "before")
    add_into(folder, read_collection(works.parent / "more"), store=store, n_jobs=n_jobs)
    refit_in(folder, warm=True, store=store, n_jobs=n_jobs)
    assert tables(folder) == tables(first)


BUILD = """
import sys
from pathlib import Path
from artstylenet import building
from artstylenet.build import BuildSettings
from artstylenet.collection import read_collection
building.write_figures = lambda atlas, folder: None
works, folder, store = map(Path, sys.argv[1:])
settings = BuildSettings(styles=(2, 3), seed=5, duplicates="drop")
building.build_into(folder, read_collection(works), settings, store=store, n_jobs=2)
"""


@pytest.mark.parametrize("n_threads", [1, 5])
def test_tables_do_not_depend_on_how_many_threads_libraries_may_use(
    n_threads, first, works, tmp_path
):
    libraries = ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMBA")
    threads = {f"{name}_NUM_THREADS": str(n_threads) for name in libraries}
    threads["PYTHONHASHSEED"] = str(n_threads)
    command = [sys.executable, "-c", BUILD, str(works), str(tmp_path / "atlas")]
    subprocess.run([*command, str(tmp_path / "store")], check=True, env=os.environ | threads)
    assert tables(tmp_path / "atlas") == tables(first / "before")


def test_tables_do_not_depend_on_what_else_is_in_the_store_and_since_when(first, works, tmp_path):
    store = open_store(tmp_path / "store")
    paths = [str(path.relative_to(works)) for path in sorted(works.rglob("*.jpg"))]
    more = works.parent / "more"
    others = [str(path.relative_to(more)) for path in more.rglob("*.jpg")]
    open_backbone = partial(load_backbone, "default")
    for root, some in ((works, paths[20:9:-1]), (more, others), (works, paths[::7])):
        extract(root, some, open_backbone, store, n_jobs=2)
    collection = read_collection(works)
    build_into(
        tmp_path / "atlas", collection, BuildSettings(**SETTINGS), store=store.folder, n_jobs=2
    )
    assert tables(tmp_path / "atlas") == tables(first / "before")


def test_run_json_is_enough_to_repeat_a_run(first, tmp_path):
    run = json.loads((first / "before" / "run.json").read_text(), parse_constant=_no_json)
    settings = run["settings"]
    again = build_into(
        tmp_path / "again",
        read_collection(Path(run["image_root"]) / run["source"], run["layout_asked"]),
        BuildSettings(**{**settings, "styles": tuple(settings["styles"])}),
        store=tmp_path / "store",
        n_jobs=1,
    )
    assert again.atlas.run["inputs"] == run["inputs"]
    assert tables(tmp_path / "again") == tables(first / "before")


def test_run_json_also_says_what_was_done_later(first, tmp_path):
    run = json.loads((first / "run.json").read_text(), parse_constant=_no_json)
    settings, root = run["settings"], Path(run["image_root"])
    store, folder = tmp_path / "store", tmp_path / "again"
    collection = read_collection(root / run["source"], run["layout_asked"])
    known = BuildSettings(**{**settings, "styles": tuple(settings["styles"])})
    build_into(folder, collection, known, store=store, n_jobs=1)
    for change in run["changes"]:
        if change["action"] == "add":
            more = read_collection(root / change["source"], change["layout_asked"])
            add_into(folder, more, store=store, n_jobs=1)
        else:
            refit_in(folder, warm=change["warm"], store=store, n_jobs=1)
    assert tables(folder) == tables(first)


def test_pictures_that_never_vary_leave_json_that_everybody_reads(tmp_path):
    for i in range(12):
        Image.new("RGB", (64, 64), (200, 40, 40)).save(tmp_path / f"{i}.png")
    build_into(
        tmp_path / "atlas",
        read_collection(tmp_path),
        BuildSettings(styles=(2, 2)),
        store=tmp_path / "store",
        n_jobs=1,
    )
    for path in (tmp_path / "atlas").glob("*.json"):
        json.loads(path.read_text(), parse_constant=_no_json)


def _no_json(word: str) -> None:
    raise AssertionError(f"{word} is not JSON")
