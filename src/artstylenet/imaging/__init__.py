"""Bytes of picture files -> RGB pixels, safely: the only door through which pictures enter."""

from __future__ import annotations

from artstylenet.imaging.decode import open_image, open_thumbnail
from artstylenet.imaging.files import content_hash, read_file
from artstylenet.imaging.picture import THUMBNAIL_SIZE, Picture, decode_picture

__all__ = [
    "THUMBNAIL_SIZE",
    "Picture",
    "content_hash",
    "decode_picture",
    "open_image",
    "open_thumbnail",
    "read_file",
]
