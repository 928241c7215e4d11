"""All paintings on a plane, near where they look alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from artstylenet.figures.heatmaps import painting_labels
from artstylenet.figures.palette import style_color, style_label
from artstylenet.figures.theme import finish, inline_data

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

SIDE = 640


def style_map(atlas: StyleAtlas) -> alt.Chart:
    """Draw every painting at its place on the map, coloured by its largest style.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas to draw.

    Returns
    -------
    altair chart
        Points without axes: only nearness has a meaning.
    """
    styles = range(atlas.n_styles)
    points = pd.DataFrame(
        {
            "x": atlas.map_positions[:, 0].astype(float).round(4),
            "y": atlas.map_positions[:, 1].astype(float).round(4),
            "style": [style_label(k) for k in atlas.painting_styles.to_numpy().argmax(axis=1)],
            "painting": painting_labels(atlas.paintings),
        }
    )
    plane = alt.Scale(domain=[-0.02, 1.02], nice=False)
    chart = (
        alt.Chart(inline_data(points))
        .mark_circle(size=900 / max(atlas.n_paintings, 60) ** 0.5, opacity=0.8)
        .encode(
            x=alt.X("x:Q", axis=None, scale=plane),
            y=alt.Y("y:Q", axis=None, scale=plane),
            color=alt.Color(
                "style:N",
                title="Largest style",
                sort=None,
                scale=alt.Scale(
                    domain=[style_label(k) for k in styles], range=[style_color(k) for k in styles]
                ),
                legend=alt.Legend(symbolSize=110, symbolOpacity=1),
            ),
            tooltip=["painting:N", "style:N"],
        )
        .properties(width=SIDE, height=SIDE)
    )
    return finish(
        chart,
        f"Map of {atlas.n_paintings:,} paintings",
        subtitle=["Near means alike to the network; the directions have no meaning."],
    )
