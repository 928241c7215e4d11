"""Files that are no good pictures, each with the reason for which it has to be skipped."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

TRUNCATED = "truncated: the file ends early"
DAMAGED = "damaged: cannot be decoded"
UNKNOWN = "not a picture in a known format"


def scene(width: int = 96, height: int = 64, seed: int = 0) -> Image.Image:
    """Return a smooth coloured picture that differs from seed to seed."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def encode(image: Image.Image, file_format: str, **options: object) -> bytes:
    """Return a picture file."""
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """Return one chunk of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *, depth: int = 8, colour: int = 2, body: bytes = b"") -> bytes:
    """Return a PNG file that claims a size, whatever its body holds."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            png_chunk(b"IHDR", header),
            png_chunk(b"IDAT", zlib.compress(body)),
            png_chunk(b"IEND", b""),
        ]
    )


def with_jpeg_size(jpeg: bytes, width: int, height: int) -> bytes:
    """Return a JPEG file whose header claims another size."""
    start = next(i for i in range(len(jpeg)) if jpeg[i : i + 2] in (b"\xff\xc0", b"\xff\xc2"))
    return jpeg[: start + 5] + struct.pack(">HH", height, width) + jpeg[start + 9 :]


def bad_pictures() -> dict[str, tuple[bytes, str]]:
    """Return name -> (bytes, reason)."""
    picture = scene()
    jpeg = encode(picture, "JPEG", quality=90)
    progressive = encode(picture, "JPEG", quality=90, progressive=True)
    png_file = encode(picture, "PNG")
    gif = encode(picture, "GIF")
    tiff = encode(picture, "TIFF")
    deflated = bytearray(encode(picture, "TIFF", compression="tiff_deflate"))
    deflated[20:60] = bytes(40)
    webp = encode(picture, "WEBP", lossless=True)
    bmp = encode(picture, "BMP")
    jpeg_2000 = encode(picture, "JPEG2000")
    preview = encode(picture, "TIFF", tiffinfo={254: 1})
    gigantic = "too large: {} pixels need {} GB of memory, 1 GB allowed"
    return {
        "empty.jpg": (b"", "the file is empty"),
        "one-byte.jpg": (b"\xff", UNKNOWN),
        "text.jpg": (b"This is not a painting.\n" * 50, UNKNOWN),
        "zeros.jpg": (bytes(5000), UNKNOWN),
        "noise.jpg": (np.random.default_rng(1).bytes(5000), UNKNOWN),
        "page-not-found.jpg": (b"<!DOCTYPE html><html>404</html>", "unsupported format: web page"),
        "drawing.svg": (
            b'<?xml version="1.0"?>\n<!-- art -->\n<svg xmlns="http://www.w3.org/2000/svg"/>',
            "unsupported format: SVG",
        ),
        "layers.psd": (b"8BPS\x00\x01" + bytes(100), "unsupported format: Photoshop"),
        "camera.cr2": (b"II*\x00\x10\x00\x00\x00CR\x02\x00", "unsupported format: camera raw"),
        "camera.nef": (preview, "unsupported format: camera raw"),
        "scan.btf": (b"MM\x00+\x00\x08" + bytes(50), "unsupported format: big-endian BigTIFF"),
        "phone.heic": (b"\x00\x00\x00\x18ftypheic" + bytes(50), "unsupported format: HEIC"),
        "catalogue.pdf": (b"%PDF-1.7\n" + bytes(50), "unsupported format: PDF"),
        "plate.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "unsupported format: PostScript"),
        "clip.jpg": (b"\x00\x00\x00\x18ftypmp42" + bytes(50), "unsupported format: video"),
        "favicon.ico": (b"\x00\x00\x01\x00" + bytes(50), "unsupported format: Windows icon"),
        "archive.jpg": (b"PK\x03\x04" + bytes(50), "unsupported format: ZIP archive"),
        "truncated.jpg": (jpeg[: len(jpeg) // 2], TRUNCATED),
        "truncated-progressive.jpg": (progressive[: len(progressive) // 2], TRUNCATED),
        "last-bytes-missing.jpg": (jpeg[:-40], TRUNCATED),
        "header-only.jpg": (jpeg[:20], DAMAGED),
        "truncated.png": (png_file[: len(png_file) // 2], TRUNCATED),
        "truncated.gif": (gif[: len(gif) // 2], TRUNCATED),
        "truncated.tif": (tiff[: len(tiff) // 2], TRUNCATED),
        "damaged.tif": (bytes(deflated), DAMAGED),
        "truncated.webp": (webp[: len(webp) // 2], DAMAGED),
        "truncated.bmp": (bmp[: len(bmp) // 2], TRUNCATED),
        "truncated.jp2": (jpeg_2000[: len(jpeg_2000) // 2], DAMAGED),
        "no-pixels.png": (png(64, 64), TRUNCATED),
        "wrong-checksum.png": (png_file.replace(b"IDAT", b"IDAU", 1), DAMAGED),
        "no-size.png": (png(0, 0), DAMAGED),
        "magic-only.webp": (b"RIFF\x10\x00\x00\x00WEBPVP8L" + bytes(8), DAMAGED),
        "bomb.png": (png(60_000, 60_000), gigantic.format("60000 x 60000", "13.4")),
        "bomb-of-one-bit.png": (
            png(100_000, 100_000, depth=1, colour=0),
            gigantic.format("100000 x 100000", "93.1"),
        ),
        "bomb.gif": (
            b"GIF89a" + struct.pack("<HH", 65535, 65535) + gif[10:],
            gigantic.format("65535 x 65535", "40.0"),
        ),
        "bomb-progressive.jpg": (
            with_jpeg_size(progressive, 30_000, 30_000),
            gigantic.format("30000 x 30000", "5.1"),
        ),
    }


def write_bad_files(folder: Path) -> dict[str, str]:
    """Write all bad pictures, and what only looks like a file; return name -> reason."""
    reasons = {}
    for name, (data, reason) in bad_pictures().items():
        (folder / name).write_bytes(data)
        reasons[name] = reason
    (folder / "folder.jpg").mkdir()
    reasons["folder.jpg"] = "cannot be read: not a regular file"
    reasons["vanished.jpg"] = "cannot be read: the file is missing"
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe.jpg")
        reasons["pipe.jpg"] = "cannot be read: not a regular file"
        (folder / "link.jpg").symlink_to("link.jpg")
        reasons["link.jpg"] = "cannot be read: too many levels of symbolic links"
        (folder / "device.jpg").symlink_to("/dev/zero")
        reasons["device.jpg"] = "cannot be read: not a regular file"
    return reasons
