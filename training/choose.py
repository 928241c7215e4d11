"""How is the metric to be set? ``python -m training.choose --seams 0 0.7 1.2 --rest 0.5 1``.

Three folds by painter, over the painters who may teach: nobody held apart has a say. The first
PCA knows no painters and is made once for all folds. The network is the untouched one, in bytes:
a taught one has seen the painters of all folds.
"""

from __future__ import annotations

import argparse
import hashlib
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans

from training.build import gather_lesson, shipped_trunk
from training.graph import add_outputs, load_start
from training.measures import clustering, retrieval, unit_rows
from training.metric import MetricLesson, MetricSettings, Reduced, discriminate, reduce
from training.seams import SEAMED_PARTS
from training.split import DATASETS, name_key, read_labelled

N_FOLDS = 3
N_STYLES = 12
N_QUARTERS = 4  # parts are quarters, then halves


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
) -> tuple[float, float]:
    """Return :func:`faithful_halves` of some paintings, at home and beside foreign paintings."""
    wholes = reduced.scores[here] - centre
    at_home, beside = [], []
    for place, part in enumerate(SEAMED_PARTS):
        if part >= N_QUARTERS:
            half = wholes + reduced.parts[part, here]
            at_home.append(unit_rows(half @ descriptor))
            beside.append(unit_rows((half + reduced.seams[place, here]) @ descriptor))
    wholes = unit_rows(wholes @ descriptor)
    return faithful_halves(wholes, np.stack(at_home)), faithful_halves(wholes, np.stack(beside))


def _rows_of(reduced: Reduced, rows: np.ndarray) -> Reduced:
    """Return some paintings of a reduced lesson in which each has one changed copy."""
    return replace(
        reduced,
        scores=reduced.scores[rows],
        changes=reduced.changes[rows],
        parts=reduced.parts[:, rows],
        seams=reduced.seams[:, rows],
    )


def figures(
    lesson: MetricLesson, reduced: Reduced, labels: Labels, settings: MetricSettings
) -> np.ndarray:
    """Return what a row of the table shows, (8,).

    Painter P@10, movement P@10 and NMI of both data sets; faithful halves at home and beside
    foreign paintings.
    """
    found = []
    for fold in range(N_FOLDS):
        teach = labels.folds != fold
        descriptor = discriminate(
            _rows_of(reduced, teach), lesson.painters[teach], lesson.inherited[teach], settings
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
        found += _halves_of_fold(reduced, labels.folds == fold, centre, descriptor)
    return np.reshape(found, (N_FOLDS, -1)).mean(axis=0)


def main() -> None:
    """Print one row for each weight."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    usual = MetricSettings()
    parser.add_argument(
        "--parts", type=float, nargs="*", default=[usual.part_weight], help="weights of parts"
    )
    parser.add_argument(
        "--seams", type=float, nargs="*", default=[usual.seam_weight], help="weights of seams"
    )
    parser.add_argument(
        "--rest",
        type=float,
        nargs="*",
        default=[usual.rest],
        help="factors of directions that painters do not differ in",
    )
    parser.add_argument(
        "--keep", type=Path, default=Path("build/untaught"), help="folder for what is extracted"
    )
    arguments = parser.parse_args()
    network = load_start()
    lesson = gather_lesson(network, add_outputs(shipped_trunk(network)), arguments.keep)
    labels = read_labels(lesson)
    reduced = reduce(lesson, MetricSettings().n_components)
    columns = [f"{name}: painters | movements | NMI" for name in DATASETS]
    print("| parts | seams | rest | " + " | ".join(columns) + " | faithful | beside foreign |")
    print("|---" * 11 + "|")
    for weights in product(arguments.parts, arguments.seams, arguments.rest):
        names = ("part_weight", "seam_weight", "rest")
        settings = replace(usual, **dict(zip(names, weights, strict=True)))
        row = [f"{x:.3f}" for x in figures(lesson, reduced, labels, settings)]
        print("| " + " | ".join([*(f"{weight:g}" for weight in weights), *row]) + " |", flush=True)


if __name__ == "__main__":
    main()
