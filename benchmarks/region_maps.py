"""Whether region maps tell the halves of a collage apart.

``python -m benchmarks.region_maps PAINTINGS --atlas FOLDER`` holds out some paintings, builds an
atlas of the others into FOLDER (or goes on with the one that is there), and puts together halves
of two held-out paintings with different largest styles. Measured is the area under the ROC curve
of telling the two halves apart cell by cell by the difference of their log posteriors, beside the
same with words made of colours alone.

The reach of a cell's neighbours was chosen on collages of seeds 0 and 1: ask for others.

``python -m benchmarks.region_maps --planted`` does the same on made paintings, whose regions are
known.
"""

from __future__ import annotations

import argparse
import io
import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import roc_auc_score

from artstylenet.atlas import StyleAtlas
from artstylenet.build import BuildSettings, build_atlas
from artstylenet.building import build_into
from artstylenet.collection import read_collection
from artstylenet.datasets import make_paintings, write_paintings
from artstylenet.explaining.region_maps import (
    GRID,
    grid_word_probabilities,
    maps_of_row,
    region_maps,
)
from artstylenet.imaging import open_image, read_file
from artstylenet.placing import place_pictures

SIDE = 448
COLOUR_LEVELS = 8
LEAST_WEIGHT = 0.4
"""A half must be surely of its style: a painting of many styles has no right answer."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paintings", type=Path, nargs="?")
    parser.add_argument("--atlas", type=Path, help="folder of the atlas without the held-out ones")
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("--styles", type=int, default=14)
    parser.add_argument("--held-out", type=int, default=400)
    parser.add_argument("--collages", type=int, default=200)
    parser.add_argument("--seed", type=int, default=2, help="which paintings are held out")
    parser.add_argument("--backbone", default="default")
    parser.add_argument("--store", type=Path)
    given = parser.parse_args()
    if given.planted:
        print(json.dumps({"planted": [planted(seed) for seed in range(3)]}, indent=1))
        return
    if given.paintings is None or given.atlas is None:
        parser.error("name the paintings and --atlas, or ask for --planted")
    print(json.dumps(collages(given), indent=1))


def planted(seed: int) -> float:
    """Return the mean AUC on made paintings, of pairs of styles with at least 30 cells each."""
    made = make_paintings(120, 4, size=224, random_state=seed)
    with TemporaryDirectory() as folder:
        collection = read_collection(write_paintings(made, folder))
        atlas = build_atlas(collection, 4, random_state=seed, store=Path(folder) / "store")
    rows = [int(Path(path).stem) for path in collection.paintings["path"]]
    agreement = atlas.painting_styles.to_numpy().T @ made.painting_styles[rows]
    ours = linear_sum_assignment(-agreement.T)[1]
    areas = []
    for row, truth in enumerate(made.style_maps[rows]):
        maps = np.log(maps_of_row(atlas, row) + 1e-300)
        large = np.flatnonzero(np.bincount(truth.ravel(), minlength=4) >= 30)
        for i, first in enumerate(large):
            for second in large[:i]:
                cells = np.isin(truth, (first, second))
                odds = maps[ours[first]] - maps[ours[second]]
                areas.append(roc_auc_score((truth == first)[cells], odds[cells]))
    return round(float(np.mean(areas)), 4)


def collages(given: argparse.Namespace) -> dict[str, float | int]:
    """Return the mean AUC on collages of held-out paintings, ours and from colours."""
    collection = read_collection(given.paintings)
    rng = np.random.default_rng(given.seed)
    held = np.sort(rng.choice(len(collection.paintings), given.held_out, replace=False))
    kept = np.setdiff1d(np.arange(len(collection.paintings)), held)
    learnt_from = replace(
        collection, paintings=collection.paintings.iloc[kept].reset_index(drop=True)
    )
    settings = BuildSettings(styles=(given.styles, given.styles), backbone=given.backbone)
    atlas = build_into(given.atlas, learnt_from, settings, store=given.store).atlas
    pictures = [
        _square(read_file(collection.root / path))
        for path in collection.paintings["path"].iloc[held]
    ]
    mixtures = place_pictures(atlas, [_jpeg(picture) for picture in pictures]).painting_styles
    colours = colour_probabilities(atlas)
    word_styles = grid_word_probabilities(atlas.model)
    sure = np.flatnonzero(mixtures.max(axis=1) >= LEAST_WEIGHT)
    ours, from_colours = [], []
    while len(ours) < given.collages:
        left, right = rng.choice(sure, 2, replace=False)
        first, second = mixtures[left].argmax(), mixtures[right].argmax()
        if first == second:
            continue
        collage = np.concatenate(
            [pictures[left][:, : SIDE // 2], pictures[right][:, SIDE // 2 :]], axis=1
        )
        placed = place_pictures(atlas, [_jpeg(collage)])
        maps = region_maps(placed.painting_styles[0], placed.grid_words[0], word_styles)
        is_left = np.broadcast_to(np.arange(GRID) < GRID // 2, (GRID, GRID)).ravel()
        for found, areas in ((maps, ours), (colour_maps(collage, colours), from_colours)):
            odds = np.log(found[first] + 1e-300) - np.log(found[second] + 1e-300)
            areas.append(roc_auc_score(is_left, odds.ravel()))
    return {
        "n_collages": len(ours),
        "n_styles": atlas.n_styles,
        "auc": round(float(np.mean(ours)), 4),
        "auc_standard_error": round(float(np.std(ours) / np.sqrt(len(ours))), 4),
        "auc_colours": round(float(np.mean(from_colours)), 4),
    }


def colour_probabilities(atlas: StyleAtlas) -> np.ndarray:
    """Return the probability of each of 512 colours in each style, (n_styles, 512)."""
    shares = np.array(
        [
            np.bincount(_colour_words(_pixels(thumbnail.as_py())), minlength=COLOUR_LEVELS**3)
            for thumbnail in atlas.thumbnails
        ],
        dtype=float,
    )
    shares /= shares.sum(axis=1, keepdims=True)
    styles = atlas.painting_styles.to_numpy().T @ shares + 1e-3
    return styles / styles.sum(axis=1, keepdims=True)


def colour_maps(picture: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return region maps whose words are colours, 16 pixels a cell: (n_styles, 14, 14)."""
    small = Image.fromarray(picture).resize((4 * GRID, 4 * GRID), Image.Resampling.BOX)
    words = _colour_words(np.asarray(small).reshape(-1, 3)).reshape(GRID, 4, GRID, 4)
    cells = np.log(probabilities)[:, words].mean(axis=(2, 4))
    # As region_maps does, but that a cell holds the mean of its pixels.
    evidence = np.exp(cells - cells.max(axis=0))
    even = np.full(len(evidence), 1 / len(evidence))
    return region_maps(even, np.arange(GRID**2), evidence.reshape(len(evidence), -1))


def _colour_words(colours: np.ndarray) -> np.ndarray:
    steps = colours.astype(int) // (256 // COLOUR_LEVELS)
    return steps @ np.array([COLOUR_LEVELS**2, COLOUR_LEVELS, 1])


def _pixels(thumbnail: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(thumbnail)) as image:
        return np.asarray(image.convert("RGB").resize((56, 56), Image.Resampling.BOX)).reshape(
            -1, 3
        )


def _square(data: bytes) -> np.ndarray:
    return np.asarray(open_image(data).resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def _jpeg(picture: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
