"""What the network is taught with: the maps before its last block, clean and changed.

All before the last block is frozen, so that its maps are computed once and kept. Extraction can be
stopped at any time and goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper

from training.changes import Change, random_change
from training.features import extract, read_picture
from training.graph import (
    N_STATISTICS,
    STAGE_CHANNELS,
    assemble,
    load_start,
    open_session,
)
from training.split import DATASETS, LabelledPaintings, held_apart_painters, read_labelled

WORKS_AT_MOST = 40  # of one painter
CHUNK = 64  # paintings extracted between two looks at the disk
LARGEST = 60_000  # of a map; float16 ends a little above
LAST_FROZEN = "Relu_45:0"  # output of the block before the last
MAP_SHAPE = (STAGE_CHANNELS[-1], 7, 7)

Alter = Callable[[np.ndarray, int], np.ndarray]  # a picture and its row


@dataclass(frozen=True)
class Views:
    """One look at paintings.

    Attributes
    ----------
    maps : ndarray of shape (n, 1024, 7, 7), float16
        What the last block is shown, mapped from disk.
    statistics : ndarray of shape (n, N_STATISTICS), float32
        What the start makes of the pictures.
    """

    maps: np.ndarray
    statistics: np.ndarray


@dataclass(frozen=True)
class Lesson:
    """Paintings to teach with, row i everywhere the same one.

    Attributes
    ----------
    clean, changed : Views
        The paintings as they are, and changed.
    painters, movements, datasets : ndarray of shape (n,), str
        Labels.
    examined : ndarray of shape (n,), bool
        Works of the painters that say when to stop.
    """

    clean: Views
    changed: Views
    painters: np.ndarray
    movements: np.ndarray
    datasets: np.ndarray
    examined: np.ndarray


def at_random(picture: np.ndarray, row: int) -> np.ndarray:
    """Change a picture at random, in a way that depends on its row alone."""
    return random_change(picture, np.random.default_rng([1, row]))


def always(change: Change) -> Alter:
    """Return an :data:`Alter` that makes one change of every picture."""
    return lambda picture, _: change(picture)


def _open(path: Path, kind: type, *shape: int) -> np.ndarray:
    """Open an array on disk for writing; what was written before is kept."""
    if path.exists():
        return np.lib.format.open_memmap(path, "r+")
    return np.lib.format.open_memmap(path, "w+", kind, shape)


def keep_views(folder: Path, name: str, paths: list[Path], alter: Alter | None = None) -> Views:
    """Extract one look at paintings into a folder, or read what is there.

    Parameters
    ----------
    folder : Path
        Where ``NAME_maps.npy`` and ``NAME_statistics.npy`` are kept.
    name : str
        Name of the look.
    paths : list of Path
        The paintings.
    alter : callable or None
        Changes each picture first.
    """
    n = len(paths)
    maps = _open(folder / f"{name}_maps.npy", np.float16, n, *MAP_SHAPE)
    statistics = _open(folder / f"{name}_statistics.npy", np.float32, n, N_STATISTICS)
    waiting = np.flatnonzero(~statistics[:, -STAGE_CHANNELS[-1] :].any(axis=1))
    if len(waiting):
        model = assemble(load_start())
        info = helper.make_tensor_value_info(LAST_FROZEN, TensorProto.FLOAT, ["n", *MAP_SHAPE])
        model.graph.output.append(info)
        session = open_session(model)
        for first in range(0, len(waiting), CHUNK):
            rows = waiting[first : first + CHUNK]
            pictures = (read_picture(paths[row]) for row in rows)
            if alter is not None:
                pictures = map(alter, pictures, rows)
            found = extract(session, pictures, LAST_FROZEN, "statistics")
            maps[rows] = np.minimum(found[0], LARGEST)
            statistics[rows] = found[1]
            print(f"{name}: {first + len(rows)} of {len(waiting)}", flush=True)
        maps.flush()
        statistics.flush()
    return Views(maps, np.array(statistics))


def choose_works(data: LabelledPaintings) -> np.ndarray:
    """Return rows of at most forty works of each painter who may teach, in order."""
    rng = np.random.default_rng(0)
    chosen = []
    for painter in np.unique(data.painters[data.may_teach]):
        works = np.flatnonzero(data.painters == painter)
        chosen.append(rng.choice(works, min(len(works), WORKS_AT_MOST), replace=False))
    return np.sort(np.concatenate(chosen))


def prepare_lesson(folder: Path) -> Lesson:
    """Gather what a run needs; slow the first time."""
    data = [read_labelled(name) for name in DATASETS]
    rows = [choose_works(d) for d in data]
    paths = [d.paths[row] for d, some in zip(data, rows, strict=True) for row in some]
    painters = np.concatenate([d.painters[some] for d, some in zip(data, rows, strict=True)])
    movements = np.concatenate([d.movements[some] for d, some in zip(data, rows, strict=True)])
    # The same rule once more, among the teaching painters: salted, or it would take the next third.
    salted = {f"stop {name}": name for name in painters.tolist()}
    examined = [salted[name] for name in held_apart_painters(salted)]
    return Lesson(
        clean=keep_views(folder, "clean", paths),
        changed=keep_views(folder, "changed", paths, at_random),
        painters=painters,
        movements=movements,
        datasets=np.repeat([d.name for d in data], [len(some) for some in rows]),
        examined=np.isin(painters, examined),
    )
