"""What kind of file some bytes are, by their first bytes; names of files are never trusted."""

from __future__ import annotations

import re

from artstylenet.errors import ImageError

READ = {
    "JPEG": rb"\xff\xd8\xff",
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "GIF": rb"GIF8[79]a",
    "WebP": rb"RIFF....WEBP",
    "TIFF": rb"II\*\x00(?!.{4}CR)|MM\x00\*|II\+\x00",
    "BMP": rb"BM",
    "AVIF": rb".{4}ftypavi[fs]|.{4}ftypmif1.{4}(?:.{4}){0,8}?avif",
    "JPEG 2000": rb"\x00\x00\x00\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51",
    "PNM": rb"P[1-6]\s",
}

# Told apart only to say something more useful than "not an image".
_NOT_READ = {
    "Photoshop": rb"8BPS",
    "GIMP": rb"gimp xcf",
    "PDF": rb"%PDF",
    "PostScript": rb"%!PS|\xc5\xd0\xd3\xc6",
    "HEIC": rb".{4}ftyp(?:hei[cxms]|hev[cx]|mif1|msf1)",
    "camera raw": rb"II\*\x00.{4}CR|.{4}ftypcrx|FUJIFILMCCD-RAW|IIRO|IIRS|IIU\x00",
    "JPEG XL": rb"\xff\x0a|\x00\x00\x00\x0cJXL ",
    "big-endian BigTIFF": rb"MM\x00\+",  # Pillow takes its numbers for those of a small one
    "Windows icon": rb"\x00\x00[\x01\x02]\x00",
    "DjVu": rb"AT&TFORM",
    "video": rb".{4}ftyp|\x1aE\xdf\xa3|RIFF....AVI ",
    "ZIP archive": rb"PK\x03\x04",
    "SVG": rb"(?i:\xef\xbb\xbf)?\s*(?:<\?xml.*?)?(?:<!--.*?-->\s*)?(?:<!doctype svg.*?)?<svg[\s>]",
    "web page": rb"(?i:(?:\xef\xbb\xbf)?\s*(?:<!doctype html|<html|<head|<body))",
}

_PATTERNS = [
    (name, re.compile(pattern, re.DOTALL), read)
    for table, read in ((READ, True), (_NOT_READ, False))
    for name, pattern in table.items()
]
_HEAD_BYTES = 1024


def find_format(data: bytes) -> str:
    """Return the name of the format of a picture that we read.

    Parameters
    ----------
    data : bytes
        The whole file or its beginning.

    Returns
    -------
    {"JPEG", "PNG", "GIF", "WebP", "TIFF", "BMP", "AVIF", "JPEG 2000", "PNM"}

    Raises
    ------
    ImageError
        If the file is empty, or of another format, named where it is a well-known one.
    """
    if not data:
        raise ImageError("the file is empty")
    head = data[:_HEAD_BYTES]
    for name, pattern, is_read in _PATTERNS:
        if pattern.match(head):
            if is_read:
                return name
            raise ImageError(f"unsupported format: {name}")
    raise ImageError("not a picture in a known format")
