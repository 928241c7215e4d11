"""How much should parts weigh? ``python -m training.choose --parts 0 0.7 1.4``.

Three folds by painter, over the painters who may teach: nobody held apart has a say. The first
PCA knows no painters and is made once for all folds. The network is the untouched one, in bytes:
a taught one has seen the painters of all folds.
"""

from __future__ import annotations

import argparse
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans

from training.build import gather_lesson, shipped_trunk
from training.graph import load_start
from training.measures import clustering, retrieval, unit_rows
from training.metric import MetricLesson, MetricSettings, Reduced, discriminate, reduce
from training.split import DATASETS, name_key, read_labelled

N_FOLDS = 3
N_STYLES = 12


@dataclass(frozen=True)
class Labels:
    """What is known of the teaching paintings, row i everywhere the same one.

    Attributes
    ----------
    movements, datasets : ndarray of shape (n,), str
    folds : ndarray of shape (n,), int
    """

    movements: np.ndarray
    datasets: np.ndarray
    folds: np.ndarray


def fold_of(painter: str) -> int:
    """Return a painter's fold, which depends on the name alone."""
    return hashlib.sha256(f"fold{name_key(painter)}".encode()).digest()[0] % N_FOLDS


def read_labels(lesson: MetricLesson) -> Labels:
    """Return the labels of the paintings of a lesson."""
    data = [read_labelled(name) for name in DATASETS]
    return Labels(
        movements=np.concatenate([d.movements[d.may_teach] for d in data]),
        datasets=np.repeat(DATASETS, [d.may_teach.sum() for d in data]),
        folds=np.array([fold_of(painter) for painter in lesson.painters]),
    )


def faithful_halves(wholes: np.ndarray, halves: np.ndarray) -> float:
    """Return how often a half is nearest to the cluster that its painting is in.

    Parameters
    ----------
    wholes : ndarray of shape (n, d), float32, unit rows
    halves : ndarray of shape (n_halves, n, d), float32, unit rows
    """
    kmeans = KMeans(N_STYLES, n_init=2, random_state=0).fit(wholes)
    return float(np.mean([kmeans.predict(half) == kmeans.labels_ for half in halves]))


def _halves_of_fold(
    reduced: Reduced, here: np.ndarray, centre: np.ndarray, descriptor: np.ndarray
) -> float:
    """Return :func:`faithful_halves` of some paintings, not a number where parts are unknown."""
    if reduced.parts is None:
        return float("nan")
    wholes = reduced.scores[here] - centre
    halves = (wholes + half for half in reduced.parts[4:, here])
    return faithful_halves(
        unit_rows(wholes @ descriptor), np.stack([unit_rows(half @ descriptor) for half in halves])
    )


def figures(
    lesson: MetricLesson, reduced: Reduced, labels: Labels, settings: MetricSettings
) -> np.ndarray:
    """Return painter P@10, movement P@10 and NMI of both data sets, and faithful halves, (7,)."""
    found = []
    for fold in range(N_FOLDS):
        teach = labels.folds != fold
        descriptor = discriminate(
            reduced.scores[teach],
            reduced.changes[teach],
            lesson.painters[teach],
            lesson.inherited[teach],
            settings,
            None if reduced.parts is None else reduced.parts[:, teach],
        )
        centre = reduced.scores[teach].mean(axis=0)
        for name in DATASETS:
            here = ~teach & (labels.datasets == name)
            rows = unit_rows((reduced.scores[here] - centre) @ descriptor)
            painters, movements = lesson.painters[here], labels.movements[here]
            wanted = painters if name == "paintings" else movements
            found += [
                retrieval(rows, painters)["p10"],
                retrieval(rows, movements, painters)["p10"],
                clustering(rows, wanted, n_seeds=5)["nmi"],
            ]
        found.append(_halves_of_fold(reduced, labels.folds == fold, centre, descriptor))
    return np.reshape(found, (N_FOLDS, -1)).mean(axis=0)


def main() -> None:
    """Print one row for each weight."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--parts", type=float, nargs="*", default=[MetricSettings().part_weight], help="weights"
    )
    parser.add_argument(
        "--keep", type=Path, default=Path("build/untaught"), help="folder for what is extracted"
    )
    arguments = parser.parse_args()
    network = load_start()
    lesson = gather_lesson(network, shipped_trunk(network), arguments.keep)
    labels = read_labels(lesson)
    reduced = reduce(lesson, MetricSettings().n_components)
    columns = [f"{name}: painters | movements | NMI" for name in DATASETS]
    print("| parts | " + " | ".join(columns) + " | faithful halves |")
    print("|---" * 8 + "|")
    for part_weight in arguments.parts:
        settings = replace(MetricSettings(), part_weight=part_weight)
        row = " | ".join(f"{x:.3f}" for x in figures(lesson, reduced, labels, settings))
        print(f"| {part_weight:g} | {row} |", flush=True)


if __name__ == "__main__":
    main()
