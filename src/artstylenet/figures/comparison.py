"""Reducers and groupings side by side."""

from __future__ import annotations

import altair as alt
import pandas as pd

from artstylenet.figures.palette import style_color
from artstylenet.figures.theme import finish, inline_data

WIDTH, ROW = 210, 20
COLUMNS = 3
# Enough to compare: these say the same in other words.
LEFT_OUT = ("ari", "ami", "purity", "probe")


def comparison_plot(table: pd.DataFrame) -> alt.Chart:
    """Draw what was measured of every grouping behind every reducer.

    Parameters
    ----------
    table : DataFrame
        Columns ``reducer``, ``grouping``, ``measure``, ``mean`` and ``spread``; one row each.

    Returns
    -------
    altair chart
        A panel a measure; a row a reducer and grouping, a dot its mean, a line one standard
        deviation over seeds to either side.
    """
    rows = table[~table["measure"].str.endswith(tuple(f"_{name}" for name in LEFT_OUT))].copy()
    rows["contender"] = rows["reducer"] + ", " + rows["grouping"]
    rows["spread"] = rows["spread"].fillna(0.0)
    rows["low"], rows["high"] = rows["mean"] - rows["spread"], rows["mean"] + rows["spread"]
    order = list(dict.fromkeys(rows["contender"]))
    groupings = list(dict.fromkeys(rows["grouping"]))
    panels = [
        _panel(rows[rows["measure"] == measure], measure, order, groupings)
        for measure in dict.fromkeys(rows["measure"])
    ]
    return finish(
        alt.concat(*panels, columns=COLUMNS),
        "Reducers and groupings side by side",
        subtitle=["Dot: mean over seeds; line: one standard deviation to either side."],
        description=" ".join(
            f"{row.contender}, {_title(str(row.measure))}: {row.mean:.3f}."
            for row in rows.itertuples(index=False)
        ),
    )


def _panel(rows: pd.DataFrame, measure: str, order: list[str], groupings: list[str]) -> alt.Chart:
    colors = alt.Scale(domain=groupings, range=[style_color(i) for i in range(len(groupings))])
    base = alt.Chart(inline_data(rows)).encode(
        y=alt.Y("contender:N", title=None, sort=order),
        color=alt.Color("grouping:N", scale=colors, legend=None),
        tooltip=["contender:N", alt.Tooltip("mean:Q", format=".3f")],
    )
    x_scale = alt.Scale(zero=False, nice=True)
    lines = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title=None, scale=x_scale), x2="high:Q"
    )
    dots = base.mark_circle(size=70, opacity=1).encode(x=alt.X("mean:Q", scale=x_scale))
    panel: alt.Chart = alt.layer(lines, dots).properties(
        width=WIDTH, height=ROW * len(order), title=alt.Title(_title(measure), fontSize=13)
    )
    return panel


def _title(measure: str) -> str:
    """Return a measure as people read it: ``painter precision at 10``."""
    return measure.replace("_nmi", " NMI").replace("_", " ")
