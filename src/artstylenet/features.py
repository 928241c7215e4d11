"""Raw features of a backbone -> the feature table: one row a painting, named blocks of columns.

The columns are, in this order: ``statistics`` of all stages; descriptors of ``parts`` (quarters,
halves, the whole) if the backbone has learnt a metric, else ``windows`` (the statistics of four
quarters); ``grid`` (counts of grid words in four quarters); and, with a metric, how the tokens of
the parts are shared among them. Descriptors are rotated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from artstylenet.backbones import Backbone
from artstylenet.visual_words import Block, GridWords
from artstylenet.visual_words.grid_words import count_quarters

N_PARTS = 4
"""Quarters of a picture, and as many halves."""

N_DESCRIBED = 2 * N_PARTS + 1
"""What of a picture is described: its quarters, its halves, the whole."""

N_VOCABULARIES = 4
"""Vocabularies of descriptors: what one has of chance, the others do not have."""

QUARTER_TOKENS = 35.0
HALF_TOKENS = 15.0
WHOLE_TOKENS = 8.0
PART_TOKENS = N_PARTS * (QUARTER_TOKENS + HALF_TOKENS) + WHOLE_TOKENS
"""Tokens of all that is described of a picture."""

STAGE_TOKENS = 40.0
WINDOW_TOKENS = 12.0
GRID_TOKENS = 0.3

QUARTERS_OF_HALVES = ((0, 2), (1, 3), (0, 1), (2, 3))
"""Quarters of the left, right, upper and lower half."""

UNITY = 5.0
"""How fast the tokens of a half grow with the cosine of its two quarters."""

OPPOSITE_QUARTERS = (1, 2)
"""Upper right and lower left: they score a held-out painting of which the others are shown."""

N_SIMILARITY = 256
VOCABULARY_PAINTINGS = 600
CELLS_A_PAINTING = 98

Batches = Callable[[], Iterator[dict[str, np.ndarray]]]
"""Gives raw features block by block, as :meth:`FeatureTable.read` of the store does."""


@dataclass(frozen=True, eq=False)
class FeatureSpace:
    """What was learnt to turn raw features into the feature table.

    Attributes
    ----------
    grid_words : GridWords
        Fitted vocabulary of local descriptors.
    similarity_scaler : StandardScaler or None
    similarity_pca : PCA or None
        Space of the descriptors for backbones that have none of their own: standardised
        statistics, reduced. None where the backbone has its own.
    """

    grid_words: GridWords
    similarity_scaler: StandardScaler | None = None
    similarity_pca: PCA | None = None

    def describe(self, raw: dict[str, np.ndarray]) -> np.ndarray:
        """Return unit style descriptors of shape (n, n_dimensions), float32."""
        if self.similarity_scaler is None or self.similarity_pca is None:
            descriptors = raw["descriptor"].astype(np.float32)
        else:
            scaled = self.similarity_scaler.transform(raw["statistics"].astype(np.float32))
            descriptors = self.similarity_pca.transform(scaled)
        return _of_unit_length(descriptors)

    def tabulate(self, raw: dict[str, np.ndarray], grid_words: np.ndarray) -> np.ndarray:
        """Return rows of the feature table, (n, n_features), float16.

        Parameters
        ----------
        raw : dict of str to ndarray
            As :func:`raw_columns` says.
        grid_words : ndarray of shape (n, 196), uint16
        """
        n_paintings = len(grid_words)
        counts = count_quarters(grid_words, len(self.grid_words.prototypes_))
        if "descriptor" in raw:
            descriptors = self.describe(raw)
            parts = raw["part_descriptors"].astype(np.float32)
            parts = parts.reshape(n_paintings, 2 * N_PARTS, -1)
            described = np.concatenate([parts, descriptors[:, None]], axis=1)
            shares = [part_shares(parts)]
            parts = rotate_dimensions(described)
        else:
            parts, shares = raw["windows"], []
        columns = [raw["statistics"], parts.reshape(n_paintings, -1), counts, *shares]
        return np.concatenate([part.astype(np.float16) for part in columns], axis=1)


def learn_feature_space(
    batches: Batches, n_paintings: int, *, n_grid_words: int = 512, random_state: int = 0
) -> FeatureSpace:
    """Learn a feature space from a sample of the paintings.

    Parameters
    ----------
    batches : callable
        Gives raw features.
    n_paintings : int
    n_grid_words : int, default=512
    random_state : int, default=0

    Returns
    -------
    FeatureSpace
    """
    rng = np.random.default_rng(random_state)
    chosen = np.sort(rng.choice(n_paintings, min(n_paintings, VOCABULARY_PAINTINGS), replace=False))
    cells, statistics, start = [], [], 0
    for raw in batches():
        n = len(raw["local"])
        inside = chosen[(chosen >= start) & (chosen < start + n)] - start
        cells += [
            local[rng.choice(len(local), CELLS_A_PAINTING, replace=False)]
            for local in raw["local"][inside]
        ]
        if "descriptor" not in raw:
            statistics.append(raw["statistics"])
        start += n
    words = GridWords(n_grid_words, random_state=random_state).fit(np.concatenate(cells))
    if not statistics:
        return FeatureSpace(words)
    whole = np.concatenate(statistics).astype(np.float32)
    scaler = StandardScaler().fit(whole)
    n_components = min(N_SIMILARITY, *whole.shape)
    pca = PCA(n_components, svd_solver="randomized", random_state=random_state)
    return FeatureSpace(words, scaler, pca.fit(scaler.transform(whole)))


def rotate_dimensions(descriptors: np.ndarray) -> np.ndarray:
    """Rotate descriptors, so that all dimensions are alike.

    A learnt metric sorts its dimensions by how much they tell painters apart, which would be
    forgotten if they were standardised. One fixed random rotation spreads it evenly.

    Parameters
    ----------
    descriptors : ndarray of shape (..., n_dimensions), float32
        Unit vectors.

    Returns
    -------
    ndarray of the same shape, float32
    """
    n_dimensions = descriptors.shape[-1]
    # Unit vectors have entries of 1 / sqrt(dimensions): scaled up for the sake of float16.
    rotated: np.ndarray = descriptors @ _fixed_rotation(n_dimensions)
    return rotated * np.float32(np.sqrt(n_dimensions))


def part_shares(parts: np.ndarray) -> np.ndarray:
    """Share the tokens of a picture among its quarters, its halves and the whole.

    Parameters
    ----------
    parts : ndarray of shape (n_paintings, 8, n_dimensions), float32
        Descriptors of quarters and halves.

    Returns
    -------
    ndarray of shape (n_paintings, 9), float32
        Rows sum to 1.
    """
    tokens = np.empty((len(parts), N_DESCRIBED), np.float32)
    tokens[:, :N_PARTS] = QUARTER_TOKENS
    tokens[:, N_PARTS:-1] = N_PARTS * HALF_TOKENS * half_shares(parts)
    tokens[:, -1] = WHOLE_TOKENS
    return tokens / np.float32(PART_TOKENS)


def half_shares(parts: np.ndarray) -> np.ndarray:
    """Share tokens among the halves of a picture: the more, the more alike its two quarters are.

    A half that is of two styles looks like a third one; one that is of one style says it well.

    Parameters
    ----------
    parts : ndarray of shape (n_paintings, 8, n_dimensions), float32
        Descriptors of quarters and halves.

    Returns
    -------
    ndarray of shape (n_paintings, 4), float32
        Rows sum to 1.
    """
    unit = _of_unit_length(parts[:, :N_PARTS])
    first, second = np.transpose(QUARTERS_OF_HALVES)
    weights = np.exp(UNITY * (unit[:, first] * unit[:, second]).sum(axis=2))
    shares: np.ndarray = weights / weights.sum(axis=1, keepdims=True)
    return shares


def _of_unit_length(vectors: np.ndarray) -> np.ndarray:
    """Return vectors along the last axis divided by their lengths; zero stays zero."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: np.ndarray = vectors / np.maximum(norms, 1e-12)
    return unit


