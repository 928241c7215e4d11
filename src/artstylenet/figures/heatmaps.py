"""Heatmaps: paintings and painters by style; yellow is high, dark is low."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import altair as alt
import numpy as np
import pandas as pd

from artstylenet.errors import InputError
from artstylenet.figures.ordering import order_by_similarity
from artstylenet.figures.palette import VIRIDIS
from artstylenet.figures.theme import finish, inline_data

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

CELL_WIDTH, CELL_HEIGHT = 34, 17
MOST_PAINTERS = 1000
"""Rows of a heatmap of painters: more make a picture that no program opens."""

Order = Literal["given", "similarity"]


def painting_style_heatmap(atlas: StyleAtlas, rows: int = 50, order: Order = "given") -> alt.Chart:
    """Draw the mixture of the first paintings, one row a painting.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas to draw.
    rows : int, default 50
        How many paintings, from the first.
    order : {'given', 'similarity'}, default 'given'
        As in the collection, or so that neighbours have similar mixtures.

    Returns
    -------
    altair chart
        A heatmap; its colours span the weights of the whole collection, so that heatmaps of
        different rows can be compared.

    Raises
    ------
    InputError
        `rows` is below 1, or `order` is neither of the two.
    """
    if rows < 1:
        raise InputError(f"rows must be at least 1, not {rows}")
    mixtures = atlas.painting_styles.to_numpy()
    shown = mixtures[:rows]
    labels = painting_labels(atlas.paintings.iloc[:rows])
    return _heatmap(
        shown,
        labels,
        order=order,
        high=float(mixtures.max()),
        title=f"Styles of {len(shown):,} of {atlas.n_paintings:,} paintings",
        kind="painting",
    )


def painter_style_heatmap(atlas: StyleAtlas, order: Order = "similarity") -> alt.Chart:
    """Draw the mean mixture of every painter, one row a painter.

    Of more than a thousand painters, those with the most works are drawn.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas to draw.
    order : {'given', 'similarity'}, default 'similarity'
        By name, or so that neighbours have similar mixtures.

    Returns
    -------
    altair chart
        A heatmap.

    Raises
    ------
    InputError
        The collection names no painters, or `order` is neither of the two.
    """
    if atlas.n_painters == 0:
        raise InputError(
            "this collection names no painters, so there is no painter x style heatmap"
        )
    mixtures = atlas.painter_styles.to_numpy(dtype=float)
    by_works = np.argsort(-atlas.painters["n_paintings"].to_numpy(), kind="stable")
    shown = np.sort(by_works[:MOST_PAINTERS])
    drawn = f"{len(shown):,} of " if len(shown) < atlas.n_painters else ""
    return _heatmap(
        mixtures[shown],
        [str(name) for name in atlas.painter_styles.index[shown]],
        order=order,
        high=float(mixtures.max()),
        title=f"Styles of {drawn}{atlas.n_painters:,} painters",
        kind="painter",
    )


def painting_labels(paintings: pd.DataFrame) -> list[str]:
    """Return a distinct label for each painting: title and painter, with the id where needed."""
    titles = paintings["title"].astype(object).where(paintings["title"].notna(), paintings["id"])
    named = paintings["painter"].notna()
    labels = titles.astype(str) + (", " + paintings["painter"].astype(str)).where(named, "")
    repeated = labels.duplicated(keep=False)
    distinct = labels.where(~repeated, labels + " (" + paintings["id"].astype(str) + ")")
    return [str(label) for label in distinct]


def _heatmap(
    mixtures: np.ndarray, labels: list[str], *, order: Order, high: float, title: str, kind: str
) -> alt.Chart:
    """Draw rows of mixtures; `kind` names what a row is."""
    if order not in ("given", "similarity"):
        raise InputError(f"order must be 'given' or 'similarity', not {order!r}")
    n_rows, n_styles = mixtures.shape
    ranked = order_by_similarity(mixtures) if order == "similarity" else np.arange(n_rows)
    row, style = np.meshgrid(ranked, np.arange(n_styles), indexing="ij")
    cells = pd.DataFrame(
        {
            "row": [labels[i] for i in row.ravel()],
            "style": style.ravel(),
            "weight": mixtures[row, style].ravel().round(6),
        }
    )
    cells["what"] = [
        f"{r}, style {k}: {w:.0%}" for r, k, w in cells.itertuples(index=False, name=None)
    ]
    chart = (
        alt.Chart(inline_data(cells))
        .mark_rect()
        .encode(
            x=alt.X(
                "style:O",
                title="Style",
                axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False),
            ),
            y=alt.Y(
                "row:N",
                title=None,
                sort=None,
                axis=alt.Axis(domain=False, ticks=False, labelPadding=8),
            ),
            color=alt.Color(
                "weight:Q",
                title="Weight",
                scale=alt.Scale(domain=[0, high], range=list(VIRIDIS), interpolate="rgb"),
                legend=alt.Legend(format=".0%", gradientLength=160),
            ),
            description="what:N",
            tooltip=[
                alt.Tooltip("row:N", title=kind.capitalize()),
                alt.Tooltip("style:O", title="Style"),
                alt.Tooltip("weight:Q", title="Weight", format=".1%"),
            ],
        )
        .properties(width=CELL_WIDTH * n_styles, height=CELL_HEIGHT * n_rows)
    )
    return finish(
        chart,
        title,
        subtitle=[f"Each row is a {kind}; yellow is high, dark is low."],
        description=(
            f"Heatmap of {n_rows} rows, each a {kind}, by {n_styles} styles; "
            "yellow is a high weight, dark a low one."
        ),
    )
