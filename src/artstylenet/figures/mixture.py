"""The mixture of one painting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from artstylenet.errors import UnknownIdError
from artstylenet.figures.heatmaps import painting_labels
from artstylenet.figures.palette import style_color, style_label
from artstylenet.figures.theme import finish, inline_data

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas


def painting_mixture(atlas: StyleAtlas, painting_id: str) -> alt.Chart:
    """Draw the mixture of one painting, one bar a style.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas to draw.
    painting_id : str
        Id of the painting.

    Returns
    -------
    altair chart
        Horizontal bars in the order of the styles.

    Raises
    ------
    UnknownIdError
        The atlas has no such painting.
    """
    found = np.flatnonzero((atlas.paintings["id"] == painting_id).to_numpy(dtype=bool))
    if not len(found):
        raise UnknownIdError(f"no painting {painting_id!r} in this atlas")
    weights = atlas.painting_styles.to_numpy()[found[0]]
    bars = pd.DataFrame(
        {
            "style": [style_label(k) for k in range(atlas.n_styles)],
            "weight": weights.round(6),
            "percent": [f"{weight:.0%}" for weight in weights],
            "color": [style_color(k) for k in range(atlas.n_styles)],
        }
    )
    base = alt.Chart(inline_data(bars)).encode(
        x=alt.X("weight:Q", title=None, axis=None, scale=alt.Scale(domain=[0, 1])),
        y=alt.Y("style:N", title=None, sort=None, axis=alt.Axis(domain=False, ticks=False)),
        tooltip=["style:N", alt.Tooltip("weight:Q", format=".1%")],
    )
    return finish(
        alt.layer(
            base.mark_bar(height={"band": 0.7}).encode(color=alt.Color("color:N", scale=None)),
            base.mark_text(align="left", dx=5).encode(text="percent:N"),
        ).properties(width=420, height=26 * atlas.n_styles),
        painting_labels(atlas.paintings.iloc[found])[0],
        subtitle=["Its mixture of styles"],
        description="Mixture of styles: "
        + ", ".join(f"{bar.style} {bar.percent}" for bar in bars.itertuples(index=False)),
    )
