"""Recommendation, simulated: somebody likes five works of a painter, the others are hidden.

::

    python -m benchmarks.recommendation ATLAS

``recall@20`` is the share of the twenty places (or of the hidden works, where there are fewer)
that hidden works of the painter take; ``painters`` how many painters the twenty are by. Plain
nearest neighbours rank by the mean cosine to the five.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import pandas as pd

from artstylenet import StyleAtlas, load_atlas, recommend
from artstylenet.neighbours import best_rows

N_LIKED, N_PLACES, TRIALS_A_PAINTER = 5, 20, 6
FEWEST_WORKS = 10


def simulate(atlas: StyleAtlas, seed: int, n_queries: int) -> pd.DataFrame:
    """Return one row a way to recommend, means over painters."""
    rng = np.random.default_rng(seed)
    painters = atlas.paintings["painter"].to_numpy()
    vectors = atlas.descriptors.astype(np.float32)
    found: dict[str, list[dict[str, float]]] = {}
    for painter, rows in atlas.paintings.groupby("painter").indices.items():
        if len(rows) < FEWEST_WORKS:
            continue
        for _ in range(n_queries):
            liked = rng.choice(rows, N_LIKED, replace=False)
            cosine = (vectors @ vectors[liked].T).mean(axis=1)
            cosine[liked] = -np.inf
            given = atlas.paintings["id"].iloc[liked].tolist()
            wall, cpu = perf_counter(), process_time()
            default = recommend(atlas, given, n=N_PLACES).index
            times = {
                "ms": 1000 * (perf_counter() - wall),
                "CPU ms": 1000 * (process_time() - cpu),
            }
            answers = {
                "plain nearest neighbours": (best_rows(cosine, N_PLACES), {}),
                "recommend, diversity 0": (recommend(atlas, given, diversity=0).index, {}),
                "recommend (default)": (default, times),
                "recommend, diversity 1": (recommend(atlas, given, diversity=1).index, {}),
            }
            possible = min(N_PLACES, len(rows) - N_LIKED)
            for name, (answer, measured) in answers.items():
                named = painters[answer]
                found.setdefault(name, []).append(
                    {
                        "recall@20": (named == painter).sum() / possible,
                        "painters": len(pd.unique(named)),
                        **measured,
                    }
                )
    return pd.DataFrame({name: pd.DataFrame(rows).mean() for name, rows in found.items()}).T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("atlas", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--queries", type=int, default=TRIALS_A_PAINTER, help="for each painter")
    arguments = parser.parse_args()
    atlas = load_atlas(arguments.atlas)
    recommend(atlas, atlas.paintings["id"].iloc[:1].tolist())  # compiled
    tables = [simulate(atlas, seed, arguments.queries) for seed in range(arguments.seeds)]
    mean = sum(tables[1:], tables[0]) / len(tables)
    plain = mean.iloc[0]
    mean["recall, of plain"] = mean["recall@20"] / plain["recall@20"]
    mean["painters, of plain"] = mean["painters"] / plain["painters"]
    print(f"{atlas}, {arguments.seeds} seeds\n\n{mean.round(3).to_string(na_rep='')}")


if __name__ == "__main__":
    main()
