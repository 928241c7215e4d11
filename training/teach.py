"""Teach the last stage of the network, carefully: ``python -m training.teach FOLDER``.

Every painting of the lesson is seen as it is and changed (:mod:`training.changes`). The student is
the last stage; all before it is frozen, so that its maps are computed once and kept in FOLDER.
Three things are asked of the student, in units of the standardised roots of its statistics:

- *keep*: on the clean picture, give what the start gives;
- *ignore*: on the changed picture, give what the start gives on the clean one;
- *style*: in the space of the metric, works of one painter lie closer than works of others
  (supervised contrast over batches of several painters, Khosla et al. 2020).

The weights are held near the start (L2-SP, Li et al. 2018). A third of the teaching painters teach
nothing: they say when to stop. The best state is kept in ``taught.pt``; a run that was stopped
goes on from ``checkpoint.pt``.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from onnx import TensorProto, helper
from torch import nn
from torch.nn import functional

from training.changes import random_change
from training.features import extract, read_picture
from training.graph import (
    GRID,
    N_STATISTICS,
    STAGE_CHANNELS,
    STAGE_OUTPUTS,
    assemble,
    load_start,
    open_session,
)
from training.measures import retrieval
from training.metric import MetricLesson, StyleMetric, learn_metric, roots
from training.network import load_network, map_statistics
from training.nudity import inherited_scores
from training.split import DATASETS, LabelledPaintings, held_apart_painters, read_labelled

N_EARLY = N_STATISTICS - 2 * STAGE_CHANNELS[-1]
WORKS_AT_MOST = 40  # of one painter
PAINTERS_IN_BATCH = 8
WORKS_OF_EACH = 4
TEMPERATURE = 0.1
CHUNK = 512  # paintings extracted at once


@dataclass(frozen=True)
class TeachingSettings:
    """Weights of what is asked, and how fast to move.

    Attributes
    ----------
    keep, ignore, style : float
        Weights of the three losses.
    near_start : float
        Weight of the squared distance of the weights from the start.
    rate : float
        Learning rate of AdamW.
    n_steps : int
        Batches at most.
    patience : int
        Stop after so many examinations without a better one.
    steps_between : int
        Batches between two examinations.
    """

    keep: float = 1.0
    ignore: float = 1.0
    style: float = 1.0
    near_start: float = 1.0
    rate: float = 2e-5
    n_steps: int = 300
    patience: int = 3
    steps_between: int = 30


@dataclass(frozen=True)
class Views:
    """One look at all teaching paintings.

    Attributes
    ----------
    maps : ndarray of shape (n, 512, 14, 14), float16
        What the student is shown, mapped from disk.
    statistics : ndarray of shape (n, N_STATISTICS), float32
        What the start makes of the pictures.
    """

    maps: np.ndarray
    statistics: np.ndarray


@dataclass(frozen=True)
class Lesson:
    """All that a run needs, row i everywhere the same painting.

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


def keep_views(folder: Path, name: str, paths: list[Path], *, change: bool) -> Views:
    """Extract one look at paintings into a folder, or read what is there."""
    maps_path, statistics_path = folder / f"{name}_maps.npy", folder / f"{name}_statistics.npy"
    if not statistics_path.exists():
        model = assemble(load_start())
        last_frozen = STAGE_OUTPUTS[-2]
        shape = (STAGE_CHANNELS[-2], GRID, GRID)
        info = helper.make_tensor_value_info(last_frozen, TensorProto.FLOAT, ["n", *shape])
        model.graph.output.append(info)
        session = open_session(model)
        rng = np.random.default_rng(1)
        maps = np.lib.format.open_memmap(maps_path, "w+", np.float16, (len(paths), *shape))
        statistics = []
        for first in range(0, len(paths), CHUNK):
            pictures = (read_picture(path) for path in paths[first : first + CHUNK])
            if change:
                pictures = (random_change(picture, rng) for picture in pictures)
            found = extract(session, pictures, last_frozen, "statistics")
            maps[first : first + CHUNK] = found[0]
            statistics.append(found[1])
        maps.flush()
        np.save(statistics_path, np.concatenate(statistics))
    return Views(np.load(maps_path, mmap_mode="r"), np.load(statistics_path))


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
        clean=keep_views(folder, "clean", paths, change=False),
        changed=keep_views(folder, "changed", paths, change=True),
        painters=painters,
        movements=movements,
        datasets=np.repeat([d.name for d in data], [len(some) for some in rows]),
        examined=np.isin(painters, examined),
    )


