"""A build by an engine, in a process of its own, with blocks so small that there are several.

::

    python -m tests.torture.ray_driver local|ray|ADDRESS ATLAS STORE WORKS

``ray`` is a cluster that is started for the build.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

from artstylenet import feature_store, sampling
from artstylenet.building import build_into
from artstylenet.collection import read_collection
from artstylenet.extraction import LocalEngine, ray_engine
from tests.torture.driver import SETTINGS, say

N_AT_ONCE, N_IN_BLOCK = 100, 50


def build(engine: str, atlas: Path, store: Path, works: Path) -> None:
    """Build to the end."""
    sampling.MOST_AT_ONCE = N_AT_ONCE
    feature_store.BLOCK_ROWS = ray_engine.BLOCK_ROWS = N_IN_BLOCK
    if engine == "local":
        opened = nullcontext(LocalEngine(2))
    else:
        address = None if engine == "ray" else engine
        opened = ray_engine.RayEngine(address, n_jobs=2)
    with opened as who:
        works = read_collection(works)
        build_into(atlas, works, SETTINGS, store=store, n_jobs=2, engine=who, progress=say)


if __name__ == "__main__":
    build(sys.argv[1], *map(Path, sys.argv[2:]))
