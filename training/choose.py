"""How much should the last stage weigh? ``python -m training.choose FOLDER 1 0.5 0``.

FOLDER is that of :mod:`training.teach`. Three folds by painter, over the painters who may teach:
nobody held apart has a say. The first PCA knows no painters and is made once for all folds.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np

from training.build import last_stage_at
from training.lesson import Lesson, prepare_lesson
from training.measures import clustering, retrieval, unit_rows
from training.metric import MetricLesson, MetricSettings, discriminate, reduce
from training.nudity import inherited_scores
from training.split import DATASETS, name_key
from training.ways import N_EARLY

N_FOLDS = 3


def fold_of(painter: str) -> int:
    """Return a painter's fold, which depends on the name alone."""
    return hashlib.sha256(f"fold{name_key(painter)}".encode()).digest()[0] % N_FOLDS


def reduced_lesson(lesson: Lesson, weight: float) -> tuple[np.ndarray, np.ndarray]:
    """Return scores and changes (n, k) with the last stage at a weight; at 0 it is left out."""
    columns = slice(None) if weight else slice(0, N_EARLY)
    reduced = reduce(
        MetricLesson(
            statistics=lesson.clean.statistics[:, columns],
            painters=lesson.painters,
            inherited=np.zeros(len(lesson.painters)),
            changed=lesson.changed.statistics[:, columns],
            origin=np.arange(len(lesson.painters)),
            loudness=last_stage_at(weight)[columns],
        ),
        MetricSettings().n_components,
    )
    return reduced.scores, reduced.changes


def figures(lesson: Lesson, weight: float) -> np.ndarray:
    """Return painter P@10, movement P@10 and NMI of both data sets (6,), averaged over folds."""
    scores, changes = reduced_lesson(lesson, weight)
    inherited = inherited_scores(lesson.clean.statistics)
    folds = np.array([fold_of(painter) for painter in lesson.painters])
    found = []
    for fold in range(N_FOLDS):
        teach = folds != fold
        descriptor = discriminate(
            scores[teach],
            changes[teach],
            lesson.painters[teach],
            inherited[teach],
            MetricSettings(),
        )
        for name in DATASETS:
            here = (folds == fold) & (lesson.datasets == name)
            rows = unit_rows((scores[here] - scores[teach].mean(axis=0)) @ descriptor)
            painters, movements = lesson.painters[here], lesson.movements[here]
            wanted = painters if name == "paintings" else movements
            found += [
                retrieval(rows, painters)["p10"],
                retrieval(rows, movements, painters)["p10"],
                clustering(rows, wanted, n_seeds=5)["nmi"],
            ]
    return np.reshape(found, (N_FOLDS, -1)).mean(axis=0)


def main() -> None:
    """Print one row for each weight."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of training.teach")
    parser.add_argument("weights", type=float, nargs="+", help="of the last stage, in [0, 1]")
    arguments = parser.parse_args()
    lesson = prepare_lesson(arguments.folder)
    print(
        "| weight | "
        + " | ".join(f"{name}: painters | movements | NMI" for name in DATASETS)
        + " |"
    )
    print("|---" * 7 + "|")
    for weight in arguments.weights:
        row = " | ".join(f"{value:.3f}" for value in figures(lesson, weight))
        print(f"| {weight:g} | {row} |", flush=True)


if __name__ == "__main__":
    main()
