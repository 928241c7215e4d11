"""What every backbone gives, and how feature maps become it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

GRID = 14
N_LOCAL = 64
N_WINDOWS = 4


@dataclass(frozen=True, eq=False)
class RawFeatures:
    """Features of a batch of pictures, row i is picture i.

    Attributes
    ----------
    statistics : ndarray of shape (n, n_statistics), float32
        For each stage in turn, the channels' means, then their standard deviations.
    local : ndarray of shape (n, 196, n_local), int8
        Projected local descriptors of a 14 x 14 grid, row by row.
    windows : ndarray of shape (n, 4, n_window_statistics), float32, or None
        Statistics of one middle stage in each quarter of the picture: top left, top right,
        bottom left, bottom right. None if the network has learnt a metric.
    descriptor : ndarray of shape (n, n_dimensions), float32, or None
        Unit style descriptors, if the network has learnt a metric.
    part_descriptors : ndarray of shape (n, 8, n_dimensions), float32, or None
        The same of the four quarters, then of the left, right, top and bottom half.
    """

    statistics: np.ndarray
    local: np.ndarray
    windows: np.ndarray | None = None
    descriptor: np.ndarray | None = None
    part_descriptors: np.ndarray | None = None


class Backbone(Protocol):
    """A network that turns pictures into features.

    Attributes
    ----------
    name : str
        For people.
    key : str
        Hash of the weights and the preprocessing: features of two keys are never mixed.
    input_size : int
        Height and width in pixels of the pictures that :meth:`extract` takes.
    stage_channels : tuple of int
        Channels of each stage; ``statistics`` has twice their sum of columns.
    has_descriptor : bool
        Whether it has learnt a metric: it gives descriptors, of parts too, instead of windows.
    licence : str
        Licence of the weights.
    """

    name: str
    key: str
    input_size: int
    stage_channels: tuple[int, ...]
    has_descriptor: bool
    licence: str

    def extract(self, images: np.ndarray) -> RawFeatures:
        """Return features of uint8 RGB pictures of shape (n, input_size, input_size, 3)."""
        ...


def channel_statistics(feature_map: np.ndarray) -> np.ndarray:
    """Return means, then standard deviations, of channels: (n, c, h, w) -> (n, 2 c), float32."""
    flat = feature_map.reshape(*feature_map.shape[:2], -1).astype(np.float32)
    return np.concatenate([flat.mean(axis=2), flat.std(axis=2)], axis=1)


def pool_to_grid(feature_map: np.ndarray, size: int = GRID) -> np.ndarray:
    """Average a map over a size x size grid: (n, c, h, w) -> (n, c, size, size).

    A map smaller than the grid is repeated; cell borders follow adaptive average pooling.
    """
    for axis in (2, 3):
        length = feature_map.shape[axis]
        starts = np.arange(size) * length // size
        ends = -(-(np.arange(size) + 1) * length // size)
        parts = [
            np.take(feature_map, range(start, end), axis=axis).mean(axis=axis)
            for start, end in zip(starts, ends, strict=True)
        ]
        feature_map = np.stack(parts, axis=axis)
    return feature_map


def random_projection(n_channels: int, n_local: int = N_LOCAL) -> np.ndarray:
    """Return orthonormal rows (n_local, n_channels), float32, the same for a width always."""
    gaussian = np.random.default_rng(0).normal(size=(n_channels, min(n_local, n_channels)))
    return np.linalg.qr(gaussian)[0].T.astype(np.float32)


def features_from_maps(maps: Sequence[np.ndarray]) -> RawFeatures:
    """Compute features from the maps of all stages of a network that has no outputs of its own.

    Parameters
    ----------
    maps : sequence of ndarray of shape (n, channels, height, width), float32
        One map a stage, large to small.

    Returns
    -------
    RawFeatures
        Windows and local descriptors come from the stage whose height is nearest to 14; the
        descriptors are unit vectors, randomly projected to at most 64 dimensions.
    """
    statistics = np.concatenate([channel_statistics(feature_map) for feature_map in maps], axis=1)
    middle = min(maps, key=lambda feature_map: abs(feature_map.shape[2] - GRID))
    grid = pool_to_grid(middle)
    half = GRID // 2
    quarters = [
        channel_statistics(grid[:, :, row : row + half, column : column + half])
        for row in (0, half)
        for column in (0, half)
    ]
    cells = grid.reshape(*grid.shape[:2], -1).transpose(0, 2, 1)
    norms = np.linalg.norm(cells, axis=2, keepdims=True)
    projected = (cells / np.maximum(norms, 1e-6)) @ random_projection(grid.shape[1]).T
    # A coordinate of a random projection of a unit vector has deviation 1 / sqrt(channels).
    scale = 127 / 4 * np.sqrt(grid.shape[1])
    return RawFeatures(statistics, to_int8(projected * scale), np.stack(quarters, axis=1))


def to_int8(values: np.ndarray) -> np.ndarray:
    """Round to the nearest integer of -127..127."""
    return np.clip(np.rint(values), -127, 127).astype(np.int8)
