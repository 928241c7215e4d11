"""A Ray cluster of several nodes on this machine, of which one is killed in the middle."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from artstylenet.backbones import load_backbone
from artstylenet.datasets import make_paintings, write_paintings
from artstylenet.feature_store import open_store

pytestmark = [
    pytest.mark.torture,
    pytest.mark.skipif(
        not all(importlib.util.find_spec(name) for name in ("ray", "lance")),
        reason="Ray is not installed: pip install 'artstylenet[ray]'",
    ),
    # Ray's own, of the processes it starts here.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning"),
]

N_PAINTINGS = 240
TABLES = ("paintings", "painters", "styles", "duplicates", "skipped", "uncertainty", "selection")


@pytest.fixture(scope="module")
def works(tmp_path_factory) -> Path:
    made = make_paintings(N_PAINTINGS, 3, size=96, random_state=0)
    folder = write_paintings(made, tmp_path_factory.mktemp("works"))
    pictures = sorted(folder.rglob("*.jpg"))
    # The same bytes in shards that are far apart, and a file that is skipped.
    (folder / "copy.jpg").write_bytes(pictures[0].read_bytes())
    (folder / "zz.jpg").write_bytes(pictures[1].read_bytes())
    (folder / "bad.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def undisturbed(works, tmp_path_factory) -> Path:
    """What this machine makes of it without Ray."""
    folder = tmp_path_factory.mktemp("undisturbed")
    process = start("local", folder / "atlas", folder / "store", works)
    process.communicate()
    assert process.returncode == 0
    return folder / "atlas"


@pytest.fixture
def cluster(monkeypatch) -> Iterator[Any]:
    """A head that does not work, and two nodes of one CPU."""
    # Workers of a priority as low as Ray gives them take minutes to start on a busy machine.
    monkeypatch.setenv("RAY_worker_niceness", "0")
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    made.workers = [made.add_node(num_cpus=1) for _ in range(2)]
    made.wait_for_nodes()
    yield made
    made.shutdown()


def start(engine: str, atlas: Path, store: Path, works: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.torture.ray_driver",
            engine,
            *map(str, (atlas, store, works)),
        ],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def wait_until(process: subprocess.Popen[str], awaited: str, share: float) -> None:
    """Read what a build says until so much of a stage is done."""
    for line in process.stdout:
        stage, _, counts = line.rpartition(" ")
        if stage == awaited:
            n_done, n_all = map(int, counts.split("/"))
            if n_done >= share * n_all:
                return
    raise AssertionError("the build ended before it was disturbed")


def tables(folder: Path) -> dict[str, bytes]:
    return {name: (folder / f"{name}.csv").read_bytes() for name in TABLES}


def n_rows(store: Path) -> int:
    return len(open_store(store).table(load_backbone().key).stored())


@pytest.mark.parametrize(
    ("stage", "share"),
    [
        ("Extracting features", 0.01),
        ("Extracting features", 0.2),
        ("Extracting features", 0.6),
        ("Learning visual words", 0.0),
    ],
)
def test_a_node_that_is_killed_costs_nothing(stage, share, works, undisturbed, cluster, tmp_path):
    process = start(cluster.address, tmp_path / "atlas", tmp_path / "store", works)
    wait_until(process, stage, share)
    cluster.remove_node(cluster.workers[0], allow_graceful=False)
    process.communicate()
    assert process.returncode == 0
    assert tables(tmp_path / "atlas") == tables(undisturbed)
    # Nothing is lost and nothing is there twice: a row for each picture, though two have copies.
    assert n_rows(tmp_path / "store") == N_PAINTINGS


def test_a_killed_build_goes_on_where_it_was(works, undisturbed, cluster, tmp_path):
    process = start(cluster.address, tmp_path / "atlas", tmp_path / "store", works)
    wait_until(process, "Extracting features", 0.5)
    process.kill()
    process.communicate()
    n_kept = n_rows(tmp_path / "store")
    process = start(cluster.address, tmp_path / "atlas", tmp_path / "store", works)
    process.communicate()
    assert process.returncode == 0
    assert 0 < n_kept < N_PAINTINGS
    assert tables(tmp_path / "atlas") == tables(undisturbed)
    assert n_rows(tmp_path / "store") == N_PAINTINGS
