from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from artstylenet import feature_store
from artstylenet.errors import InputError
from artstylenet.feature_store import (
    COLUMNS,
    FeatureRow,
    FeatureTable,
    StoredHashes,
    open_store,
    to_float16,
)


def make_row(number: int, *, with_descriptor: bool = True) -> FeatureRow:
    """A small row, different for every number."""
    rng = np.random.default_rng(number)
    return FeatureRow(
        image_hash=f"{number:064x}",
        width=100 + number,
        height=200 + number,
        perceptual_hash=2**64 - 1 - number,
        thumbnail=rng.bytes(20 + number % 7),
        statistics=rng.random(6).astype(np.float16),
        local=rng.integers(-127, 128, (196, 3)).astype(np.int8),
        windows=rng.random((4, 5)).astype(np.float16),
        descriptor=rng.random(2).astype(np.float16) if with_descriptor else None,
        part_descriptors=rng.random((8, 2)).astype(np.float16) if with_descriptor else None,
    )


def read_all(table: FeatureTable, numbers: list[int], column: str) -> list[np.ndarray]:
    blocks = table.read([f"{n:064x}" for n in numbers], [column])
    return [row for block in blocks for row in block[column]]


@pytest.fixture
def table(tmp_path: Path) -> FeatureTable:
    return open_store(tmp_path / "store").table("key")


@pytest.mark.parametrize("column", COLUMNS)
def test_rows_come_back_in_the_order_asked(
    table: FeatureTable, column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feature_store, "BLOCK_ROWS", 4)
    table.write([make_row(n) for n in range(6)])
    table.write([make_row(n) for n in range(6, 10)])
    asked = [7, 2, 2, 9, 0, 7, 5]
    for number, value in zip(asked, read_all(table, asked, column), strict=True):
        expected = getattr(make_row(number), column)
        assert np.array_equal(value, expected)
        if isinstance(expected, np.ndarray):
            assert value.dtype == expected.dtype
            assert value.shape == expected.shape


def test_stored_hashes(table: FeatureTable) -> None:
    assert f"{0:064x}" not in table.stored()
    table.write([make_row(n) for n in (3, 1)])
    stored = table.stored()
    assert len(stored) == 2
    assert f"{3:064x}" in stored
    assert f"{2:064x}" not in stored
    assert f"{5:064x}" not in stored
    assert table.stored().find([f"{2:064x}"]).tolist() == [-1]


def test_nothing_is_written_before_the_first_picture(tmp_path: Path) -> None:
    table = open_store(tmp_path / "store").table("key")
    assert len(table.stored()) == 0
    assert list(table.read([], ["local"])) == []
    table.write([])
    table.delete()
    table.tidy()
    assert not (tmp_path / "store").exists()


def test_backbones_are_kept_apart(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.table("one").write([make_row(1)])
    store.table("two").write([make_row(1, with_descriptor=False), make_row(2)][:1])
    store.table("one").delete()
    assert len(store.table("one").stored()) == 0
    assert len(store.table("two").stored()) == 1


def test_a_picture_that_is_not_stored_is_told(table: FeatureTable) -> None:
    with pytest.raises(InputError, match="lacks 1 of 1"):
        list(table.read([f"{0:064x}"], ["local"]))
    table.write([make_row(1)])
    with pytest.raises(InputError, match="lacks 1 of 2"):
        list(table.read([f"{1:064x}", f"{2:064x}"], ["local"]))


def test_an_unknown_column_is_told(table: FeatureTable) -> None:
    with pytest.raises(InputError, match="statistics"):
        list(table.read([f"{0:064x}"], ["pixels"]))


def test_rows_written_twice_are_read_once(table: FeatureTable) -> None:
    for _ in range(2):
        table.write([make_row(n) for n in range(3)])
    assert len(read_all(table, [0, 1, 2], "local")) == 3


def test_readers_keep_their_version(table: FeatureTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_store, "BLOCK_ROWS", 2)
    table.write([make_row(n) for n in range(6)])
    blocks = table.read([f"{n:064x}" for n in range(6)], ["width"])
    widths = next(blocks)["width"].tolist()
    table.write([make_row(n) for n in range(6, 9)])
    monkeypatch.setattr(feature_store, "_MANY_FRAGMENTS", 2)
    table.tidy()
    for block in blocks:
        widths += block["width"].tolist()
    assert widths == [100 + n for n in range(6)]


def test_many_small_fragments_are_merged(
    table: FeatureTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feature_store, "_MANY_FRAGMENTS", 4)
    for n in range(5):
        table.write([make_row(n)])
    table.tidy()
    opened = table._open()
    assert opened is not None
    assert opened.stats()["fragment_stats"]["num_fragments"] == 1
    assert np.array_equal(read_all(table, [4], "local")[0], make_row(4).local)


def test_a_store_may_be_deleted_at_any_time(table: FeatureTable) -> None:
    table.write([make_row(1)])
    shutil.rmtree(table.folder)
    table.write([make_row(2)])
    stored = table.stored()
    assert f"{1:064x}" not in stored
    assert f"{2:064x}" in stored


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="not a folder"):
        open_store(tmp_path / "file")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "me.jpg").write_text("x")
    with pytest.raises(InputError, match=r"holds 'me\.jpg'"):
        open_store(tmp_path / "photos")


