"""A painting, and where in it a style is."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd
from PIL import Image

from artstylenet.explaining.explanation import PATCH, Explanation, Patch
from artstylenet.explaining.region_maps import GRID
from artstylenet.explaining.shared_regions import SharedRegions
from artstylenet.figures.heatmaps import painting_labels
from artstylenet.figures.palette import style_label
from artstylenet.figures.theme import INK, SOFT, finish, inline_data
from artstylenet.imaging import open_thumbnail
from artstylenet.similarity import row_of

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

PICTURE, GAP = 440, 24
PATCH_SIDE, PATCH_GAP = 104, 12
CAPTION = 20
VEIL = np.array([176, 172, 164], np.float32)
"""A grey between the darks and the lights of paintings, so that either stands out from it."""

LEAST_CLEAR = 0.1
"""What shows through the veil where it is thickest."""


def explanation_figure(atlas: StyleAtlas, explanation: Explanation) -> alt.Chart:
    """Draw a painting, where in it a style is, and the words that decide.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas that the painting is in.
    explanation : Explanation
        From :func:`artstylenet.explain_painting`.

    Returns
    -------
    altair chart
        Above, the painting twice: as it is, and veiled where the style is not. Below, one row a
        deciding word: its surest place in this painting, then the same word in others.
    """
    row = row_of(atlas, explanation.painting_id)
    painting = _picture(atlas, row)
    style_map = explanation.maps[explanation.style]
    size = _fit(painting.size, PICTURE)
    shown = painting.resize(size, Image.Resampling.LANCZOS)
    items = [
        _item(shown, 0, 0, size, "The painting"),
        _item(veil(shown, style_map), PICTURE + GAP, 0, size, "The painting, partly veiled"),
    ]
    captions = [
        _caption("The painting", 0, size[1] + 14, INK),
        _caption(
            f"Clear where it is {style_label(explanation.style)}: "
            f"{style_map.max():.0%} sure at most, {style_map.min():.0%} at least",
            PICTURE + GAP,
            size[1] + 14,
            INK,
        ),
    ]
    top = size[1] + CAPTION + 2 * GAP
    if explanation.words:
        captions.append(_caption("Deciding places", 0, top - 14, INK))
        captions.append(_caption("The same visual word elsewhere", PATCH_SIDE + GAP, top - 14, INK))
    for word in explanation.words:
        items.append(_patch_item(atlas, word.cells[0], 0, top))
        for place, example in enumerate(word.examples):
            x = PATCH_SIDE + GAP + place * (PATCH_SIDE + PATCH_GAP)
            items.append(_patch_item(atlas, example, x, top))
            captions.append(_caption(_who(atlas, example), x, top + PATCH_SIDE + 10, SOFT))
        top += PATCH_SIDE + CAPTION + PATCH_GAP
    label = painting_labels(atlas.paintings.iloc[[row]])[0]
    weight = explanation.mixture[explanation.style]
    return _compose(
        items,
        captions,
        top,
        title=f"{label}: {weight:.0%} {style_label(explanation.style)}",
        subtitle="Where in the picture the style is, told by its visual words and by the mixture "
        "of the whole painting.",
    )


def likeness_figure(atlas: StyleAtlas, shared: SharedRegions) -> alt.Chart:
    """Draw two paintings, each clear where it is like the other, and the words they share.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas that the paintings are in.
    shared : SharedRegions
        From :func:`artstylenet.shared_regions`.

    Returns
    -------
    altair chart
        Above, both paintings, veiled where the other has nothing of it. Below, one column a
        visual word that both have: its place in the first, and in the second.
    """
    rows = [row_of(atlas, painting_id) for painting_id in (shared.first_id, shared.second_id)]
    labels = painting_labels(atlas.paintings.iloc[rows])
    items, captions = [], []
    bottom = 0
    for row, found, x, label in zip(
        rows, (shared.first_map, shared.second_map), (0, PICTURE + GAP), labels, strict=True
    ):
        painting = _picture(atlas, row)
        size = _fit(painting.size, PICTURE)
        shown = veil(painting.resize(size, Image.Resampling.LANCZOS), found)
        items.append(_item(shown, x, 0, size, f"{label}, clear where the other is like it"))
        captions.append(_caption(label, x, size[1] + 14, INK))
        bottom = max(bottom, size[1])
    top = bottom + CAPTION + 2 * GAP
    if shared.words:
        captions.append(_caption("Visual words of both", 0, top - 14, INK))
        for place, word in enumerate(shared.words):
            x = place * (2 * PATCH_SIDE + PATCH_GAP)
            items.append(_patch_item(atlas, word.first, x, top))
            items.append(_patch_item(atlas, word.second, x + PATCH_SIDE, top))
        top += PATCH_SIDE + PATCH_GAP
    largest = shared.styles.iloc[0]
    return _compose(
        items,
        captions,
        top,
        title=f"{labels[0]} and {labels[1]}",
        subtitle=f"Clear where one is like the other. Their mixtures overlap by "
        f"{shared.styles['shared'].sum():.0%}, most in {style_label(int(largest['style']))} "
        f"({largest['first']:.0%} and {largest['second']:.0%}).",
    )


def veil(picture: Image.Image, style_map: np.ndarray) -> Image.Image:
    """Return a picture that is clear where a map is high, and behind a veil elsewhere.

    Parameters
    ----------
    picture : Image
        RGB.
    style_map : ndarray of shape (14, 14), float64
        In [0, 1]; its own range is spread from veiled to clear.
    """
    low, high = float(style_map.min()), float(style_map.max())
    relative = (style_map - low) / (high - low) if high - low > 1e-6 else np.ones_like(style_map)
    mask = Image.fromarray(relative.astype(np.float32)).resize(
        picture.size, Image.Resampling.BICUBIC
    )
    share = np.clip(np.asarray(mask), LEAST_CLEAR, 1)[..., None]
    veiled = share * np.asarray(picture, np.float32) + (1 - share) * VEIL
    return Image.fromarray(np.rint(veiled).astype(np.uint8))


def cut_patch(picture: Image.Image, patch: Patch) -> Image.Image:
    """Return a cell with its neighbours, moved inside where it is at the border."""
    corner = np.clip(np.array([patch.column, patch.row]) - PATCH // 2, 0, GRID - PATCH)
    left, top = corner * np.array(picture.size) / GRID
    right, bottom = (corner + PATCH) * np.array(picture.size) / GRID
    box = (float(left), float(top), float(right), float(bottom))
    return picture.resize((2 * PATCH_SIDE, 2 * PATCH_SIDE), Image.Resampling.BICUBIC, box=box)


def _compose(
    items: list[dict[str, Any]],
    captions: list[dict[str, Any]],
    height: int,
    *,
    title: str,
    subtitle: str,
) -> alt.Chart:
    width = 2 * PICTURE + GAP
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, width], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False))
    # Images of one mark share their size, so every size is a layer of its own.
    layers: list[Any] = []
    frame = pd.DataFrame(items)
    for (item_width, item_height), group in frame.groupby(["width", "height"], sort=False):
        layers.append(
            alt.Chart(inline_data(group[["x", "y", "picture", "what"]]))
            .mark_image(
                width=item_width,
                height=item_height,
                align="left",
                baseline="top",
                aspect=False,
            )
            .encode(x=x, y=y, url="picture:N", description="what:N")
        )
    texts = pd.DataFrame(captions)
    for colour, group in texts.groupby("colour", sort=False):
        layers.append(
            alt.Chart(inline_data(group[["x", "y", "text"]]))
            .mark_text(align="left", color=colour, fontSize=12, limit=PICTURE)
            .encode(x=x, y=y, text="text:N")
        )
    return finish(
        alt.layer(*layers).properties(width=width, height=height), title, subtitle=[subtitle]
    )


def _picture(atlas: StyleAtlas, row: int) -> Image.Image:
    with open_thumbnail(atlas.thumbnails[row].as_py()) as image:
        return image.convert("RGB")


def _patch_item(atlas: StyleAtlas, patch: Patch, x: int, y: int) -> dict[str, Any]:
    picture = _picture(atlas, row_of(atlas, patch.painting_id))
    what = f"Part of {patch.painting_id}"
    return _item(cut_patch(picture, patch), x, y, (PATCH_SIDE, PATCH_SIDE), what)


def _item(image: Image.Image, x: int, y: int, size: tuple[int, int], what: str) -> dict[str, Any]:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    url = "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
    return {"x": x, "y": y, "width": size[0], "height": size[1], "picture": url, "what": what}


def _caption(text: str, x: int, y: int, colour: str) -> dict[str, Any]:
    return {"text": text, "x": x, "y": y, "colour": colour}


def _who(atlas: StyleAtlas, patch: Patch) -> str:
    painting = atlas.paintings.iloc[row_of(atlas, patch.painting_id)]
    name = painting["id"] if pd.isna(painting["painter"]) else painting["painter"]
    return name if len(name) <= 17 else name[:16].rstrip() + "\u2026"


def _fit(size: tuple[int, int], longest: int) -> tuple[int, int]:
    scale = longest / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
