"""Other reducers and other groupings in the slots of the model, side by side."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from artstylenet.consensus import with_words
from artstylenet.errors import InputError
from artstylenet.evaluation.contenders import soft_weights
from artstylenet.evaluation.scores import Evaluation, Scores
from artstylenet.evaluation.tables import Material, look_at
from artstylenet.features import rotate_dimensions
from artstylenet.progress import Progress, silent
from artstylenet.reducers import make_reducer
from artstylenet.selection import mean_stability
from artstylenet.style_model import DEFAULT_COMPONENTS, StyleModel

OF_WORDS = ("lda", "nmf")
OF_VECTORS = ("gaussian-mixture", "k-means")
GROUPINGS = OF_WORDS + OF_VECTORS
N_SEEDS = 3


@dataclass(frozen=True, eq=False)
class _Sight:
    """Paintings as one seed sees them: a table for words, vectors, a model without styles."""

    features: np.ndarray
    vectors: np.ndarray
    model: StyleModel


def compare(
    material: Material,
    *,
    reducers: Sequence[str] = ("pca", "autoencoder", "none"),
    groupings: Sequence[str] = GROUPINGS,
    features: np.ndarray | None = None,
    n_seeds: int = N_SEEDS,
    random_state: int = 0,
    progress: Progress = silent,
) -> Evaluation:
    """Fit every grouping behind every reducer, with every seed.

    Parameters
    ----------
    material : Material
    reducers : sequence of {"pca", "autoencoder", "umap", "none"}
    groupings : sequence of {"lda", "nmf", "gaussian-mixture", "k-means"}
        The first two group soft words of the reduced features (of every block of the default
        recipe), the others the reduced descriptors. All are single fits, without consensus.
    features : ndarray of shape (n_paintings, n_features) or None, default=None
        Features of one's own, in the order of the paintings: one block of words, and the vectors.
    n_seeds : int, default=3
    random_state : int, default=0
        The first seed; the others follow.
    progress : callable, optional

    Returns
    -------
    Evaluation
        Contenders are named ``reducer, grouping``; measures as of
        :func:`artstylenet.evaluation.evaluate`, without painters held apart.

    Raises
    ------
    InputError
        If there is no such reducer or grouping.
    """
    unknown = [name for name in groupings if name not in GROUPINGS]
    if unknown:
        raise InputError(f"There is no grouping {unknown[0]!r}; there are {', '.join(GROUPINGS)}.")
    for name in reducers:
        make_reducer(name, DEFAULT_COMPONENTS)  # what is missing is said before hours of work
    scores = Scores()
    names = [(reducer, grouping) for reducer in reducers for grouping in groupings]
    mixtures: dict[str, list[np.ndarray]] = {f"{r}, {g}": [] for r, g in names}
    n_steps, done = n_seeds * len(names), 0
    with threadpool_limits(1):
        for seed in range(random_state, random_state + n_seeds):
            sight = _look(material, features, seed)
            for reducer in reducers:
                found = _group(sight, reducer, groupings, material.n_styles, seed)
                for grouping, weights in found.items():
                    name = f"{reducer}, {grouping}"
                    mixtures[name].append(weights)
                    scores.add_mixtures(name, seed, weights, material.labels)
                    done += 1
                    progress("Comparing", done, n_steps)
    if n_seeds > 1:
        for name, all_weights in mixtures.items():
            scores.add(name, "stability", -1, mean_stability(all_weights))
    return scores.finish()


def comparison_rows(evaluation: Evaluation) -> pd.DataFrame:
    """Return the table of an evaluation with columns ``reducer`` and ``grouping`` in front."""
    table = evaluation.table()
    parts = table.pop("contender").str.split(", ", n=1, expand=True)
    table.insert(0, "reducer", parts[0])
    table.insert(1, "grouping", parts[1])
    return table


def _look(material: Material, features: np.ndarray | None, seed: int) -> _Sight:
    if features is not None:
        return _Sight(features, features, StyleModel(random_state=seed))
    view = look_at(material.extracted, seed)
    # Turned, so that no dimension is more than another when all are brought to one spread.
    vectors = rotate_dimensions(view.descriptors.astype(np.float32))
    return _Sight(view.features, vectors, view.model("default", material.n_styles, seed))


def _group(
    sight: _Sight, reducer: str, groupings: Sequence[str], n_styles: int, seed: int
) -> Mapping[str, np.ndarray]:
    """Return the mixtures of every grouping behind one reducer."""
    found: dict[str, np.ndarray] = {}
    of_words = [name for name in groupings if name in OF_WORDS]
    of_vectors = [name for name in groupings if name in OF_VECTORS]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        if of_words:
            words = _learn_words(sight, reducer, seed)
            counts = words.count_words(sight.features)
            for name in of_words:
                model = with_words(words).set_params(n_styles=n_styles)
                if name == "nmf":
                    model.topics = NMF(init="nndsvda", max_iter=200)
                found[name] = model.fit_styles(counts, seed).mixtures(counts)
        if of_vectors:
            vectors = _reduce(sight, reducer, seed)
            for name in of_vectors:
                found[name] = _group_vectors(vectors, name, n_styles, seed)
    return {name: found[name] for name in groupings}


def _learn_words(sight: _Sight, reducer: str, seed: int) -> StyleModel:
    """Return a model that has learnt the words of features reduced in this way."""
    model = sight.model
    model.reducer = make_reducer(reducer, DEFAULT_COMPONENTS)
    return model.fit_words(sight.features, seed)


def _reduce(sight: _Sight, reducer: str, seed: int) -> np.ndarray:
    step: Any = make_reducer(reducer, min(DEFAULT_COMPONENTS, *sight.vectors.shape))
    if "random_state" in step.get_params():
        step.set_params(random_state=seed)
    pipeline: Pipeline = make_pipeline(StandardScaler(), step)
    return np.asarray(pipeline.fit_transform(sight.vectors.astype(np.float32)), dtype=np.float64)


def _group_vectors(vectors: np.ndarray, name: str, n_styles: int, seed: int) -> np.ndarray:
    if name == "gaussian-mixture":
        mixture = GaussianMixture(
            n_styles, covariance_type="diag", reg_covar=1e-3, random_state=seed
        )
        return np.asarray(mixture.fit(vectors).predict_proba(vectors))
    squared = KMeans(n_styles, n_init=1, random_state=seed).fit_transform(vectors) ** 2
    nearest = np.sort(squared, axis=1)[:, :2]
    return soft_weights(squared, float(np.median(nearest[:, -1] - nearest[:, 0])) or 1.0)