def test_a_damaged_store_is_told(table: FeatureTable) -> None:
    table.write([make_row(1)])
    for manifest in table.folder.rglob("*.manifest"):
        manifest.write_bytes(b"garbage")
    with pytest.raises(InputError, match="delete the folder"):
        table.stored()
    with pytest.raises(InputError, match="delete the folder"):
        table.write([make_row(2)])


def test_damaged_data_are_told(table: FeatureTable) -> None:
    table.write([make_row(1)])
    for path in table.folder.rglob("data/*.lance"):
        path.write_bytes(path.read_bytes()[:10])
    with pytest.raises(InputError, match="delete the folder"):
        list(table.read([f"{1:064x}"], ["local"]))


def test_the_default_is_in_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert open_store().folder.is_relative_to(tmp_path) or sys.platform != "linux"


WRITE_FOR_EVER = """
import sys
from pathlib import Path
from artstylenet.feature_store import open_store
from tests.test_feature_store import make_row
table = open_store(Path(sys.argv[1])).table("key")
number = int(sys.argv[2])
print("ready", flush=True)
while True:
    table.write([make_row(n) for n in range(number, number + 5)])
    number += 5
"""


def start_writer(folder: Path, first: int) -> subprocess.Popen[str]:
    root = Path(__file__).resolve().parents[1]
    return subprocess.Popen(
        [sys.executable, "-c", WRITE_FOR_EVER, str(folder), str(first)],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_writers_killed_at_any_moment_leave_whole_blocks(tmp_path: Path) -> None:
    table = open_store(tmp_path / "store").table("key")
    # Two at once: they also must not harm each other.
    writers = [start_writer(table.folder, 1000 * k) for k in range(2)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer, n_rows in zip(writers, (20, 60), strict=True):
        while len(table.stored()) < n_rows:
            time.sleep(0.001)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
    stored = table.stored()
    numbers = [n for n in range(10_000) if f"{n:064x}" in stored]
    assert len(numbers) == len(stored)
    assert len(numbers) % 5 == 0
    for number, value in zip(numbers, read_all(table, numbers, "statistics"), strict=True):
        assert np.array_equal(value, make_row(number).statistics)


def test_what_a_cut_commit_leaves_is_ignored(table: FeatureTable) -> None:
    """A block's data are written first and count from the moment its manifest is there."""
    table.write([make_row(1)])
    before = set(table.folder.rglob("*"))
    table.write([make_row(2)])
    for path in set(table.folder.rglob("*.manifest")) - before:
        path.unlink()
    for path in table.folder.rglob("latest_version_hint.json"):
        path.unlink()
    assert f"{2:064x}" not in table.stored()
    table.write([make_row(3)])
    assert np.array_equal(read_all(table, [1, 3], "local")[1], make_row(3).local)


def test_a_first_commit_that_lands_while_the_table_is_opened_counts(
    table: FeatureTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where two builds begin at once, one looks while the other makes the table."""
    table.write([make_row(1)])
    versions = table.path / "_versions"
    hidden = table.path / "hidden"
    versions.rename(hidden)
    connect = FeatureTable._connect

    class Late:
        """A database whose table is there just after somebody has failed to open it."""

        def open_table(self, name: str) -> object:
            try:
                return connect(table).open_table(name)
            finally:
                if hidden.exists():
                    hidden.rename(versions)

    monkeypatch.setattr(table, "_connect", Late, raising=False)
    assert f"{1:064x}" in table.stored()


def test_float16_never_overflows() -> None:
    assert to_float16(np.array([1e9, -1e9, 0.5], np.float32)).tolist() == [65504.0, -65504.0, 0.5]


def test_stored_hashes_take_the_first_of_equal_rows() -> None:
    hashes = np.array([b"b" * 64, b"a" * 64, b"b" * 64])
    stored = StoredHashes(hashes, np.array([5, 7, 2], np.uint64))
    assert stored.find(["b" * 64, "a" * 64, "c" * 64]).tolist() == [2, 7, -1]
