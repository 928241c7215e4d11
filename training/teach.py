"""Teach the last stage of the network, carefully: ``python -m training.teach FOLDER WAY``.

The ways are those of :data:`training.ways.WAYS`. What the stage is shown is computed once and kept
in FOLDER. A third of the teaching painters teach nothing: they say when to stop. The best state is
kept in ``FOLDER/WAY/taught.npz``, the kernels that moved by their names in the start; a run that
was stopped goes on from ``checkpoint.pt`` beside it.
``python -m training.trial FOLDER`` then says what it was worth.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from training.graph import N_EARLY, load_start
from training.lesson import Lesson, Views, prepare_lesson
from training.measures import retrieval, unit_rows
from training.metric import MetricLesson, StyleMetric, learn_metric, roots
from training.network import changed_kernels, load_network
from training.nudity import inherited_scores
from training.split import DATASETS
from training.ways import (
    LEAST_STATISTIC,
    MAPS_AT_ONCE,
    N_BEFORE,
    TAUGHT,
    WAYS,
    Student,
    Way,
    draw_batches,
    neighbourhood,
    shown,
    unstrided,
    vicreg,
)


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

    n_steps: int = 3000
    steps_between: int = 75
    patience: int = 6


@dataclass(frozen=True)
class Targets:
    """What the start makes of a lesson, ready for the losses.

    Attributes
    ----------
    early : list of ndarray of shape (n, 9, d), float32
        Part of the coordinates that comes from the stages before the one that is taught: of the
        clean pictures, then of every changed look.
    late : ndarray of shape (n, 9, 1024), float32
        Roots of the taught stage's statistics of the clean pictures.
    late_deviation : ndarray of shape (1024,), float32
        Their deviation over the wholes of the paintings that teach.
    coordinates : ndarray of shape (n, d), float32
        Descriptors of the clean pictures, of any length.
    deviation : ndarray of shape (d,), float32
        Their deviation over the paintings that teach; their mean is near 0.
    """

    early: list[np.ndarray]
    late: np.ndarray
    late_deviation: np.ndarray
    coordinates: np.ndarray
    deviation: np.ndarray


def metric_lesson(lesson: Lesson, rows: np.ndarray) -> MetricLesson:
    """Return what a metric on the start is learnt from, of some paintings of a lesson."""
    return MetricLesson(
        statistics=lesson.clean.statistics[rows, :N_EARLY],
        painters=lesson.painters[rows],
        inherited=inherited_scores(lesson.clean.statistics[rows]),
        changed=np.concatenate([look.statistics[rows, :N_EARLY] for look in lesson.changed]),
        origin=np.tile(np.arange(len(rows)), len(lesson.changed)),
        parts=lesson.clean.parts[rows],
    )


def metric_of_start(lesson: Lesson, folder: Path) -> StyleMetric:
    """Learn the metric on the start, from the painters who teach; kept in a folder."""
    file = folder / "metric.npz"
    if not file.exists():
        metric = learn_metric(metric_lesson(lesson, np.flatnonzero(~lesson.examined)))
        np.savez(file, **vars(metric))
    with np.load(file) as kept:
        return StyleMetric(**kept)


def places(views: Views) -> np.ndarray:
    """Return roots of the start's statistics in all places, the whole last: (n, 9, N_EARLY)."""
    return roots(np.concatenate([views.parts, views.statistics[:, None, :N_EARLY]], axis=1))


def find_targets(lesson: Lesson, metric: StyleMetric) -> Targets:
    """Return what the start makes of a lesson."""
    weights, offsets = metric.weights, np.vstack([metric.part_offsets, metric.offset])
    early = []
    for views in (lesson.clean, *lesson.changed):
        seen = places(views)
        early.append(seen[:, :, :N_BEFORE] @ weights[:N_BEFORE] + offsets)
        if views is lesson.clean:
            late = np.maximum(seen[:, :, N_BEFORE:], LEAST_STATISTIC**0.5)
    coordinates = early[0][:, -1] + late[:, -1] @ weights[N_BEFORE:]
    return Targets(
        early=early,
        late=late,
        late_deviation=late[~lesson.examined, -1].std(axis=0) + 1e-2,
        coordinates=coordinates,
        deviation=coordinates[~lesson.examined].std(axis=0),
    )


