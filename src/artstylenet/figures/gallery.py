"""The pictures that stand for each style."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from artstylenet.figures.heatmaps import painting_labels
from artstylenet.figures.palette import style_label
from artstylenet.figures.theme import SOFT, finish, inline_data
from artstylenet.imaging import open_thumbnail
from artstylenet.ranking import top_paintings

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

PICTURE = 150
CELL_WIDTH, CELL_HEIGHT = 170, 200


def style_gallery(
    atlas: StyleAtlas, n: int = 5, *, max_per_painter: int | None = None
) -> alt.Chart:
    """Draw the paintings with the largest weight of each style, one row a style.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas to draw.
    n : int, default 5
        Pictures per style.
    max_per_painter : int or None, default None
        Keep at most this many works of one painter in a row.

    Returns
    -------
    altair chart
        Thumbnails inside the chart as data URLs, each with its painter and weight.
    """
    pictures = []
    for style in range(atlas.n_styles):
        ranked = top_paintings(atlas, style, n, max_per_painter=max_per_painter)
        labels = painting_labels(atlas.paintings.iloc[ranked.index])
        for place, (row, label, painter, weight) in enumerate(
            zip(ranked.index, labels, ranked["painter"], ranked["weight"], strict=True), start=1
        ):
            name = label if pd.isna(painter) else painter
            pictures.append(
                {
                    "style": style_label(style),
                    "place": place,
                    "picture": _data_url(atlas.thumbnails[int(row)].as_py()),
                    "caption": f"{name}, {weight:.0%}",
                    "what": f"{label}: {weight:.0%} {style_label(style)}",
                }
            )
    base = alt.Chart(inline_data(pd.DataFrame(pictures))).encode(
        x=alt.X("place:O", axis=None),
        y=alt.Y(
            "style:N",
            title=None,
            sort=None,
            axis=alt.Axis(domain=False, ticks=False, labelFontSize=14, labelPadding=12),
        ),
    )
    images = base.mark_image(width=PICTURE, height=PICTURE, yOffset=-12).encode(
        url="picture:N", description="what:N", tooltip=[alt.Tooltip("what:N", title="Painting")]
    )
    captions = base.mark_text(yOffset=78, color=SOFT, fontSize=11, limit=CELL_WIDTH - 10).encode(
        text="caption:N"
    )
    return finish(
        alt.layer(images, captions).properties(
            width=CELL_WIDTH * n, height=CELL_HEIGHT * atlas.n_styles
        ),
        "The paintings that stand for each style",
        subtitle=["Largest weight first; the figure is the weight of the style in the painting."],
    )


def _data_url(thumbnail: bytes) -> str:
    """Return a thumbnail, made as small as the figure needs, as a data URL."""
    with open_thumbnail(thumbnail) as image:
        small = image.convert("RGB")
    small.thumbnail((2 * PICTURE, 2 * PICTURE))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
