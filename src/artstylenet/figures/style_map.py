"""All paintings on a plane, near where they look alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from artstylenet.figures.heatmaps import painting_labels
from artstylenet.figures.palette import style_color, style_label
from artstylenet.figures.theme import finish, inline_data
from artstylenet.sampling import sample_rows

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
        Points without axes: only nearness has a meaning. Of a large collection those of a sample.
    """
    styles = range(atlas.n_styles)
    shown = sample_rows(atlas.n_paintings)
    points = pd.DataFrame(
        {
            "x": atlas.map_positions[shown, 0].astype(float).round(4),
            "y": atlas.map_positions[shown, 1].astype(float).round(4),
            "style": [
                style_label(k) for k in atlas.painting_styles.to_numpy()[shown].argmax(axis=1)
            ],
            "painting": painting_labels(atlas.paintings.iloc[shown]),
        }
    )
    drawn = f"{len(shown):,} of " if len(shown) < atlas.n_paintings else ""
    plane = alt.Scale(domain=[-0.02, 1.02], nice=False)
    chart = (
        alt.Chart(inline_data(points))
        .mark_circle(size=900 / max(len(shown), 60) ** 0.5, opacity=0.8)
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
        f"Map of {drawn}{atlas.n_paintings:,} paintings",
        subtitle=["Near means alike to the network; the directions have no meaning."],
    )
