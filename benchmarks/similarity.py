"""Similar paintings: plain cosine against local scaling, and the time of one question.

::

    python -m benchmarks.similarity ATLAS             # an atlas with named painters
    python -m benchmarks.similarity --rows 1000000    # simulated features, time and memory

A hub is a painting that is among the ten nearest of very many others: the skewness of how often
each is named tells how much of that there is. ``never`` is the share that nobody's list names.
"""

from __future__ import annotations

import argparse
import resource
import sys
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import pandas as pd
from scipy.stats import skew

from artstylenet import StyleAtlas, load_atlas, similar_paintings
from artstylenet.neighbours import best_columns, densities
from artstylenet.similarity import nearest_paintings

N_NEAREST = 10
N_QUESTIONS = 50


def quality(atlas: StyleAtlas) -> pd.DataFrame:
    """Return one row a way to rank: precision for the painter, and hubs."""
    vectors = atlas.descriptors
    cosine = vectors.astype(np.float32) @ vectors.T.astype(np.float32)
    density = densities(vectors, np.arange(len(vectors)))
    ways = {
        "features, plain cosine": _nearest(cosine),
        "features, CSLS": _nearest(cosine - density / 2),
        "features, local scaling (default)": nearest_paintings(atlas, by="features", n=N_NEAREST),
        "styles, Hellinger": nearest_paintings(atlas, by="styles", n=N_NEAREST),
    }
    painters = pd.factorize(atlas.paintings["painter"])[0]
    rows = {}
    for name, nearest in ways.items():
        named = painters[nearest] == painters[:, None]
        times = np.bincount(nearest.ravel(), minlength=len(nearest))
        rows[name] = {
            "precision@1": named[painters >= 0, 0].mean(),
            "precision@10": named[painters >= 0].mean(),
            "skewness": skew(times),
            "most often": times.max(),
            "never": (times == 0).mean(),
        }
    return pd.DataFrame(rows).T


def speed(atlas: StyleAtlas) -> pd.DataFrame:
    """Return the time of one question, in milliseconds: best and median of fifty."""
    ids = atlas.paintings["id"].sample(N_QUESTIONS, random_state=0)
    rows = {}
    for by in ("features", "styles"):
        similar_paintings(atlas, ids.iloc[0], by=by)  # compiled, and the ids hashed
        walls, cpus = [], []
        for painting_id in ids:
            wall, cpu = perf_counter(), process_time()
            similar_paintings(atlas, painting_id, by=by)
            walls.append(1000 * (perf_counter() - wall))
            cpus.append(1000 * (process_time() - cpu))
        rows[by] = {
            "best ms": min(walls),
            "median ms": np.median(walls),
            "median CPU ms": np.median(cpus),
        }
    return pd.DataFrame(rows).T


def simulated(n_rows: int, n_dimensions: int = 256, n_styles: int = 18) -> StyleAtlas:
    """Return an atlas of random descriptors and mixtures, with nothing else in it."""
    rng = np.random.default_rng(0)
    descriptors = np.empty((n_rows, n_dimensions), np.float16)
    for start in range(0, n_rows, 50_000):
        block = rng.standard_normal((min(50_000, n_rows - start), n_dimensions), np.float32)
        block /= np.linalg.norm(block, axis=1, keepdims=True)
        descriptors[start : start + len(block)] = block
    ids = pd.Index([f"painting-{i}" for i in range(n_rows)], name="id")
    paintings = pd.DataFrame({"id": ids, "painter": None, "title": None, "year": None})
    nothing = dict.fromkeys(StyleAtlas.__dataclass_fields__)
    return replace(
        StyleAtlas(**nothing),  # type: ignore[arg-type]
        paintings=paintings,
        painting_styles=pd.DataFrame(rng.dirichlet(np.full(n_styles, 0.1), n_rows), index=ids),
        descriptors=descriptors,
    )


def _nearest(similarity: np.ndarray) -> np.ndarray:
    similarity = similarity.copy()
    np.fill_diagonal(similarity, -np.inf)
    return best_columns(similarity, N_NEAREST)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("atlas", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, help="simulate so many paintings instead")
    arguments = parser.parse_args()
    if (arguments.atlas is None) == (arguments.rows is None):
        parser.error("give an atlas or --rows")
    if arguments.rows is None:
        atlas = load_atlas(arguments.atlas)
        print(f"{atlas}\n\n{quality(atlas).round(4).to_string()}\n")
    else:
        atlas = simulated(arguments.rows)
    print(speed(atlas).round(1).to_string())
    unit = 1e9 if sys.platform == "darwin" else 1e6
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit:.2f} GB")


if __name__ == "__main__":
    main()
