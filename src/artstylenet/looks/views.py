"""One picture seen in the few ways that all measurements share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy.ndimage import uniform_filter

from artstylenet.imaging import open_thumbnail
from artstylenet.looks.oklab import srgb_to_oklab

LONGER_SIDE = 256
"""Pixels at which marks and edges are measured; smaller pictures are enlarged to it."""

COLOUR_SIDE = 64
"""Colours are measured on a copy of 64 x 64."""

N_BANDS = 6


@dataclass(frozen=True, eq=False)
class Views:
    """A picture, ready to be measured.

    Attributes
    ----------
    small : ndarray of shape (64, 64, 3), uint8
        The whole picture squashed to a square, sRGB.
    lab : ndarray of shape (64, 64, 3), float32
        The same in Oklab.
    luma : ndarray of shape (height, width), float32
        In [0, 1]; the longer side has 256 pixels.
    edge_strength : ndarray of shape (height - 2, width - 2), float32
        Change of luma a pixel.
    edge_angle : ndarray of the same shape, float32
        Direction of the change, radians in [-pi, pi]; plus or minus pi / 2 is up or down.
    bands : tuple of six ndarrays of shape (height / 2**i, width / 2**i), float32
        Luma taken apart by size: what a mean over 3 x 3 pixels smooths away, of the picture, of
        its half, its quarter and so on.
    band_energies : ndarray of shape (6,), float64
        Mean square of each band.
    """

    small: np.ndarray
    lab: np.ndarray
    luma: np.ndarray
    edge_strength: np.ndarray
    edge_angle: np.ndarray
    bands: tuple[np.ndarray, ...]
    band_energies: np.ndarray


def view_thumbnail(thumbnail: bytes) -> Views:
    """Decode a thumbnail of the atlas, a JPEG, and look at it."""
    with open_thumbnail(thumbnail) as image:
        return view_image(image.convert("RGB"))


def view_image(image: Image.Image) -> Views:
    """Look at an RGB picture of any size."""
    scale = LONGER_SIDE / max(image.size)
    size = (max(8, round(scale * image.width)), max(8, round(scale * image.height)))
    if image.size != size:
        image = image.resize(size, Image.Resampling.BICUBIC)
    small = np.asarray(image.resize((COLOUR_SIDE, COLOUR_SIDE), Image.Resampling.BOX))
    luma = np.asarray(image.convert("L"), np.float32) / np.float32(255)
    down = (luma[2:, 1:-1] - luma[:-2, 1:-1]) / 2
    right = (luma[1:-1, 2:] - luma[1:-1, :-2]) / 2
    bands = take_apart(luma)
    return Views(
        small=small,
        lab=srgb_to_oklab(small),
        luma=luma,
        edge_strength=np.hypot(down, right),
        edge_angle=np.arctan2(down, right),
        bands=bands,
        band_energies=np.array([np.mean(band * band, dtype=np.float64) for band in bands]),
    )


def take_apart(luma: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the bands of luma, fine to coarse, each half as large as the one before."""
    bands = []
    for _ in range(N_BANDS):
        bands.append(luma - uniform_filter(luma, 3, mode="nearest"))
        luma = halve(luma)
    return tuple(bands)


def halve(values: np.ndarray) -> np.ndarray:
    """Average 2 x 2 pixels; an odd last row or column is left out, unless it is the only one."""
    if values.shape[0] > 1:
        values = (values[:-1:2] + values[1::2]) / 2
    if values.shape[1] > 1:
        values = (values[:, :-1:2] + values[:, 1::2]) / 2
    return values
