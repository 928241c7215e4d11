"""How extraction on Ray grows with its workers, and what a large cluster would be limited by.

::

    python -m benchmarks.ray_scaling            # a few minutes; needs artstylenet[ray]

Made paintings of 256 px, extracted into an empty store by this machine alone and by a Ray cluster
of one and of two workers on it, in turns; each run in a process of its own. The rate is that of
the files after the first shard, so that the start of Ray, which is told apart, is not in it. Then
the inputs of ``docs/scaling.md``: bytes a picture, and what the head of the build does a shard.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

RUNS = (("local", 1), ("local", 2), ("ray", 1), ("ray", 2))
MANY = 1_000_000


def measure(engine: str, n_jobs: int, works: Path) -> dict[str, float]:
    """Extract once in this process; return seconds, rates and sizes."""
    from artstylenet.backbones import load_backbone
    from artstylenet.extraction import LocalEngine
    from artstylenet.extraction.ray_engine import RayEngine
    from artstylenet.feature_store import open_store

    paths = sorted(path.relative_to(works).as_posix() for path in works.rglob("*.jpg"))
    told: list[tuple[float, float, int]] = []
    started = time.perf_counter()

    def note(_stage: str, n_done: int, _n_total: int) -> None:
        told.append((time.perf_counter(), time.process_time(), n_done))

    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "store")
        work = (works, paths, partial(load_backbone, "default"), store)
        if engine == "ray":
            with RayEngine(n_jobs=n_jobs) as ray_engine:
                ray_engine.extract(*work, progress=note)
        else:
            LocalEngine(n_jobs).extract(*work, progress=note)
        n_bytes = sum(path.stat().st_size for path in store.folder.rglob("*") if path.is_file())
    # Each worker has brought something by then, and is at full speed.
    first, last = told[n_jobs], told[-1]
    n_between = last[2] - first[2]
    return {
        "rate": n_between / (last[0] - first[0]),
        "seconds_to_first": told[0][0] - started,
        "head_ms": 1000 * (last[1] - first[1]) / (len(told) - 1 - n_jobs),
        "stored_kb": n_bytes / len(paths) / 1000,
    }


def told_of_run(engine: str, n_jobs: int, works: Path) -> dict[str, Any]:
    """Measure in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.ray_scaling", "--run", engine, str(n_jobs)]
    ended = subprocess.run([*command, str(works)], check=True, capture_output=True, text=True)
    return json.loads(ended.stdout)


def print_scaling(works: Path, n_rounds: int) -> None:
    """Print rates, in turns, and the ratio from one to two workers."""
    measured: dict[tuple[str, int], list[dict[str, Any]]] = {run: [] for run in RUNS}
    for _ in range(n_rounds):
        for run in RUNS:
            measured[run].append(told_of_run(*run, works))
    rates = {run: [found["rate"] for found in measured[run]] for run in RUNS}
    print(
        "| engine | workers | pictures a second: median (all) | s to the first "
        "| head, CPU ms a step |"
    )
    print("|---|---|---|---|---|")
    for (engine, n_jobs), found in measured.items():
        rate = rates[engine, n_jobs]
        first, head = (
            statistics.median(one[name] for one in found)
            for name in ("seconds_to_first", "head_ms")
        )
        every = ", ".join(f"{one:.1f}" for one in rate)
        middle = statistics.median(rate)
        print(f"| {engine} | {n_jobs} | {middle:.1f} ({every}) | {first:.1f} | {head:.2f} |")
    for engine in ("local", "ray"):
        pairs = zip(rates[engine, 2], rates[engine, 1], strict=True)
        ratios = [two / one for two, one in pairs]
        print(f"{engine}: two workers do {statistics.median(ratios):.2f} times as much as one")
    print(f"stored: {measured['ray', 2][0]['stored_kb']:.1f} kB a picture")
    print(f"load: {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} CPUs")


