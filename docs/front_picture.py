"""Draw the picture of the README: styles of the demo paintings as strips.

::

    python -m docs.front_picture

The paintings are those of ``artstylenet demo``: works of The Met, CC0, in the 7 styles that it
finds.
"""

from __future__ import annotations

import io
import itertools
from pathlib import Path

from PIL import Image

from artstylenet import StyleAtlas, build_atlas, read_collection, top_paintings
from artstylenet.demo import demo_folder

PICTURE = Path(__file__).parent / "images" / "demo.jpg"
N_STYLES = 7
WIDTH, MOST_HEIGHT, GAP = 1000, 125, 5
BETWEEN = 12
PAPER = (250, 249, 246)


def main() -> None:
    """Build the atlas and write the picture."""
    atlas = build_atlas(read_collection(demo_folder(), "met"), N_STYLES)
    strips = [strip(atlas, style) for style in range(N_STYLES)]
    heights = [picture.height + BETWEEN for picture in strips]
    sheet = Image.new("RGB", (WIDTH, sum(heights) - BETWEEN), PAPER)
    for picture, top in zip(strips, [0, *itertools.accumulate(heights)], strict=False):
        sheet.paste(picture, (0, top))
    sheet.save(PICTURE, quality=82, optimize=True, progressive=True)


def strip(atlas: StyleAtlas, style: int) -> Image.Image:
    """Return the best paintings of a style side by side, none cropped, as wide as the sheet."""
    shown: list[Image.Image] = []
    for row in top_paintings(atlas, style, 30, max_per_painter=2).index:
        with Image.open(io.BytesIO(atlas.thumbnails[int(row)].as_py())) as thumbnail:
            shown.append(thumbnail.convert("RGB"))
        shape = sum(picture.width / picture.height for picture in shown)
        height = (WIDTH - GAP * (len(shown) - 1)) / shape
        if height <= MOST_HEIGHT:
            break
    canvas = Image.new("RGB", (WIDTH, round(height)), PAPER)
    left = 0.0
    for picture in shown:
        width = height * picture.width / picture.height
        size = round(left + width) - round(left), canvas.height
        canvas.paste(picture.resize(size, Image.Resampling.LANCZOS), (round(left), 0))
        left += width + GAP
    return canvas


if __name__ == "__main__":
    main()
