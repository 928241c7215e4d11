"""The look that every figure shares."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

INK = "#1d1b18"
SOFT = "#6b665f"
FONT = "Helvetica Neue, Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"


def inline_data(frame: pd.DataFrame) -> alt.InlineData:
    """Return a table as data inside the chart: no row limit, and no hidden state of Altair.

    The rows are one JSON text, which Vega parses: Altair would check them one by one against its
    schema, which takes longer than drawing them.
    """
    rows = frame.to_json(orient="records", double_precision=15, force_ascii=False)
    return alt.InlineData(values=rows, format=alt.JsonDataFormat(type="json"))


def finish(
    chart: Any, title: str, *, subtitle: list[str] | None = None, description: str = ""
) -> alt.Chart:
    """Give a chart its title, its text for screen readers and the shared look.

    Parameters
    ----------
    chart : altair chart
        Any unit, layered or concatenated chart.
    title : str
        What is seen.
    subtitle : list of str or None, default None
        Lines below the title: how to read it.
    description : str, default ''
        What a screen reader says; the title and subtitle if empty.

    Returns
    -------
    altair chart
        The same chart, ready to be shown or saved.
    """
    lines = subtitle or []
    finished: alt.Chart = (
        chart.properties(
            title=alt.Title(title, subtitle=lines),
            description=description or ". ".join([title, *lines]),
            background="white",
        )
        .configure(font=FONT, padding=16)
        .configure_view(stroke=None)
        .configure_title(
            anchor="start",
            color=INK,
            fontSize=18,
            fontWeight="normal",
            offset=18,
            subtitleColor=SOFT,
            subtitleFontSize=13,
            subtitleLineHeight=18,
            subtitlePadding=8,
        )
        .configure_axis(
            domainColor=SOFT,
            gridColor="#e6e2da",
            labelColor=INK,
            labelFontSize=12,
            labelLimit=320,
            tickColor=SOFT,
            titleColor=SOFT,
            titleFontSize=13,
            titleFontWeight="normal",
            titlePadding=10,
        )
        .configure_legend(
            labelColor=INK,
            labelFontSize=12,
            titleColor=SOFT,
            titleFontSize=13,
            titleFontWeight="normal",
        )
        .configure_text(color=INK, fontSize=12)
    )
    return finished
