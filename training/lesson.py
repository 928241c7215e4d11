"""What the network is taught with: what its last stage is shown, clean and changed.

All before that stage is frozen, so that its maps are computed once and kept. Extraction can be
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
    N_EARLY,
    N_PARTS,
    N_STATISTICS,
    STAGE_CHANNELS,
    STAGE_OUTPUTS,
    STAGE_SIDES,
    assemble,
    load_start,
    open_session,
)
from training.split import DATASETS, LabelledPaintings, held_apart_painters, read_labelled

WORKS_AT_MOST = 40  # of one painter
N_LOOKS = 2  # changed copies of every painting
CHUNK = 64  # paintings extracted between two looks at the disk
LARGEST = 60_000  # of a map; float16 ends a little above
BEFORE = 2  # the stage before the one that is taught
# The taught stage begins with strided 1 x 1 convolutions: it sees every second cell of a row.
STRIDE = 2
MAP_SHAPE = (STAGE_CHANNELS[BEFORE], *[STAGE_SIDES[BEFORE] // STRIDE] * 2)

Alter = Callable[[np.ndarray, int], np.ndarray]  # a picture and its row


@dataclass(frozen=True)
class Views:
    """One look at paintings.

    Attributes
    ----------
    maps : ndarray of shape (n, 256, 14, 14), float16
        What the taught stage is shown, mapped from disk.
    statistics : ndarray of shape (n, N_STATISTICS), float32
        What the whole start makes of the pictures.
    parts : ndarray of shape (n, N_PARTS, N_EARLY), float16
        The same of their parts, without the start's last stage; mapped from disk.
    """

    maps: np.ndarray
    statistics: np.ndarray
    parts: np.ndarray


@dataclass(frozen=True)
class Lesson:
    """Paintings to teach with, row i everywhere the same one.

    Attributes
    ----------
    clean : Views
        The paintings as they are.
    changed : list of Views
        Changed copies of all of them.
    painters, movements, datasets : ndarray of shape (n,), str
        Labels.
    examined : ndarray of shape (n,), bool
        Works of the painters that say when to stop.
    """

    clean: Views
    changed: list[Views]
    painters: np.ndarray
    movements: np.ndarray
    datasets: np.ndarray
    examined: np.ndarray


def at_random(look: int) -> Alter:
    """Return an :data:`Alter` whose random change depends on the look and the row alone."""
    return lambda picture, row: random_change(picture, np.random.default_rng([look, row]))


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
        Where ``NAME_maps.npy``, ``NAME_parts.npy`` and ``NAME_statistics.npy`` are kept.
    name : str
        Name of the look.
    paths : list of Path
        The paintings.
    alter : callable or None
        Changes each picture first.
    """
    n = len(paths)
    folder.mkdir(parents=True, exist_ok=True)
    maps = _open(folder / f"{name}_maps.npy", np.float16, n, *MAP_SHAPE)
    parts = _open(folder / f"{name}_parts.npy", np.float16, n, N_PARTS, N_EARLY)
    statistics = _open(folder / f"{name}_statistics.npy", np.float32, n, N_STATISTICS)
    waiting = np.flatnonzero(~statistics[:, -STAGE_CHANNELS[-1] :].any(axis=1))
    if len(waiting):
        shown = STAGE_OUTPUTS[BEFORE]
        side = STAGE_SIDES[BEFORE]
        model = assemble(load_start())
        shape = ["n", STAGE_CHANNELS[BEFORE], side, side]
        info = helper.make_tensor_value_info(shown, TensorProto.FLOAT, shape)
        model.graph.output.append(info)
        session = open_session(model, 1)
        for first in range(0, len(waiting), CHUNK):
            rows = waiting[first : first + CHUNK]
            pictures = (read_picture(paths[row]) for row in rows)
            if alter is not None:
                pictures = map(alter, pictures, rows)
            found = extract(session, pictures, shown, "parts", "statistics")
            maps[rows] = np.minimum(found[0][:, :, ::STRIDE, ::STRIDE], LARGEST)
            parts[rows] = found[1]
            statistics[rows] = found[2]
            print(f"{name}: {first + len(rows)} of {len(waiting)}", flush=True)
        for array in (maps, parts, statistics):
            array.flush()
    return Views(maps, np.array(statistics), parts)


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
    looks = range(1, N_LOOKS + 1)
    return Lesson(
        clean=keep_views(folder, "clean", paths),
        changed=[keep_views(folder, f"changed_{i}", paths, at_random(i)) for i in looks],
        painters=painters,
        movements=movements,
        datasets=np.repeat([d.name for d in data], [len(some) for some in rows]),
        examined=np.isin(painters, examined),
    )
