"""Facts about one picture, each a number that a person can check by looking."""

from __future__ import annotations

import numpy as np

from artstylenet.looks.views import Views

FACTS: dict[str, str] = {
    "lightness": "mean lightness, 0 black to 1 white",
    "contrast": "standard deviation of lightness",
    "saturation": "mean chroma, 0 grey",
    "warmth": "mean of the blue to orange axis, above 0 warm",
    "colour_variety": "spread of hue and chroma around their mean",
    "edge_density": "share of pixels on an edge",
    "horizontal_edges": "share of edge strength in level lines",
    "vertical_edges": "share of edge strength in upright lines",
    "slanting_edges": "share of edge strength in all other lines",
    "mark_size": "typical size of light and dark marks, fraction of the longer side",
    "symmetry": "correlation of the left half with the mirrored right half",
    "balance": "1 if both halves hold as much detail, 0 if one holds all",
    "central_detail": "share of edge strength in the middle quarter of the area",
    "light_centre": "lightness of the middle less that of the border",
    "light_above": "lightness of the upper third less that of the lower third",
    "aspect_ratio": "logarithm of width / height of the original, above 0 wide",
    "monochrome": "1 if all colours lie on one hue, as in greyscale reproductions",
    "tinted": "1 if one tint lies over all tones, lights and darks alike",
    "framed": "1 if straight lines run along all four borders",
}
"""Name and meaning of every fact, in the order of the columns."""

WARM_HUE = np.deg2rad(60.0)
"""Orange, in the plane of a and b."""

EDGE = 0.06
"""Change of luma from one pixel to the next that counts as an edge."""

ONE_HUE = 0.008
"""Spread of colours beside their main hue up to which a picture is called monochrome."""

TINT = 0.022
"""Chroma that the tint of darks and lights must both have."""

FRAME = 0.58
"""Share of the length of a border along which a line must run to be the edge of a frame."""

_STEP_ROWS = 3

DEEPEST_FRAME = 0.16
"""Fraction of the height or width within which the edge of a frame is looked for."""

MARK_SIZES = 2.0 ** np.arange(1, 7)
"""Sizes of marks that are told apart, pixels of a picture of 256."""


def measure_facts(views: Views, width: int, height: int) -> np.ndarray:
    """Return the facts of one picture.

    Parameters
    ----------
    views : Views
    width, height : int
        Of the original, pixels.

    Returns
    -------
    ndarray of shape (n_facts,), float64
        In the order of :data:`FACTS`.
    """
    facts = {
        **_colour_facts(views.lab),
        **_edge_facts(views),
        "mark_size": mark_size(views.band_energies),
        **_layout_facts(views.lab[..., 0]),
        "aspect_ratio": float(np.log(width / height)) if width and height else 0.0,
        "framed": float(frame_strength(views) > FRAME),
    }
    return np.array([facts[name] for name in FACTS])


def mark_size(band_energies: np.ndarray) -> float:
    """Return the mean size of marks, weighted by the strength of each size.

    Parameters
    ----------
    band_energies : ndarray of shape (n_bands,)
        Mean squared luma of each band, fine to coarse.
    """
    total = band_energies.sum()
    if total < 1e-9:
        return float(MARK_SIZES[-1] / 256)
    return float(np.exp2((np.log2(MARK_SIZES) * band_energies).sum() / total) / 256)


def frame_strength(views: Views) -> float:
    """Return how surely a straight line runs along every border, in [0, 1].

    Two things tell the edge of a frame or a margin from a painted edge, and either counts: all
    changes across it, of light or of colour, go the same way from one end of the picture to the
    other; or it parts calm from what is not calm, along most of its length. The weakest of the
    four sides counts.
    """
    light = [_rim(side) for side in _sides(views.luma)]
    colours = [[_rim(side) for side in _sides(views.lab[..., channel])] for channel in (1, 2)]
    return min(
        max(_changes_that_agree(luma), _calm_that_ends(luma), *map(_changes_that_agree, others))
        for luma, *others in zip(light, *colours, strict=True)
    )


