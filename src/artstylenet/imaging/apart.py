"""Decoding a stranger's picture in a process of its own, which can be ended.

The process runs this very module: file on standard input, arrays on standard output, or exit code
3 with the reason in words.
"""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np

from artstylenet.errors import ImageError
from artstylenet.imaging.picture import decode_picture

SECONDS = 20.0
_UNREADABLE = 3


def decode_apart(data: bytes, size: int, seconds: float = SECONDS) -> dict[str, np.ndarray]:
    """Decode a picture in a process of its own.

    Parameters
    ----------
    data : bytes
        The whole file.
    size : int
        Side of the network's input, pixels.
    seconds : float, default=20
        After this time the picture is given up.

    Returns
    -------
    dict of str to ndarray
        ``pixels`` of shape (size, size, 3), ``thumbnail`` (bytes of a JPEG) and ``size`` (width,
        height); see :class:`artstylenet.imaging.Picture`.

    Raises
    ------
    ImageError
        With the reason.
    """
    command = [sys.executable, "-m", "artstylenet.imaging.apart", str(size)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise ImageError(f"took more than {seconds:g} seconds to decode") from error
    if done.returncode == 0:
        with np.load(io.BytesIO(done.stdout), allow_pickle=False) as arrays:
            return dict(arrays)
    reason = done.stdout.decode("utf-8", errors="replace")
    raise ImageError(reason or "the decoder crashed")


def main() -> int:
    """Decode the file on standard input."""
    try:
        picture = decode_picture(sys.stdin.buffer.read(), int(sys.argv[1]))
    except ImageError as error:
        sys.stdout.write(str(error))
        return _UNREADABLE
    arrays = io.BytesIO()
    np.savez(
        arrays,
        pixels=picture.pixels,
        thumbnail=np.frombuffer(picture.thumbnail, np.uint8),
        size=np.array([picture.width, picture.height]),
    )
    sys.stdout.buffer.write(arrays.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main())