class Student(nn.Module):
    """The last stage and, behind it, the metric."""

    def __init__(self, stage: nn.Module, metric: StyleMetric) -> None:
        super().__init__()
        self.stage = stage
        self.register_buffer("late_weights", torch.from_numpy(metric.weights[N_EARLY:]))

    def forward(
        self, maps: torch.Tensor, early_part: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return roots of the late statistics (n, 2048) and unit descriptors (n, d)."""
        late = map_statistics(self.stage(maps)).clamp(min=1e-8).sqrt()
        return late, functional.normalize(early_part + late @ self.late_weights, dim=1)


def contrast(descriptors: torch.Tensor, painters: torch.Tensor) -> torch.Tensor:
    """Supervised contrastive loss of unit descriptors (n, d) with painters (n,) int64."""
    itself = torch.eye(len(painters), dtype=torch.bool)
    logits = (descriptors @ descriptors.T / TEMPERATURE).masked_fill(itself, -1e4)
    same = (painters[:, None] == painters[None, :]) & ~itself
    return -(functional.log_softmax(logits, dim=1) * same).sum(1).div(same.sum(1)).mean()


def draw_batches(painters: np.ndarray, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield rows of eight painters with four works each, without end."""
    names, codes, counts = np.unique(painters, return_inverse=True, return_counts=True)
    works = [np.flatnonzero(codes == code) for code in range(len(names))]
    enough = np.flatnonzero(counts >= WORKS_OF_EACH)
    # Between "every painter alike" and "every work alike".
    chance = np.sqrt(counts[enough]) / np.sqrt(counts[enough]).sum()
    while True:
        chosen = rng.choice(enough, PAINTERS_IN_BATCH, replace=False, p=chance)
        rows = [rng.choice(works[code], WORKS_OF_EACH, replace=False) for code in chosen]
        yield np.concatenate(rows)


def examine(student: Student, lesson: Lesson, early_part: np.ndarray) -> float:
    """Return mean precision@10 on the painters that teach nothing: painters, and movements."""
    rows = np.flatnonzero(lesson.examined)
    found = []
    with torch.no_grad():
        for first in range(0, len(rows), 64):
            part = rows[first : first + 64]
            maps = torch.from_numpy(lesson.clean.maps[part].astype(np.float32))
            found.append(student(maps, torch.from_numpy(early_part[part]))[1].numpy())
    descriptors = np.concatenate(found)
    scores = []
    for name in DATASETS:
        here = lesson.datasets[rows] == name
        painters, movements = lesson.painters[rows][here], lesson.movements[rows][here]
        scores.append(retrieval(descriptors[here], painters)["p10"])
        scores.append(retrieval(descriptors[here], movements, painters)["p10"])
    print("examined:", " ".join(f"{score:.4f}" for score in scores), flush=True)
    return float(np.mean(scores))


def teach(lesson: Lesson, folder: Path, settings: TeachingSettings) -> None:
    """Run until the examination stops getting better; leave the best stage in ``taught.pt``."""
    teaching = np.flatnonzero(~lesson.examined)
    metric = learn_metric(
        MetricLesson(
            statistics=lesson.clean.statistics[teaching],
            painters=lesson.painters[teaching],
            inherited=inherited_scores(lesson.clean.statistics[teaching]),
            changed=lesson.changed.statistics[teaching],
            origin=np.arange(len(teaching)),
        )
    )
    early = metric.weights[:N_EARLY]
    early_clean = roots(lesson.clean.statistics[:, :N_EARLY]) @ early + metric.offset
    early_changed = roots(lesson.changed.statistics[:, :N_EARLY]) @ early + metric.offset
    target = roots(lesson.clean.statistics[:, N_EARLY:])
    deviation = torch.from_numpy(target[teaching].std(axis=0) + 1e-3)
    codes = torch.from_numpy(np.unique(lesson.painters, return_inverse=True)[1])

    student = Student(load_network(load_start()).stages[-1], metric)
    start = copy.deepcopy(student.stage.state_dict())
    optimiser = torch.optim.AdamW(student.stage.parameters(), settings.rate, weight_decay=0)
    step, best, waited = 0, examine(student, lesson, early_clean), 0
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        student.stage.load_state_dict(state["stage"])
        optimiser.load_state_dict(state["optimiser"])
        step, best, waited = state["step"], state["best"], state["waited"]
    batches = draw_batches(lesson.painters[teaching], np.random.default_rng(step))
    while step < settings.n_steps and waited < settings.patience:
        rows = teaching[next(batches)]
        both = np.concatenate([lesson.clean.maps[rows], lesson.changed.maps[rows]])
        parts = np.concatenate([early_clean[rows], early_changed[rows]])
        late, descriptors = student(
            torch.from_numpy(both.astype(np.float32)), torch.from_numpy(parts)
        )
        aim = torch.from_numpy(target[rows])
        keep = ((late[: len(rows)] - aim) / deviation).square().mean()
        ignore = ((late[len(rows) :] - aim) / deviation).square().mean()
        style = contrast(descriptors, codes[rows].repeat(2))
        moved = sum(
            (value - start[name]).square().sum() for name, value in student.stage.named_parameters()
        )
        loss = (
            settings.keep * keep
            + settings.ignore * ignore
            + settings.style * style
            + settings.near_start * moved
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1
        if step % 10 == 0:
            print(
                f"{step}: keep {keep:.4f} ignore {ignore:.4f} style {style:.4f} moved {moved:.4f}",
                flush=True,
            )
        if step % settings.steps_between == 0:
            score = examine(student, lesson, early_clean)
            waited = 0 if score > best else waited + 1
            if score > best:
                best = score
                torch.save(student.stage.state_dict(), folder / "taught.pt")
            state = {
                "stage": student.stage.state_dict(),
                "optimiser": optimiser.state_dict(),
                "step": step,
                "best": best,
                "waited": waited,
            }
            torch.save(state, checkpoint)


def main() -> None:
    """Prepare the lesson and teach."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where maps, checkpoints and result are kept")
    parser.add_argument("--threads", type=int, default=2, help="for torch")
    for name, value in vars(TeachingSettings()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    arguments = vars(parser.parse_args())
    folder = arguments.pop("folder")
    torch.set_num_threads(arguments.pop("threads"))
    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    teach(prepare_lesson(folder), folder, TeachingSettings(**arguments))


if __name__ == "__main__":
    main()
