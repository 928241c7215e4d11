"""Why this number of styles: held-out perplexity and stability."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from artstylenet.figures.palette import style_color
from artstylenet.figures.theme import INK, SOFT, finish, inline_data

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas
    from artstylenet.evidence import Selection

WIDTH, HEIGHT = 620, 320
LABEL_LINE = 16
CURVE = style_color(0)
CHOSEN = style_color(1)


def elbow_plot(atlas: StyleAtlas) -> alt.Chart:
    """Draw held-out perplexity against the number of styles, with its spread over seeds.

    The elbow, the one-standard-error choice and the number chosen are marked; the baseline, word
    frequencies alone, is named in the subtitle because drawing it would flatten the curve.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas whose ``selection`` is drawn.

    Returns
    -------
    altair chart
        One band, one line and a labelled rule for every number that a rule points at.
    """
    selection = atlas.selection
    table = selection.table[["n_styles", "perplexity", "perplexity_low", "perplexity_high"]]
    marks = _marked_numbers(selection)
    x = _number_axis(table)
    y_scale = alt.Scale(zero=False, nice=True)
    curve = alt.Chart(inline_data(table))
    band = curve.mark_area(color=CURVE, opacity=0.22).encode(
        x=x,
        y=alt.Y("perplexity_low:Q", title="Held-out perplexity per word", scale=y_scale),
        y2="perplexity_high:Q",
    )
    line = curve.mark_line(color=CURVE, strokeWidth=2, point={"color": CURVE, "size": 45}).encode(
        x=x,
        y=alt.Y("perplexity:Q", title="Held-out perplexity per word", scale=y_scale),
        tooltip=[
            alt.Tooltip("n_styles:Q", title="Styles"),
            alt.Tooltip("perplexity:Q", title="Perplexity", format=".1f"),
            alt.Tooltip("perplexity_low:Q", title="Lowest seed", format=".1f"),
            alt.Tooltip("perplexity_high:Q", title="Highest seed", format=".1f"),
        ],
    )
    return finish(
        alt.layer(*_rules(marks, x), band, line).properties(width=WIDTH, height=HEIGHT),
        "How well unseen parts of paintings are predicted",
        subtitle=[
            "Lower is better. Line: mean over seeds; band: lowest to highest seed.",
            f"Word frequencies alone, without styles, reach {selection.unigram_perplexity:.0f}.",
        ],
        description=(
            "Line chart of held-out perplexity by number of styles. "
            + " ".join(
                f"{row.n_styles} styles: {row.perplexity:.1f}."
                for row in table.itertuples(index=False)
            )
            + f" {selection.reason}"
        ),
    )


def stability_plot(atlas: StyleAtlas) -> alt.Chart:
    """Draw how well the styles return with another seed, against their number.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas whose ``selection`` is drawn.

    Returns
    -------
    altair chart
        One line; the number chosen is marked.
    """
    selection = atlas.selection
    table = selection.table[["n_styles", "stability"]].dropna()
    x = _number_axis(selection.table)
    line = (
        alt.Chart(inline_data(table))
        .mark_line(color=CURVE, strokeWidth=2, point={"color": CURVE, "size": 45})
        .encode(
            x=x,
            y=alt.Y(
                "stability:Q",
                title="Matched correlation between seeds",
                scale=alt.Scale(domain=[min(0.0, *table["stability"], 0.0), 1.0]),
            ),
            tooltip=[
                alt.Tooltip("n_styles:Q", title="Styles"),
                alt.Tooltip("stability:Q", title="Stability", format=".2f"),
            ],
        )
    )
    steady = "largest stable" if selection.any_stable else "most stable"
    marks = {selection.n_styles: ["chosen"], selection.stable: [steady]}
    if selection.stable == selection.n_styles:
        marks = {selection.n_styles: ["chosen", steady]}
    return finish(
        alt.layer(*_rules(marks, x), line).properties(width=WIDTH, height=HEIGHT - 100),
        "Do the same styles return with another seed?",
        subtitle=["1 means that every style returns exactly; 0 that none does."],
        description=(
            "Line chart of the stability of styles between seeds by number of styles. "
            + " ".join(
                f"{row.n_styles} styles: {row.stability:.2f}."
                for row in table.itertuples(index=False)
            )
        ),
    )


def _number_axis(table: pd.DataFrame) -> alt.X:
    """Return the axis of numbers of styles that both figures share."""
    numbers = [int(n) for n in table["n_styles"]]
    low, high = min(numbers, default=1), max(numbers, default=1)
    return alt.X(
        "n_styles:Q",
        title="Number of styles",
        scale=alt.Scale(domain=[low - 0.5, high + 0.5], nice=False),
        axis=alt.Axis(values=numbers, format="d", grid=False),
    )


def _marked_numbers(selection: Selection) -> dict[int, list[str]]:
    """Return what points at each number, the number chosen first."""
    marks: dict[int, list[str]] = {selection.n_styles: ["chosen"]}
    if selection.elbow is not None:
        marks.setdefault(selection.elbow, []).append("elbow")
    marks.setdefault(selection.one_standard_error, []).append("one standard error")
    return marks


def _rules(marks: dict[int, list[str]], x: alt.X) -> list[alt.Chart]:
    """Return a rule and a label for every marked number; labels of neighbours share no line."""
    layers = []
    for line, (number, words) in enumerate(sorted(marks.items(), reverse=True)):
        frame = pd.DataFrame({"n_styles": [number], "label": [", ".join(words)]})
        base = alt.Chart(inline_data(frame)).encode(x=x)
        layers += [
            base.mark_rule(
                color=CHOSEN if "chosen" in words else SOFT, strokeDash=[4, 3], strokeWidth=1.5
            ),
            base.mark_text(baseline="bottom", dy=-5 - LABEL_LINE * line, color=INK).encode(
                y=alt.value(0), text="label:N"
            ),
        ]
    return layers
