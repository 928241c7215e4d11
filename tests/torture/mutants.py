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

LARGEST = 1 << 18
"""Bytes of a mutant: stretching pieces again and again would fill the memory, and test no more."""

INTERESTING = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def mutants(number: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield names and bytes of damaged files, formats in turn."""
    originals = list(healthy_files())
    for i in range(number):
        name, data = originals[i % len(originals)]
        rng = random.Random(f"{seed} {i}")
        for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
            data = mutate(data, name, rng)[:LARGEST]
        yield f"{i:05d}-{name}.jpg", data


def healthy_files() -> Iterator[tuple[str, bytes]]:
    """Yield small files of every format and flavour that is read."""
    yield from written_by_pillow()
    yield from written_by_hand()


def written_by_hand() -> Iterator[tuple[str, bytes]]:
    """Yield flavours that Pillow reads and does not write."""
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    yield "tiff-little", tiff_file(pixels, "<")
    yield "tiff-endian", tiff_file(pixels, ">")
    yield "tiff-big", tiff_file(pixels, "<", is_big=True)
    grey = pixels[..., 0]
    bits, greys, colours = (
        " ".join(str(value) for value in values.ravel()).encode()
        for values in (grey // 128, grey, pixels)
    )
    yield "ppm-plain-bits", b"P1\n30 20\n" + bits
    yield "ppm-plain-grey", b"P2\n30 20\n255\n" + greys
    yield "ppm-plain-colour", b"P3\n# by hand\n30 20\n255\n" + colours
    # Runs of equal pixels, an end of line each, an end of picture.
    rows = b"".join(bytes((30, 7 * row % 256, 0, 0)) for row in range(20)) + b"\x00\x01"
    palette = rng.bytes(1024)
    header = struct.pack("<IiiHHIIiiII", 40, 30, 20, 1, 8, 1, len(rows), 2835, 2835, 256, 0)
    start = 14 + len(header) + len(palette)
    front = b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start)
    yield "bmp-runs", front + header + palette + rows


def tiff_file(pixels: np.ndarray, order: str, *, is_big: bool = False) -> bytes:
    """Return a TIFF of one strip, in either byte order, with offsets of 4 or 8 bytes."""
    height, width, _ = pixels.shape
    offset = 16 if is_big else 8
    body = pixels.tobytes()
    directory = offset + len(body)
    entries = [(256, 3, width), (257, 3, height), (258, 3, 8), (259, 3, 1), (262, 3, 2),
               (273, 4, offset), (277, 3, 3), (278, 3, height), (279, 4, len(body))]  # fmt: skip
    word = "Q" if is_big else "I"
    front = b"II" if order == "<" else b"MM"
    front += struct.pack(order + ("HHHQ" if is_big else "HI"), *((43, 8, 0) if is_big else (42,)),
                         directory)  # fmt: skip
    listed = struct.pack(order + ("Q" if is_big else "H"), len(entries))
    for tag, kind, value in entries:
        packed = struct.pack(order + {3: "H", 4: "I"}[kind], value)
        listed += struct.pack(order + "HH" + word, tag, kind, 1)
        listed += packed.ljust(8 if is_big else 4, b"\x00")
    return front + body + listed + struct.pack(order + word, 0)


def written_by_pillow() -> Iterator[tuple[str, bytes]]:
    """Yield flavours that Pillow writes."""
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
        ("jpeg-restarts", "JPEG", picture, {"restart_marker_blocks": 2}),
        ("png", "PNG", picture, {}),
        ("png-frames", "PNG", picture, {"save_all": True, "append_images": [picture.rotate(9)]}),
        ("png-grey-alpha", "PNG", picture.convert("LA"), {}),
        ("png-palette", "PNG", picture.convert("P"), {"transparency": 3}),
        ("png-alpha", "PNG", picture.convert("RGBA"), {}),
        ("png-16", "PNG", Image.fromarray(rng.integers(0, 65536, (20, 20), dtype=np.uint16)), {}),
        ("gif", "GIF", picture.convert("P"), {}),
        ("gif-frames", "GIF", picture, {"save_all": True, "append_images": [picture.rotate(9)]}),
        ("webp", "WEBP", picture, {}),
        ("webp-lossless", "WEBP", picture.convert("RGBA"), {"lossless": True}),
        ("webp-frames", "WEBP", picture, {"save_all": True, "append_images": [picture.rotate(9)]}),
        ("tiff", "TIFF", picture, {}),
        ("tiff-fax", "TIFF", picture.convert("1"), {"compression": "group4"}),
        ("tiff-cmyk", "TIFF", picture.convert("CMYK"), {"compression": "packbits"}),
        ("tiff-float", "TIFF", picture.convert("F"), {}),
        ("tiff-lab", "TIFF", picture.convert("LAB"), {}),
        ("tiff-lzw", "TIFF", picture, {"compression": "tiff_lzw"}),
        ("tiff-jpeg", "TIFF", picture, {"compression": "jpeg"}),
        ("tiff-deflate", "TIFF", picture.convert("RGBA"), {"compression": "tiff_deflate"}),
        ("bmp", "BMP", picture, {}),
        ("bmp-palette", "BMP", picture.convert("P"), {}),
        ("jp2", "JPEG2000", picture, {}),
        ("j2k", "JPEG2000", picture, {"no_jp2": True, "irreversible": True}),
        ("ppm", "PPM", picture, {}),
        ("ppm-bits", "PPM", picture.convert("1"), {}),
        ("ppm-grey", "PPM", picture.convert("L"), {}),
    ]
    if features.check("avif"):
        flavours.append(("avif", "AVIF", picture, {"speed": 10}))
        frames = {"save_all": True, "append_images": [picture.rotate(9)], "speed": 10}
        flavours.append(("avif-frames", "AVIF", picture, frames))
    for name, file_format, image, options in flavours:
        buffer = io.BytesIO()
        image.save(buffer, file_format, **options)
        yield name, without_times(buffer.getvalue())


def without_times(data: bytes) -> bytes:
    """Return a film without the times at which it was made: the same file on every day."""
    changed = bytearray(data)
    for box in (b"mvhd\x01", b"tkhd\x01", b"mdhd\x01"):
        place = data.find(box)
        if place >= 0:
            changed[place + 8 : place + 24] = bytes(16)
    return bytes(changed)


def mutate(data: bytes, name: str, rng: random.Random) -> bytes:
    """Return the file with one thing changed."""
    general: list[Callable[[bytes, random.Random], bytes]] = [flip, cut, overwrite, splice]
    kind = name.split("-")[0]
    if rng.random() < 0.65:
        try:
            if kind in ("bmp", "ppm") or (kind in ("tiff", "gif") and rng.random() < 0.3):
                return header_number(data, rng)
            if kind == "tiff":
                return tiff_entry(data, rng)
            take_apart, put_together = STRUCTURES[kind]
            return put_together(change_pieces(take_apart(data), rng))
        # What was damaged before may no longer come apart.
        except (struct.error, IndexError, ValueError, OverflowError):
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
            times = min(rng.choice((2, 100, 2000)), 1 + LARGEST // (len(body) + 1))
            pieces[i] = (kind, body * times)
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


def tiff_entry(data: bytes, rng: random.Random) -> bytes:
    """Change tag, type, count or value of an entry of the first directory."""
    order = "<" if data[:2] == b"II" else ">"
    is_big = struct.unpack_from(order + "H", data, 2)[0] == 43
    start = struct.unpack_from(order + ("Q" if is_big else "I"), data, 8 if is_big else 4)[0]
    n = struct.unpack_from(order + ("Q" if is_big else "H"), data, start)[0]
    size = 20 if is_big else 12
    entry = start + (8 if is_big else 2) + size * rng.randrange(min(n, 100))
    wide = "Q" if is_big else "I"
    offset, code = rng.choice(((0, "H"), (2, "H"), (4, wide), (size - len(wide) * 4, "I")))
    if offset == 0:
        # Another tag that libtiff knows: strips become tiles, compressions change.
        value = rng.choice((254, 256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 317, 320,
                            322, 323, 324, 325, 330, 338, 339, 347, 530, 34665, 34675))  # fmt: skip
    else:
        value = rng.choice((*INTERESTING, rng.randrange(20), 32773, 34712, 50000))
    changed = bytearray(data)
    mask = (1 << 8 * struct.calcsize(code)) - 1
    struct.pack_into(order + code, changed, entry + offset, value & mask)
    return bytes(changed)


def gif_pieces(data: bytes) -> list[Piece]:
    """Take a GIF apart into its screen, its extensions, its frames and its end."""
    table = 3 << ((data[10] & 7) + 1) if data[10] & 0x80 else 0
    place = 13 + table
    pieces = [(b"", data[:place])]
    while place < len(data):
        start = place
        if data[place] == 0x21:
            place += 2
        elif data[place] == 0x2C:
            flags = data[place + 9]
            place += 11 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
        else:
            break
        while data[place]:
            place += 1 + data[place]
        place += 1
        pieces.append((b"", data[start:place]))
    return [*pieces, (b"", data[place:])]


def gif_file(pieces: list[Piece]) -> bytes:
    return b"".join(body for _, body in pieces)


def jpeg_pieces(data: bytes) -> list[Piece]:
    """Take a JPEG, or a code stream of JPEG 2000, apart into segments; scans stay whole."""
    pieces, place = [(b"", data[:2])], 2
    while place < len(data) - 4 and data[place] == 0xFF and data[place + 1] not in (0xDA, 0x93):
        length = struct.unpack_from(">H", data, place + 2)[0]
        pieces.append((data[place : place + 2], data[place + 4 : place + 2 + length]))
        place += 2 + length
    return [*pieces, (b"", data[place:])]


def jpeg_file(pieces: list[Piece]) -> bytes:
    return b"".join(
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
    "j2k": (jpeg_pieces, jpeg_file),
    "gif": (gif_pieces, gif_file),
    "png": (png_pieces, png_file),
    "webp": (riff_pieces, riff_file),
    "jp2": (box_pieces, box_file),
    "avif": (box_pieces, box_file),
}
