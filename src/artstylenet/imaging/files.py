"""Reading picture files that may be anything, and naming them by their content."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from artstylenet.errors import ImageError

MAX_FILE_BYTES = 1 << 30


def read_file(path: Path) -> bytes:
    """Return the bytes of a regular file.

    Parameters
    ----------
    path : Path

    Raises
    ------
    ImageError
        If the file is missing, unreadable, not a regular file, or larger than 1 GB.

    Notes
    -----
    The kind of file is asked of the open descriptor, not of the path, so that it cannot change
    in between; opening without blocking keeps a named pipe from waiting for a writer for ever.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            is_regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            # One byte more than allowed: the size told by the file system may be wrong.
            data = file.read(MAX_FILE_BYTES + 1) if is_regular else b""
    except FileNotFoundError as error:
        raise ImageError("cannot be read: the file is missing") from error
    except PermissionError as error:
        raise ImageError("cannot be read: permission denied") from error
    except (IsADirectoryError, NotADirectoryError) as error:
        raise ImageError("cannot be read: not a regular file") from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        detail = getattr(error, "strerror", None) or "not a possible path"
        raise ImageError(f"cannot be read: {detail.lower()}") from error
    if not is_regular:
        raise ImageError("cannot be read: not a regular file")
    if len(data) > MAX_FILE_BYTES:
        raise ImageError(f"too large: more than {MAX_FILE_BYTES >> 30} GB")
    return data


def content_hash(data: bytes) -> str:
    """Return the SHA-256 of a file's bytes, 64 hexadecimal digits; ``sha256sum`` gives the same."""
    return hashlib.sha256(data).hexdigest()
