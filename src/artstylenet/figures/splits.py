"""Which styles split when one more is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from artstylenet.figures.palette import STYLE_COLORS, style_color
from artstylenet.figures.theme import finish, inline_data

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

STEP, HEIGHT = 70, 420
BAR_HALF = 0.09
"""Half the width of a bar, in numbers of styles."""
GAP = 0.012
"""Room between two styles, as a fraction of the collection."""
SMALLEST_SHARE = 0.005
"""Streams of fewer paintings than this fraction of the collection are left out."""
CURVE_POINTS = 13

Bar = tuple[int, int, float, float, float, float, float, str]
BAR_COLUMNS = ["n_styles", "style", "share", "x", "end", "low", "high", "color"]
Point = tuple[float, float, float, str, str]
POINT_COLUMNS = ["x", "low", "high", "stream", "color"]


def splits_plot(atlas: StyleAtlas) -> alt.Chart:
    """Draw the styles of every number tried, and the streams of paintings between them.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas whose ``selection.transitions`` are drawn.

    Returns
    -------
    altair chart
        An alluvial plot: a bar a style, as high as its share of the paintings; a stream from each
        style to those that its paintings have as their largest style when one more is allowed.
    """
    bars, points = _lay_out(atlas.selection.transitions)
    numbers = sorted({bar[0] for bar in bars})
    x = alt.X(
        "x:Q",
        title="Number of styles",
        scale=alt.Scale(domain=[min(numbers, default=1) - 0.5, max(numbers, default=1) + 0.5]),
        axis=alt.Axis(values=numbers, format="d", grid=False),
    )
    y = alt.Y("low:Q", axis=None, scale=alt.Scale(domain=[0, 1 + GAP * max(numbers, default=1)]))
    streams = (
        alt.Chart(inline_data(pd.DataFrame(points, columns=POINT_COLUMNS)))
        .mark_area(opacity=0.35)
        .encode(x=x, y=y, y2="high:Q", detail="stream:N", color=alt.Color("color:N", scale=None))
    )
    rectangles = (
        alt.Chart(inline_data(pd.DataFrame(bars, columns=BAR_COLUMNS)))
        .mark_rect()
        .encode(
            x=x,
            x2="end:Q",
            y=y,
            y2="high:Q",
            color=alt.Color("color:N", scale=None),
            tooltip=[
                alt.Tooltip("n_styles:Q", title="Styles"),
                alt.Tooltip("share:Q", title="Share of the paintings", format=".1%"),
            ],
        )
    )
    width = STEP * max(len(numbers), 2)
    return finish(
        alt.layer(streams, rectangles).properties(width=width, height=HEIGHT),
        "What splits when one more style is allowed",
        subtitle=["Bars: styles by share of the paintings. Streams: where their paintings go."],
        description=_describe(atlas.selection.transitions),
    )


def _lay_out(transitions: pd.DataFrame) -> tuple[list[Bar], list[Point]]:
    """Return bars, and points along the edges of streams; a style has its largest parent's hue."""
    bars: list[Bar] = []
    points: list[Point] = []
    colors: list[str] = []
    for number in sorted(set(transitions["n_styles"].tolist())):
        table = transitions[transitions["n_styles"] == number]
        shares = np.zeros((number, number + 1))
        shares[table["style"], table["next_style"]] = table["share"]
        if not bars:
            colors = [style_color(style) for style in range(number)]
            bars += _bars(number, shares.sum(axis=1), colors)
        next_colors = _inherit(shares, colors)
        bars += _bars(number + 1, shares.sum(axis=0), next_colors)
        # Within a bar, streams lie in the order of the styles at their other end.
        leaving = _bottoms(shares.sum(axis=1))[:, None] + shares.cumsum(axis=1) - shares
        arriving = _bottoms(shares.sum(axis=0)) + shares.cumsum(axis=0) - shares
        for style, next_style in np.argwhere(shares >= SMALLEST_SHARE).tolist():
            at = style, next_style
            ends = float(leaving[at]), float(arriving[at])
            name = f"{number}: {style} to {next_style}"
            points += _stream(number, ends, float(shares[at]), name, colors[style])
        colors = next_colors
    return bars, points


def _bars(number: int, shares: np.ndarray, colors: list[str]) -> list[Bar]:
    lows = _bottoms(shares)
    edges = (number - BAR_HALF, number + BAR_HALF)
    return [
        (number, style, float(share), *edges, float(low), float(low + share), color)
        for style, (share, low, color) in enumerate(zip(shares, lows, colors, strict=True))
    ]


def _bottoms(shares: np.ndarray) -> np.ndarray:
    """Return where the bar of each style begins, style 0 at the bottom."""
    bottoms: np.ndarray = shares.cumsum() - shares + GAP * np.arange(len(shares))
    return bottoms


def _inherit(shares: np.ndarray, colors: list[str]) -> list[str]:
    """Give each style its parent's colour, and the smaller of two children a new one."""
    inherited: dict[int, str] = {}
    for child in np.argsort(-shares.sum(axis=0), kind="stable").tolist():
        parent = colors[int(shares[:, child].argmax())]
        in_use = {*colors, *inherited.values()}
        is_first = parent not in inherited.values()
        inherited[child] = parent if is_first else _new_color(in_use)
    return [inherited[child] for child in sorted(inherited)]


def _new_color(in_use: set[str]) -> str:
    """Return a colour that no style beside this one has; a used one if there are no more."""
    unused = (color for color in STYLE_COLORS if color not in in_use)
    return next(unused, STYLE_COLORS[len(in_use) % len(STYLE_COLORS)])


def _stream(
    number: int, ends: tuple[float, float], share: float, name: str, color: str
) -> list[Point]:
    steps = np.linspace(0, 1, CURVE_POINTS)
    lows = ends[0] + (ends[1] - ends[0]) * steps**2 * (3 - 2 * steps)
    xs = number + BAR_HALF + (1 - 2 * BAR_HALF) * steps
    return [
        (float(x), float(low), float(low + share), name, color)
        for x, low in zip(xs, lows, strict=True)
    ]


def _describe(transitions: pd.DataFrame) -> str:
    sentences = []
    for number in sorted(set(transitions["n_styles"].tolist())):
        table = transitions[transitions["n_styles"] == number]
        parents = table.loc[table.groupby("next_style")["share"].idxmax(), "style"]
        split = sorted(set(parents[parents.duplicated()].tolist()))
        named = " and ".join(f"style {style}" for style in split) or "no style"
        verb = "split" if len(split) > 1 else "splits"
        sentences.append(f"From {number} to {number + 1}, {named} {verb}.")
    return "Alluvial plot of styles by their number. " + " ".join(sentences)
