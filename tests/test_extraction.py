from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from artstylenet import feature_store
from artstylenet.backbones import Backbone
from artstylenet.errors import ArtStyleNetError, BackboneError, InputError
from artstylenet.extraction import Extraction, extract
from artstylenet.feature_store import FeatureStore, open_store
from artstylenet.imaging import content_hash
from tests import fake_backbone
from tests.bad_images import encode, scene, write_bad_files
from tests.fake_backbone import FakeBackbone

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    return open_store(tmp_path / "store")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten pictures in a subfolder with an odd name."""
    works = tmp_path / "paintings" / "Émile 絵"
    works.mkdir(parents=True)
    for i in range(10):
        (works / f"{i}.png").write_bytes(encode(scene(seed=i), "PNG"))
    return tmp_path / "paintings"


def paths_of(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


def run(
    folder: Path,
    store: FeatureStore,
    open_backbone: Callable[[], Backbone] = FakeBackbone,
    **options: object,
) -> Extraction:
    return extract(folder, paths_of(folder), open_backbone, store, **options)


def colour_file(folder: Path, name: str, colour: tuple[int, int, int]) -> None:
    (folder / name).write_bytes(encode(Image.new("RGB", (40, 40), colour), "PNG"))


def reasons(extraction: Extraction) -> dict[str, str]:
    return dict(zip(extraction.skipped["path"], extraction.skipped["reason"], strict=True))


def rows_of(store: FeatureStore, extraction: Extraction) -> dict[str, np.ndarray]:
    table = store.table(extraction.backbone_key)
    hashes = [h for h in extraction.hashes if h is not None]
    (block,) = table.read(hashes, ["statistics", "windows", "local", "thumbnail", "width"])
    return block


def test_features_are_stored_under_the_hash_of_each_file(folder: Path, store: FeatureStore) -> None:
    calls = []
    extraction = run(folder, store, progress=lambda *call: calls.append(call))
    paths = paths_of(folder)
    assert extraction.hashes == tuple(content_hash((folder / p).read_bytes()) for p in paths)
    assert (extraction.n_extracted, extraction.n_reused) == (10, 0)
    assert extraction.backbone_key == "fake"
    assert extraction.skipped.columns.tolist() == ["path", "reason"]
    assert len(extraction.skipped) == 0
    assert calls == [("Extracting features", n, 10) for n in range(1, 11)]
    statistics = rows_of(store, extraction)["statistics"]
    for i, row in enumerate(statistics):
        mean = np.asarray(scene(seed=i)).mean(axis=(0, 1))
        np.testing.assert_allclose(row[:3], mean, atol=3)


@pytest.mark.parametrize(("gain", "n_at_the_end"), [(1e9, 2), (0.0, 4)], ids=["no", "yes"])
def test_workers_that_do_not_pay_are_let_go(
    gain: float, n_at_the_end: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(60):
        (tmp_path / f"{i}.png").write_bytes(encode(scene(seed=i), "PNG"))
    monkeypatch.setattr("artstylenet.extraction.worker_pool.usable_cpus", lambda: 4)
    for name, value in (("WARM_UP", 1), ("SAMPLE", 2), ("GAIN", gain)):
        monkeypatch.setattr(f"artstylenet.extraction.pace.{name}", value)
    n_workers: list[int] = []
    extraction = extract(
        tmp_path,
        [f"{i}.png" for i in range(60)],
        FakeBackbone,
        open_store(tmp_path / "store"),
        progress=lambda *_: n_workers.append(len(psutil.Process().children())),
    )
    assert extraction.n_extracted == 60
    assert None not in extraction.hashes
    assert (n_workers[0], max(n_workers), n_workers[-1]) == (2, 4, n_at_the_end)


def test_any_number_of_jobs_gives_the_same_bits(folder: Path, tmp_path: Path) -> None:
    blocks = []
    for n_jobs in (1, 2):
        store = open_store(tmp_path / f"store-{n_jobs}")
        blocks.append(rows_of(store, run(folder, store, n_jobs=n_jobs)))
    for column, values in blocks[0].items():
        assert values.tobytes() == blocks[1][column].tobytes() or column == "thumbnail"
    assert blocks[0]["thumbnail"].tolist() == blocks[1]["thumbnail"].tolist()


def test_nothing_is_extracted_twice(folder: Path, store: FeatureStore) -> None:
    paths = paths_of(folder)
    first = extract(folder, paths[:4], FakeBackbone, store)
    second = extract(folder, paths, FakeBackbone, store)
    assert (first.n_extracted, first.n_reused) == (4, 0)
    assert (second.n_extracted, second.n_reused) == (6, 4)
    assert second.hashes[:4] == first.hashes
    third = extract(folder, paths, FakeBackbone, store)
    assert (third.n_extracted, third.n_reused) == (0, 10)


def test_changed_bytes_are_extracted_again(folder: Path, store: FeatureStore) -> None:
    first = run(folder, store)
    (folder / paths_of(folder)[3]).write_bytes(encode(scene(seed=99), "PNG"))
    second = run(folder, store)
    assert second.n_extracted == 1
    assert [a == b for a, b in zip(first.hashes, second.hashes, strict=True)].count(False) == 1


def test_another_backbone_has_its_own_features(folder: Path, store: FeatureStore) -> None:
    run(folder, store)
    other = run(folder, store, partial(FakeBackbone, key="other"))
    assert other.n_extracted == 10
    assert other.backbone_key == "other"


def test_equal_files_are_extracted_once(folder: Path, store: FeatureStore) -> None:
    for path in paths_of(folder)[:3]:
        shutil.copy(folder / path, folder / path.replace(".png", "-copy.png"))
    extraction = run(folder, store)
    assert (extraction.n_extracted, extraction.n_reused) == (10, 3)
    assert extraction.hashes[0] == extraction.hashes[1]
    assert len(store.table("fake").stored()) == 10


def test_no_paths_start_nothing(tmp_path: Path, store: FeatureStore) -> None:
    extraction = extract(tmp_path, [], fake_backbone.cannot_be_opened, store)
    assert extraction.hashes == ()
    assert not store.folder.exists()


def test_bad_files_are_skipped_with_their_reasons(
    folder: Path, store: FeatureStore, capfd: pytest.CaptureFixture[str]
) -> None:
    expected = write_bad_files(folder)
    paths = sorted([*expected, *(p for p in paths_of(folder) if p.startswith("É"))])
    extraction = extract(folder, paths, FakeBackbone, store)
    assert reasons(extraction) == expected
    # Decoders print about damaged files; that would break the progress bar.
    assert capfd.readouterr() == ("", "")
    assert extraction.skipped["path"].tolist() == sorted(expected)
    assert extraction.n_extracted == 10
    assert [p for p, h in zip(paths, extraction.hashes, strict=True) if h is None] == sorted(
        expected
    )


def test_a_worker_that_dies_or_hangs_costs_only_its_file(folder: Path, store: FeatureStore) -> None:
    colour_file(folder, "crashes.png", fake_backbone.CRASHES)
    colour_file(folder, "crashes-again.png", fake_backbone.CRASHES)
    colour_file(folder, "hangs.png", fake_backbone.HANGS)
    colour_file(folder, "starves.png", fake_backbone.TAKES_TOO_MUCH_MEMORY)
    extraction = run(folder, store, time_limit=2)
    assert reasons(extraction) == {
        "crashes-again.png": "the decoder crashed",
        "crashes.png": "the decoder crashed",
        "hangs.png": "took longer than 2 s",
        "starves.png": "too large: ran out of memory",
    }
    assert (extraction.n_extracted, extraction.n_reused) == (10, 0)
    assert len(store.table("fake").stored()) == 10


def test_what_a_backbone_prints_does_no_harm(folder: Path, store: FeatureStore) -> None:
    assert run(folder, store, fake_backbone.Chatty).n_extracted == 10


def test_a_backbone_that_cannot_be_opened_says_why(folder: Path, store: FeatureStore) -> None:
    with pytest.raises(BackboneError, match="There is no such model"):
        run(folder, store, fake_backbone.cannot_be_opened)


def test_workers_that_cannot_start_are_told(folder: Path, store: FeatureStore) -> None:
    with pytest.raises(ArtStyleNetError, match="die whatever the file"):
        run(folder, store, fake_backbone.cannot_even_start)


def test_a_model_that_changes_meanwhile_is_told(folder: Path, store: FeatureStore) -> None:
    # The second worker opens the model after the first has died.
    colour_file(folder, "00-crashes.png", fake_backbone.CRASHES)
    with pytest.raises(ArtStyleNetError, match="changed during"):
        run(folder, store, fake_backbone.changes_its_key, n_jobs=1)


def test_a_failing_backbone_is_no_fault_of_files(folder: Path, store: FeatureStore) -> None:
    colour_file(folder, "絵.png", fake_backbone.FAILS)
    with pytest.raises(ArtStyleNetError, match="blue is not a colour"):
        run(folder, store, n_jobs=1)
    # What was finished before is stored.
    assert len(store.table("fake").stored()) == 10


def test_no_jobs_are_refused(folder: Path, store: FeatureStore) -> None:
    with pytest.raises(InputError, match="at least 1"):
        run(folder, store, n_jobs=0)


def test_an_interrupt_stores_what_is_finished_and_ends_the_workers(
    folder: Path, store: FeatureStore
) -> None:
    def interrupt(stage: str, n_done: int, n_total: int) -> None:
        if n_done == 5:
            raise KeyboardInterrupt

    others = psutil.Process().children(recursive=True)
    with pytest.raises(KeyboardInterrupt):
        run(folder, store, progress=interrupt)
    assert len(store.table("fake").stored()) >= 5
    assert set(psutil.Process().children(recursive=True)) <= set(others)
    assert run(folder, store).n_reused >= 5


def test_rows_are_written_block_by_block(
    folder: Path, store: FeatureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artstylenet.extraction.books.BLOCK_ROWS", 4)
    sizes = []
    write = feature_store.FeatureTable.write

    def count(table: feature_store.FeatureTable, rows: list[feature_store.FeatureRow]) -> None:
        sizes.append(len(rows))
        write(table, rows)

    monkeypatch.setattr(feature_store.FeatureTable, "write", count)
    run(folder, store)
    assert sizes == [4, 4, 2]


# What is started in the background of a shell ignores SIGINT until it is told otherwise.
BUILD = """
import signal
import sys
from pathlib import Path
from artstylenet.extraction import extract
from artstylenet.feature_store import open_store
from tests.fake_backbone import FakeBackbone
signal.signal(signal.SIGINT, signal.default_int_handler)
folder = Path(sys.argv[1])
paths = sorted(path.name for path in folder.iterdir())
extract(folder, paths, FakeBackbone, open_store(Path(sys.argv[2])), n_jobs=2)
"""


def is_over(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers finish their file first")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_their_caller(
    tmp_path: Path, store: FeatureStore, end: signal.Signals
) -> None:
    # A script without a __main__ guard, which must not be run again by its workers.
    (tmp_path / "build.py").write_text(BUILD)
    hanging = tmp_path / "hanging"
    hanging.mkdir()
    for i in range(2):
        image = Image.new("RGB", (40 + i, 40), fake_backbone.HANGS)
        (hanging / f"{i}.png").write_bytes(encode(image, "PNG"))
    caller = subprocess.Popen(
        [sys.executable, tmp_path / "build.py", hanging, store.folder],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    process = psutil.Process(caller.pid)
    while len(workers := process.children()) < 2 or any(
        worker.memory_info().rss < 20e6 for worker in workers
    ):
        assert caller.poll() is None
        time.sleep(0.01)
    if end == signal.SIGKILL:
        caller.kill()
    else:
        os.killpg(caller.pid, end)  # as a terminal does at Ctrl-C
    _, messages = caller.communicate()
    assert messages.count("Traceback") == (end == signal.SIGINT)
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert all(is_over(worker) for worker in alive)