@cache
def _fixed_rotation(n_dimensions: int) -> np.ndarray:
    """Return the same random rotation every time, float32."""
    gaussian = np.random.default_rng(0).normal(size=(n_dimensions, n_dimensions))
    rotation: np.ndarray = np.linalg.qr(gaussian)[0].astype(np.float32)
    return rotation


def style_blocks(
    stage_channels: tuple[int, ...],
    *,
    n_window_statistics: int,
    n_grid_words: int,
    n_descriptor: int = 0,
) -> tuple[Block, ...]:
    """Return the default recipe's families of words.

    With a learnt metric: descriptors of quarters, halves and the whole, in the same vocabularies,
    and the grid. Without: the statistics of every stage, those of quarters, and the grid. What
    scores a held-out painting is kept apart by region (the upper right and lower left quarters;
    halves and the whole overlap both sides and are left out), or by stage (1, 3 and the local
    words, which come from stage 3).
    """
    edges = np.cumsum([0] + [2 * channels for channels in stage_channels]).tolist()
    if n_descriptor:
        return _metric_blocks(edges[-1], n_descriptor, n_grid_words)
    stages = [
        Block(f"stage_{s}", start, stop, n_tokens=STAGE_TOKENS, scored_parts=(0,) if s % 2 else ())
        for s, (start, stop) in enumerate(pairwise(edges))
    ]
    windows_end = edges[-1] + N_PARTS * n_window_statistics
    windows = Block(
        "windows",
        edges[-1],
        windows_end,
        n_parts=N_PARTS,
        n_words=256,
        n_neighbors=3,
        n_tokens=WINDOW_TOKENS,
        scored_parts=(0, 1, 2, 3),
    )
    return (*stages, windows, _grid_block(windows_end, n_grid_words, scored_parts=(0, 1, 2, 3)))


