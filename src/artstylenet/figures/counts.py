"""How many painters hold each style."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from artstylenet.errors import InputError
from artstylenet.figures.palette import style_color
from artstylenet.figures.theme import finish, inline_data

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

DOMINANT = "largest style of the painter"
TENTH = "at least 10 % of the painter"


def painters_per_style(atlas: StyleAtlas) -> alt.Chart:
    """Draw the number of painters of each style, counted in two ways.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas to draw.

    Returns
    -------
    altair chart
        Two bars a style: painters whose largest style it is, as in the paper, and painters with
        at least 10 % of it.

    Raises
    ------
    InputError
        The collection names no painters.
    """
    if atlas.n_painters == 0:
        raise InputError("this collection names no painters, so none can be counted per style")
    names = {"n_painters_dominant": DOMINANT, "n_painters_tenth": TENTH}
    counts = (
        atlas.styles[["style", *names]]
        .rename(columns=names)
        .melt("style", var_name="counted", value_name="painters")
    )
    base = alt.Chart(inline_data(counts)).encode(
        x=alt.X("style:O", title="Style", axis=alt.Axis(labelAngle=0)),
        xOffset=alt.XOffset("counted:N", sort=[DOMINANT, TENTH]),
        y=alt.Y("painters:Q", title="Painters", axis=alt.Axis(tickMinStep=1, format="d")),
        tooltip=["style:O", "counted:N", "painters:Q"],
    )
    bars = base.mark_bar().encode(
        color=alt.Color(
            "counted:N",
            title=None,
            sort=[DOMINANT, TENTH],
            scale=alt.Scale(domain=[DOMINANT, TENTH], range=[style_color(0), style_color(7)]),
            legend=alt.Legend(orient="top", labelLimit=320),
        )
    )
    numbers = base.mark_text(dy=-7, fontSize=11).encode(text="painters:Q")
    return finish(
        alt.layer(bars, numbers).properties(width=max(320, 58 * atlas.n_styles), height=280),
        "Painters per style",
        description=" ".join(
            f"Style {row.style}: largest of {row.n_painters_dominant} painters, "
            f"at least 10 % of {row.n_painters_tenth}."
            for row in atlas.styles.itertuples(index=False)
        ),
    )
