"""Named ways from features to styles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sklearn.decomposition import PCA, LatentDirichletAllocation

from artstylenet.features import FeatureSpace, last_stage_block, style_blocks
from artstylenet.style_model import DEFAULT_COMPONENTS, StyleModel
from artstylenet.topics import CollapsedTopics
from artstylenet.visual_words import ShiftedScores

RECIPES = ("default", "paper")
PAPER_COMPONENTS = 64

RECIPES_VERSION = 2
"""Raised whenever the same paintings and settings make other words or styles than before."""


@dataclass(frozen=True)
class Recipe:
    """A model without a number of styles, and the topics with which numbers are tried.

    Attributes
    ----------
    model : StyleModel
    sweep_topics : estimator
        Fitted many times while the number of styles is chosen.
    """

    model: StyleModel
    sweep_topics: Any


def make_recipe(
    name: str,
    *,
    stage_channels: tuple[int, ...],
    n_window_statistics: int,
    n_descriptor: int,
    space: FeatureSpace,
    n_components: float | None = None,
    random_state: int = 0,
) -> Recipe:
    """Return a recipe by its name.

    Parameters
    ----------
    name : {"default", "paper"}
        ``default``: soft words of quarters, halves and the whole, and of a grid; CVB0.
        ``paper``: pooled last-layer features, PCA, scaled to be non-negative, scikit-learn's LDA.
    stage_channels : tuple of int
    n_window_statistics : int
    n_descriptor : int
        0 if the backbone has learnt no metric.
    space : FeatureSpace
    n_components : int, float or None, default=None
        Principal components of each block: a number, or the fraction in (0, 1) of the variance
        to keep. None is 48 (the paper's recipe: 64).
    random_state : int, default=0

    Returns
    -------
    Recipe
    """
    if name not in RECIPES:
        raise ValueError(f"recipe must be one of {', '.join(RECIPES)}; got {name!r}")
    if name == "paper":
        topics = LatentDirichletAllocation(learning_method="batch", max_iter=10)
        model = StyleModel(
            reducer=PCA(n_components or PAPER_COMPONENTS),
            words=ShiftedScores(),
            topics=topics,
            blocks=[replace(last_stage_block(stage_channels), scored_parts=())],
            random_state=random_state,
        )
        return Recipe(model, topics)
    blocks = style_blocks(
        stage_channels,
        n_window_statistics=n_window_statistics,
        n_grid_words=len(space.grid_words.prototypes_),
        n_descriptor=n_descriptor,
    )
    model = StyleModel(
        reducer=PCA(n_components or DEFAULT_COMPONENTS),
        blocks=blocks,
        random_state=random_state,
    )
    return Recipe(model, CollapsedTopics(max_iter=60, init="clusters"))
