"""Brushwork: the planted styles, and the outlines of the marks that each of them makes.

Lengths are fractions of the side of the picture and angles are radians, so that a painting is the
same painting at every size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Brushwork:
    """How the marks of one style are shaped, placed and coloured.

    Attributes
    ----------
    name : str
        What the marks look like, for people.
    length, width : float
        Median size of a mark, fractions of the side of the picture.
    coverage : float
        Area of all marks over the area they are spread on; above 1 they overlap.
    profile : {"flat", "round", "leaf", "wedge"}
        Width along the mark: a bar, an oval, pointed at both ends, or a triangle.
    size_spread : float
        Standard deviation of the logarithm of the size of a mark.
    bend : float
        Angle by which a mark turns along its length; its sign is drawn for every mark.
    directions : tuple of float, or None
        Directions to choose from, 0 is horizontal; None follows the contours of the scene.
    scatter : float
        Standard deviation of the direction.
    lattice : bool
        Marks sit on a staggered lattice instead of anywhere.
    contrast : float
        Standard deviation of the lightness of neighbouring marks, of 1.
    ground : {"scene", "paper", "dark"}
        What lies under the marks.
    ink : float
        How far marks are darkened to one ink, in [0, 1]; 0 keeps the colours of the scene.
    outline : float
        Width of the dark contour of a mark, of the width of the mark; 0 is none.
    ridge : float
        Lightness added along the upper side of a mark, of 1: paint that stands up.
    softness : float
        Share of the wet, blurred picture in the result, in [0, 1].
    grain : float
        Standard deviation of the tooth of paper or canvas, of 1.
    """

    name: str
    length: float
    width: float
    coverage: float
    profile: Literal["flat", "round", "leaf", "wedge"] = "flat"
    size_spread: float = 0.15
    bend: float = 0.0
    directions: tuple[float, ...] | None = None
    scatter: float = 0.1
    lattice: bool = False
    contrast: float = 0.08
    ground: Literal["scene", "paper", "dark"] = "scene"
    ink: float = 0.0
    outline: float = 0.0
    ridge: float = 0.0
    softness: float = 0.0
    grain: float = 0.01


UP = np.pi / 2
ANYWHERE = tuple(np.linspace(0, np.pi, 12, endpoint=False).tolist())

BRUSHWORKS = (
    Brushwork("comma strokes", 0.07, 0.026, 2.4, "leaf", bend=0.9, scatter=0.35, contrast=0.12),
    Brushwork("coloured dots", 0.024, 0.024, 1.0, "round", contrast=0.2, ground="paper"),
    Brushwork(
        "hard-edged planes", 0.24, 0.15, 3.0, size_spread=0.35, directions=(0, UP), scatter=0.04
    ),
    Brushwork(
        "hatching", 0.13, 0.0035, 0.55, directions=(-0.8,), scatter=0.04, ground="paper", ink=0.8
    ),
    Brushwork("swirling ribbons", 0.2, 0.02, 2.4, "leaf", bend=2.2, contrast=0.16, ridge=0.14),
    Brushwork(
        "mosaic",
        0.042,
        0.042,
        0.8,
        size_spread=0.05,
        directions=(0,),
        scatter=0.06,
        lattice=True,
        contrast=0.12,
        ground="dark",
    ),
    Brushwork("wet washes", 0.26, 0.2, 3.0, "round", directions=ANYWHERE, softness=0.9, grain=0.02),
    Brushwork(
        "shards",
        0.15,
        0.1,
        3.0,
        "wedge",
        size_spread=0.3,
        directions=ANYWHERE,
        contrast=0.16,
        outline=0.06,
    ),
    Brushwork(
        "falling drips",
        0.22,
        0.01,
        1.6,
        "wedge",
        size_spread=0.4,
        directions=(UP,),
        scatter=0.01,
        contrast=0.14,
    ),
    Brushwork(
        "palette knife",
        0.16,
        0.05,
        3.2,
        size_spread=0.25,
        directions=(0.1,),
        scatter=0.12,
        contrast=0.12,
        ridge=0.2,
    ),
    Brushwork(
        "scales",
        0.07,
        0.07,
        1.5,
        "round",
        size_spread=0.03,
        directions=(0,),
        lattice=True,
        contrast=0.1,
        outline=0.16,
    ),
    Brushwork(
        "curls",
        0.12,
        0.01,
        1.1,
        "leaf",
        bend=5.0,
        directions=ANYWHERE,
        contrast=0.12,
        ground="dark",
    ),
    Brushwork(
        "bristle scumble",
        0.05,
        0.007,
        0.7,
        size_spread=0.4,
        directions=ANYWHERE,
        contrast=0.24,
        grain=0.05,
    ),
    Brushwork("spatter", 0.022, 0.022, 0.8, "round", size_spread=0.8, contrast=0.3),
    Brushwork(
        "stipple",
        0.0085,
        0.0085,
        0.22,
        "round",
        size_spread=0.2,
        ground="paper",
        ink=1.0,
        grain=0.02,
    ),
    Brushwork(
        "basket weave",
        0.07,
        0.024,
        1.3,
        size_spread=0.05,
        directions=(0, UP),
        scatter=0.03,
        lattice=True,
        contrast=0.14,
        ground="dark",
    ),
)
"""Every style that can be planted; neighbours in the table differ in more than one respect."""


def half_width(profile: str, along: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return half the width of a mark of width 1.

    Parameters
    ----------
    profile : {"flat", "round", "leaf", "wedge"}
        Shape of the mark.
    along : ndarray of shape (n_points,), float64
        Positions along the mark in [0, 1].

    Returns
    -------
    ndarray of shape (n_points,), float64
        In [0, 0.5].
    """
    widths: dict[str, NDArray[np.float64]] = {
        "flat": np.full_like(along, 0.5),
        "round": np.sqrt(along * (1 - along)),
        "leaf": 0.5 * np.sin(np.pi * along),
        "wedge": 0.5 * (1 - along),
    }
    return widths[profile]


