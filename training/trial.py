"""What teaching was worth: ``python -m training.trial FOLDER``.

FOLDER is that of :mod:`training.teach`. For the start, and for every way taught there, the metric
is learnt anew from the same paintings with the same settings: rows differ in the network alone.
They are measured on the painters who were examined; with ``--apart``, and then the metric learns
from those as well, on painters held apart. That is for the last word, not for choosing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch

from training.changes import FIXED
from training.choose import faithful_halves
from training.graph import N_EARLY, load_start, with_kernels
from training.lesson import Lesson, Views, always, keep_views, prepare_lesson
from training.measures import clustering, recall_at_one, retrieval, unit_rows
from training.metric import MetricLesson, StyleMetric, learn_metric, roots
from training.network import load_network, place_statistics
from training.nudity import bare_neighbour_lift, inherited_scores
from training.split import DATASETS, LabelledPaintings, read_labelled
from training.ways import N_BEFORE, TAUGHT, WAYS, unstrided

N_APART = 3000  # works held apart, of both data sets together
N_CHANGED = 100  # paintings of each data set whose changed copies are looked for
MAPS_AT_ONCE = 64

# From a look at paintings to statistics (n, N_EARLY) and those of parts (n, N_PARTS, N_EARLY).
See = Callable[[Views], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Measured:
    """Paintings of one data set to measure with.

    Attributes
    ----------
    name : str
        Name of the data set.
    painters, movements : ndarray of shape (n,), str
        Labels.
    clean : Views
        The paintings as they are.
    changed : dict of str to Views
        Copies of some of them, by the name of the change.
    index : ndarray of shape (n_copies,), int
        Which they are.
    """

    name: str
    painters: np.ndarray
    movements: np.ndarray
    clean: Views
    changed: dict[str, Views]
    index: np.ndarray


def some_of(views: Views, rows: np.ndarray) -> Views:
    """Return some rows of a look."""
    return Views(views.maps[rows], views.statistics[rows], views.parts[rows])


def examined_of(lesson: Lesson, name: str) -> Measured:
    """Return the examined paintings of one data set."""
    rows = np.flatnonzero(lesson.examined & (lesson.datasets == name))
    looks = enumerate(lesson.changed, start=1)
    return Measured(
        name=name,
        painters=lesson.painters[rows],
        movements=lesson.movements[rows],
        clean=some_of(lesson.clean, rows),
        changed={f"look {number}": some_of(views, rows) for number, views in looks},
        index=np.arange(len(rows)),
    )


def choose_apart(data: list[LabelledPaintings]) -> list[np.ndarray]:
    """Draw works held apart; return their rows for each data set, in the order drawn."""
    first = np.cumsum([0, *(len(d.paths) for d in data)])
    held = np.flatnonzero(np.concatenate([d.held_apart for d in data]))
    drawn = np.random.default_rng(5).permutation(held)[:N_APART]
    return [drawn[(drawn >= a) & (drawn < b)] - a for a, b in pairwise(first)]


def prepare_apart(folder: Path, data: LabelledPaintings, rows: np.ndarray) -> Measured:
    """Gather works held apart of one data set; slow the first time."""
    paths = [data.paths[row] for row in rows]
    some = paths[:N_CHANGED]
    return Measured(
        name=data.name,
        painters=data.painters[rows],
        movements=data.movements[rows],
        clean=keep_views(folder, f"apart_{data.name}", paths),
        changed={
            name: keep_views(folder, f"apart_{data.name}_{number}", some, always(change))
            for number, (name, change) in enumerate(FIXED.items())
        },
        index=np.arange(len(some)),
    )


def seen_by_start(views: Views) -> tuple[np.ndarray, np.ndarray]:
    """Return what the start sees."""
    return views.statistics[:, :N_EARLY], views.parts


def seen_by(stage: torch.nn.Sequential) -> See:
    """Return what is seen when the taught stage is another; it reads maps as they are kept."""

    def see(views: Views) -> tuple[np.ndarray, np.ndarray]:
        found = []
        with torch.no_grad():
            for first in range(0, len(views.maps), MAPS_AT_ONCE):
                maps = views.maps[first : first + MAPS_AT_ONCE].astype(np.float32)
                found.append(place_statistics(stage(torch.from_numpy(maps))).numpy())
        late = np.concatenate(found)
        return (
            np.hstack([views.statistics[:, :N_BEFORE], late[:, -1]]),
            np.concatenate([views.parts[:, :, :N_BEFORE], late[:, :-1].astype(np.float16)], axis=2),
        )

    return see


def learn_behind(lesson: Lesson, see: See, rows: np.ndarray) -> StyleMetric:
    """Learn the metric behind a network from some paintings of a lesson."""
    clean, parts = see(some_of(lesson.clean, rows))
    return learn_metric(
        MetricLesson(
            statistics=clean,
            painters=lesson.painters[rows],
            inherited=inherited_scores(lesson.clean.statistics[rows]),
            changed=np.concatenate([see(some_of(look, rows))[0] for look in lesson.changed]),
            origin=np.tile(np.arange(len(rows)), len(lesson.changed)),
            parts=parts,
        )
    )


def measure(measured: Measured, see: See, metric: StyleMetric) -> dict[str, float]:
    """Measure one network and its metric on one data set."""
    clean, parts = see(measured.clean)
    wholes = metric.describe(clean)
    halves = [
        unit_rows(roots(parts[:, place]) @ metric.weights + metric.part_offsets[place])
        for place in range(4, parts.shape[1])
    ]
    labels = measured.painters if measured.name == "paintings" else measured.movements
    scores = inherited_scores(measured.clean.statistics)
    clusters = clustering(wholes, labels)
    recall = [
        recall_at_one(metric.describe(see(views)[0]), wholes, measured.index)
        for views in measured.changed.values()
    ]
    return {
        "painters": retrieval(wholes, measured.painters)["p10"],
        "movements": retrieval(wholes, measured.movements, measured.painters)["p10"],
        "NMI": clusters["nmi"],
        "faithful": faithful_halves(wholes, np.stack(halves)),
        "nudes": bare_neighbour_lift(wholes, measured.painters, scores),
        "recall": min(recall),
    }


def taught_stages(folder: Path, reaches: list[float]) -> dict[str, torch.nn.Sequential]:
    """Return the stage as each way in a folder left it, and as it is so many times as far."""
    found = {}
    for name in WAYS:
        for state in ("taught", "last"):
            file = folder / name / f"{state}.npz"
            if file.exists():
                with np.load(file) as kernels:
                    moved = dict(kernels)
                for reach in reaches:
                    network = load_network(with_kernels(load_start(), moved, reach))
                    found[f"{name}, {state}, x {reach:g}"] = unstrided(network.stages[TAUGHT - 1])
    return found


def print_rows(figures: dict[str, dict[str, dict[str, float]]]) -> None:
    """Print one Markdown table: a row for each way, both data sets side by side."""
    shown = next(iter(next(iter(figures.values())).values()))
    print(
        "| | " + " | ".join(f"{figure}, `{name}`" for name in DATASETS for figure in shown) + " |"
    )
    print("|---" * (1 + len(DATASETS) * len(shown)) + "|")
    for way, by_dataset in figures.items():
        cells = [f"{by_dataset[name][figure]:.3f}" for name in DATASETS for figure in shown]
        print(f"| {way} | " + " | ".join(cells) + " |")


def main() -> None:
    """Measure the start and every way taught, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of training.teach")
    parser.add_argument("--apart", action="store_true", help="on painters held apart")
    parser.add_argument(
        "--reach",
        type=float,
        nargs="*",
        default=[1.0],
        help="how far to go from the start: 1 is where teaching ended, 2 twice as far",
    )
    parser.add_argument("--threads", type=int, default=1, help="for torch")
    arguments = parser.parse_args()
    folder = arguments.folder
    torch.set_num_threads(arguments.threads)
    lesson = prepare_lesson(folder)
    if arguments.apart:
        teaching = np.arange(len(lesson.painters))
        data = [read_labelled(name) for name in DATASETS]
        chosen = zip(data, choose_apart(data), strict=True)
        sets = [prepare_apart(folder, d, rows) for d, rows in chosen]
    else:
        teaching = np.flatnonzero(~lesson.examined)
        sets = [examined_of(lesson, name) for name in DATASETS]
    kept = folder / ("apart.json" if arguments.apart else "examined.json")
    figures = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    networks: dict[str, See] = {"start": seen_by_start}
    stages = taught_stages(folder, arguments.reach)
    networks |= {label: seen_by(stage) for label, stage in stages.items()}
    for label, see in networks.items():
        if label not in figures:
            metric = learn_behind(lesson, see, teaching)
            figures[label] = {each.name: measure(each, see, metric) for each in sets}
            kept.write_text(json.dumps(figures, indent=1), encoding="utf-8")
            print(label, figures[label], flush=True)
    print_rows(figures)


if __name__ == "__main__":
    main()
