"""Made paintings: a synthetic collection whose styles and mixtures are known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from artstylenet.datasets.brushwork import BRUSHWORKS
from artstylenet.datasets.canvas import paint
from artstylenet.datasets.planting import GRID, plant_painters, plant_regions
from artstylenet.datasets.scenes import draw_scene

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray

PAINTINGS_PER_PAINTER = 10


@dataclass(frozen=True, eq=False)
class MadePaintings:
    """Paintings drawn from planted styles, with the truth about them.

    Attributes
    ----------
    images : ndarray of shape (n_paintings, size, size, 3), uint8
        The paintings, RGB.
    painting_styles : ndarray of shape (n_paintings, n_styles), float64
        Share of the canvas painted in each style; rows sum to 1.
    style_maps : ndarray of shape (n_paintings, grid, grid), int
        Style of every cell of the canvas; rows from the top, columns from the left.
    painters : ndarray of shape (n_paintings,), str
        Who made each painting.
    painter_styles : ndarray of shape (n_painters, n_styles), float64
        The mixture that each painter works around, in the order of ``np.unique(painters)``; rows
        sum to 1.
    style_names : tuple of str, of length n_styles
        What the brushwork of each style looks like.
    """

    images: NDArray[np.uint8]
    painting_styles: NDArray[np.float64]
    style_maps: NDArray[np.intp]
    painters: NDArray[np.str_]
    painter_styles: NDArray[np.float64]
    style_names: tuple[str, ...]


def make_paintings(
    n_paintings: int = 120,
    n_styles: int = 4,
    *,
    size: int = 256,
    mixing: float = 2.0,
    random_state: int = 0,
) -> MadePaintings:
    """Draw paintings from planted styles.

    A style is a kind of brushwork: how marks are shaped, placed, layered and outlined. A mixture
    is a division of the canvas: a painting that is 0.7 of one style has 0.7 of its cells painted
    with that brushwork. Palette and motif are drawn for every painting without regard to style,
    so that colours say little about it.

    Parameters
    ----------
    n_paintings : int, default 120
        Number of paintings, at least one.
    n_styles : int, default 4
        Number of planted styles, from 2 to the length of ``BRUSHWORKS``.
    size : int, default 256
        Side of the paintings, pixels. The same seed gives the same paintings at every size, but
        for the tooth of the canvas.
    mixing : float, default 2.0
        Concentration of the mixtures around their painter's, above 0: near 0 every painting is
        in one style; when large, all paintings of a painter have the same mixture.
    random_state : int, default 0
        Seed. The same seed gives the same bytes.

    Returns
    -------
    MadePaintings
        Paintings and truth, aligned by row.

    Raises
    ------
    ValueError
        If an argument is out of its range; all that are wrong are named.

    Examples
    --------
    >>> from artstylenet.datasets import make_paintings
    >>> made = make_paintings(6, 3, size=64)
    >>> made.images.shape, made.painting_styles.shape
    ((6, 64, 64, 3), (6, 3))
    """
    check_arguments(n_paintings, n_styles, size, mixing)
    planting, *of_paintings = np.random.SeedSequence(random_state).spawn(n_paintings + 1)
    rng = np.random.default_rng(planting)
    chosen = [BRUSHWORKS[b] for b in rng.choice(len(BRUSHWORKS), n_styles, replace=False)]
    n_painters = min(n_paintings, max(n_styles, n_paintings // PAINTINGS_PER_PAINTER))
    painter_styles = plant_painters(n_painters, n_styles, rng)
    painter = rng.permutation(np.arange(n_paintings) % n_painters)

    images = np.empty((n_paintings, size, size, 3), np.uint8)
    style_maps = np.empty((n_paintings, GRID, GRID), np.intp)
    for i, seed in enumerate(of_paintings):
        rng = np.random.default_rng(seed)
        shares = rng.dirichlet(mixing * painter_styles[painter[i]])
        style_maps[i] = plant_regions(shares, rng)
        images[i] = paint(draw_scene(rng), chosen, style_maps[i], size, rng)
    styles = np.arange(n_styles)
    return MadePaintings(
        images=images,
        painting_styles=(style_maps[..., None] == styles).mean(axis=(1, 2)),
        style_maps=style_maps,
        painters=np.array([f"Painter {p + 1:03d}" for p in range(n_painters)])[painter],
        painter_styles=painter_styles,
        style_names=tuple(brushwork.name for brushwork in chosen),
    )


def check_arguments(n_paintings: int, n_styles: int, size: int, mixing: float) -> None:
    """Raise a ValueError that names everything wrong at once."""
    problems = []
    if n_paintings < 1:
        problems.append(f"n_paintings must be at least 1, not {n_paintings}")
    if not 2 <= n_styles <= len(BRUSHWORKS):
        problems.append(f"n_styles must be in 2..{len(BRUSHWORKS)}, not {n_styles}")
    if size < 32:
        problems.append(f"size must be at least 32 pixels, not {size}")
    if not mixing > 0:
        problems.append(f"mixing must be above 0, not {mixing}")
    if problems:
        raise ValueError("; ".join(problems))


def write_paintings(made: MadePaintings, folder: str | os.PathLike[str]) -> Path:
    """Write paintings as ``PAINTER/NNNN.jpg``, a layout that collections are read from.

    Parameters
    ----------
    made : MadePaintings
        The paintings; NNNN is the row.
    folder : path-like
        Where to; made if it is not there.

    Returns
    -------
    Path
        The folder.
    """
    folder = Path(folder)
    for i, (image, painter) in enumerate(zip(made.images, made.painters, strict=True)):
        path = folder / painter / f"{i:04d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path, quality=92)
    return folder
