"""Raw features of a backbone -> the feature table: one row a painting, named blocks of columns.

The columns are, in this order: ``statistics`` of all stages, ``windows`` (four quarters), ``grid``
(counts of grid words in four quarters), ``descriptor`` (rotated; only if the backbone has one).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from artstylenet.backbones import Backbone
from artstylenet.visual_words import Block, GridWords
from artstylenet.visual_words.grid_words import count_quarters

N_GROUPS = 4
"""Groups that the dimensions of a style descriptor are dealt to, each a family of words."""

METRIC_TOKENS = 40.0
STAGE_TOKENS = 40.0
WINDOW_TOKENS = 12.0
GRID_TOKENS = 0.3

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
        norms = np.linalg.norm(descriptors, axis=1, keepdims=True)
        unit: np.ndarray = descriptors / np.maximum(norms, 1e-12)
        return unit

    def tabulate(self, raw: dict[str, np.ndarray], grid_words: np.ndarray) -> np.ndarray:
        """Return rows of the feature table, (n, n_features), float16.

        Parameters
        ----------
        raw : dict of str to ndarray
            ``statistics``, ``windows`` and, if the backbone has one, ``descriptor``.
        grid_words : ndarray of shape (n, 196), uint16
        """
        n_paintings = len(grid_words)
        parts = [
            raw["statistics"].astype(np.float16),
            raw["windows"].reshape(n_paintings, -1).astype(np.float16),
            count_quarters(grid_words, len(self.grid_words.prototypes_)).astype(np.float16),
        ]
        if "descriptor" in raw:
            parts.append(deal_dimensions(self.describe(raw)).astype(np.float16))
        return np.concatenate(parts, axis=1)


def learn_feature_space(
    batches: Batches, n_paintings: int, *, n_grid_words: int = 512, random_state: int = 0
) -> FeatureSpace:
    """Learn a feature space from a sample of the paintings.

    Parameters
    ----------
    batches : callable
        Gives raw features, with ``local`` and, where there is one, ``descriptor``.
    n_paintings : int
    n_grid_words : int, default=512
    random_state : int, default=0

    Returns
    -------
    FeatureSpace
    """
    rng = np.random.default_rng(random_state)
    chosen = np.sort(rng.choice(n_paintings, min(n_paintings, VOCABULARY_PAINTINGS), replace=False))
    cells, statistics, start, own_descriptor = [], [], 0, False
    for raw in batches():
        n = len(raw["local"])
        inside = chosen[(chosen >= start) & (chosen < start + n)] - start
        cells += [
            local[rng.choice(len(local), CELLS_A_PAINTING, replace=False)]
            for local in raw["local"][inside]
        ]
        own_descriptor = "descriptor" in raw
        if not own_descriptor:
            statistics.append(raw["statistics"])
        start += n
    words = GridWords(n_grid_words, random_state=random_state).fit(np.concatenate(cells))
    if own_descriptor:
        return FeatureSpace(words)
    rows = np.concatenate(statistics).astype(np.float32)
    scaler = StandardScaler().fit(rows)
    n_components = min(N_SIMILARITY, *rows.shape)
    pca = PCA(n_components, svd_solver="randomized", random_state=random_state)
    return FeatureSpace(words, scaler, pca.fit(scaler.transform(rows)))


def deal_dimensions(descriptors: np.ndarray) -> np.ndarray:
    """Rotate descriptors and deal their dimensions to groups in turn.

    A learnt metric sorts its dimensions by how much they tell painters apart. One fixed random
    rotation spreads that evenly, so that every group of dimensions sees all of style.

    Parameters
    ----------
    descriptors : ndarray of shape (n, n_dimensions), float32

    Returns
    -------
    ndarray of shape (n, n_dimensions), float32
        Group after group.
    """
    n_dimensions = descriptors.shape[1]
    gaussian = np.random.default_rng(0).normal(size=(n_dimensions, n_dimensions))
    rotation = np.linalg.qr(gaussian)[0].astype(np.float32)
    order = np.concatenate([np.arange(group, n_dimensions, N_GROUPS) for group in range(N_GROUPS)])
    # Unit rows have entries of 1 / sqrt(dimensions): scaled up for the sake of float16.
    return (descriptors @ rotation)[:, order] * np.float32(np.sqrt(n_dimensions))


def style_blocks(
    stage_channels: tuple[int, ...],
    *,
    n_window_statistics: int,
    n_grid_words: int,
    n_descriptor: int = 0,
) -> tuple[Block, ...]:
    """Return the default recipe's families of words.

    With a learnt metric: its groups of dimensions, the windows and the grid. Without: the
    statistics of every stage, the windows and the grid. What scores a held-out painting is kept
    apart by region (the upper right and lower left quarters; the metric sees the whole picture and
    is left out), or by stage (1, 3 and the local words, which come from stage 3).
    """
    edges = np.cumsum([0] + [2 * channels for channels in stage_channels]).tolist()
    windows_end = edges[-1] + 4 * n_window_statistics
    grid_end = windows_end + 4 * n_grid_words
    if n_descriptor:
        sizes = [len(range(group, n_descriptor, N_GROUPS)) for group in range(N_GROUPS)]
        groups = (grid_end + np.cumsum([0, *sizes])).tolist()
        whole = [
            Block(
                f"metric_{g}",
                groups[g],
                groups[g + 1],
                n_tokens=METRIC_TOKENS,
                scored_parts=None,
            )
            for g in range(N_GROUPS)
        ]
    else:
        whole = [
            Block(
                f"stage_{s}",
                edges[s],
                edges[s + 1],
                n_tokens=STAGE_TOKENS,
                scored_parts=(0,) if s % 2 else (),
            )
            for s in range(len(stage_channels))
        ]
    local_scored = (1, 2) if n_descriptor else (0, 1, 2, 3)
    windows = Block(
        "windows",
        edges[-1],
        windows_end,
        n_parts=4,
        n_words=256,
        n_neighbors=3,
        n_tokens=WINDOW_TOKENS,
        scored_parts=local_scored,
    )
    grid = Block(
        "grid",
        windows_end,
        grid_end,
        n_parts=4,
        counted=True,
        n_tokens=GRID_TOKENS,
        scored_parts=local_scored,
    )
    return (*whole, windows, grid)


def last_stage_block(stage_channels: tuple[int, ...]) -> Block:
    """Return the paper's features: the channel means of the last stage."""
    edges = np.cumsum([0] + [2 * channels for channels in stage_channels]).tolist()
    return Block("last_stage", edges[-2], edges[-2] + stage_channels[-1])


def raw_columns(backbone: Backbone) -> list[str]:
    """Return the columns of the store that a feature table needs."""
    columns = ["statistics", "windows", "local"]
    return [*columns, "descriptor"] if backbone.has_descriptor else columns
