"""Decoding within bounds: nothing larger than needed, nothing that does not fit in memory."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
    features,
)

from artstylenet.errors import ImageError
from artstylenet.imaging.colour import PLAIN_MODES, to_plain, to_srgb
from artstylenet.imaging.formats import find_format

DECODE_MEMORY = 1 << 30
"""Bytes that decoding one picture may need, as reckoned from its header."""

LARGEST_THUMBNAIL = 1024
"""Pixels of the longer side of what is taken for a thumbnail; ours have 320."""

# The decoders are named one by one instead of using Image.open, which would also try formats
# that start other programs (PostScript), and whose own bomb limit is a global of the process.
_READERS: dict[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "WebP": WebPImagePlugin.WebPImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "JPEG 2000": Jpeg2KImagePlugin.Jpeg2KImageFile,
    "PNM": PpmImagePlugin.PpmImageFile,
}
if features.check("avif"):  # new in Pillow 11.3
    from PIL import AvifImagePlugin

    _READERS["AVIF"] = AvifImagePlugin.AvifImageFile

# Bytes a pixel that decoders hold beside Pillow's own picture.
_DECODER_BYTES = {"WebP": 4, "AVIF": 8, "JPEG 2000": 16, "TIFF": 4}
_PROGRESSIVE_BYTES = 6  # all coefficients of all scans, whatever size is asked for
_SMALL_MODES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}
_CONVERSION_BYTES = 9  # an RGBA copy, a white background and a mask

_EXIF_ORIENTATION = 0x0112
_TIFF_SUBFILE_TYPE = 254
_REDUCED_RESOLUTION = 1
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, eq=False)
class Decoded:
    """A picture the right way up.

    Attributes
    ----------
    image : Image
        Of mode RGB, in sRGB.
    width, height : int
        Pixels of the original the right way up; `image` may be smaller.
    file_format : str
        Such as ``JPEG``.
    """

    image: Image.Image
    width: int
    height: int
    file_format: str


def open_image(data: bytes, longest: int | None = None) -> Image.Image:
    """Return a picture the right way up, in sRGB.

    Parameters
    ----------
    data : bytes
        The whole file.
    longest : int or None, default=None
        Longer side of the result in pixels; smaller pictures are not enlarged. None keeps the
        size of the original.

    Returns
    -------
    Image
        Of mode RGB; first frame or page, white where transparent.

    Raises
    ------
    ImageError
        If the file is no picture that can be read whole within bounds.
    """
    if longest is None:
        return decode(data).image
    image = decode(data, longest=2 * longest).image
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=None)
    return image


def open_thumbnail(data: bytes) -> JpegImagePlugin.JpegImageFile:
    """Open a thumbnail of an atlas, which a stranger may have made: a small JPEG, nothing else.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    JpegImageFile
        Its size is known, its pixels are decoded when they are first asked for.

    Raises
    ------
    ImageError
        If it is of another format (the decoders of some start other programs), cannot be read, or
        is larger than any thumbnail.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = JpegImagePlugin.JpegImageFile(io.BytesIO(data))
        except Exception as error:
            raise ImageError("The atlas holds a thumbnail that is no JPEG.") from error
    if max(image.size) > LARGEST_THUMBNAIL:
        raise ImageError(f"The atlas holds a thumbnail of {image.width} x {image.height} pixels.")
    return image


def decode(data: bytes, *, shortest: int | None = None, longest: int | None = None) -> Decoded:
    """Decode a picture, at a fraction of its size where that is enough.

    Parameters
    ----------
    data : bytes
        The whole file.
    shortest, longest : int or None, default=None
        The shorter and the longer side that the caller needs, pixels. The result is the original
        divided by a whole number, not below either; None and None keep the size.

    Raises
    ------
    ImageError
        If the file is no picture that can be read whole within bounds.
    """
    file_format = find_format(data)
    if file_format not in _READERS:
        raise ImageError(f"unsupported format: {file_format}")
    # Pillow warns about odd metadata; such pictures are shown by every viewer.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _decode(data, file_format, shortest, longest)
        except ImageError:
            raise
        except MemoryError as error:
            raise ImageError("too large: decoding ran out of memory") from error
        # Damaged files make decoders raise nearly anything: OSError, SyntaxError, KeyError, ...
        except Exception as error:
            raise ImageError(_describe(error)) from error


def _decode(data: bytes, file_format: str, shortest: int | None, longest: int | None) -> Decoded:
    image: Image.Image = _READERS[file_format](io.BytesIO(data))
    if file_format == "TIFF" and _is_preview(image):
        # A camera's raw file is a TIFF whose first page is a preview of 160 pixels.
        raise ImageError("unsupported format: camera raw")
    width, height = image.size
    factor = _shrink_factor((width, height), shortest, longest)
    _refuse_bomb(image, file_format, factor)
    if factor > 1 and file_format == "JPEG":
        # The nearest power of two below; the size asked for is never undercut.
        image.draft(image.mode, (width // factor, height // factor))
    icc_profile = image.info.get("icc_profile")
    image.load()
    # Asked for after loading, because Pillow turns some formats itself.
    orientation = _orientation(image)
    image = to_plain(image)
    factor = _shrink_factor(image.size, shortest, longest)
    if factor > 1:
        image = image.reduce(factor)
    image = to_srgb(image, icc_profile)
    if orientation in _TURNS:
        image = image.transpose(_TURNS[orientation])
    if orientation >= 5:
        width, height = height, width
    return Decoded(image, width, height, file_format)


def _shrink_factor(size: tuple[int, int], shortest: int | None, longest: int | None) -> int:
    """Return the largest whole number by which both sides may be divided."""
    factors = []
    if shortest is not None:
        factors.append(min(size) // shortest)
    if longest is not None:
        factors.append(max(size) // longest)
    # Very long and thin pictures must not lose their shorter side.
    return max(1, min([*factors, min(size)])) if factors else 1


def _refuse_bomb(image: Image.Image, file_format: str, factor: int) -> None:
    """Reckon from the header what decoding will need, and refuse what is too much."""
    width, height = image.size
    n_pixels = width * height
    needed = n_pixels * (
        _SMALL_MODES.get(image.mode, 4)
        + _DECODER_BYTES.get(file_format, 0)
        + (0 if image.mode in PLAIN_MODES else _CONVERSION_BYTES)
    )
    if file_format == "JPEG":
        draft = next(scale for scale in (8, 4, 2, 1) if scale <= factor)
        needed //= draft**2
        if image.info.get("progressive"):
            needed += n_pixels * _PROGRESSIVE_BYTES
    if needed > DECODE_MEMORY:
        raise ImageError(
            f"too large: {width} x {height} pixels need {needed / 2**30:.1f} GB of memory, "
            f"{DECODE_MEMORY / 2**30:.0f} GB allowed"
        )


def _is_preview(image: Image.Image) -> bool:
    assert isinstance(image, TiffImagePlugin.TiffImageFile)
    kind = image.tag_v2.get(_TIFF_SUBFILE_TYPE, 0)
    return isinstance(kind, int) and bool(kind & _REDUCED_RESOLUTION)


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 if there is none or it is nonsense."""
    try:
        orientation = image.getexif().get(_EXIF_ORIENTATION, 1)
    # Metadata is parsed late and may be damaged in any way; the pixels are already whole.
    except Exception:  # noqa: BLE001
        return 1
    return orientation if orientation in _TURNS else 1


def _describe(error: Exception) -> str:
    text = str(error).lower()
    if isinstance(error, EOFError) or "truncated" in text or "unexpected end" in text:
        return "truncated: the file ends early"
    return "damaged: cannot be decoded"
