"""Arrays of a stranger: sizes and types are checked before memory is given to them."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from typing import IO

import numpy as np

MOST_EXPANSION = 100
"""A compressed array may be this many times as large as its file: words of paintings are ten."""

ALWAYS_ALLOWED = 64 << 20
"""Bytes that an archive may expand to, however small it is."""

PIECE = 16 << 20
"""Bytes that are read at a time."""

_KINDS = "biufU"


def load_arrays(path: Path, only: str | None = None) -> dict[str, np.ndarray]:
    """Read an ``.npz`` file, or one array of it, no larger than what is stored of them.

    Raises
    ------
    ValueError
        If an array holds Python objects, is encrypted, claims another size than its file has, or
        all of them expand to far more than the archive.
    """
    arrays = {}
    with path.open("rb") as file, zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        expanded = sum(member.file_size for member in members)
        if expanded > max(ALWAYS_ALLOWED, MOST_EXPANSION * path.stat().st_size):
            raise ValueError(f"{path.name} expands to {expanded / 1e9:.1f} GB")
        for member in members:
            name = member.filename.removesuffix(".npy")
            if only in (None, name):
                try:
                    with archive.open(member) as stored:
                        arrays[name] = _read_array(stored, member)
                # Encrypted, or compressed in a way that nobody knows.
                except RuntimeError as error:
                    raise ValueError(f"{path.name} cannot be read: {error}") from error
    if only is not None and only not in arrays:
        raise ValueError(f"{path.name} lacks {only}")
    return arrays


def _read_array(stored: IO[bytes], member: zipfile.ZipInfo) -> np.ndarray:
    version = np.lib.format.read_magic(stored)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in readers:
        raise ValueError(f"{member.filename} is of an unknown version {version}")
    shape, in_columns, kind = readers[version](stored)
    if kind.kind not in _KINDS or kind.hasobject:
        raise ValueError(f"{member.filename} holds {kind}")
    n_bytes = math.prod(shape) * kind.itemsize
    if min(shape, default=0) < 0 or n_bytes != member.file_size - stored.tell():
        raise ValueError(f"{member.filename} is not of the size that it claims")
    # Memory that nothing is written to is not taken, so the size may be claimed before it is read.
    data = np.empty(n_bytes, np.uint8)
    done = 0
    while done < n_bytes:
        piece = stored.read(min(PIECE, n_bytes - done))
        if not piece:
            raise ValueError(f"{member.filename} is cut off")
        data[done : done + len(piece)] = np.frombuffer(piece, np.uint8)
        done += len(piece)
    # What follows the last byte is the end of the member, where its checksum is compared.
    stored.read(1)
    return np.frombuffer(data, kind).reshape(shape, order="F" if in_columns else "C")
