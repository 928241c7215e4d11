"""What the rest of the project needs of one picture, in one decode."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from artstylenet.imaging.decode import decode
from artstylenet.imaging.perceptual_hash import perceptual_hash

THUMBNAIL_SIZE = 320
_THUMBNAIL_QUALITY = 85
# Decoders of JPEG average pixels as they go, by powers of two, so little more than what is wanted
# is enough: descriptors of pictures decoded whole differ by a cosine of less than 0.001.
_OVERSAMPLING = 1.4
_HASH_SIZE = (32, 32)


@dataclass(frozen=True, eq=False)
class Picture:
    """One decoded picture.

    Attributes
    ----------
    pixels : ndarray of shape (size, size, 3), uint8
        sRGB, the whole picture squashed to a square: the network's input.
    thumbnail : bytes
        JPEG, aspect kept, at most 320 pixels on the longer side, no metadata.
    width, height : int
        Pixels of the original, the right way up.
    perceptual_hash : int
        In [0, 2**64); see :mod:`artstylenet.imaging.perceptual_hash`.
    file_format : str
        Such as ``JPEG``.
    """

    pixels: np.ndarray
    thumbnail: bytes
    width: int
    height: int
    perceptual_hash: int
    file_format: str


def decode_picture(data: bytes, size: int) -> Picture:
    """Decode a picture for the network and for people.

    Parameters
    ----------
    data : bytes
        The whole file.
    size : int
        Side in pixels of the network's input.

    Raises
    ------
    ImageError
        If the file is no picture that can be read whole within bounds; the text is the reason.
    """
    decoded = decode(
        data,
        shortest=round(_OVERSAMPLING * size),
        longest=round(_OVERSAMPLING * THUMBNAIL_SIZE),
    )
    # The network has learnt on pictures squashed with this filter.
    square = decoded.image.resize((size, size), Image.Resampling.BILINEAR)
    grey = square.convert("L").resize(_HASH_SIZE, Image.Resampling.BOX)
    return Picture(
        pixels=np.asarray(square),
        thumbnail=_encode_thumbnail(decoded.image),
        width=decoded.width,
        height=decoded.height,
        perceptual_hash=perceptual_hash(np.asarray(grey)),
        file_format=decoded.file_format,
    )


def _encode_thumbnail(image: Image.Image) -> bytes:
    small = image.copy()
    # Averaging whole pixels first halves the time of the largest step after decoding.
    small.thumbnail((THUMBNAIL_SIZE, THUMBNAIL_SIZE), Image.Resampling.BICUBIC, reducing_gap=1.0)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=_THUMBNAIL_QUALITY)
    return buffer.getvalue()
