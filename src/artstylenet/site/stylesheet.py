"""The part of the style sheet that follows from the palette."""

from __future__ import annotations

from artstylenet.figures.palette import STYLE_COLORS, VIRIDIS
from artstylenet.site.catalogue import NARROWEST, WIDEST

_FIRST_BRIGHT = 13


def palette_css() -> str:
    """Return a class for each colour and for each shape of picture.

    A strict content security policy allows no style attributes, so what would be one is a class:
    ``s3`` sets the colour of style 3, ``v20`` is the yellow end of viridis with ink that is
    legible on it, ``r133`` tells that a picture is 1.33 times as wide as high.
    """
    lines = [f".s{i}{{--c:{color}}}" for i, color in enumerate(STYLE_COLORS)]
    lines += [
        f".v{i}{{background:{color};color:{'#111' if i >= _FIRST_BRIGHT else '#fff'}}}"
        for i, color in enumerate(VIRIDIS)
    ]
    lines += [f".r{ratio}{{--r:{ratio / 100:g}}}" for ratio in range(NARROWEST, WIDEST + 1)]
    return "\n".join(lines) + "\n"
