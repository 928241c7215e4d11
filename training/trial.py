"""What teaching was worth: ``python -m training.trial FOLDER``.

FOLDER is that of :mod:`training.teach`. For the start, and for every way taught there, the metric
is learnt anew from the same paintings with the same settings, and measured on the painters held
apart. Rows therefore differ in the network alone. A head (:mod:`training.head`) is learnt on the
metric of the start.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch

from training.build import last_stage_at
from training.changes import FIXED
from training.graph import N_EARLY, load_start
from training.head import HeadSettings, learn_head
from training.lesson import Lesson, Views, always, keep_views, prepare_lesson
from training.measures import clustering, recall_at_one, retrieval
from training.metric import MetricLesson, learn_metric
from training.network import load_network, map_statistics
from training.nudity import bare_neighbour_lift, inherited_scores
from training.split import DATASETS, LabelledPaintings, read_labelled
from training.ways import WAYS

N_APART = 3000  # works held apart, of both data sets together
N_CHANGED = 50  # paintings of each data set whose changed copies are looked for
MAPS_AT_ONCE = 64

See = Callable[[Views], np.ndarray]
Describe = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Apart:
    """The works held apart of one data set.

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
    index : ndarray of shape (N_CHANGED,), int
        Which they are.
    """

    name: str
    painters: np.ndarray
    movements: np.ndarray
    clean: Views
    changed: dict[str, Views]
    index: np.ndarray


def choose_apart(data: list[LabelledPaintings]) -> list[np.ndarray]:
    """Draw works held apart; return their rows for each data set, in the order drawn."""
    first = np.cumsum([0, *(len(d.paths) for d in data)])
    held = np.flatnonzero(np.concatenate([d.held_apart for d in data]))
    drawn = np.random.default_rng(5).permutation(held)[:N_APART]
    return [drawn[(drawn >= a) & (drawn < b)] - a for a, b in pairwise(first)]


def prepare_apart(folder: Path, data: LabelledPaintings, rows: np.ndarray) -> Apart:
    """Gather what is measured; slow the first time."""
    paths = [data.paths[row] for row in rows]
    some = paths[:N_CHANGED]
    return Apart(
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


def seen_by_start(views: Views) -> np.ndarray:
    """Return the statistics (n, N_STATISTICS) of the start."""
    return views.statistics


def seen_without_last_stage(views: Views) -> np.ndarray:
    """Return the statistics (n, N_EARLY) of the start cut off before its last stage."""
    return views.statistics[:, :N_EARLY]


def seen_with_last_input(views: Views) -> np.ndarray:
    """Return the statistics of the start and those of the last block's input."""
    between = [
        map_statistics(
            torch.from_numpy(views.maps[first : first + MAPS_AT_ONCE].astype(np.float32))
        )
        for first in range(0, len(views.maps), MAPS_AT_ONCE)
    ]
    return np.hstack([views.statistics, torch.cat(between).numpy()])


def seen_by(block: torch.nn.Module) -> See:
    """Return a function from views to statistics: those of the last stage are the block's."""

    def see(views: Views) -> np.ndarray:
        found = []
        with torch.no_grad():
            for first in range(0, len(views.maps), MAPS_AT_ONCE):
                part = views.maps[first : first + MAPS_AT_ONCE].astype(np.float32)
                found.append(map_statistics(block(torch.from_numpy(part))).numpy())
        return np.hstack([views.statistics[:, :N_EARLY], np.concatenate(found)])

    return see


FROZEN: dict[str, See] = {
    "metric only": seen_by_start,
    "without the last stage": seen_without_last_stage,
    "with the last block's input": seen_with_last_input,
}
HEADS = {"head": HeadSettings(), "head, a sixth of the steps": HeadSettings(n_steps=100)}


def lesson_of(lesson: Lesson, see: See) -> MetricLesson:
    """Return what the metric is learnt from when a network sees the lesson."""
    return MetricLesson(
        statistics=see(lesson.clean),
        painters=lesson.painters,
        inherited=inherited_scores(lesson.clean.statistics),
        changed=see(lesson.changed),
        origin=np.arange(len(lesson.painters)),
    )


def measure(apart: Apart, see: See, describe: Describe) -> dict[str, float]:
    """Measure one way on one data set."""
    descriptors = describe(see(apart.clean))
    labels = apart.painters if apart.name == "paintings" else apart.movements
    clusters = clustering(descriptors, labels)
    scores = inherited_scores(apart.clean.statistics)
    recall = {
        name: recall_at_one(describe(see(views)), descriptors, apart.index)
        for name, views in apart.changed.items()
    }
    return {
        "painter P@10": retrieval(descriptors, apart.painters)["p10"],
        "movement P@10": retrieval(descriptors, apart.movements, apart.painters)["p10"],
        "NMI": clusters["nmi"],
        "NMI spread": clusters["nmi_spread"],
        "nudes": bare_neighbour_lift(descriptors, apart.painters, scores),
        "least recall": min(recall.values()),
    } | {f"recall, {name}": value for name, value in recall.items()}


def taught_blocks(folder: Path) -> dict[str, torch.nn.Module]:
    """Return the last block as each way in a folder left it."""
    found = {}
    for name in WAYS:
        for state, label in (("taught.pt", name), ("last.pt", f"{name}, to the end")):
            if (folder / name / state).exists():
                block = load_network(load_start()).stages[-1][-1]
                block.load_state_dict(torch.load(folder / name / state, weights_only=True))
                found[label] = block
    return found


def print_rows(figures: dict[str, dict[str, dict[str, float]]]) -> None:
    """Print one Markdown table: a row for each way, both data sets side by side."""
    shown = ("painter P@10", "movement P@10", "NMI", "nudes", "least recall")
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
    parser.add_argument("--threads", type=int, default=2, help="for torch")
    arguments = parser.parse_args()
    folder = arguments.folder
    torch.set_num_threads(arguments.threads)
    lesson = prepare_lesson(folder)
    data = [read_labelled(name) for name in DATASETS]
    aparts = [
        prepare_apart(folder, d, rows) for d, rows in zip(data, choose_apart(data), strict=True)
    ]
    kept = folder / "trial.json"
    figures = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}

    def note(label: str, see: See, describe: Describe) -> None:
        figures[label] = {apart.name: measure(apart, see, describe) for apart in aparts}
        kept.write_text(json.dumps(figures, indent=1), encoding="utf-8")
        print(label, figures[label], flush=True)

    for label, see in FROZEN.items():
        if label not in figures:
            note(label, see, learn_metric(lesson_of(lesson, see)).describe)
    if "last stage at half weight" not in figures:
        quiet = replace(lesson_of(lesson, seen_by_start), loudness=last_stage_at(0.5))
        metric = learn_metric(quiet)
        note("last stage at half weight", seen_by_start, metric.describe)
    if missing := set(HEADS) - set(figures):
        of_start = lesson_of(lesson, seen_by_start)
        metric = learn_metric(of_start)
        for label in sorted(missing):
            note(label, seen_by_start, learn_head(of_start, metric, HEADS[label]))
    for label, block in taught_blocks(folder).items():
        if label not in figures:
            see = seen_by(block)
            note(label, see, learn_metric(lesson_of(lesson, see)).describe)
    print_rows(figures)


if __name__ == "__main__":
    main()
