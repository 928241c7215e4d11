"""Changes of a picture that change nothing about its style.

Every change takes and returns an (height, width, 3) uint8 RGB array. :data:`FIXED` are the changes
that the benchmark asks about; :func:`random_change` draws from a wider family to learn from.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageEnhance

Change = Callable[[np.ndarray], np.ndarray]


def greyscale(picture: np.ndarray) -> np.ndarray:
    """Take the colour away (ITU-R 601 luma)."""
    return np.asarray(Image.fromarray(picture).convert("L").convert("RGB"))


def jpeg(picture: np.ndarray, quality: int = 30) -> np.ndarray:
    """Compress and decompress."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer).convert("RGB"))


def crop(
    picture: np.ndarray, fraction: float = 0.1, across: float = 0.5, down: float = 0.5
) -> np.ndarray:
    """Cut a fraction of the width and of the height off; 0.5 keeps the middle."""
    height, width = picture.shape[:2]
    cut_rows, cut_columns = round(height * fraction), round(width * fraction)
    top, left = round(cut_rows * down), round(cut_columns * across)
    return picture[top : top + height - cut_rows, left : left + width - cut_columns]


def squash(picture: np.ndarray, ratio: float = 0.75) -> np.ndarray:
    """Keep the middle of the width (ratio below 1) or of the height (above 1).

    Resized to a square later, this is what a picture of another shape looks like when it is
    squashed instead of cropped.
    """
    height, width = picture.shape[:2]
    if ratio < 1:
        margin = round(width * (1 - ratio) / 2)
        return picture[:, margin : width - margin]
    margin = round(height * (1 - 1 / ratio) / 2)
    return picture[margin : height - margin]


def frame(
    picture: np.ndarray, fraction: float = 0.08, colour: tuple[int, int, int] = (176, 137, 62)
) -> np.ndarray:
    """Put a frame with a light and a dark edge around the picture (gold by default)."""
    height, width = picture.shape[:2]
    thick = max(2, round(min(height, width) * fraction))
    framed = np.empty((height + 2 * thick, width + 2 * thick, 3), np.uint8)
    for inset in range(thick):
        # A rounded moulding: dark at both edges, light in the middle.
        light = 0.6 + 0.6 * np.sin(np.pi * (inset + 0.5) / thick)
        shade = np.clip(np.array(colour) * light, 0, 255).astype(np.uint8)
        framed[inset : framed.shape[0] - inset, inset : framed.shape[1] - inset] = shade
    framed[thick:-thick, thick:-thick] = picture
    return framed


def half_size(picture: np.ndarray, factor: float = 0.5) -> np.ndarray:
    """Make the picture smaller."""
    height, width = picture.shape[:2]
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))


def cast(picture: np.ndarray, gains: tuple[float, float, float] = (1.15, 1.0, 0.8)) -> np.ndarray:
    """Multiply the channels: yellowed varnish by default."""
    return np.clip(picture * np.array(gains), 0, 255).astype(np.uint8)


def light(picture: np.ndarray, brightness: float = 1.0, contrast: float = 1.0) -> np.ndarray:
    """Change brightness and contrast."""
    image = ImageEnhance.Brightness(Image.fromarray(picture)).enhance(brightness)
    return np.asarray(ImageEnhance.Contrast(image).enhance(contrast))


FIXED: dict[str, Change] = {
    "greyscale": greyscale,
    "jpeg 30": jpeg,
    "crop 10 %": crop,
    "squash": squash,
    "gold frame": frame,
    "half size": half_size,
    "colour cast": cast,
}


def _jpeg(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return jpeg(picture, int(rng.integers(20, 60)))


def _crop(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return crop(picture, rng.uniform(0.05, 0.25), rng.random(), rng.random())


def _squash(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return squash(picture, rng.choice([rng.uniform(0.65, 0.9), rng.uniform(1.1, 1.5)]))


def _frame(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    colours = ((176, 137, 62), (90, 60, 35), (30, 30, 30), (235, 232, 225))
    colour = np.clip(np.array(colours[rng.integers(4)]) + rng.integers(-20, 21, 3), 0, 255)
    return frame(picture, rng.uniform(0.03, 0.12), tuple(colour.tolist()))


def _half_size(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return half_size(picture, rng.uniform(0.35, 0.8))


def _cast(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return cast(picture, tuple(rng.uniform(0.75, 1.2, 3).tolist()))


def _light(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return light(picture, rng.uniform(0.75, 1.25), rng.uniform(0.75, 1.25))


RANDOM: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "greyscale": lambda picture, _: greyscale(picture),
    "jpeg": _jpeg,
    "crop": _crop,
    "squash": _squash,
    "frame": _frame,
    "size": _half_size,
    "cast": _cast,
    "light": _light,
}


def random_change(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Apply one or, half the time, two random changes of different kinds.

    Parameters
    ----------
    picture : ndarray of shape (height, width, 3), uint8
        RGB picture.
    rng : numpy.random.Generator
        Source of chance.
    """
    kinds = rng.choice(list(RANDOM), int(rng.integers(1, 3)), replace=False)
    for kind in kinds:
        picture = RANDOM[kind](picture, rng)
    return picture
