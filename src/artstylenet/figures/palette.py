"""Colours, in one place for figures and pages.

A style keeps its colour everywhere. The twenty colours were chosen by maximising the smallest
distance between any two of them in OKLab, for normal and for deuteranopic sight, among colours
with a contrast of at least 3:1 against white and against the near-black of the dark pages
(WCAG 2.1, non-text contrast). Twenty colours cannot all be told apart at a glance, so a colour
never stands alone: a number stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

STYLE_COLORS: tuple[str, ...] = (
    "#0465c9",
    "#eb6e07",
    "#047d08",
    "#c02c69",
    "#00a691",
    "#86610b",
    "#9441b8",
    "#8d91b9",
    "#f25b87",
    "#a39517",
    "#11736e",
    "#cf3f03",
    "#b776f3",
    "#a77764",
    "#1b98f7",
    "#2a9e22",
    "#c74fb0",
    "#80617d",
    "#0588b2",
    "#736ce9",
)
"""Colour of style 0, 1, ...; from the twentieth on they return."""

VIRIDIS: tuple[str, ...] = (
    "#440154",
    "#481467",
    "#482575",
    "#463480",
    "#414487",
    "#3b528b",
    "#35608d",
    "#2f6c8e",
    "#2a788e",
    "#25858e",
    "#21918d",
    "#1f9c8a",
    "#22a884",
    "#30b47c",
    "#43bf71",
    "#5dc963",
    "#7ad151",
    "#9ad93d",
    "#bcdf27",
    "#dee41b",
    "#fde725",
)
"""Stops of viridis, from low (dark) to high (yellow)."""


def style_color(style: int) -> str:
    """Return the colour of a style as ``#rrggbb``."""
    return STYLE_COLORS[style % len(STYLE_COLORS)]


_NAMES: dict[int, str] = {}


@contextmanager
def named_styles(names: Mapping[int, str]) -> Iterator[None]:
    """Call styles by the names that people gave them, in every figure and page made meanwhile.

    Holds for all threads of the process, which therefore shows one atlas at a time.

    Parameters
    ----------
    names : mapping of int to str
        Such as ``labels`` of :class:`artstylenet.curation.Curation`.
    """
    before = _NAMES
    call_styles({**before, **names})
    try:
        yield
    finally:
        call_styles(before)


def call_styles(names: Mapping[int, str]) -> None:
    """Call styles by other names from now on, until :func:`named_styles` ends."""
    # One step, for threads that ask meanwhile.
    global _NAMES
    _NAMES = dict(names)


def style_label(style: int) -> str:
    """Return what people call a style: its name, or ``Style 3``; see :func:`named_styles`."""
    return _NAMES.get(style, f"Style {style}")
