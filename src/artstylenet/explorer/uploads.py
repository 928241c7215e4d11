"""Pictures that visitors bring: decoded in a process of their own, placed, and forgotten."""

from __future__ import annotations

import base64
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from artstylenet.imaging.apart import decode_apart
from artstylenet.similarity import similar_to_new

if TYPE_CHECKING:
    import pandas as pd

    from artstylenet.atlas import StyleAtlas

WAITING = 16
_AT_ONCE = 2


@dataclass(frozen=True, eq=False)
class PlacedPicture:
    """A picture among the styles of an atlas.

    Attributes
    ----------
    mixture : ndarray of shape (n_styles,), float64
        Sums to 1.
    width, height : int
        Pixels.
    thumbnail : str
        Data URL of a JPEG, at most 320 pixels on the longer side.
    by_styles, by_features : DataFrame
        As of :func:`artstylenet.similarity.similar_to_new`.
    """

    mixture: np.ndarray
    width: int
    height: int
    thumbnail: str
    by_styles: pd.DataFrame
    by_features: pd.DataFrame


class Placer:
    """Places pictures, few at once, each within a time."""

    def __init__(self, atlas: StyleAtlas) -> None:
        self._atlas = atlas
        self._places = threading.Semaphore(_AT_ONCE)
        self._n_waiting = 0

    @contextlib.contextmanager
    def queue(self) -> Iterator[bool]:
        """Stand in line; False if the line is too long. Called from one thread only."""
        self._n_waiting += 1
        try:
            yield self._n_waiting <= WAITING
        finally:
            self._n_waiting -= 1

    def place(self, data: bytes, n: int) -> PlacedPicture:
        """Return where a picture stands.

        Parameters
        ----------
        data : bytes
            The whole file.
        n : int
            How many relatives.

        Raises
        ------
        ImageError
            If it is no picture that can be read whole within bounds of memory and time.
        BackboneError
            If the backbone of the atlas is not at hand.
        """
        # The network's runtime is imported when the first picture comes.
        from artstylenet.placing import backbone_of, place_pixels

        with self._places:
            backbone = backbone_of(self._atlas)
            picture = decode_apart(data, backbone.input_size)
            placed = place_pixels(self._atlas, picture["pixels"][None])
        mixture = placed.painting_styles[0]
        thumbnail = base64.b64encode(picture["thumbnail"].tobytes()).decode()
        width, height = (int(side) for side in picture["size"])
        return PlacedPicture(
            mixture=mixture,
            width=width,
            height=height,
            thumbnail=f"data:image/jpeg;base64,{thumbnail}",
            by_styles=similar_to_new(self._atlas, mixture=mixture, n=n),
            by_features=similar_to_new(self._atlas, descriptor=placed.descriptors[0], n=n),
        )
