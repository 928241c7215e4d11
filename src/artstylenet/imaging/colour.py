"""Every mode of picture -> 8-bit sRGB."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

PLAIN_MODES = frozenset({"L", "RGB", "CMYK", "LAB"})
"""Modes that need no copy before they are shrunk."""

_WHITE_LEVELS = (255, 65535)
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
_PROFILE_MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab ": "LAB"}


def to_plain(image: Image.Image) -> Image.Image:
    """Turn any mode into L, RGB, CMYK or LAB, with 8 bits a channel and white behind alpha.

    The colours are still those of the picture's own profile.
    """
    if image.mode in PLAIN_MODES and not image.has_transparency_data:
        return image
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _scale_to_8_bits(image)
    if image.has_transparency_data:
        return _over_white(image)
    return image.convert("L" if image.mode == "1" else "RGB")


def to_srgb(image: Image.Image, icc_profile: bytes | None) -> Image.Image:
    """Turn a plain picture (see :func:`to_plain`) into sRGB.

    Parameters
    ----------
    image : Image
        Of mode L, RGB, CMYK or LAB.
    icc_profile : bytes or None
        The picture's profile. One that is broken, or made for another mode, is ignored:
        many files carry such profiles and every viewer shows them.
    """
    converted = None
    if icc_profile:
        converted = _apply_profile(image, icc_profile)
    if converted is None and image.mode == "LAB":
        converted = ImageCms.profileToProfile(image, _LAB, _SRGB, outputMode="RGB")
    return converted or image.convert("RGB")


def _apply_profile(image: Image.Image, icc_profile: bytes) -> Image.Image | None:
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))
        if _PROFILE_MODES.get(profile.profile.xcolor_space) != image.mode:
            return None
        return ImageCms.profileToProfile(image, profile, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _scale_to_8_bits(image: Image.Image) -> Image.Image:
    """Scale deep greys so that the level that means white becomes 255.

    16-bit pictures are white at 65535. Integer and float pictures do not say: the smallest of
    1 (floats only), 255 and 65535 that no pixel exceeds is taken, else the largest pixel.
    """
    levels = np.asarray(image)
    if image.mode == "F":
        levels = np.nan_to_num(levels, nan=0.0, posinf=0.0, neginf=0.0)
    if image.mode.startswith("I;16"):
        white = 65535.0
    else:
        largest = float(levels.max())
        candidates = (1, *_WHITE_LEVELS) if image.mode == "F" else _WHITE_LEVELS
        white = next((float(w) for w in candidates if largest <= w), largest)
    scaled = np.clip(levels * np.float32(255 / white), 0, 255)
    return Image.fromarray(np.rint(scaled).astype(np.uint8))


def _over_white(image: Image.Image) -> Image.Image:
    grey = image.mode in ("1", "L", "LA", "La")
    mode = "L" if grey else "RGB"
    # La and RGBa are premultiplied; Pillow only converts them to their straight forms.
    straight = image.convert("LA" if grey else "RGBA")
    background = Image.new(mode, image.size, "white")
    background.paste(straight.convert(mode), mask=straight.getchannel("A"))
    return background
