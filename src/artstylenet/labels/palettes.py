"""The colours of a style: a few, with their shares and plain names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artstylenet.looks.oklab import oklab_to_srgb, srgb_to_oklab

N_COLOURS = 5
_EXAMPLES = 6000

_HUES = (
    (12, "pink"),
    (42, "red"),
    (72, "orange"),
    (112, "yellow"),
    (165, "green"),
    (220, "blue-green"),
    (285, "blue"),
    (330, "violet"),
    (360, "pink"),
)
"""Where each hue of Oklab ends, degrees."""

_GREYS = ((0.25, "black"), (0.45, "dark grey"), (0.7, "grey"), (0.88, "light grey"), (2, "white"))


@dataclass(frozen=True)
class PaletteColour:
    """A colour of a style.

    Attributes
    ----------
    rgb : str
        ``#rrggbb``.
    name : str
        Such as ``dark brown``.
    share : float
        Fraction of the style's area nearest to this colour of its palette.
    standard_error : float
        Of `share`, from painting to painting.
    collection : float
        The same fraction over the whole collection.
    """

    rgb: str
    name: str
    share: float
    standard_error: float
    collection: float


def style_palette(swatches: np.ndarray, weights: np.ndarray) -> tuple[PaletteColour, ...]:
    """Return the palette of a style, the largest share first.

    Parameters
    ----------
    swatches : ndarray of shape (n_paintings, n_swatches, 3), uint8
        A fair sample of each painting's colours, sRGB.
    weights : ndarray of shape (n_paintings,), float64
        Of the style.

    Returns
    -------
    tuple of PaletteColour
        At most five; their shares sum to 1.
    """
    n_paintings, n_swatches, _ = swatches.shape
    rng = np.random.default_rng(0)
    rows = rng.choice(n_paintings, _EXAMPLES, p=weights / weights.sum())
    drawn = srgb_to_oklab(swatches[rows, rng.integers(0, n_swatches, _EXAMPLES)])
    n_colours = min(N_COLOURS, len(np.unique(drawn.round(3), axis=0)))
    from sklearn.cluster import KMeans  # takes a second to import

    centres = KMeans(n_colours, n_init=2, random_state=0).fit(drawn).cluster_centers_
    lab = srgb_to_oklab(swatches.reshape(-1, 3))
    distances = (centres**2).sum(axis=1) - 2 * lab @ centres.T.astype(np.float32)
    nearest = distances.argmin(axis=1).reshape(n_paintings, n_swatches)
    per_painting = (nearest[..., None] == np.arange(n_colours)).mean(axis=1)
    total = weights.sum()
    shares = weights @ per_painting / total
    errors = np.sqrt((weights**2) @ (per_painting - shares) ** 2) / total
    everywhere = per_painting.mean(axis=0)
    colours = oklab_to_srgb(centres)
    return tuple(
        PaletteColour(
            rgb="#" + "".join(f"{level:02x}" for level in colours[i].tolist()),
            name=name_colour(centres[i]),
            share=float(shares[i]),
            standard_error=float(errors[i]),
            collection=float(everywhere[i]),
        )
        for i in np.argsort(-shares, kind="stable")
    )


def name_colour(lab: np.ndarray) -> str:
    """Return a plain name for an Oklab colour, of shape (3,).

    Examples
    --------
    >>> from artstylenet.looks.oklab import srgb_to_oklab
    >>> colours = [(20, 18, 16), (92, 58, 30), (120, 160, 210), (240, 236, 228), (200, 30, 30)]
    >>> [name_colour(srgb_to_oklab(np.array(colour, np.uint8))) for colour in colours]
    ['black', 'brown', 'light blue', 'white', 'red']
    """
    lightness, a, b = (float(value) for value in lab)
    chroma = float(np.hypot(a, b))
    hue = float(np.rad2deg(np.arctan2(b, a)) % 360)
    if chroma < 0.025 or lightness < 0.22 or (lightness > 0.92 and chroma < 0.04):
        return next(name for end, name in _GREYS if lightness < end)
    name = next(name for end, name in _HUES if hue <= end)
    if 35 < hue <= 112 and chroma < 0.13:
        if lightness < 0.32:
            return "dark brown"
        if lightness < 0.55:
            return "brown"
        if lightness < 0.72:
            return "grey-brown" if chroma < 0.05 else "ochre"
        return "cream" if lightness > 0.86 else "beige"
    if chroma < 0.05:
        name = f"greyish {name}"
    if lightness < 0.4:
        return f"dark {name}"
    return f"light {name}" if lightness > 0.66 and name not in ("yellow", "pink") else name
