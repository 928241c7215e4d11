"""Damaged pictures by the structure of their formats: seeded, the same on every machine.

Flipping any byte mostly breaks a checksum or a marker and gets no further than the first look. So
files are taken apart into what their format is made of, pieces are changed, doubled, dropped and
swapped, and checksums made right again.
"""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image, features

Piece = tuple[bytes, bytes]
"""Kind and body of a segment, chunk or box."""

INTERESTING = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def mutants(number: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield names and bytes of damaged files, formats in turn."""
    originals = list(healthy_files())
    for i in range(number):
        name, data = originals[i % len(originals)]
        rng = random.Random(f"{seed} {i}")
        for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
            data = mutate(data, name, rng)
        yield f"{i:05d}-{name}.jpg", data


def healthy_files() -> Iterator[tuple[str, bytes]]:
    """Yield small files of every format and flavour that is read."""
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (5, 6, 3), dtype=np.uint8))
    picture = coarse.resize((60, 44), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[0x0112] = 6
    flavours = [
        ("jpeg", "JPEG", picture, {"quality": 85, "exif": exif.tobytes()}),
        ("jpeg-progressive", "JPEG", picture, {"progressive": True}),
        ("jpeg-grey", "JPEG", picture.convert("L"), {}),
        ("jpeg-cmyk", "JPEG", picture.convert("CMYK"), {}),
        ("png", "PNG", picture, {}),
        ("png-palette", "PNG", picture.convert("P"), {"transparency": 3}),
        ("png-alpha", "PNG", picture.convert("RGBA"), {}),
        ("png-16", "PNG", Image.fromarray(rng.integers(0, 65536, (20, 20), dtype=np.uint16)), {}),
        ("gif", "GIF", picture.convert("P"), {}),
        ("gif-frames", "GIF", picture, {"save_all": True, "append_images": [picture.rotate(9)]}),
        ("webp", "WEBP", picture, {}),
        ("webp-lossless", "WEBP", picture.convert("RGBA"), {"lossless": True}),
        ("tiff", "TIFF", picture, {}),
        ("tiff-lzw", "TIFF", picture, {"compression": "tiff_lzw"}),
        ("tiff-jpeg", "TIFF", picture, {"compression": "jpeg"}),
        ("tiff-deflate", "TIFF", picture.convert("RGBA"), {"compression": "tiff_deflate"}),
        ("bmp", "BMP", picture, {}),
        ("bmp-palette", "BMP", picture.convert("P"), {}),
        ("jp2", "JPEG2000", picture, {}),
        ("ppm", "PPM", picture, {}),
        ("pgm", "PPM", picture.convert("L"), {}),
    ]
    if features.check("avif"):
        flavours.append(("avif", "AVIF", picture, {}))
    for name, file_format, image, options in flavours:
        buffer = io.BytesIO()
        image.save(buffer, file_format, **options)
        yield name, buffer.getvalue()


def mutate(data: bytes, name: str, rng: random.Random) -> bytes:
    """Return the file with one thing changed."""
    general: list[Callable[[bytes, random.Random], bytes]] = [flip, cut, overwrite, splice]
    kind = name.split("-")[0]
    if rng.random() < 0.65:
        try:
            if kind in ("tiff", "bmp", "ppm", "pgm", "gif"):
                return header_number(data, rng)
            take_apart, put_together = STRUCTURES[kind]
            return put_together(change_pieces(take_apart(data), rng))
        # What was damaged before may no longer come apart.
        except (struct.error, IndexError, ValueError):
            pass
    return rng.choice(general)(data, rng)


def change_pieces(pieces: list[Piece], rng: random.Random) -> list[Piece]:
    """Change, drop, double, swap or stretch pieces."""
    pieces = list(pieces)
    i = rng.randrange(len(pieces))
    kind, body = pieces[i]
    match rng.randrange(7):
        case 0:
            del pieces[i]
        case 1:
            pieces.insert(i, pieces[i])
        case 2:
            j = rng.randrange(len(pieces))
            pieces[i], pieces[j] = pieces[j], pieces[i]
        case 3:
            pieces[i] = (kind, flip(body, rng))
        case 4:
            pieces[i] = (kind, header_number(body, rng))
        case 5:
            pieces[i] = (kind, cut(body, rng))
        case _:
            pieces[i] = (kind, body * rng.choice((2, 100, 2000)))
    return pieces


def flip(data: bytes, rng: random.Random) -> bytes:
    if not data:
        return b"\xff"
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 4, 32))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def overwrite(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data) + 1)
    length = rng.choice((1, 2, 4, 64, 1024))
    filling = rng.choice((b"\x00", b"\xff", bytes([rng.randrange(256)])))
    return data[:start] + filling * length + data[start + length :]


def splice(data: bytes, rng: random.Random) -> bytes:
    a, b = rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)
    return data[:a] + data[b:]


def header_number(data: bytes, rng: random.Random) -> bytes:
    """Put an interesting number somewhere, mostly near the beginning."""
    if len(data) < 4:
        return flip(data, rng)
    reach = min(len(data), rng.choice((32, 200, len(data))))
    size, code = rng.choice(((1, "B"), (2, "H"), (4, "I")))
    value = rng.choice(INTERESTING) & (256**size - 1)
    start = rng.randrange(max(1, reach - size + 1))
    packed = struct.pack(rng.choice("<>") + code, value)
    return data[:start] + packed + data[start + size :]


def jpeg_pieces(data: bytes) -> list[Piece]:
    pieces, place = [], 2
    while place < len(data) - 4 and data[place] == 0xFF and data[place + 1] != 0xDA:
        length = struct.unpack_from(">H", data, place + 2)[0]
        pieces.append((data[place : place + 2], data[place + 4 : place + 2 + length]))
        place += 2 + length
    return [*pieces, (b"", data[place:])]


def jpeg_file(pieces: list[Piece]) -> bytes:
    return b"\xff\xd8" + b"".join(
        kind + struct.pack(">H", (len(body) + 2) & 0xFFFF) + body if kind else body
        for kind, body in pieces
    )


def png_pieces(data: bytes) -> list[Piece]:
    pieces, place = [], 8
    while place < len(data):
        length = struct.unpack_from(">I", data, place)[0]
        pieces.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + length]))
        place += 12 + length
    return pieces


def png_file(pieces: list[Piece]) -> bytes:
    chunks = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in pieces
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def riff_pieces(data: bytes) -> list[Piece]:
    pieces, place = [], 12
    while place < len(data):
        length = struct.unpack_from("<I", data, place + 4)[0]
        pieces.append((data[place : place + 4], data[place + 8 : place + 8 + length]))
        place += 8 + length + length % 2
    return pieces


def riff_file(pieces: list[Piece]) -> bytes:
    chunks = b"".join(
        kind + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) % 2)
        for kind, body in pieces
    )
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def box_pieces(data: bytes) -> list[Piece]:
    pieces, place = [], 0
    while place < len(data):
        length = struct.unpack_from(">I", data, place)[0] or len(data) - place
        if length < 8:
            raise ValueError("not a box")
        pieces.append((data[place + 4 : place + 8], data[place + 8 : place + length]))
        place += length
    return pieces


def box_file(pieces: list[Piece]) -> bytes:
    return b"".join(struct.pack(">I", len(body) + 8) + kind + body for kind, body in pieces)


STRUCTURES = {
    "jpeg": (jpeg_pieces, jpeg_file),
    "png": (png_pieces, png_file),
    "webp": (riff_pieces, riff_file),
    "jp2": (box_pieces, box_file),
    "avif": (box_pieces, box_file),
}
