"""Disks that are full, folders that cannot be written, files that vanish, builds that meet."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from artstylenet.backbones import load_backbone
from artstylenet.collection import read_collection
from artstylenet.extraction import extract
from artstylenet.feature_store import open_store
from tests.torture.driver import act
from tests.torture.test_kills import tables

pytestmark = pytest.mark.torture


@pytest.fixture
def disk(tmp_path):
    """Mount a file system of a given size; skip where that is not permitted."""
    mounted = []

    def mount(kilobytes: int) -> Path:
        folder = tmp_path / f"disk-{kilobytes}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("mounting a file system is not permitted here")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "artstylenet", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize("kilobytes", [16, 200, 900])
def test_an_atlas_on_a_full_disk_is_told_and_finished_later(kilobytes, disk, works, reference):
    small = disk(kilobytes)
    store = reference.parent / "store"
    ended = command("build", works / "old", "-o", small / "atlas", "--styles", "2..4",
                    "--store", store, "--jobs", 2)  # fmt: skip
    assert ended.returncode in (1, 2), ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith("Error: ")
    subprocess.run(["mount", "-o", "remount,size=50000k", str(small)], check=True)
    act("build", small / "atlas", store, works, 2)
    assert tables(small / "atlas") == tables(reference)


@pytest.mark.parametrize("kilobytes", [16, 200, 500])
def test_a_store_on_a_full_disk_is_told_and_finished_later(
    kilobytes, disk, works, reference, tmp_path
):
    small = disk(kilobytes)
    ended = command("build", works / "old", "-o", tmp_path / "atlas", "--styles", "2..4",
                    "--store", small / "store", "--jobs", 2)  # fmt: skip
    assert ended.returncode in (1, 2), ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith("Error: ")
    subprocess.run(["mount", "-o", "remount,size=50000k", str(small)], check=True)
    act("build", tmp_path / "atlas", small / "store", works, 2)
    assert tables(tmp_path / "atlas") == tables(reference)


def test_a_folder_that_cannot_be_written_is_told(disk, works, reference):
    sealed = disk(50_000)
    shutil.copytree(reference, sealed / "atlas")
    subprocess.run(["mount", "-o", "remount,ro", str(sealed)], check=True)
    one = (reference / "paintings.csv").read_text().splitlines()[1].split(",")[0]
    for arguments in (
        ("build", works / "old", "-o", sealed / "atlas", "--styles", 2),
        ("build", works / "old", "-o", sealed / "new", "--styles", 2),
        ("remove", sealed / "atlas", one),
        ("add", sealed / "atlas", works / "old"),
        ("refit", sealed / "atlas", "--warm"),
        ("export", reference, sealed / "site"),
    ):
        ended = command(*arguments)
        assert ended.returncode in (1, 2), arguments
        assert "Traceback" not in ended.stderr, arguments
        assert ended.stderr.splitlines()[-1].startswith("Error: ")
    # Reading it is no trouble.
    assert command("styles", sealed / "atlas").returncode == 0


def test_files_that_vanish_and_change_while_they_are_read(works, tmp_path):
    folder = shutil.copytree(works / "old", tmp_path / "restless")
    paths = sorted(path for path in folder.rglob("*.*") if path.is_file())
    contents = [path.read_bytes() for path in paths]
    stop = threading.Event()

    def disturb() -> None:
        round_number = 0
        while not stop.is_set():
            for number, path in enumerate(paths):
                kind = (number + round_number) % 4
                if kind == 0:
                    path.unlink(missing_ok=True)
                elif kind == 1:
                    path.write_bytes(contents[number][: len(contents[number]) // 2])
                else:
                    path.write_bytes(contents[(number + kind - 2) % len(paths)])
            round_number += 1

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        for attempt in range(5):
            done = extract(
                folder,
                [str(path.relative_to(folder)) for path in paths] * 3,
                partial(load_backbone, "default"),
                open_store(tmp_path / f"store-{attempt}"),
                n_jobs=2,
            )
            assert len(done.hashes) == 3 * len(paths)
            n_skipped = sum(one is None for one in done.hashes)
            assert n_skipped == len(done.skipped)
    finally:
        stop.set()
        thread.join()
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    assert len(read_collection(folder).paintings) == len(paths)


def test_two_builds_into_one_atlas_wait_for_each_other(works, reference, tmp_path):
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "artstylenet", "build", str(works / "old"), "-o",
             str(tmp_path / "atlas"), "--styles", "2..4", "--store", str(tmp_path / "store")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ,
        )
        for _ in range(2)
    ]  # fmt: skip
    told = [process.communicate(timeout=600) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert sum("waiting for it to end" in err for _, err in told) == 1
    assert sum("up to date" in out for out, _ in told) == 1
    assert tables(tmp_path / "atlas") == tables(reference)
