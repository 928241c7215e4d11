"""A hash of what a picture looks like: copies at other sizes or qualities differ in few bits."""

from __future__ import annotations

import numpy as np

HASH_SIDE = 8
FLAT = 0
"""The hash of a picture too flat to have one; never that of another picture."""

_GREY_SIDE = 32
_LEAST_DEVIATION = 2.0  # grey levels; below, the hash would be of the noise


def _cosines() -> np.ndarray:
    """Return rows 1 to HASH_SIDE of the discrete cosine transform: (HASH_SIDE, _GREY_SIDE)."""
    places = (np.arange(_GREY_SIDE) + 0.5) / _GREY_SIDE
    return np.cos(np.pi * np.arange(1, HASH_SIDE + 1)[:, np.newaxis] * places)


_COSINES = _cosines()


def perceptual_hash(grey: np.ndarray) -> int:
    """Return 64 bits: which of the low frequencies lie above their median.

    Frequencies that are zero along an axis are left out: they say how light falls on the
    reproduction rather than what is in the picture.

    Parameters
    ----------
    grey : ndarray of shape (32, 32), uint8

    Returns
    -------
    int
        In [0, 2**64); :data:`FLAT` for a picture that is all but one colour, else about half of
        the bits are set.
    """
    levels = grey.astype(np.float64)
    if levels.std() < _LEAST_DEVIATION:
        return FLAT
    frequencies = (_COSINES @ levels @ _COSINES.T).ravel()
    bits = frequencies > np.median(frequencies)
    return int.from_bytes(np.packbits(bits).tobytes(), "big")
