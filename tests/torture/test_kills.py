"""kill -9 at random moments: the next run ends with the tables of an undisturbed one."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from artstylenet.curation import read_curation
from artstylenet.datasets import make_paintings, write_paintings
from artstylenet.storage import load_atlas
from tests.test_explorer_curating import kill_while_renaming
from tests.torture.driver import act

pytestmark = pytest.mark.torture

N_KILLS = int(os.environ.get("ARTSTYLENET_KILLS", "100"))
N_OLD, N_NEW = 40, 16
TABLES = ("paintings", "painters", "styles", "duplicates", "skipped", "uncertainty", "selection")
ACTIONS = ("build", "add", "refit")


@pytest.fixture(scope="module")
def works(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("works")
    made = make_paintings(N_OLD + N_NEW, 3, size=96, random_state=0)
    everything = write_paintings(made, folder / "all")
    for path in sorted(everything.rglob("*.*")):
        part = "old" if int(path.stem) < N_OLD else "new"
        target = folder / part / path.relative_to(everything)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    (folder / "old" / "bad.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def undisturbed(works, tmp_path_factory) -> dict[str, Path]:
    """The atlas after each action, nobody having been killed; and before the first."""
    folder, atlases = tmp_path_factory.mktemp("undisturbed"), {}
    for action in ACTIONS:
        before = atlases.get(ACTIONS[ACTIONS.index(action) - 1]) if action != "build" else None
        atlas = folder / action
        if before is not None:
            shutil.copytree(before, atlas)
        act(action, atlas, folder / f"store-{action}", works, 2)
        atlases[action] = atlas
    return atlases


def tables(folder: Path) -> dict[str, bytes]:
    return {name: (folder / f"{name}.csv").read_bytes() for name in TABLES}


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.torture.driver", *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=Path(__file__).parents[2],
    )


def kill(process: subprocess.Popen[str], *, whole_group: bool) -> None:
    """Kill a process, with its workers or alone; alone, its workers have to follow it."""
    workers = psutil.Process(process.pid).children(recursive=True)
    if whole_group:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert not alive


@pytest.mark.parametrize("action", ACTIONS)
def test_the_next_run_ends_as_if_undisturbed(action, undisturbed, works, tmp_path):
    moments = random.Random(f"{action} {N_KILLS}")
    before = None if action == "build" else undisturbed[ACTIONS[ACTIONS.index(action) - 1]]
    # What an undisturbed run takes here and now, from its start to its end.
    length = timed(action, before, works, tmp_path / "timed")
    n_in_the_middle = 0
    for number in range(N_KILLS):
        folder = tmp_path / str(number)
        folder.mkdir()
        atlas = folder / "atlas"
        if before is not None:
            shutil.copytree(before, atlas)
        process = start(action, atlas, folder / "store", works, 2)
        process.stdout.readline()
        time.sleep(moments.uniform(0, length))
        if process.poll() is None:
            n_in_the_middle += 1
            kill(process, whole_group=bool(number % 2))
        else:
            process.communicate()
        act(action, atlas, folder / "store", works, 2)
        assert tables(atlas) == tables(undisturbed[action]), number
        assert load_atlas(atlas).n_paintings == N_OLD + (0 if action == "build" else N_NEW)
        assert not (atlas / ".next").exists()
        shutil.rmtree(folder)
    print(f"{action}: killed {n_in_the_middle} of {N_KILLS} times, within {length:.1f} s")
    assert n_in_the_middle > N_KILLS / 4


def timed(action: str, before: Path | None, works: Path, folder: Path) -> float:
    folder.mkdir()
    if before is not None:
        shutil.copytree(before, folder / "atlas")
    process = start(action, folder / "atlas", folder / "store", works, 2)
    process.stdout.readline()
    started = time.perf_counter()
    process.communicate()
    assert process.returncode == 0
    return time.perf_counter() - started


def test_a_name_that_an_explorer_acknowledged_is_kept(undisturbed, tmp_path):
    atlas = shutil.copytree(undisturbed["build"], tmp_path / "atlas")
    n_kills = max(3, N_KILLS // 4)
    n_told = kill_while_renaming(atlas, n_kills, random.Random(0))
    print(f"killed {n_kills} times; {n_told} names acknowledged, none lost")


def test_a_name_that_was_acknowledged_is_kept(undisturbed, tmp_path):
    moments = random.Random(0)
    atlas = shutil.copytree(undisturbed["build"], tmp_path / "atlas")
    for _ in range(max(3, N_KILLS // 10)):
        process = start("name", atlas)
        process.stdout.readline()
        time.sleep(moments.uniform(0.05, 0.6))
        process.kill()
        told = process.communicate()[0].splitlines()
        whole = [line for line in told if line.isdigit()]
        if whole:
            kept = int(read_curation(atlas).names[0].removeprefix("name "))
            assert kept in (int(whole[-1]), int(whole[-1]) + 1)
