"""Features of one facet of a picture at a time: its colours, its touch, its layout."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from artstylenet.looks.views import Views, halve

FACETS = ("colour", "texture", "composition")
"""What can be looked at by itself."""

_N_LIGHTNESS, _N_PLANE, _N_CHROMA = 8, 9, 4
_PLANE = 0.18  # of a and b; few pigments are beyond
_MOST_CHROMA = 0.2
_N_DIRECTIONS = 6
_LAYOUT_SIDE, _COLOUR_LAYOUT_SIDE = 8, 4
_TEXTURE_SIDE = 4
_FLOOR = 1e-5


def colour_features(views: Views) -> np.ndarray:
    """Return which colours there are, wherever they are: roots of shares, of shape (121,).

    Shares of 8 steps of lightness, of 9 x 9 fields of the plane of a and b, and of lightness by
    chroma, 8 x 4. The Euclidean distance of roots of shares is the Hellinger distance.
    """
    lab = views.lab.reshape(-1, 3)
    lightness = _steps(lab[:, 0], 0, 1, _N_LIGHTNESS)
    plane = _steps(lab[:, 1], -_PLANE, _PLANE, _N_PLANE) * _N_PLANE + _steps(
        lab[:, 2], -_PLANE, _PLANE, _N_PLANE
    )
    chroma = _steps(np.hypot(lab[:, 1], lab[:, 2]), 0, _MOST_CHROMA, _N_CHROMA)
    shares = [
        np.bincount(lightness, minlength=_N_LIGHTNESS),
        np.bincount(plane, minlength=_N_PLANE**2),
        np.bincount(lightness * _N_CHROMA + chroma, minlength=_N_LIGHTNESS * _N_CHROMA),
    ]
    return np.sqrt(np.concatenate(shares) / len(lab)).astype(np.float32)


def texture_features(views: Views) -> np.ndarray:
    """Return how the paint is put on, without colour and place: of shape (39,).

    Logarithms of the strength of marks of six sizes; how unevenly each is spread over the
    picture, and how heavy-tailed it is; edges by direction and strength; how strengths of
    neighbouring sizes go together.
    """
    sizes = [np.abs(band) for band in views.bands]
    energies = views.band_energies + _FLOOR**2
    blocks = np.stack([_block_means(size[None], _TEXTURE_SIDE)[0] for size in sizes])
    unevenness = blocks.std(axis=(1, 2)) / (blocks.mean(axis=(1, 2)) + _FLOOR)
    heavy_tails = np.array([size.mean() for size in sizes]) / np.sqrt(energies)
    strength = views.edge_strength.ravel()
    direction = _steps(views.edge_angle.ravel() % np.pi, 0, np.pi, _N_DIRECTIONS)
    by_direction = np.bincount(direction, strength, minlength=_N_DIRECTIONS)
    levels = np.quantile(strength[::7], [0.25, 0.5, 0.75, 0.9, 0.99])
    coupling = [_correlation(halve(fine), coarse) for fine, coarse in pairwise(sizes)]
    return np.concatenate(
        [
            np.log(energies),
            np.log(unevenness + 0.01),
            heavy_tails,
            by_direction / (by_direction.sum() + _FLOOR),
            np.log(levels + 0.002),
            coupling,
            np.log(energies[:-1] / energies[1:]),
        ]
    ).astype(np.float32)


def composition_features(views: Views) -> np.ndarray:
    """Return where things are, without how light or colourful they are: of shape (160,).

    Lightness and detail on 8 x 8 fields and colour on 4 x 4, each less its mean and, for the
    first two, divided by its spread.
    """
    lightness = _block_means(views.lab[None, ..., 0], _LAYOUT_SIDE)[0]
    detail = _block_means(views.edge_strength[None], _LAYOUT_SIDE)[0]
    colour = _block_means(np.moveaxis(views.lab[..., 1:], -1, 0), _COLOUR_LAYOUT_SIDE)
    colour = colour - colour.mean(axis=(1, 2), keepdims=True)
    return np.concatenate(
        [
            _standardise(lightness, 0.02).ravel(),
            _standardise(np.log(detail + 0.005), 0.1).ravel(),
            10 * colour.ravel(),
        ]
    ).astype(np.float32)


def _steps(values: np.ndarray, low: float, high: float, n: int) -> np.ndarray:
    """Return in which of n equal steps from low to high each value is; the ends are open."""
    steps: np.ndarray = np.clip((values - low) * (n / (high - low)), 0, n - 1).astype(np.intp)
    return steps


def _block_means(maps: np.ndarray, side: int) -> np.ndarray:
    """Average maps over side x side fields: (n, h, w) -> (n, side, side)."""
    for axis in (1, 2):
        length = maps.shape[axis]
        if length < side:  # of a very thin picture: repeated
            maps = np.repeat(maps, -(-side // length), axis=axis)
            length = maps.shape[axis]
        edges = np.arange(side) * length // side
        sizes = np.diff([*edges, length])
        shape = [1, 1, 1]
        shape[axis] = side
        maps = np.add.reduceat(maps, edges, axis=axis) / sizes.reshape(shape)
    return maps


def _standardise(values: np.ndarray, least: float) -> np.ndarray:
    standard: np.ndarray = (values - values.mean()) / max(float(values.std()), least)
    return standard


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = np.sqrt((a * a).mean() * (b * b).mean())
    return float((a * b).mean() / max(float(scale), _FLOOR**2))