def mark_outlines(
    brushwork: Brushwork,
    centres: NDArray[np.float64],
    angles: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the polygon of every mark.

    Parameters
    ----------
    brushwork : Brushwork
        The style of the marks.
    centres : ndarray of shape (n_marks, 2), float64
        x and y in [0, 1].
    angles : ndarray of shape (n_marks,), float64
        Direction of each mark, radians.
    rng : Generator
        Draws size and bend.

    Returns
    -------
    ndarray of shape (n_marks, n_points, 2), float64
        x and y, fractions of the side of the picture; the first half runs along one side of the
        mark, the second half back along the other.
    """
    # Points along the middle of a mark: two make a bar or a triangle, more make curves.
    straight = brushwork.bend == 0 and brushwork.profile in ("flat", "wedge")
    n_spine = 2 if straight else 5 + round(brushwork.bend)
    along = np.linspace(0, 1, n_spine)
    if brushwork.profile == "round":  # points at equal angles make an oval, not a lozenge
        along = 0.5 - 0.5 * np.cos(np.pi * along)
    n_marks = len(centres)
    scale = np.exp(rng.normal(0, brushwork.size_spread, n_marks))
    turn = brushwork.bend * rng.choice((-1.0, 1.0), n_marks)

    heading = angles[:, None] + turn[:, None] * (along - 0.5)
    forward = np.stack([np.cos(heading), np.sin(heading)], axis=-1)
    steps = np.diff(along)[:, None] * 0.5 * (forward[:, 1:] + forward[:, :-1])
    spine = np.concatenate([np.zeros((n_marks, 1, 2)), np.cumsum(steps, axis=1)], axis=1)
    spine = (spine - spine.mean(axis=1, keepdims=True)) * brushwork.length

    sideways = np.stack([-forward[..., 1], forward[..., 0]], axis=-1)
    offset = sideways * (half_width(brushwork.profile, along) * brushwork.width)[:, None]
    polygon = np.concatenate([spine + offset, (spine - offset)[:, ::-1]], axis=1)
    outlines: NDArray[np.float64] = centres[:, None] + polygon * scale[:, None, None]
    return outlines