def print_inputs() -> None:
    """Print what the head of a build does for each shard, and for what is stored already."""
    import lance
    import pandas as pd
    import pyarrow as pa
    from lance.fragment import write_fragments

    from artstylenet.extraction.books import Extraction
    from artstylenet.extraction.ray_engine import _Done
    from artstylenet.feature_store import StoredHashes

    hashes = tuple(np.random.default_rng(0).bytes(32).hex() for _ in range(1000))
    nothing = pd.DataFrame({"path": [], "reason": []}).astype(str)
    done = _Done(0, Extraction(hashes, nothing, 1000, 0, "key"), ("x" * 1500,))
    print(f"result of a shard: {len(pickle.dumps(done)) / 1000:.1f} bytes a picture")
    with tempfile.TemporaryDirectory() as folder:
        rows = pa.table({"hash": ["0" * 64], "values": [[0.0] * 8]})
        dataset = lance.write_dataset(rows, folder)
        (fragment,) = write_fragments(rows, folder, mode="append")
        for n_fragments in (1000, 9000):
            append = lance.LanceOperation.Append([fragment] * n_fragments)
            dataset = lance.LanceDataset.commit(folder, append, read_version=dataset.version)
            started = time.perf_counter()
            append = lance.LanceOperation.Append([fragment])
            dataset = lance.LanceDataset.commit(folder, append, read_version=dataset.version)
            seconds = time.perf_counter() - started
            largest = max(path.stat().st_size for path in Path(folder, "_versions").iterdir())
            print(
                f"a commit beside {len(dataset.get_fragments()):,} fragments: "
                f"{1000 * seconds:.0f} ms, {largest / 1e6:.2f} MB"
            )
    rng = np.random.default_rng(0)
    digits = np.frombuffer(rng.bytes(32 * MANY).hex().encode(), dtype="S64")
    started = time.perf_counter()
    stored = StoredHashes(digits, np.arange(MANY, dtype=np.uint64))
    seconds = time.perf_counter() - started
    n_bytes = len(pickle.dumps(stored))
    print(f"{MANY:,} hashes in order: {seconds:.1f} s, {n_bytes / MANY:.0f} bytes each")


def print_words(works: Path) -> None:
    """Print what it costs to make features into words, and what of it goes to the head."""
    from artstylenet.backbones import load_backbone
    from artstylenet.build import BuildSettings, extract_collection, widths
    from artstylenet.collection import read_collection
    from artstylenet.counting import count_block, tabulate_block
    from artstylenet.features import learn_feature_space, raw_columns
    from artstylenet.recipes import make_recipe

    with tempfile.TemporaryDirectory() as store:
        found = extract_collection(read_collection(works), BuildSettings(), store=store)
        backbone, columns, n = found.backbone, raw_columns(load_backbone()), len(found.hashes)
        space = learn_feature_space(lambda: found.read(columns), n)
        model = make_recipe(
            "default",
            stage_channels=backbone.stage_channels,
            **widths(found),
            space=space,
            random_state=0,
        ).model
        families = model.blocks or ()
        everything = np.ones(n, bool)
        (raw,) = found.read(columns)
        model.fit_words(tabulate_block(raw, everything, space=space).features, 0)
        started = time.process_time()
        (raw,) = found.read(columns)
        table = tabulate_block(raw, ~everything, space=space, families=families)
        (raw,) = found.read([column for column in columns if column != "local"])
        counts = count_block(raw, table.grid_words, space=space, model=model)
        seconds = time.process_time() - started
    moments = len(pickle.dumps(table.moments))
    told = len(pickle.dumps(table)) - moments + len(pickle.dumps(counts))
    print(
        f"words: {1000 * seconds / n:.2f} CPU ms a painting; to the head {told / n / 1000:.1f} kB "
        f"a painting and {moments / 1e6:.1f} MB a block of 1,000"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ray_scaling", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--pictures", type=int, default=800)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.run:
        engine, n_jobs, works = options.run
        print(json.dumps(measure(engine, int(n_jobs), Path(works))))
        return
    from artstylenet.datasets import make_paintings, write_paintings

    with tempfile.TemporaryDirectory() as folder:
        made = make_paintings(options.pictures, 4, size=256, random_state=0)
        works = write_paintings(made, Path(folder) / "works")
        print_scaling(works, options.rounds)
        print_words(works)
    print_inputs()


if __name__ == "__main__":
    main()
