"""Scenes: what a made painting is of. Nothing here knows of styles.

Every painting has its own palette and its own motif, drawn without regard to its styles, so that
neither colour nor subject gives the styles away.
"""

from __future__ import annotations

import colorsys
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCENE_SIZE = 96  # pixels; marks take their colour here, so more would not be seen
CONTOUR_SIZE = 12  # pixels; finer contours would make strokes jitter
N_COLOURS = 6
EARTH = np.array((1.0, 0.87, 0.7))


def draw_palette(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return colours that go together, from light to dark.

    Parameters
    ----------
    rng : Generator
        Draws key, hues and saturation.

    Returns
    -------
    ndarray of shape (N_COLOURS, 3), float64
        RGB in [0, 1].
    """
    # Analogous, triadic or complementary, as taught: how far away the second and third hue are.
    away = rng.choice((0.08, 0.33, 0.5))
    hues = rng.random() + np.array((0, away, 0, -away, away, 0)) + rng.normal(0, 0.03, N_COLOURS)
    saturation = rng.uniform(0.15, 0.7) + rng.normal(0, 0.12, N_COLOURS)
    lightest, darkest = rng.uniform((0.75, 0.15), (1.0, 0.4))
    value = np.linspace(lightest, darkest, N_COLOURS) + rng.normal(0, 0.06, N_COLOURS)
    hsv = zip(hues % 1, np.clip(saturation, 0.05, 0.8), np.clip(value, 0.08, 1), strict=True)
    pure = np.array([colorsys.hsv_to_rgb(*colour) for colour in hsv])
    # A little earth in every colour, as painters do, keeps neon off the canvas.
    palette: NDArray[np.float64] = 0.75 * pure + 0.25 * EARTH * pure.max(axis=1, keepdims=True)
    return palette


def rolling_land(height: float, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Return the outline of everything below a rolling line.

    Parameters
    ----------
    height : float
        Mean height of the line, in [0, 1] from the top.
    rng : Generator
        Draws the hills.

    Returns
    -------
    list of (x, y)
        Pixels of the scene.
    """
    x = np.linspace(-0.05, 1.05, 16)
    y = np.full_like(x, height)
    for waves in (1, 2, 3):
        y += rng.normal(0, 0.09 / waves) * np.sin(2 * np.pi * (waves * x / 1.5 + rng.random()))
    line = SCENE_SIZE * np.stack([x, y], axis=1)
    corners = [(1.05 * SCENE_SIZE, 1.05 * SCENE_SIZE), (-0.05 * SCENE_SIZE, 1.05 * SCENE_SIZE)]
    return [*map(tuple, line.tolist()), *corners]


def draw_scene(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a motif: land under a sky, with a disc and a few upright or round things.

    Parameters
    ----------
    rng : Generator
        Draws everything.

    Returns
    -------
    ndarray of shape (SCENE_SIZE, SCENE_SIZE, 3), float64
        RGB in [0, 1].
    """
    palette = draw_palette(rng)
    if rng.random() < 0.3:  # night and interiors: dark behind, light in front
        palette = palette[::-1]
    colours = [tuple(colour) for colour in np.round(255 * palette).astype(int).tolist()]
    image = Image.new("RGB", (SCENE_SIZE, SCENE_SIZE), colours[0])
    draw = ImageDraw.Draw(image)
    x, y, radius = SCENE_SIZE * rng.uniform((0.15, 0.1, 0.06), (0.85, 0.4, 0.16))
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colours[1])
    heights = np.sort(rng.uniform(0.3, 0.9, rng.integers(2, 5))).tolist()
    for colour, height in zip(colours[2:], heights, strict=False):
        draw.polygon(rolling_land(height, rng), fill=colour)
    for _ in range(rng.integers(1, 6)):
        x, y, w, h = SCENE_SIZE * rng.uniform((0.05, 0.35, 0.03, 0.06), (0.95, 0.85, 0.13, 0.25))
        shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
        shape((x - w, y - h, x + w, y + h), fill=colours[rng.integers(N_COLOURS)])
    # Light falls from one side, so that no area is flat.
    across = np.linspace(-1, 1, SCENE_SIZE)
    rightward, downward = rng.normal(0, 0.08, 2)
    light = rightward * across[None, :] + downward * across[:, None]
    lit: NDArray[np.float64] = np.clip(np.asarray(image) / 255 + light[..., None], 0, 1)
    return lit


def contour_angles(scene: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the direction along the contours of a scene.

    Parameters
    ----------
    scene : ndarray of shape (SCENE_SIZE, SCENE_SIZE, 3), float64
        RGB in [0, 1].

    Returns
    -------
    ndarray of shape (CONTOUR_SIZE, CONTOUR_SIZE), float64
        Radians.
    """
    block = SCENE_SIZE // CONTOUR_SIZE
    coarse = scene.mean(axis=2).reshape(CONTOUR_SIZE, block, CONTOUR_SIZE, block).mean(axis=(1, 3))
    down, right = np.gradient(coarse)
    angles: NDArray[np.float64] = np.arctan2(right, -down)
    return angles
