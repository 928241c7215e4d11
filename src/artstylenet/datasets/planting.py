"""Planting: who paints, in which mixture of styles, and where on the canvas. Numbers only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRID = 14  # cells along a side, as in the region maps of the networks
MAIN_SHARE = 0.62  # of the work of a painter is in the main style
SECOND_SHARE = 0.28  # and in the second; what is left is spread over all styles


def plant_painters(n_painters: int, n_styles: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return how much of each style every painter uses: mostly one or two.

    Parameters
    ----------
    n_painters : int
        At least `n_styles` of them give every style a painter whose main style it is.
    n_styles : int
        Number of planted styles.
    rng : Generator
        Draws the second styles.

    Returns
    -------
    ndarray of shape (n_painters, n_styles), float64
        Rows sum to 1.
    """
    rest = 1 - MAIN_SHARE - SECOND_SHARE
    painter_styles = np.full((n_painters, n_styles), rest / n_styles)
    painter = np.arange(n_painters)
    main = painter % n_styles
    # Any other style; the main one itself for painters who are of one mind, about one in three.
    second = (main + rng.integers(1, n_styles, n_painters)) % n_styles
    second = np.where(rng.random(n_painters) < 1 / 3, main, second)
    painter_styles[painter, main] += MAIN_SHARE
    painter_styles[painter, second] += SECOND_SHARE
    return painter_styles


def share_cells(shares: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return how many of the cells of a canvas each style gets: largest remainders.

    Parameters
    ----------
    shares : ndarray of shape (n_styles,), float64
        Sum to 1.

    Returns
    -------
    ndarray of shape (n_styles,), int
        Sum to GRID * GRID.
    """
    exact = shares * GRID**2
    cells = np.floor(exact).astype(np.intp)
    missing = GRID**2 - cells.sum()
    cells[np.argsort(cells - exact, kind="stable")[:missing]] += 1
    return cells


def plant_regions(shares: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.intp]:
    """Return which style is used in which cell of a canvas.

    The cells are put in order by a smooth random slope, and every style takes its share of them
    in turn: regions hang together, have wandering edges and hold exactly their share.

    Parameters
    ----------
    shares : ndarray of shape (n_styles,), float64
        Sum to 1.
    rng : Generator
        Draws the slope and the order of the styles.

    Returns
    -------
    ndarray of shape (GRID, GRID), int
        Style of every cell.
    """
    y, x = np.indices((GRID, GRID)).reshape(2, -1) / GRID
    direction = rng.uniform(0, 2 * np.pi)
    slope = np.cos(direction) * x + np.sin(direction) * y
    for waves in (1, 2):
        turn, phase = rng.uniform(0, 2 * np.pi, 2)
        slope += 0.12 * np.sin(2 * np.pi * waves * (np.cos(turn) * x + np.sin(turn) * y) + phase)
    order = rng.permutation(len(shares))
    style_map = np.empty(GRID**2, np.intp)
    style_map[np.argsort(slope)] = np.repeat(order, share_cells(shares)[order])
    return style_map.reshape(GRID, GRID)
