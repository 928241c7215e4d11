"""The part of the style sheet that follows from the palette."""

from __future__ import annotations

from artstylenet.figures.palette import STYLE_COLORS, VIRIDIS
from artstylenet.site.cards import NARROWEST, WIDEST

_MIDDLE = 0.1791
"""Luminance on which black and white ink are equally legible (WCAG 2.1)."""


def palette_css() -> str:
    """Return a class for each colour and for each shape of picture.

    A strict content security policy allows no style attributes, so what would be one is a class:
    ``s3`` sets the colour of style 3, ``v20`` is the yellow end of viridis with ink that is
    legible on it, ``r133`` tells that a picture is 1.33 times as wide as high.
    """
    lines = [f".s{i}{{--c:{color}}}" for i, color in enumerate(STYLE_COLORS)]
    lines += [
        f".v{i}{{background:{color};color:{'#000' if _luminance(color) > _MIDDLE else '#fff'}}}"
        for i, color in enumerate(VIRIDIS)
    ]
    lines += [f".r{ratio}{{--r:{ratio / 100:g}}}" for ratio in range(NARROWEST, WIDEST + 1)]
    return "\n".join(lines) + "\n"


def _luminance(color: str) -> float:
    """Return the relative luminance of ``#rrggbb``, in [0, 1]."""
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
