"""sRGB <-> Oklab, a space in which equal distances look equally large (Ottosson 2020)."""

from __future__ import annotations

import numpy as np

_LEVELS = np.arange(256) / 255
_LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)


def srgb_to_oklab(colours: np.ndarray) -> np.ndarray:
    """Turn 8-bit sRGB into Oklab.

    Parameters
    ----------
    colours : ndarray of shape (..., 3), uint8

    Returns
    -------
    ndarray of shape (..., 3), float32
        Lightness in [0, 1], then a (green to red) and b (blue to yellow), within +-0.4.
    """
    cones = _LINEAR[colours] @ _TO_CONES.T
    lab: np.ndarray = np.cbrt(cones) @ _TO_LAB.T
    return lab


def oklab_to_srgb(lab: np.ndarray) -> np.ndarray:
    """Turn Oklab, of shape (..., 3), into the nearest 8-bit sRGB."""
    cones = (lab @ np.linalg.inv(_TO_LAB).T) ** 3
    linear = np.clip(cones @ np.linalg.inv(_TO_CONES).T, 0, 1)
    levels = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(255 * levels).astype(np.uint8)
