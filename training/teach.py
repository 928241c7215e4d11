"""Teach the last block of the network, carefully: ``python -m training.teach FOLDER WAY``.

The ways are those of :data:`training.ways.WAYS`. Maps before the last block are computed once and
kept in FOLDER. A third of the teaching painters teach nothing: they say when to stop. The best
state is kept in ``FOLDER/WAY/taught.pt``; a run that was stopped goes on from ``checkpoint.pt``
beside it. ``python -m training.trial FOLDER`` then says what it was worth.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from training.graph import N_EARLY, load_start
from training.lesson import Lesson, prepare_lesson
from training.measures import retrieval, unit_rows
from training.metric import MetricLesson, StyleMetric, learn_metric, roots
from training.network import load_network
from training.nudity import inherited_scores
from training.split import DATASETS
from training.ways import WAYS, Student, Way, contrast, draw_batches, vicreg, without_gains

MAPS_AT_ONCE = 64


@dataclass(frozen=True)
class Pace:
    """How long to teach.

    Attributes
    ----------
    n_steps : int
        Batches at most.
    steps_between : int
        Batches between two examinations.
    patience : int
        Stop after so many examinations without a better one.
    """

    n_steps: int = 300
    steps_between: int = 30
    patience: int = 3


@dataclass(frozen=True)
class Targets:
    """What the start makes of a lesson, ready for the losses.

    Attributes
    ----------
    early_clean, early_changed : ndarray of shape (n, d), float32
        Part of the coordinates that comes from the layers before the last stage's statistics.
    late : ndarray of shape (n, 2048), float32
        Roots of the late statistics of the clean pictures.
    late_deviation : ndarray of shape (2048,), float32
        Their deviation over the paintings that teach.
    coordinate_mean, coordinate_deviation : ndarray of shape (d,), float32
        The same of the coordinates.
    """

    early_clean: np.ndarray
    early_changed: np.ndarray
    late: np.ndarray
    late_deviation: np.ndarray
    coordinate_mean: np.ndarray
    coordinate_deviation: np.ndarray


def metric_of_start(lesson: Lesson, folder: Path) -> StyleMetric:
    """Learn the metric on the start, from the painters who teach; kept in a folder."""
    file = folder / "metric.npz"
    if not file.exists():
        rows = np.flatnonzero(~lesson.examined)
        metric = learn_metric(
            MetricLesson(
                statistics=lesson.clean.statistics[rows],
                painters=lesson.painters[rows],
                inherited=inherited_scores(lesson.clean.statistics[rows]),
                changed=lesson.changed.statistics[rows],
                origin=np.arange(len(rows)),
            )
        )
        np.savez(file, weights=metric.weights, offset=metric.offset)
    with np.load(file) as kept:
        return StyleMetric(kept["weights"], kept["offset"])


def find_targets(lesson: Lesson, metric: StyleMetric) -> Targets:
    """Return what the start makes of a lesson."""
    clean, changed = roots(lesson.clean.statistics), roots(lesson.changed.statistics)
    early = metric.weights[:N_EARLY]
    late = clean[:, N_EARLY:]
    coordinates = (clean @ metric.weights + metric.offset)[~lesson.examined]
    return Targets(
        early_clean=clean[:, :N_EARLY] @ early + metric.offset,
        early_changed=changed[:, :N_EARLY] @ early + metric.offset,
        late=late,
        late_deviation=late[~lesson.examined].std(axis=0) + 1e-3,
        coordinate_mean=coordinates.mean(axis=0),
        coordinate_deviation=coordinates.std(axis=0),
    )


def examine(student: Student, lesson: Lesson, early_part: np.ndarray) -> float:
    """Return mean precision@10 on the painters that teach nothing: painters, and movements."""
    rows = np.flatnonzero(lesson.examined)
    found = []
    with torch.no_grad():
        for first in range(0, len(rows), MAPS_AT_ONCE):
            part = rows[first : first + MAPS_AT_ONCE]
            maps = torch.from_numpy(lesson.clean.maps[part].astype(np.float32))
            found.append(student(maps, torch.from_numpy(early_part[part]))[1].numpy())
    descriptors = unit_rows(np.concatenate(found))
    scores = []
    for name in DATASETS:
        here = lesson.datasets[rows] == name
        painters, movements = lesson.painters[rows][here], lesson.movements[rows][here]
        scores.append(retrieval(descriptors[here], painters)["p10"])
        scores.append(retrieval(descriptors[here], movements, painters)["p10"])
    print("examined:", " ".join(f"{score:.4f}" for score in scores), flush=True)
    return float(np.mean(scores))


def losses(
    student: Student, lesson: Lesson, targets: Targets, rows: np.ndarray, way: Way
) -> dict[str, torch.Tensor]:
    """Ask a batch of paintings ``rows`` what the way wants to know."""
    both = np.concatenate([lesson.clean.maps[rows], lesson.changed.maps[rows]])
    parts = np.concatenate([targets.early_clean[rows], targets.early_changed[rows]])
    late, coordinates = student(torch.from_numpy(both.astype(np.float32)), torch.from_numpy(parts))
    aim, deviation = torch.from_numpy(targets.late[rows]), torch.from_numpy(targets.late_deviation)
    n = len(rows)
    asked = {
        "keep": functional.mse_loss(late[:n] / deviation, aim / deviation),
        "ignore": functional.mse_loss(late[n:] / deviation, aim / deviation),
    }
    if way.style:
        codes = torch.from_numpy(np.unique(lesson.painters[rows], return_inverse=True)[1])
        asked["style"] = contrast(coordinates, codes.repeat(2))
    if way.spread:
        mean = torch.from_numpy(targets.coordinate_mean)
        even = (coordinates - mean) / torch.from_numpy(targets.coordinate_deviation)
        asked["spread"] = vicreg(even[:n], even[n:])
    return asked


def teach(lesson: Lesson, folder: Path, way: Way, pace: Pace) -> None:
    """Run until the examination stops getting better; leave the best block in ``taught.pt``.

    Parameters
    ----------
    lesson : Lesson
        What to teach with.
    folder : Path
        Gets ``taught.pt`` and ``checkpoint.pt``; the folder above it gets the start's metric.
    way, pace
        How, and how long.
    """
    folder.mkdir(parents=True, exist_ok=True)
    metric = metric_of_start(lesson, folder.parent)
    targets = find_targets(lesson, metric)
    student = Student(load_network(load_start()).stages[-1][-1], metric, way)
    moving = student.what_moves()
    start = {name: value.detach().clone() for name, value in moving.items()}
    optimiser = torch.optim.AdamW(moving.values(), way.rate, weight_decay=0)
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        student.load_state_dict(state["student"])
        optimiser.load_state_dict(state["optimiser"])
        step, best, waited = state["step"], state["best"], state["waited"]
    else:
        step, best, waited = 0, examine(student, lesson, targets.early_clean), 0
    teaching = np.flatnonzero(~lesson.examined)
    batches = draw_batches(lesson.painters[teaching], np.random.default_rng(step))
    while step < pace.n_steps and waited < pace.patience:
        asked = losses(student, lesson, targets, teaching[next(batches)], way)
        moved = sum((value - start[name]).square().sum() for name, value in moving.items())
        loss = way.near_start * moved
        for name, value in asked.items():
            loss = loss + getattr(way, name) * value
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1
        if step % 10 == 0:
            values = " ".join(f"{name} {value:.4f}" for name, value in asked.items())
            print(f"{step}: {values} moved {moved:.4f}", flush=True)
        if step % pace.steps_between == 0:
            score = examine(student, lesson, targets.early_clean)
            waited = 0 if score > best else waited + 1
            if score > best:
                best = score
                torch.save(without_gains(student.block).state_dict(), folder / "taught.pt")
            state = {
                "student": student.state_dict(),
                "optimiser": optimiser.state_dict(),
                "step": step,
                "best": best,
                "waited": waited,
            }
            torch.save(state, checkpoint)
    # What a way leads to is worth knowing even where it was never better than the start.
    torch.save(without_gains(student.block).state_dict(), folder / "last.pt")


def main() -> None:
    """Prepare the lesson and teach."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where maps, checkpoints and results are kept")
    parser.add_argument("way", choices=WAYS, help="how to teach")
    parser.add_argument("--rate", type=float, help="learning rate, instead of the way's own")
    parser.add_argument("--threads", type=int, default=2, help="for torch")
    for name, value in vars(Pace()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    arguments = vars(parser.parse_args())
    folder, name, rate = (arguments.pop(key) for key in ("folder", "way", "rate"))
    torch.set_num_threads(arguments.pop("threads"))
    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    way = WAYS[name] if rate is None else replace(WAYS[name], rate=rate)
    teach(prepare_lesson(folder), folder / name, way, Pace(**arguments))


if __name__ == "__main__":
    main()
