"""Facets: how well each tells the painter, with which weights together, and what they cost.

::

    python -m benchmarks.facets ATLAS        # an atlas with named painters

Weights are chosen on questions about one half of the paintings, drawn at random, and measured on
the other half.
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import pandas as pd
from sklearn.metrics import normalized_mutual_info_score

from artstylenet import StyleAtlas, facet_contributions, facet_styles, load_atlas, similar_by_facets
from artstylenet.facets import DEFAULT_WEIGHTS, FacetSpace, facet_space
from artstylenet.looks import Looks, looks_of
from artstylenet.looks.cache import looks_cache
from artstylenet.looks.facets import FACETS
from artstylenet.neighbours import best_columns

N_NEAREST, N_QUESTIONS = 10, 2000
LEVELS = (0.0, 0.05, 0.1, 0.2)


def precision(
    space: FacetSpace, painters: np.ndarray, asked: np.ndarray, weights: dict[str, float]
) -> float:
    """Return the share of the ten nearest that are by the same painter."""
    likeness = sum(
        np.float32(weight / sum(weights.values())) * (space.vectors[p][asked] @ space.vectors[p].T)
        for p, weight in weights.items()
        if weight
    )
    likeness[np.arange(len(asked)), asked] = -np.inf
    nearest = best_columns(likeness, N_NEAREST)
    return float((painters[nearest] == painters[asked, None]).mean())


def weighting(atlas: StyleAtlas, space: FacetSpace) -> pd.DataFrame:
    """Return one row a set of weights: precision@10 on the choosing half and on the other."""
    painters = pd.factorize(atlas.paintings["painter"])[0]
    rng = np.random.default_rng(0)
    known = rng.permutation(np.flatnonzero(painters >= 0))[:N_QUESTIONS]
    chosen_on, measured_on = np.array_split(known, 2)
    tried = {"features alone": {"features": 1.0}}
    tried |= {f"{facet} alone": {facet: 1.0} for facet in FACETS}
    tried["default weights"] = dict(DEFAULT_WEIGHTS)
    for levels in product(LEVELS, repeat=len(FACETS)):
        if any(levels):
            name = " ".join(f"{level:g}" for level in levels)
            tried[f"1 + {name}"] = {"features": 1.0, **dict(zip(FACETS, levels, strict=True))}
    first = {name: precision(space, painters, chosen_on, w) for name, w in tried.items()}
    combined = [name for name in tried if name.startswith("1 + ")]
    best = max(combined, key=first.__getitem__)
    shown = [name for name in tried if name not in combined] + [best]
    return pd.DataFrame(
        {
            "choosing half": {name: first[name] for name in shown},
            "other half": {
                name: precision(space, painters, measured_on, tried[name]) for name in shown
            },
        }
    )


def styles_of_facets(atlas: StyleAtlas, looks: Looks) -> pd.DataFrame:
    """Return how much the styles of each facet know of painters and of the atlas' own styles."""
    painters = pd.factorize(atlas.paintings["painter"])[0]
    own = atlas.painting_styles.to_numpy().argmax(axis=1)
    rows = {}
    for facet in FACETS:
        start = process_time()
        found = facet_styles(atlas, facet, looks=looks).painting_styles.to_numpy().argmax(axis=1)
        rows[facet] = {
            "NMI with painter": normalized_mutual_info_score(painters, found),
            "NMI with styles": normalized_mutual_info_score(own, found),
            "CPU s": process_time() - start,
        }
    return pd.DataFrame(rows).T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("atlas", type=Path)
    given = parser.parse_args()
    atlas = load_atlas(given.atlas)
    start = process_time()
    looks = looks_of(atlas, looks_cache(given.atlas))
    measured = process_time()
    space = facet_space(atlas, looks=looks)
    print(
        f"{atlas}\n\nmeasuring {measured - start:.1f} CPU s, space {process_time() - measured:.2f}"
    )
    print(f"\n{weighting(atlas, space).round(4).to_string()}\n", flush=True)
    print(f"{styles_of_facets(atlas, looks).round(3).to_string()}\n", flush=True)
    start = process_time()
    print(facet_contributions(atlas, looks=looks).round(2).to_string())
    print(f"contributions {process_time() - start:.2f} CPU s")
    walls = []
    for painting_id in atlas.paintings["id"].sample(50, random_state=0):
        wall = perf_counter()
        similar_by_facets(atlas, painting_id, looks=looks)
        walls.append(1000 * (perf_counter() - wall))
    print(f"similar by facets: best {min(walls):.1f} ms, median {np.median(walls):.1f} ms")


if __name__ == "__main__":
    main()