def _metric_blocks(start: int, n_descriptor: int, n_grid_words: int) -> tuple[Block, ...]:
    """Return the families of words of a backbone with a learnt metric."""
    parts_end = start + N_DESCRIBED * n_descriptor
    grid = _grid_block(parts_end, n_grid_words, scored_parts=OPPOSITE_QUARTERS)
    parts = Block(
        "parts",
        start,
        parts_end,
        n_parts=N_DESCRIBED,
        n_vocabularies=N_VOCABULARIES,
        n_tokens=PART_TOKENS / N_DESCRIBED,
        scored_parts=OPPOSITE_QUARTERS,
        left_out=tuple(range(N_PARTS, N_DESCRIBED)),
        shares=(grid.stop, grid.stop + N_DESCRIBED),
    )
    return (parts, grid)


def _grid_block(start: int, n_grid_words: int, *, scored_parts: tuple[int, ...]) -> Block:
    return Block(
        "grid",
        start,
        start + N_PARTS * n_grid_words,
        n_parts=N_PARTS,
        counted=True,
        n_tokens=GRID_TOKENS,
        scored_parts=scored_parts,
    )


def last_stage_block(stage_channels: tuple[int, ...]) -> Block:
    """Return the paper's features: the channel means of the last stage."""
    edges = np.cumsum([0] + [2 * channels for channels in stage_channels]).tolist()
    return Block("last_stage", edges[-2], edges[-2] + stage_channels[-1])


def raw_columns(backbone: Backbone) -> list[str]:
    """Return the columns of the store that a feature table needs."""
    parts = ["descriptor", "part_descriptors"] if backbone.has_descriptor else ["windows"]
    return ["statistics", "local", *parts]
