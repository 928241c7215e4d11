"""The canvas: paints a scene, every part of it in the brushwork of its style."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from artstylenet.datasets.marks import paint_marks, to_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from artstylenet.datasets.brushwork import Brushwork

PAPER = np.array((0.95, 0.93, 0.88))
BRUSH_SPREAD = 0.2  # standard deviation of the logarithm of the size of a painting's brushes
BLUR = 0.004  # most that a reproduction is out of focus, fraction of the side
SMOOTHED_BELOW = 1024  # pixels; Pillow's polygons have jagged edges, which show in small pictures


def paint(
    scene: NDArray[np.float64],
    brushworks: Sequence[Brushwork],
    style_map: NDArray[np.intp],
    size: int,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Return a painting.

    Parameters
    ----------
    scene : ndarray of shape (n, n, 3), float64
        What is painted, RGB in [0, 1].
    brushworks : sequence of Brushwork
        The planted styles.
    style_map : ndarray of shape (grid, grid), int
        Style of every cell of the canvas.
    size : int
        Side of the painting, pixels.
    rng : Generator
        Draws the marks.

    Returns
    -------
    ndarray of shape (size, size, 3), uint8
        RGB.
    """
    side = 2 * size if size < SMOOTHED_BELOW else size
    ground = lay_ground(scene, brushworks, style_map, rng)
    canvas = Image.fromarray(to_bytes(ground)).resize((side, side), Image.Resampling.BILINEAR)
    draw = ImageDraw.Draw(canvas)
    # No two paintings are made with quite the same brushes.
    brush = np.exp(rng.normal(0, BRUSH_SPREAD))
    for style in rng.permutation(np.unique(style_map)).tolist():
        brushwork = brushworks[style]
        held = replace(brushwork, length=brush * brushwork.length, width=brush * brushwork.width)
        paint_marks(draw, side, scene, held, style_map == style, rng=rng)
    canvas = photograph(canvas.reduce(side // size), rng)
    return finish_surface(canvas, brushworks, style_map, rng)


def lay_ground(
    scene: NDArray[np.float64],
    brushworks: Sequence[Brushwork],
    style_map: NDArray[np.intp],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the scene, with paper or darkness where a style wants it.

    Parameters
    ----------
    scene : ndarray of shape (n, n, 3), float64
        RGB in [0, 1].
    brushworks : sequence of Brushwork
        The planted styles.
    style_map : ndarray of shape (grid, grid), int
        Style of every cell.
    rng : Generator
        Draws the tint of the paper.

    Returns
    -------
    ndarray of shape (n, n, 3), float64
        RGB in [0, 1].
    """
    paper = PAPER * rng.uniform(0.72, 1.05, 3)
    grounds = np.array([brushwork.ground for brushwork in brushworks])[style_map]
    on_paper = 0.8 * spread(grounds == "paper", len(scene))[..., None]
    in_the_dark = 0.65 * spread(grounds == "dark", len(scene))[..., None]
    ground: NDArray[np.float64] = (scene + on_paper * (paper - scene)) * (1 - in_the_dark)
    return ground


def spread(cells: NDArray[np.generic], size: int) -> NDArray[np.float32]:
    """Return a value per cell, (grid, grid), as a smooth field of (size, size)."""
    field = Image.fromarray(cells.astype(np.float32))
    return np.asarray(field.resize((size, size), Image.Resampling.BILINEAR))


def finish_surface(
    image: Image.Image,
    brushworks: Sequence[Brushwork],
    style_map: NDArray[np.intp],
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Return a painting with its wet passages blurred and its tooth of paper or canvas.

    Parameters
    ----------
    image : Image, square
        The painting as the marks left it.
    brushworks : sequence of Brushwork
        The planted styles.
    style_map : ndarray of shape (grid, grid), int
        Style of every cell.
    rng : Generator
        Draws the tooth.

    Returns
    -------
    ndarray of shape (size, size, 3), uint8
        RGB.
    """
    size = image.width
    softness = np.array([brushwork.softness for brushwork in brushworks])[style_map]
    if softness.any():
        share = Image.fromarray(to_bytes(spread(softness, size)))
        image.paste(image.filter(ImageFilter.BoxBlur(0.02 * size)), mask=share)
    grain = np.array([brushwork.grain for brushwork in brushworks])[style_map]
    tooth = spread(255 * grain, size) * rng.standard_normal((size, size), dtype=np.float32)
    rough = np.asarray(image) + tooth.astype(np.int16)[..., None]
    return np.clip(rough, 0, 255).astype(np.uint8)


def photograph(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a painting as reproductions show it: sharpness, contrast and white balance differ.

    Parameters
    ----------
    image : Image
        The painting.
    rng : Generator
        Draws the camera.

    Returns
    -------
    Image
        Of the same size.
    """
    blur = rng.uniform(0, BLUR)
    contrast = rng.uniform(0.45, 1.15)
    balance = rng.uniform(0.88, 1.08, 3)
    curves = balance[:, None] * (0.5 + contrast * (np.linspace(0, 1, 256) - 0.5))
    focused = image.filter(ImageFilter.BoxBlur(blur * image.width))
    return focused.point(to_bytes(curves).ravel().tolist())
