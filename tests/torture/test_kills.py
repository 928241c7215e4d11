"""kill -9 at random moments: the next run ends with the tables of an undisturbed one."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from artstylenet.curation import read_curation
from artstylenet.datasets import make_paintings, write_paintings
from artstylenet.storage import load_atlas
from tests.test_explorer_curating import kill_while_renaming
from tests.torture.driver import Forked, act, explore, name_without_end
from tests.torture.telling import tell

pytestmark = pytest.mark.torture

N_KILLS = int(os.environ.get("ARTSTYLENET_KILLS", "100"))
N_OLD, N_NEW = 24, 8
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


def kill(process: Forked, *, whole_group: bool) -> None:
    """Kill a process, with its workers or alone; alone, its workers have to follow it."""
    try:
        workers = psutil.Process(process.pid).children(recursive=True)
        if whole_group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except (psutil.NoSuchProcess, ProcessLookupError):
        workers = []
    process.process.join()
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert not alive


@pytest.mark.parametrize("action", ACTIONS)
def test_the_next_run_ends_as_if_undisturbed(action, undisturbed, works, tmp_path):
    moments = random.Random(f"{action} {N_KILLS}")
    before = None if action == "build" else undisturbed[ACTIONS[ACTIONS.index(action) - 1]]
    # What an undisturbed run takes here and now, from its start to its end.
    length = max(timed(action, before, works, tmp_path / f"timed-{i}") for i in range(2))
    killed = {True: 0, False: 0}
    for number in range(N_KILLS):
        folder = tmp_path / str(number)
        folder.mkdir()
        atlas = folder / "atlas"
        if before is not None:
            shutil.copytree(before, atlas)
        arguments = (action, atlas, folder / "store", works, 2)
        process = Forked(act, *arguments, said=folder / "said")
        process.wait_for_line()
        # Some of the moments come too late, as on a machine that is faster than it was: again.
        time.sleep(moments.uniform(0, length))
        whole_group = bool(number % 2)
        killed[whole_group] += process.process.is_alive()
        kill(process, whole_group=whole_group)
        act(action, atlas, folder / "store", works, 1)
        assert tables(atlas) == tables(undisturbed[action]), number
        assert load_atlas(atlas).n_paintings == N_OLD + (0 if action == "build" else N_NEW)
        assert not (atlas / ".next").exists()
        shutil.rmtree(folder)
    tell(
        f"{action}: killed {sum(killed.values())} times within {length:.1f} s, "
        f"{killed[True]} of them with its workers; every next run ended with the same tables"
    )
    assert sum(killed.values()) > N_KILLS / 2


def timed(action: str, before: Path | None, works: Path, folder: Path) -> float:
    folder.mkdir()
    if before is not None:
        shutil.copytree(before, folder / "atlas")
    process = Forked(
        act, action, folder / "atlas", folder / "store", works, 2, said=folder / "said"
    )
    process.wait_for_line()
    started = time.perf_counter()
    process.process.join()
    assert process.process.exitcode == 0, process.lines()
    return time.perf_counter() - started


@contextmanager
def exploring(folder: Path) -> Iterator[tuple[Forked, str]]:
    """Give the process of an explorer, and its host and port; it is killed in the end."""
    server = Forked(explore, folder, said=folder.parent / f"said-{time.monotonic_ns()}")
    while len(server.lines()) < 2:
        assert server.process.is_alive(), server.lines()
        time.sleep(0.002)
    yield server, re.search(r"http://([^/]+)/", server.lines()[1])[1]
    server.kill()
    server.process.join()


def test_a_name_that_an_explorer_acknowledged_is_kept(undisturbed, tmp_path):
    atlas = shutil.copytree(undisturbed["build"], tmp_path / "atlas")
    n_told = kill_while_renaming(atlas, N_KILLS, random.Random(0), exploring)
    tell(f"explorer: killed {N_KILLS} times; {n_told} names acknowledged, none lost")


def test_a_name_that_was_acknowledged_is_kept(undisturbed, tmp_path):
    moments = random.Random(0)
    atlas = shutil.copytree(undisturbed["build"], tmp_path / "atlas")
    n_told = 0
    for number in range(N_KILLS):
        process = Forked(name_without_end, atlas, said=tmp_path / str(number))
        process.wait_for_line()
        time.sleep(moments.uniform(0, 0.3))
        process.kill()
        process.process.join()
        whole = [line for line in process.lines() if line.isdigit()]
        n_told += len(whole)
        if whole:
            kept = int(read_curation(atlas).names[0].removeprefix("name "))
            assert kept in (int(whole[-1]), int(whole[-1]) + 1)
    tell(f"names: killed {N_KILLS} times; {n_told} names acknowledged, none lost")
