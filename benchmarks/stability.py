"""Whether the same styles come back in a build that shares only the images.

``python -m benchmarks.stability PAINTINGS [--store FOLDER] [--styles 12] [--builds 3]``

Two questions, each asked of this model, of the paper's recipe, and of this model learnt from
shuffled words (every word dealt to other paintings, so that nothing occurs together):

- *rebuilt*: vocabulary, seeds and consensus members drawn anew, the same paintings;
- *disjoint halves*: two builds that share no painting, compared on paintings that neither saw.

The number is the mean correlation, over paintings, of matched columns of the mixtures.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy import sparse

from artstylenet.build import BuildSettings, Extracted, extract_collection
from artstylenet.collection import read_collection
from artstylenet.consensus import fit_consensus
from artstylenet.evaluation.contenders import (
    Contender,
    Fitted,
    View,
    fit_paper,
    fit_this_model,
)
from artstylenet.evaluation.tables import look_at
from artstylenet.features import raw_columns
from artstylenet.selection import match_styles, mean_stability

UNSEEN_SHARE = 0.2


def fit_shuffled(view: View, n_styles: int, seed: int) -> Fitted:
    """Learn styles from words that occur together only by chance; weigh real paintings."""
    model = view.model("default", n_styles, seed).fit_words(view.features, seed)
    counts = model.count_words(view.features).tocsc()
    rng = np.random.default_rng(seed)
    rows = [rng.choice(counts.shape[0], length, replace=False) for length in np.diff(counts.indptr)]
    dealt = (counts.data, np.concatenate(rows), counts.indptr)
    shuffled = sparse.csc_array(dealt, shape=counts.shape).tocsr()
    agreed = fit_consensus(model, shuffled, random_state=seed).model
    return Fitted(lambda other: agreed.transform(other.features))


CONTENDERS: dict[str, Contender] = {
    "this model": fit_this_model,
    "the paper's recipe": fit_paper,
    "shuffled words": fit_shuffled,
}


def rebuilt(extracted: Extracted, n_styles: int, n_builds: int) -> dict[str, float]:
    """Return the stability of every contender between builds of the same paintings."""
    mixtures: dict[str, list[np.ndarray]] = {name: [] for name in CONTENDERS}
    for build in range(n_builds):
        view = look_at(extracted, build)
        for name, fit in CONTENDERS.items():
            mixtures[name].append(fit(view, n_styles, 1000 * build).weigh(view))
    return {name: mean_stability(found) for name, found in mixtures.items()}


def disjoint(extracted: Extracted, n_styles: int, n_builds: int) -> dict[str, float]:
    """Return the stability of every contender between halves, on paintings in neither."""
    found: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for build in range(n_builds):
        order = np.random.default_rng(build).permutation(len(extracted.hashes))
        unseen, *halves = np.split(order, _cuts(len(order)))
        mixtures: dict[str, list[np.ndarray]] = {name: [] for name in CONTENDERS}
        for half in halves:
            # One table of features: the half learns its vocabulary, the unseen are put into it.
            learnt, others = _look_at_half(extracted, half, unseen, int(half[0]))
            for name, fit in CONTENDERS.items():
                fitted = fit(learnt, n_styles, int(half[0]))
                mixtures[name].append(fitted.weigh(others))
        for name, (first, second) in mixtures.items():
            found[name].append(float(match_styles(first, second)[1].mean()))
    return {name: float(np.mean(values)) for name, values in found.items()}


def _cuts(n_paintings: int) -> list[int]:
    n_unseen = round(UNSEEN_SHARE * n_paintings)
    return [n_unseen, n_unseen + (n_paintings - n_unseen) // 2]


def _look_at_half(
    extracted: Extracted, half: np.ndarray, unseen: np.ndarray, seed: int
) -> tuple[View, View]:
    """Return a half in a feature space of its own, and the unseen paintings in the same."""
    learnt = look_at(replace(extracted, hashes=tuple(np.take(extracted.hashes, half))), seed)
    columns = raw_columns(extracted.backbone)
    features, descriptors = [], []
    for raw in extracted.table.read(np.take(extracted.hashes, unseen).tolist(), columns):
        grid_words = learnt.space.grid_words.assign(raw["local"])
        features.append(learnt.space.tabulate(raw, grid_words))
        descriptors.append(learnt.space.describe(raw).astype(np.float16))
    others = replace(
        learnt, features=np.concatenate(features), descriptors=np.concatenate(descriptors)
    )
    return learnt, others


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paintings", type=Path)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--styles", type=int, default=12)
    parser.add_argument("--builds", type=int, default=3)
    options = parser.parse_args()
    extracted = extract_collection(
        read_collection(options.paintings), BuildSettings(), store=options.store
    )
    for name, measure in (("rebuilt", rebuilt), ("disjoint halves", disjoint)):
        for contender, stability in measure(extracted, options.styles, options.builds).items():
            print(f"{name:16} {contender:20} {stability:.3f}", flush=True)


if __name__ == "__main__":
    main()
