"""The atlas as a notebook shows it: every style as a strip of its best paintings."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

PICTURES_A_STYLE = 5
STRIP_HEIGHT = 96  # pixels


def strips_html(
    title: str, paintings: pd.DataFrame, painting_styles: np.ndarray, thumbnails: pa.ChunkedArray
) -> str:
    """Return a piece of HTML that needs no other file; all text is escaped.

    Parameters
    ----------
    title : str
    paintings : DataFrame of n_paintings rows
        Columns ``id``, ``painter``, ``title``.
    painting_styles : ndarray of shape (n_paintings, n_styles), float64
    thumbnails : ChunkedArray of n_paintings binary values
        JPEG bytes.

    Returns
    -------
    str
    """
    strips = []
    for style, weights in enumerate(painting_styles.T):
        best = np.argsort(-weights, kind="stable")[:PICTURES_A_STYLE]
        pictures = "".join(
            _picture(paintings.iloc[row], weights[row], thumbnails[int(row)].as_py())
            for row in best
        )
        strips.append(
            f"<tr><th scope='row'>Style {style}</th><td>{100 * weights.mean():.0f} %</td>"
            f"<td style='text-align:left'>{pictures}</td></tr>"
        )
    return f"<p><b>{escape(title)}</b></p><table>{''.join(strips)}</table>"


def _picture(painting: pd.Series, weight: float, thumbnail: bytes) -> str:
    parts = [painting["painter"], painting["title"]]
    words = ", ".join(part for part in parts if isinstance(part, str)) or painting["id"]
    caption = escape(f"{words}: {100 * weight:.0f} %", quote=True)
    data = base64.b64encode(thumbnail).decode("ascii")
    return (
        f"<img src='data:image/jpeg;base64,{data}' alt='{caption}' title='{caption}' "
        f"style='height:{STRIP_HEIGHT}px;display:inline;margin:2px'>"
    )
