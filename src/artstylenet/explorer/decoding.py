"""A process that decodes one picture: file in, arrays out. See :mod:`artstylenet.explorer.uploads`.

Exit code 0 with an npz file on standard output, or 3 with the reason in words.
"""

from __future__ import annotations

import io
import sys

import numpy as np

from artstylenet.errors import ImageError
from artstylenet.imaging import decode_picture

UNREADABLE = 3


def main() -> int:
    """Decode the file on standard input."""
    try:
        picture = decode_picture(sys.stdin.buffer.read(), int(sys.argv[1]))
    except ImageError as error:
        sys.stdout.write(str(error))
        return UNREADABLE
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
