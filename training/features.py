"""Pictures in, outputs of a network out."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from training.graph import INPUT_SIZE

BATCH = 16


def read_picture(path: Path) -> np.ndarray:
    """Decode one picture to (height, width, 3) uint8 RGB."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def to_square(picture: np.ndarray, size: int = INPUT_SIZE) -> np.ndarray:
    """Squash a picture (height, width, 3) uint8 to (size, size, 3), bilinear."""
    resized = Image.fromarray(picture).resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(resized)


def extract(
    session: onnxruntime.InferenceSession, pictures: Iterable[np.ndarray], *outputs: str
) -> list[np.ndarray]:
    """Run a network over pictures of any size.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
        Model with an ``images`` input.
    pictures : iterable of ndarray of shape (height, width, 3), uint8
        Read once, sixteen at a time.
    *outputs : str
        Names of the outputs wanted.

    Returns
    -------
    list of ndarray, float32
        One array (n_pictures, ...) for each output.
    """
    found: list[list[np.ndarray]] = [[] for _ in outputs]
    waiting = iter(pictures)
    while batch := list(islice(waiting, BATCH)):
        images = np.stack([to_square(picture) for picture in batch])
        for rows, value in zip(found, session.run(list(outputs), {"images": images}), strict=True):
            rows.append(value)
    return [np.concatenate(rows) for rows in found]