def _sides(channel: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return a picture four times, each time with another side first."""
    return channel, channel[::-1], channel.T, channel.T[::-1]


def _rim(side: np.ndarray) -> np.ndarray:
    """Return the outer rows of a picture without their ends, where the other sides' frames are."""
    deepest = max(_STEP_ROWS + 1, round(DEEPEST_FRAME * len(side)))
    margin = side.shape[1] // 6
    return side[: deepest + 1, margin : side.shape[1] - margin]


def _changes_that_agree(rim: np.ndarray) -> float:
    across = rim[1:] - rim[:-1]
    agreement = np.abs(across.mean(axis=1)) / (np.abs(across).mean(axis=1) + 0.01)
    return float(agreement.max())


def _calm_that_ends(rim: np.ndarray) -> float:
    # Over a few rows, since thumbnails blur what is sharp.
    steps = (np.abs(rim[_STEP_ROWS:] - rim[:-_STEP_ROWS]) > EDGE).mean(axis=1)
    before = np.cumsum(steps) / np.arange(1, len(steps) + 1)
    ends = steps[_STEP_ROWS:] - before[:-_STEP_ROWS]
    return float(ends.max(initial=0.0))


def _colour_facts(lab: np.ndarray) -> dict[str, float]:
    lightness, colour = lab[..., 0].ravel(), lab[..., 1:].reshape(-1, 2)
    centred = colour - colour.mean(axis=0)
    spread = np.sqrt((centred**2).sum(axis=1).mean())
    # The main hue is a line through grey: along it a sepia print may vary, beside it not.
    second_moments = colour.T @ colour / len(colour)
    beside_main_hue = np.sqrt(max(np.linalg.eigvalsh(second_moments)[0], 0.0))
    warm_axis = np.array([np.cos(WARM_HUE), np.sin(WARM_HUE)], np.float32)
    return {
        "lightness": float(lightness.mean()),
        "contrast": float(lightness.std()),
        "saturation": float(np.linalg.norm(colour, axis=1).mean()),
        "warmth": float((colour @ warm_axis).mean()),
        "colour_variety": float(spread),
        "monochrome": float(beside_main_hue < ONE_HUE),
        "tinted": float(tint_strength(lightness, colour) > TINT),
    }


def tint_strength(lightness: np.ndarray, colour: np.ndarray) -> float:
    """Return the chroma of the tint that no part of the tones is free of.

    Of the dark, the middle and the light third of the pixels, the most neutral tenth of each is
    averaged; the tint is what the three have in common: the shortest of them, if they point the
    same way.

    Parameters
    ----------
    lightness : ndarray of shape (n_pixels,)
    colour : ndarray of shape (n_pixels, 2)
        a and b.
    """
    tints = []
    for third in np.array_split(np.argsort(lightness), 3):
        chroma = np.linalg.norm(colour[third], axis=1)
        n_neutral = max(1, len(third) // 10)
        neutral = third[np.argpartition(chroma, n_neutral - 1)[:n_neutral]]
        tints.append(colour[neutral].mean(axis=0))
    lengths = np.linalg.norm(tints, axis=1)
    mean = np.mean(tints, axis=0)
    along = [float(tint @ mean) / max(float(np.linalg.norm(mean)), 1e-9) for tint in tints]
    return max(0.0, min(*along, *lengths.tolist()))


def _edge_facts(views: Views) -> dict[str, float]:
    strength, angle = views.edge_strength, views.edge_angle
    total = strength.sum()
    height, width = strength.shape
    if total < 1e-6:
        level = upright = slanting = 0.0
        balance, central = 1.0, 0.25
    else:
        # A gradient that points up or down belongs to a level line.
        off_level = np.abs(np.abs(angle) - np.pi / 2)
        level = float(strength[off_level < np.pi / 8].sum() / total)
        upright = float(strength[off_level > 3 * np.pi / 8].sum() / total)
        slanting = 1.0 - level - upright
        left = strength[:, : width // 2].sum() / total
        balance = float(1 - abs(1 - 2 * left))
        middle = strength[height // 4 : -(height // 4) or None, width // 4 : -(width // 4) or None]
        central = float(middle.sum() / total)
    return {
        "edge_density": float((strength > EDGE).mean()),
        "horizontal_edges": level,
        "vertical_edges": upright,
        "slanting_edges": slanting,
        "balance": balance,
        "central_detail": central,
    }


def _layout_facts(lightness: np.ndarray) -> dict[str, float]:
    height, width = lightness.shape
    mirrored = lightness[:, ::-1]
    deviation = lightness.std()
    centred = lightness - lightness.mean()
    symmetry = 0.0
    if deviation > 1e-4:
        symmetry = float((centred * (mirrored - lightness.mean())).mean() / deviation**2)
    border = np.ones_like(lightness, dtype=bool)
    rim_y, rim_x = max(1, height // 5), max(1, width // 5)
    border[rim_y : height - rim_y, rim_x : width - rim_x] = False
    third = max(1, height // 3)
    return {
        "symmetry": symmetry,
        "light_centre": float(lightness[~border].mean() - lightness[border].mean())
        if (~border).any()
        else 0.0,
        "light_above": float(lightness[:third].mean() - lightness[-third:].mean()),
    }
