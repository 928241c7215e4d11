"""Marks: where a style puts them, in which colour and direction, and how they are laid down."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from artstylenet.datasets.brushwork import mark_outlines
from artstylenet.datasets.scenes import contour_angles

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import ImageDraw

    from artstylenet.datasets.brushwork import Brushwork

Scalar = TypeVar("Scalar", bound=np.generic)


def paint_marks(
    draw: ImageDraw.ImageDraw,
    side: int,
    scene: NDArray[np.float64],
    brushwork: Brushwork,
    cells: NDArray[np.bool_],
    *,
    rng: np.random.Generator,
) -> None:
    """Paint the marks of one style, each in the colour of the scene under its centre.

    Parameters
    ----------
    draw : ImageDraw
        The canvas.
    side : int
        Side of the canvas, pixels.
    scene : ndarray of shape (n, n, 3), float64
        RGB in [0, 1].
    brushwork : Brushwork
        The style.
    cells : ndarray of shape (grid, grid), bool
        Where on the canvas it is used.
    rng : Generator
        Draws the marks.
    """
    centres = place_marks(brushwork, cells, rng)
    if brushwork.ink > 0:
        # Ink has one colour, so that tone is made by how many marks there are.
        tone = at(scene, centres).mean(axis=1)
        centres = centres[rng.random(len(centres)) > 0.9 * tone]
    colours = colour_marks(brushwork, at(scene, centres), rng)
    if brushwork.directions is None:
        angles = at(contour_angles(scene), centres)
    else:
        angles = rng.choice(brushwork.directions, len(centres))
    angles = angles + rng.normal(0, brushwork.scatter, len(centres))
    outlines = mark_outlines(brushwork, centres, angles, rng)
    if brushwork.outline > 0:
        inside = centres[:, None] + (1 - brushwork.outline) * (outlines - centres[:, None])
        # A mark covers the contours of those before it: dark and fill take turns.
        outlines = np.stack([outlines, inside], axis=1).reshape(-1, *outlines.shape[1:])
        colours = np.stack([0.25 * colours, colours], axis=1).reshape(-1, 3)
    ridge_width = max(1, round(0.25 * brushwork.width * side))
    lay_marks(draw, side * outlines, colours, brushwork.ridge, ridge_width)


def place_marks(
    brushwork: Brushwork, cells: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the centres of the marks of one style.

    Parameters
    ----------
    brushwork : Brushwork
        The style.
    cells : ndarray of shape (grid, grid), bool
        Where on the canvas it is used.
    rng : Generator
        Draws the positions.

    Returns
    -------
    ndarray of shape (n_marks, 2), float64
        x and y in [0, 1], in the order of painting.
    """
    grid = len(cells)
    area = brushwork.length * brushwork.width / brushwork.coverage
    if brushwork.lattice:
        spacing = np.sqrt(area)
        n = int(1 / spacing) + 2
        row, column = np.divmod(np.arange(n * n), n)
        centres = np.stack([column + 0.5 * (row % 2), row], axis=1) * spacing
        centres = centres + rng.uniform(-spacing, 0, 2)
        inside = ((centres >= 0) & (centres < 1)).all(axis=1)
        centres = centres[inside]
        regular: NDArray[np.float64] = centres[at(cells, centres)]
        return regular
    row, column = np.nonzero(cells)
    n_marks = max(1, round(len(row) / grid**2 / area))
    # Every cell in turn: chance alone would leave holes.
    turn = rng.permutation(len(row))
    cell = rng.permutation(turn[np.arange(n_marks) % len(row)])
    corners = np.stack([column, row], axis=1)[cell]
    anywhere: NDArray[np.float64] = (corners + rng.random((n_marks, 2))) / grid
    return anywhere


def colour_marks(
    brushwork: Brushwork, seen: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the colours of marks from the colours of the scene.

    Parameters
    ----------
    brushwork : Brushwork
        The style.
    seen : ndarray of shape (n_marks, 3), float64
        RGB in [0, 1].
    rng : Generator
        Draws the ink, and how marks differ from their neighbours.

    Returns
    -------
    ndarray of shape (n_marks, 3), float64
        RGB; may leave [0, 1] a little.
    """
    ink = rng.uniform(0.02, 0.35, 3)
    lightness = 1 + rng.normal(0, brushwork.contrast, (len(seen), 1))
    hue = rng.normal(0, 0.3 * brushwork.contrast, seen.shape)
    colours: NDArray[np.float64] = (seen + brushwork.ink * (ink - seen)) * lightness + hue
    return colours


def lay_marks(
    draw: ImageDraw.ImageDraw,
    outlines: NDArray[np.float64],
    colours: NDArray[np.float64],
    ridge: float,
    ridge_width: int,
) -> None:
    """Draw marks one over the other.

    Parameters
    ----------
    draw : ImageDraw
        The canvas.
    outlines : ndarray of shape (n_marks, n_points, 2), float64
        x and y, pixels.
    colours : ndarray of shape (n_marks, 3), float64
        RGB in [0, 1].
    ridge : float
        Lightness added along one side of the marks; 0 leaves them flat.
    ridge_width : int
        Pixels.
    """
    n_marks, n_points, _ = outlines.shape
    polygons = outlines.reshape(n_marks, 2 * n_points).tolist()
    fills = map(tuple, to_bytes(colours).tolist())
    ridges = map(tuple, to_bytes(colours + ridge).tolist())
    for polygon, fill, light in zip(polygons, fills, ridges, strict=True):
        draw.polygon(polygon, fill=fill)
        if ridge > 0:
            # As many numbers as points: the first half of the outline, x and y.
            draw.line(polygon[:n_points], fill=light, width=ridge_width)


def at(field: NDArray[Scalar], centres: NDArray[np.float64]) -> NDArray[Scalar]:
    """Return the values of a square field at positions given as x and y in [0, 1)."""
    column, row = (centres * len(field)).astype(int).T
    values: NDArray[Scalar] = field[row, column]
    return values


def to_bytes(colours: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return colours in [0, 1] as bytes; what is outside is clipped."""
    levels: NDArray[np.uint8] = np.clip(colours * 255 + 0.5, 0, 255).astype(np.uint8)
    return levels
