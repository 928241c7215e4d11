"""Sheets of tiny pictures: the map shows thousands at once without thousands of requests."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING

from PIL import Image

from artstylenet.imaging import open_thumbnail

if TYPE_CHECKING:
    import pyarrow as pa

CELL = 40
"""Pixels a side: an eighth of a thumbnail, at which JPEG decodes almost for nothing."""
COLUMNS = 50
PER_SHEET = COLUMNS * COLUMNS
MOST_SHEETS = 8
_QUALITY = 82


def sheet_count(n_paintings: int) -> int:
    """Return how many sheets a site has: none for collections too large to show whole."""
    n_sheets = math.ceil(n_paintings / PER_SHEET)
    return n_sheets if n_sheets <= MOST_SHEETS else 0


def sheet_path(number: int) -> str:
    """Return where a sheet lies in the site."""
    return f"sprites/sheet-{number}.jpg"


def make_sheet(thumbnails: pa.ChunkedArray, number: int) -> bytes:
    """Return a sheet of 50 x 50 cells, painting by painting, row by row.

    Parameters
    ----------
    thumbnails : ChunkedArray of n_paintings binary values
        JPEG files.
    number : int
        Which sheet, from 0.

    Returns
    -------
    bytes
        A JPEG; each picture stands in the top left corner of its cell, its longer side filling
        the cell.
    """
    first = PER_SHEET * number
    n = min(PER_SHEET, len(thumbnails) - first)
    sheet = Image.new("RGB", (CELL * min(n, COLUMNS), CELL * math.ceil(n / COLUMNS)))
    for i in range(n):
        sheet.paste(
            _tiny(thumbnails[first + i].as_py()), (CELL * (i % COLUMNS), CELL * (i // COLUMNS))
        )
    buffer = io.BytesIO()
    sheet.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def _tiny(thumbnail: bytes) -> Image.Image:
    with open_thumbnail(thumbnail) as image:
        longer = max(image.size)
        size = (
            max(1, round(CELL * image.width / longer)),
            max(1, round(CELL * image.height / longer)),
        )
        image.draft("RGB", size)
        return image.convert("RGB").resize(size, Image.Resampling.BILINEAR, reducing_gap=1.0)