def examine(student: Student, lesson: Lesson, maps: np.ndarray, early: np.ndarray) -> float:
    """Return mean precision@10 on the painters that teach nothing: painters, and movements."""
    rows = np.flatnonzero(lesson.examined)
    found = []
    student.eval()
    with torch.no_grad():
        for first in range(0, len(rows), MAPS_AT_ONCE):
            part = rows[first : first + MAPS_AT_ONCE]
            some = torch.from_numpy(maps[part].astype(np.float32))
            found.append(student(some, torch.from_numpy(early[part]))[1][:, -1].numpy())
    student.train()
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
    student: Student,
    maps: list[np.ndarray],
    targets: Targets,
    painters: np.ndarray,
    rows: np.ndarray,
    rng: np.random.Generator,
    way: Way,
) -> dict[str, torch.Tensor]:
    """Ask a batch of paintings ``rows`` by ``painters`` what the way wants to know."""
    look = int(rng.integers(1, len(maps)))
    both = np.concatenate([maps[0][rows], maps[look][rows]])
    early = np.concatenate([targets.early[0][rows], targets.early[look][rows]])
    late, coordinates = student(torch.from_numpy(both.astype(np.float32)), torch.from_numpy(early))
    n, whole = len(rows), coordinates[:, -1]
    aim = torch.from_numpy(targets.coordinates[rows])
    far = (late[:n] - torch.from_numpy(targets.late[rows])) / torch.from_numpy(
        targets.late_deviation
    )
    asked = {
        "keep": far.square().mean(),
        "ignore": 1 - functional.cosine_similarity(whole[n:], aim).mean(),
    }
    if way.style:
        codes = torch.from_numpy(np.unique(painters, return_inverse=True)[1])
        part = torch.from_numpy(rng.integers(coordinates.shape[1] - 1, size=2 * n))
        seen = torch.cat([whole, coordinates[torch.arange(2 * n), part]])
        asked["style"] = neighbourhood(seen, codes.repeat(4), torch.arange(n).repeat(4))
    if way.spread:
        even = whole / torch.from_numpy(targets.deviation)
        asked["spread"] = vicreg(even[:n], even[n:])
    return asked


def kernels_of(student: Student) -> dict[str, np.ndarray]:
    """Return the kernels and biases that a student has changed, by their names in the start."""
    start = load_start()
    network = load_network(start)
    network.stages[TAUGHT - 1].load_state_dict(student.taught_stage().state_dict())
    return changed_kernels(network, start)


def teach(lesson: Lesson, folder: Path, way: Way, pace: Pace) -> None:
    """Run until the examination stops getting better; leave the best in ``taught.npz``.

    Parameters
    ----------
    lesson : Lesson
        What to teach with.
    folder : Path
        Gets ``taught.npz``, ``last.npz`` and ``checkpoint.pt``; the folder above it gets the
        start's metric.
    way, pace
        How, and how long.
    """
    folder.mkdir(parents=True, exist_ok=True)
    metric = metric_of_start(lesson, folder.parent)
    targets = find_targets(lesson, metric)
    student = Student(unstrided(load_network(load_start()).stages[TAUGHT - 1]), metric, way)
    maps = [shown(student.frozen, views.maps) for views in (lesson.clean, *lesson.changed)]
    moving = student.what_moves()
    start = {name: value.detach().clone() for name, value in moving.items()}
    optimiser = torch.optim.AdamW(moving.values(), way.rate, weight_decay=0)
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        student.load_state_dict(state["student"])
        optimiser.load_state_dict(state["optimiser"])
        optimiser.param_groups[0]["lr"] = way.rate  # may be another one now
        step, best, waited = state["step"], state["best"], state["waited"]
    else:
        step, best, waited = 0, examine(student, lesson, maps[0], targets.early[0]), 0
    teaching = np.flatnonzero(~lesson.examined)
    rng = np.random.default_rng(step)
    batches = draw_batches(lesson.painters[teaching], rng)
    while step < pace.n_steps and waited < pace.patience:
        rows = teaching[next(batches)]
        asked = losses(student, maps, targets, lesson.painters[rows], rows, rng, way)
        moved = sum((value - start[name]).square().sum() for name, value in moving.items())
        loss = way.near_start * moved
        for name, value in asked.items():
            loss = loss + getattr(way, name) * value
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1
        if step == 1 or step % 20 == 0:
            values = " ".join(f"{name} {value:.4f}" for name, value in asked.items())
            print(f"{step}: {values} moved {moved:.4f}", flush=True)
        if step % pace.steps_between == 0:
            score = examine(student, lesson, maps[0], targets.early[0])
            waited = 0 if score > best else waited + 1
            if score > best:
                best = score
                np.savez(folder / "taught.npz", **kernels_of(student))
            state = {
                "student": student.state_dict(),
                "optimiser": optimiser.state_dict(),
                "step": step,
                "best": best,
                "waited": waited,
            }
            partial = checkpoint.with_suffix(".partial")
            torch.save(state, partial)
            partial.replace(checkpoint)
    # What a way leads to is worth knowing even where it was never better than the start.
    np.savez(folder / "last.npz", **kernels_of(student))


def main() -> None:
    """Prepare the lesson and teach."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where maps, checkpoints and results are kept")
    parser.add_argument("way", choices=WAYS, help="how to teach")
    parser.add_argument("--rate", type=float, help="learning rate, instead of the way's own")
    parser.add_argument("--threads", type=int, default=1, help="for torch")
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
