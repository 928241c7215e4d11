"""A coverage-guided fuzzer for what strangers send: tables, JSON, arrays, curations, thumbnails.

::

    python -m tests.torture.fuzz TARGET SEEDS SCRATCH -runs=10000 -seed=1

SEEDS is a folder of healthy inputs; other options are libFuzzer's. Whatever is read or refused
with a sentence is fine; everything else ends the process with the input in a file.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["artstylenet"]):
    from artstylenet.checked_arrays import load_arrays
    from artstylenet.collection import read_collection
    from artstylenet.curation import CURATION_FILE, read_curation
    from artstylenet.errors import ArtStyleNetError
    from artstylenet.storage import atlas_files
    from artstylenet.storage.checked_files import check_table
    from artstylenet.storage.estimator_files import restore_model

KINDS = ("works.csv", "works.tsv", "works.jsonl", "works.parquet")


def table(data: bytes, scratch: Path) -> None:
    """Read a table of works; its first byte says of which kind."""
    path = scratch / KINDS[data[0] % len(KINDS)] if data else scratch / KINDS[0]
    path.write_bytes(data[1:])
    try:
        collection = read_collection(path)
    finally:
        path.unlink()
    root = collection.root.resolve()
    for one in collection.paintings["path"]:
        assert (root / one).resolve().is_relative_to(scratch.resolve())


def run(data: bytes, scratch: Path) -> None:
    """Read what an atlas says of its run."""
    (scratch / "run.json").write_bytes(data)
    atlas_files.read_run(scratch)


def curation(data: bytes, scratch: Path) -> None:
    """Read what was said of an atlas of three styles."""
    said = {"schema": 1, "n_styles": 3, "inputs": "a build"}
    (scratch / "run.json").write_text(json.dumps(said))
    (scratch / CURATION_FILE).write_bytes(data)
    read_curation(scratch)


def arrays(data: bytes, scratch: Path) -> None:
    """Read an archive of arrays."""
    (scratch / "arrays.npz").write_bytes(data)
    load_arrays(scratch / "arrays.npz")


def thumbnails(data: bytes, scratch: Path) -> None:
    """Read thumbnails, each of them."""
    path = scratch / "thumbnails.arrow"
    path.unlink(missing_ok=True)  # the last one is still mapped
    path.write_bytes(data)
    for one in atlas_files._read_thumbnails(path):
        one.as_py()


def parquet(data: bytes, scratch: Path) -> None:
    """Look at a table of an atlas before it is read."""
    (scratch / "one.parquet").write_bytes(data)
    check_table(scratch / "one.parquet")


def model(data: bytes, scratch: Path) -> None:
    """Put a model together."""
    restore_model(json.loads(data), load_arrays(scratch.parent / "model.npz"))


TARGETS: dict[str, Callable[[bytes, Path], None]] = {
    function.__name__: function
    for function in (table, run, curation, arrays, thumbnails, parquet, model)
}


def main() -> None:
    """Run libFuzzer on a target."""
    target, scratch = TARGETS[sys.argv[1]], Path(sys.argv[3])
    scratch.mkdir(exist_ok=True)

    def one_input(data: bytes) -> None:
        try:
            target(data, scratch)
        except ArtStyleNetError as error:
            assert str(error)
        except atlas_files.DAMAGED as error:
            # Of these load_atlas makes a sentence; nobody else catches them.
            if target in (table, run, curation) or isinstance(error, AssertionError):
                raise

    warnings.simplefilter("ignore")
    atheris.Setup([sys.argv[0], sys.argv[2], *sys.argv[4:]], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
