"""What learning from a sample costs: held-out perplexity against learning from all.

::

    python -m benchmarks.streaming PAINTINGS [--store FOLDER] [--seeds 2]

A thousand paintings are held out. Words are learnt from a sample of the others and moments of all
of them; styles from the sample alone, from the sample and then the others as a stream, or from
all. Perplexity is that of document completion, as where the number of styles is chosen.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from artstylenet.build import BuildSettings, Extracted, extract_collection, widths
from artstylenet.collection import read_collection
from artstylenet.consensus import fit_consensus, taught
from artstylenet.counting import tabulate
from artstylenet.features import learn_feature_space, raw_columns
from artstylenet.recipes import make_recipe
from artstylenet.selection import held_out_perplexity

N_STYLES, N_HELD_OUT, BATCH = 11, 1000, 1000


def compare(extracted: Extracted, n_sample: int, seed: int) -> dict[str, float]:
    """Return the perplexity of held-out paintings by what styles were learnt from."""
    columns = raw_columns(extracted.backbone)
    hashes = np.array(extracted.hashes, dtype=object)
    order = np.random.default_rng(seed).permutation(len(hashes))
    held_out, rest = np.sort(order[:N_HELD_OUT]), np.sort(order[N_HELD_OUT:])
    sample = np.sort(order[N_HELD_OUT:][:n_sample])
    others = order[N_HELD_OUT + n_sample :]

    def some(rows: np.ndarray) -> Extracted:
        return replace(extracted, hashes=tuple(hashes[rows].tolist()))

    space = learn_feature_space(lambda: some(sample).read(columns), n_sample, random_state=seed)
    recipe = make_recipe(
        "default",
        stage_channels=extracted.backbone.stage_channels,
        **widths(extracted),
        space=space,
        random_state=seed,
    )
    features = tabulate(extracted.read(columns), space).features
    moments = tabulate(some(rest).read(columns), space, rest[:0], recipe.model.blocks).moments
    model = recipe.model.fit_words(features[sample], seed, moments)
    model.n_styles = N_STYLES
    words = model.count_words(features)
    of_sample = fit_consensus(model, words[sample], random_state=seed).model
    starts = range(0, len(others), BATCH)
    batches = (words[others[start : start + BATCH]] for start in starts)
    models = {
        "sample": of_sample,
        "sample, then a stream": taught(of_sample, batches, max(1, n_sample // BATCH)),
        "all": fit_consensus(model, words[rest], random_state=seed).model,
    }
    sides = model.split_words(features[held_out])
    return {name: held_out_perplexity(one.topics_, *sides) for name, one in models.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paintings", type=Path)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--samples", type=int, nargs="+", default=[1000, 2000])
    asked = parser.parse_args()
    extracted = extract_collection(
        read_collection(asked.paintings), BuildSettings(), store=asked.store
    )
    print("| sample, seed | from the sample | sample, then a stream | all |\n|---|---|---|---|")
    with threadpool_limits(1):
        for n_sample in asked.samples:
            for seed in range(asked.seeds):
                found = compare(extracted, n_sample, seed)
                cells = " | ".join(f"{value:.1f}" for value in found.values())
                print(f"| {n_sample:,}, {seed} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
