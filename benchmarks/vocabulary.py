"""From what size of collection on words of its own are better than those of the network.

``python -m benchmarks.vocabulary paintings [--store FOLDER] [--draws 4]`` (or ``wikiart``; both lie
in ``ARTSTYLENET_DATA``) draws collections of several sizes from the works of painters who have
taught neither the network nor its words. Of each, styles are learnt twice: from words learnt
afresh, and from those that came with the network. Printed are means over draws:

- *NMI* of the largest style and the painter;
- *precision*: of the ten nearest mixtures, the share by the same painter;
- *unseen*: NMI on paintings that are in no collection;
- *stability*: mean correlation, on those, of matched styles of two disjoint collections of a size.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from artstylenet.build import BuildSettings, Extracted, extract_collection
from artstylenet.collection import read_collection
from artstylenet.consensus import fit_consensus
from artstylenet.counting import tabulate
from artstylenet.evaluation.measures import label_agreement, precision_at
from artstylenet.evaluation.tables import look_at
from artstylenet.features import FeatureSpace, raw_columns
from artstylenet.selection import match_styles
from artstylenet.storage.vocabulary_file import read_vocabulary
from artstylenet.style_model import StyleModel
from training.split import data_folder, read_labelled

SIZES = (15, 30, 60, 120, 250, 500, 750)
N_UNSEEN = 400
MOST_STYLES, PAINTINGS_A_STYLE = 12, 5
N_MEMBERS = 3


def features_of(extracted: Extracted, rows: np.ndarray, space: FeatureSpace) -> np.ndarray:
    """Return paintings in a feature space, (n_rows, n_features), float16."""
    hashes = np.take(extracted.hashes, rows).tolist()
    raw = extracted.table.read(hashes, raw_columns(extracted.backbone))
    return tabulate(raw, space).features


def learn(
    extracted: Extracted,
    rows: np.ndarray,
    unseen: np.ndarray,
    n_styles: int,
    seed: int,
    *,
    own: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Learn styles from some paintings; return their mixtures and those of the unseen ones."""
    if own:
        taught = replace(extracted, hashes=tuple(np.take(extracted.hashes, rows).tolist()))
        view = look_at(taught, seed)
        space, model = view.space, view.model("default", n_styles, seed)
        model.fit_words(view.features, seed)
    else:
        vocabulary = read_vocabulary()
        space, model = vocabulary.space, StyleModel(n_styles)
        model.block_words_ = vocabulary.model.block_words_
        model.n_features_in_ = vocabulary.model.n_features_in_
    counts = model.count_words(features_of(extracted, rows, space))
    agreed = fit_consensus(model, counts, n_members=N_MEMBERS, random_state=seed)
    others = model.count_words(features_of(extracted, unseen, space))
    return agreed.painting_styles, agreed.model.mixtures(others)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", choices=("paintings", "wikiart"))
    parser.add_argument("--store", type=Path)
    parser.add_argument("--draws", type=int, default=4)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options = parser.parse_args()
    extracted = extract_collection(
        read_collection(data_folder() / options.dataset), BuildSettings(), store=options.store
    )
    labelled = read_labelled(options.dataset)
    teachers = {path.name for path in np.array(labelled.paths)[labelled.may_teach]}
    names = extracted.collection.paintings["path"].map(lambda path: Path(path).name)
    others = np.flatnonzero(~names.isin(teachers))
    painters = pd.factorize(extracted.collection.paintings["painter"])[0]
    print(f"{len(others)} paintings of painters who taught nothing", flush=True)
    print("| paintings | styles | words | NMI | unseen | precision | stability |", flush=True)
    with threadpool_limits(1):
        for size in options.sizes:
            n_styles = min(MOST_STYLES, size // PAINTINGS_A_STYLE)
            for own in (True, False):
                found = []
                for draw in range(options.draws):
                    order = np.random.default_rng(draw).permutation(others)
                    unseen, rest = order[:N_UNSEEN], order[N_UNSEEN:]
                    pair = [
                        learn(extracted, rows, unseen, n_styles, draw + 10 * half, own=own)
                        for half, rows in enumerate((rest[:size], rest[size : 2 * size]))
                    ]
                    for rows, (seen, new) in zip((rest[:size], rest[size:]), pair, strict=True):
                        labels = painters[rows[: len(seen)]]
                        found.append(
                            (
                                label_agreement(seen.argmax(axis=1), labels)["nmi"],
                                label_agreement(new.argmax(axis=1), painters[unseen])["nmi"],
                                precision_at(np.sqrt(seen), labels),
                                match_styles(pair[0][1], pair[1][1])[1].mean(),
                            )
                        )
                means = " | ".join(f"{mean:.3f}" for mean in np.mean(found, axis=0))
                words = "own" if own else "of the network"
                print(f"| {size} | {n_styles} | {words} | {means} |", flush=True)


if __name__ == "__main__":
    main()
