"""Ways to group paintings, from the simplest to ours, each behind the same call.

A contender learns from some paintings and weighs others: a mixture for every painting, rows that
sum to 1. Hard groupings weigh by distance, so that what is nearest is still the largest.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import NMF, PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler

from artstylenet.consensus import fit_consensus, with_words
from artstylenet.features import FeatureSpace, last_stage_block
from artstylenet.recipes import make_recipe
from artstylenet.selection import completion_log_likelihoods, unigram_log_likelihoods
from artstylenet.style_model import StyleModel

MIXTURE_COMPONENTS = 32
"""Principal components that the Gaussian mixture sees: more make its densities degenerate."""


@dataclass(frozen=True, eq=False)
class View:
    """Features of all paintings, in one feature space; row i is painting i.

    Attributes
    ----------
    features : ndarray of shape (n_paintings, n_features), float16
        The feature table, see :mod:`artstylenet.features`.
    descriptors : ndarray of shape (n_paintings, n_dimensions), float16
        Unit rows.
    space : FeatureSpace
    stage_channels : tuple of int
    n_window_statistics : int
    has_descriptor : bool
        Whether the backbone has learnt a metric.
    """

    features: np.ndarray
    descriptors: np.ndarray
    space: FeatureSpace
    stage_channels: tuple[int, ...]
    n_window_statistics: int
    has_descriptor: bool

    @property
    def statistics(self) -> np.ndarray:
        """Channel statistics of all stages, (n_paintings, n_statistics), float16."""
        return self.features[:, : 2 * sum(self.stage_channels)]

    @property
    def last_stage(self) -> np.ndarray:
        """Channel means of the last stage, (n_paintings, n_channels), float16."""
        block = last_stage_block(self.stage_channels)
        return self.features[:, block.start : block.stop]

    def model(self, recipe: str, n_styles: int, seed: int) -> StyleModel:
        """Return the model of a recipe, not fitted."""
        made = make_recipe(
            recipe,
            stage_channels=self.stage_channels,
            n_window_statistics=self.n_window_statistics,
            n_descriptor=self.descriptors.shape[1] if self.has_descriptor else 0,
            space=self.space,
            random_state=seed,
        )
        made.model.n_styles = n_styles
        return made.model


@dataclass(frozen=True, eq=False)
class Fitted:
    """A contender that has learnt.

    Attributes
    ----------
    weigh : callable
        From a View to mixtures of shape (n_paintings, n_styles), float64; rows sum to 1.
    perplexity_ratio : callable or None
        From a View of other paintings to their held-out perplexity as a share of that of word
        frequencies alone: 1 says that nothing was learnt. None for what predicts no words.
    """

    weigh: Callable[[View], np.ndarray]
    perplexity_ratio: Callable[[View], float] | None = None


Contender = Callable[[View, int, int], Fitted]
"""Learns from a View a number of styles with a seed."""


def fit_this_model(view: View, n_styles: int, seed: int) -> Fitted:
    """Fit the default recipe: several fits and their consensus."""
    model = view.model("default", n_styles, seed).fit_words(view.features, seed)
    counts = model.count_words(view.features)
    return _fitted(fit_consensus(model, counts, random_state=seed).model, view)


def fit_paper(view: View, n_styles: int, seed: int) -> Fitted:
    """Fit the paper's recipe: pooled features, PCA, shifted to be positive, scikit-learn's LDA."""
    return _fitted(view.model("paper", n_styles, seed).fit(view.features), view)


def fit_words_kmeans(view: View, n_styles: int, seed: int) -> Fitted:
    """Group the square roots of word counts by k-means."""
    words = view.model("default", n_styles, seed).fit_words(view.features, seed)
    return _kmeans(lambda v: np.sqrt(words.count_words(v.features).toarray()), view, n_styles, seed)


def fit_words_nmf(view: View, n_styles: int, seed: int) -> Fitted:
    """Factorise word counts into non-negative parts."""
    words = view.model("default", n_styles, seed).fit_words(view.features, seed)
    model = with_words(words)
    model.topics = NMF(init="nndsvda", max_iter=200)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit_styles(words.count_words(view.features), seed)
    return Fitted(lambda v: model.transform(v.features))


def fit_gaussian_mixture(view: View, n_styles: int, seed: int) -> Fitted:
    """Fit a mixture of Gaussians to the principal components of descriptors."""
    descriptors = view.descriptors.astype(np.float64)
    n_components = min(MIXTURE_COMPONENTS, *descriptors.shape)
    pca = PCA(n_components, random_state=seed).fit(descriptors)
    mixture = GaussianMixture(n_styles, covariance_type="diag", reg_covar=1e-4, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        mixture.fit(pca.transform(descriptors))
    return Fitted(lambda v: mixture.predict_proba(pca.transform(v.descriptors.astype(np.float64))))


def kmeans_on(columns: Callable[[View], np.ndarray], *, standardise: bool) -> Contender:
    """Return a contender that groups some features by k-means."""

    def fit(view: View, n_styles: int, seed: int) -> Fitted:
        scaler: Any = StandardScaler(with_mean=standardise, with_std=standardise)
        scaler.fit(columns(view).astype(np.float32))
        return _kmeans(
            lambda v: scaler.transform(columns(v).astype(np.float32)), view, n_styles, seed
        )

    return fit


FEATURES: dict[str, Callable[[View], np.ndarray]] = {
    "last stage, pooled": lambda view: view.last_stage,
    "statistics of all stages": lambda view: view.statistics,
    "descriptors": lambda view: view.descriptors,
}
"""Features that are grouped, and that a linear probe reads as the supervised ceiling."""

CONTENDERS: dict[str, Contender] = {
    "this model": fit_this_model,
    "the paper's recipe": fit_paper,
    **{
        f"k-means, {name}": kmeans_on(columns, standardise=name != "descriptors")
        for name, columns in FEATURES.items()
    },
    "k-means, word counts": fit_words_kmeans,
    "NMF, word counts": fit_words_nmf,
    "Gaussian mixture, descriptors": fit_gaussian_mixture,
}


def soft_weights(squared_distances: np.ndarray, temperature: float) -> np.ndarray:
    """Turn distances to centres into weights that sum to 1, the nearest the largest.

    Parameters
    ----------
    squared_distances : ndarray of shape (n_rows, n_centres)
    temperature : float
        Squared distance over which a weight falls to 1 / e.
    """
    excess = squared_distances - squared_distances.min(axis=1, keepdims=True)
    weights: np.ndarray = np.exp(-excess / temperature)
    return weights / weights.sum(axis=1, keepdims=True)


def _kmeans(vectors: Callable[[View], np.ndarray], view: View, n_styles: int, seed: int) -> Fitted:
    kmeans = KMeans(n_styles, n_init=1, random_state=seed)
    nearest = np.sort(kmeans.fit_transform(vectors(view)) ** 2, axis=1)[:, :2]
    temperature = float(np.median(nearest[:, -1] - nearest[:, 0])) or 1.0
    return Fitted(
        lambda v: soft_weights(kmeans.transform(vectors(v)).astype(np.float64) ** 2, temperature)
    )


def _fitted(model: StyleModel, view: View) -> Fitted:
    """Wrap a style model that was learnt from the words of a View."""

    def perplexity_ratio(other: View) -> float:
        _, frequencies = model.split_words(view.features)
        shown, scored = model.split_words(other.features)
        by_styles = completion_log_likelihoods(model.topics_, shown, scored).sum()
        by_frequency = unigram_log_likelihoods(frequencies, scored).sum()
        return float(np.exp((by_frequency - by_styles) / scored.sum()))

    return Fitted(lambda v: model.transform(v.features), perplexity_ratio)
