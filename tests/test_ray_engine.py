"""A build on a Ray cluster ends as a build on this machine does."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from artstylenet import building
from artstylenet.backbones import DEFAULT_MODEL, load_backbone
from artstylenet.build import BuildSettings
from artstylenet.building import build_into
from artstylenet.cli.engines import open_engine
from artstylenet.collection import read_collection
from artstylenet.datasets import make_paintings, write_paintings
from artstylenet.errors import InputError, MissingExtraError
from artstylenet.extraction import extract
from artstylenet.extraction.books import Books
from artstylenet.extraction.fragments import FragmentTable, commit_fragments
from artstylenet.extraction.ray_engine import RayEngine, _deal, _knock
from artstylenet.extraction.worker_pool import WorkerPool
from artstylenet.feature_store import open_store
from tests.bad_images import encode, scene
from tests.fake_backbone import FakeBackbone

TABLES = ("paintings.csv", "painters.csv", "styles.csv", "skipped.csv", "duplicates.csv")
HAS_RAY = all(importlib.util.find_spec(name) for name in ("ray", "lance"))

needs_ray = pytest.mark.skipif(
    not HAS_RAY, reason="Ray is not installed: pip install 'artstylenet[ray]'"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    works = tmp_path / "works"
    works.mkdir()
    for i in range(5):
        (works / f"{i}.png").write_bytes(encode(scene(seed=i), "PNG"))
    return works


def test_every_file_is_dealt_once_in_shards_of_a_block_at_most():
    paths = [str(i) for i in range(50_000)]
    for n_files, n_workers in ((1, 1), (100, 2), (50_000, 1), (50_000, 300)):
        shards = _deal(paths[:n_files], n_workers)
        assert [path for shard in shards for path in shard.paths] == paths[:n_files]
        assert all(paths[shard.start] == shard.paths[0] for shard in shards)
        assert max(len(shard.paths) for shard in shards) <= 1000


def test_a_pool_keeps_its_workers_from_one_call_to_the_next(folder, tmp_path):
    store, paths = open_store(tmp_path / "store"), sorted(p.name for p in folder.iterdir())
    with WorkerPool(FakeBackbone, 1) as pool:
        pids = []
        for part in (paths[:2], paths[1:]):
            books = Books(folder, part, store.table)
            pool.work(books)
            books.store_rows()
            pids += [worker.pid for worker in pool._workers]
    assert len(pids) == 2
    assert pids[0] == pids[1]
    assert books.result().n_extracted == 3
    assert len(store.table("fake").stored()) == 5


def test_of_what_two_stored_at_once_one_row_is_left(folder, tmp_path):
    table = open_store(tmp_path / "store").table("fake")
    extraction = extract(folder, ["0.png", "1.png"], FakeBackbone, open_store(table.folder))
    twice = table._open().to_arrow()
    table._open().add(twice)
    table._open().add(twice.slice(1))
    assert len(table.stored()) == 5
    table.drop_doubles()
    assert len(table.stored()) == 2
    assert (table.stored().find(extraction.hashes) >= 0).all()


@pytest.mark.parametrize("missing", ["ray", "lance"])
def test_without_ray_the_extra_is_named(missing, monkeypatch):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'artstylenet\[ray\]'"):
        RayEngine().__enter__()


@pytest.mark.parametrize(
    ("name", "address", "gpus", "sentence"),
    [
        ("spark", None, 0, "local or ray"),
        ("local", "auto", 0, "for --engine ray"),
        ("local", None, 1, "for --engine ray"),
    ],
)
def test_engines_that_do_not_exist_are_refused(name, address, gpus, sentence):
    with (
        pytest.raises(InputError, match=sentence),
        open_engine(name, address, gpus, None),
    ):
        pass


@pytest.mark.parametrize("address", ["127.0.0.1:9", "no-such-host.invalid:1"])
def test_a_cluster_that_does_not_answer_is_told_soon(address):
    with pytest.raises(InputError, match=f"No Ray cluster answers at {address}"):
        _knock(address)


@pytest.mark.parametrize("address", ["here", "here:", ":1", "ray://head:10001", "http://head:1:x"])
def test_what_is_no_address_is_told(address):
    with pytest.raises(InputError, match="no address"):
        _knock(address)


@needs_ray
def test_fragments_are_seen_once_they_are_committed(folder, tmp_path):
    table = open_store(tmp_path / "store").table("fake")
    writer = FragmentTable(table, table.stored())
    with WorkerPool(FakeBackbone, 1) as pool:
        books = Books(folder, ["0.png", "1.png"], lambda key: writer)
        pool.work(books)
    books.store_rows()
    assert len(table.stored()) == 0
    commit_fragments(table, writer.fragments)
    assert (table.stored().find(books.result().hashes) >= 0).all()
    (block,) = table.read(books.result().hashes, ["width"])
    assert block["width"].tolist() == [96, 96]


@needs_ray
def test_fragments_that_lie_elsewhere_are_not_committed(folder, tmp_path):
    table, other = (open_store(tmp_path / name).table("fake") for name in ("here", "there"))
    extract(folder, ["0.png"], FakeBackbone, open_store(table.folder))
    writer = FragmentTable(other, other.stored())
    with WorkerPool(FakeBackbone, 1) as pool:
        books = Books(folder, ["1.png"], lambda key: writer)
        pool.work(books)
    books.store_rows()
    with pytest.raises(InputError, match="--store"):
        commit_fragments(table, writer.fragments)
    assert len(table.stored()) == 1


@needs_ray
@pytest.mark.skipif(not DEFAULT_MODEL.exists(), reason="the default backbone is not there")
def test_tables_are_the_same_to_the_byte_on_either_engine(tmp_path, monkeypatch):
    works = write_paintings(make_paintings(40, 3, size=64, random_state=3), tmp_path / "works")
    (works / "copy.jpg").write_bytes(sorted(works.rglob("*.jpg"))[0].read_bytes())
    (works / "bad.jpg").write_bytes(b"no picture")
    monkeypatch.setattr(building, "write_figures", lambda atlas, folder: None)
    here, there = tmp_path / "here", tmp_path / "there"
    settings = BuildSettings(styles=(2, 3))
    build_into(here, read_collection(works), settings, store=tmp_path / "store", n_jobs=1)
    # In a process of its own: Ray leaves threads and warnings behind.
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "artstylenet", "build", works, "-o", there),
            *("--store", tmp_path / "other", "--styles", "2..3", "--jobs", "2", "--engine", "ray"),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, sys.path))},
    )
    assert ended.returncode == 0, ended.stderr
    first, *stages = ended.stderr.splitlines()
    assert first == "Connecting to Ray"
    assert all(line.endswith(" s") for line in stages), ended.stderr
    for table in TABLES:
        assert (there / table).read_bytes() == (here / table).read_bytes()
    assert len(open_store(tmp_path / "other").table(load_backbone().key).stored()) == 40
