from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin, features

from artstylenet.errors import ImageError
from artstylenet.imaging import (
    THUMBNAIL_SIZE,
    content_hash,
    decode_picture,
    open_image,
    read_file,
)
from artstylenet.imaging import perceptual_hash as hashing
from artstylenet.imaging.perceptual_hash import perceptual_hash
from tests.bad_images import encode, scene

SCENE = scene()
TURNED_BACK = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def largest_difference(image: Image.Image, expected: Image.Image) -> int:
    """Largest difference of two RGB pictures in any channel."""
    assert image.mode == expected.mode == "RGB"
    assert image.size == expected.size
    return int(np.abs(np.asarray(image, int) - np.asarray(expected, int)).max())


def squash(image: Image.Image, size: int) -> np.ndarray:
    """The network's input as the training made it: from the whole picture."""
    square = image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(square, int)


@pytest.mark.parametrize("file_format", ["PNG", "BMP", "TIFF", "PPM", "GIF", "WEBP", "JPEG2000"])
def test_lossless_formats_keep_every_pixel(file_format: str) -> None:
    exact = SCENE.quantize(64).convert("RGB")
    source = exact.quantize(64) if file_format == "GIF" else exact
    options = {"lossless": True} if file_format == "WEBP" else {}
    decoded = open_image(encode(source, file_format, **options))
    assert largest_difference(decoded, exact) == 0


@pytest.mark.parametrize("file_format", ["JPEG", "AVIF"])
def test_lossy_formats_are_close(file_format: str) -> None:
    if file_format == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    decoded = open_image(encode(SCENE, file_format, quality=95))
    assert largest_difference(decoded, SCENE) < 25


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", sorted(TURNED_BACK))
def test_pictures_stand_upright(file_format: str, orientation: int) -> None:
    turn = TURNED_BACK[orientation]
    stored = SCENE if turn is None else SCENE.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(stored, file_format, exif=exif, quality=98)
    assert largest_difference(open_image(data), SCENE) < 25
    picture = decode_picture(data, 32)
    assert (picture.width, picture.height) == SCENE.size
    assert np.abs(picture.pixels - squash(SCENE, 32)).mean() < 3


def test_nonsense_orientation_is_ignored() -> None:
    exif = Image.Exif()
    exif[0x0112] = 77
    assert open_image(encode(SCENE, "JPEG", exif=exif)).size == SCENE.size
    data = encode(SCENE, "JPEG", exif=b"Exif\x00\x00" + bytes(range(60)))
    assert open_image(data).size == SCENE.size


def test_cmyk_is_converted() -> None:
    cmyk = SCENE.convert("CMYK")
    exact = cmyk.convert("RGB")
    assert largest_difference(open_image(encode(cmyk, "TIFF")), exact) == 0
    # Pillow writes CMYK JPEGs as Adobe does: inverted.
    jpeg = encode(cmyk, "JPEG", quality=98, subsampling=0)
    assert b"Adobe" in jpeg[:200]
    assert largest_difference(open_image(jpeg), exact) < 25


def test_grey_of_16_bits_is_scaled_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    for file_format in ("PNG", "TIFF"):
        decoded = open_image(encode(Image.fromarray(ramp), file_format))
        np.testing.assert_allclose(np.asarray(decoded)[..., 0], ramp / 257, atol=0.51)


@pytest.mark.parametrize("white", [255, 65535, 200_000])
def test_integer_greys_are_scaled_to_their_white(white: int) -> None:
    ramp = np.linspace(0, white, 64 * 64).reshape(64, 64).round().astype(np.int32)
    decoded = open_image(encode(Image.fromarray(ramp), "TIFF"))
    np.testing.assert_allclose(np.asarray(decoded)[..., 1], ramp * (255 / white), atol=0.6)


@pytest.mark.parametrize("white", [1.0, 255.0, 65535.0, 1e6])
def test_float_greys_are_scaled_to_their_white(white: float) -> None:
    ramp = np.linspace(0, white, 64 * 64, dtype=np.float32).reshape(64, 64)
    expected = ramp * (255 / white)
    ramp[0, :3] = np.nan, np.inf, -5
    expected[0, :3] = 0
    decoded = open_image(encode(Image.fromarray(ramp), "TIFF"))
    np.testing.assert_allclose(np.asarray(decoded)[..., 2], expected, atol=0.6)


def test_one_bit_pictures() -> None:
    checks = np.indices((40, 40)).sum(axis=0) % 2 == 0
    decoded = open_image(encode(Image.fromarray(checks), "PNG"))
    np.testing.assert_array_equal(np.asarray(decoded)[..., 0], np.where(checks, 255, 0))


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "WEBP"])
def test_alpha_lies_over_white(mode: str, file_format: str) -> None:
    picture = SCENE.convert(mode)
    alpha = Image.linear_gradient("L").resize(SCENE.size)
    picture.putalpha(alpha)
    options = {"lossless": True, "exact": True} if file_format == "WEBP" else {}
    decoded = open_image(encode(picture, file_format, **options))
    colours = np.asarray(picture.convert("RGBA"), float)
    share = colours[..., 3:] / 255
    expected = colours[..., :3] * share + 255 * (1 - share)
    np.testing.assert_allclose(np.asarray(decoded), expected, atol=1)


def test_transparent_palettes_and_colour_keys_lie_over_white() -> None:
    palette = Image.new("P", (40, 40), 0)
    palette.putpalette([0, 0, 0, 200, 30, 40])
    palette.paste(1, (0, 0, 20, 40))
    expected = Image.new("RGB", (40, 40), "white")
    expected.paste((200, 30, 40), (0, 0, 20, 40))
    for file_format in ("PNG", "GIF"):
        data = encode(palette, file_format, transparency=0)
        assert largest_difference(open_image(data), expected) == 0
    key = encode(palette.convert("RGB"), "PNG", transparency=(0, 0, 0))
    assert largest_difference(open_image(key), expected) == 0


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG", "TIFF", "AVIF"])
def test_the_first_frame_speaks_for_an_animation(file_format: str) -> None:
    if file_format == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue", "lime")]
    data = encode(frames[0], file_format, save_all=True, append_images=frames[1:])
    red, _, blue = np.asarray(open_image(data)).mean(axis=(0, 1))
    assert red > 250
    assert blue < 5


def test_lab_pictures() -> None:
    lab = Image.new("LAB", (40, 40), (int(53.24 * 2.55), 80 + 128, 67 + 128))
    # The Lab coordinates of pure red under D65; the profile connection space is D50.
    decoded = np.asarray(open_image(encode(lab, "TIFF")))[0, 0]
    assert decoded[0] > 235
    assert max(decoded[1:]) < 60


def wide_gamut_profile() -> bytes:
    """Return Pillow's sRGB profile with the green primary moved, as Adobe RGB has it."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(profile[128:132], "big")
    for i in range(count):
        entry = 132 + 12 * i
        if profile[entry : entry + 4] == b"gXYZ":
            start = int.from_bytes(profile[entry + 4 : entry + 8], "big")
            for k, value in enumerate((0.20528, 0.62567, 0.06087)):
                place = start + 8 + 4 * k
                profile[place : place + 4] = round(value * 65536).to_bytes(4, "big")
    return bytes(profile)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_colours_are_converted_to_srgb(file_format: str) -> None:
    profile = wide_gamut_profile()
    green = Image.new("RGB", (64, 64), (60, 180, 60))
    wide = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    expected = ImageCms.profileToProfile(green, wide, ImageCms.createProfile("sRGB"))
    assert np.abs(np.asarray(expected, int) - np.asarray(green, int)).max() > 15
    data = encode(green, file_format, icc_profile=profile, quality=98)
    assert largest_difference(open_image(data), expected) <= 6


def test_broken_and_foreign_profiles_are_ignored() -> None:
    whole = wide_gamut_profile()
    for profile in (b"not a profile", whole[:200], whole[:16] + b"CMYK" + whole[20:]):
        decoded = open_image(encode(SCENE, "PNG", icc_profile=profile))
        assert largest_difference(decoded, SCENE) == 0


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_large_jpegs_are_decoded_small_and_look_the_same(mode: str, progressive: bool) -> None:
    large = scene(1900, 1430, seed=3).convert(mode)
    data = encode(large, "JPEG", quality=92, progressive=progressive)
    picture = decode_picture(data, 224)
    assert (picture.width, picture.height) == (1900, 1430)
    with Image.open(io.BytesIO(data)) as whole:
        difference = np.abs(picture.pixels - squash(whole, 224))
    assert difference.mean() < 1
    assert difference.max() < 12


def test_other_large_files_are_shrunk_and_look_the_same() -> None:
    large = scene(1900, 1430, seed=3)
    picture = decode_picture(encode(large, "BMP"), 224)
    assert np.abs(picture.pixels - squash(large, 224)).max() <= 3


@pytest.mark.parametrize("size", [(1900, 1430), (1430, 1900), (100, 60), (320, 320), (3000, 2)])
def test_thumbnails_keep_the_aspect_and_are_never_enlarged(size: tuple[int, int]) -> None:
    picture = decode_picture(encode(scene(*size), "PNG"), 32)
    with Image.open(io.BytesIO(picture.thumbnail)) as thumbnail:
        assert thumbnail.format == "JPEG"
        assert max(thumbnail.size) == min(THUMBNAIL_SIZE, max(size))
        scale = max(thumbnail.size) / max(size)
        for side, original in zip(thumbnail.size, size, strict=True):
            assert abs(side - max(1, original * scale)) <= 1


def test_thumbnails_carry_no_metadata() -> None:
    exif = Image.Exif()
    exif[0x010E] = "where the painting hangs"
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "a secret")
    data = encode(SCENE, "PNG", exif=exif, pnginfo=text, icc_profile=wide_gamut_profile())
    with Image.open(io.BytesIO(decode_picture(data, 32).thumbnail)) as thumbnail:
        assert set(thumbnail.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("longest", [50, 96, 700])
def test_large_views_are_never_enlarged(longest: int) -> None:
    assert max(open_image(encode(SCENE, "PNG"), longest=longest).size) == min(longest, 96)


def test_decoding_twice_gives_the_same() -> None:
    data = encode(scene(700, 500), "JPEG")
    first, second = decode_picture(data, 224), decode_picture(data, 224)
    np.testing.assert_array_equal(first.pixels, second.pixels)
    assert first.pixels.shape == (224, 224, 3)
    assert first.pixels.dtype == np.uint8
    assert first.thumbnail == second.thumbnail
    assert first.perceptual_hash == second.perceptual_hash


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (5000, 1), (7, 3)])
def test_tiny_and_thin_pictures_are_read(size: tuple[int, int]) -> None:
    picture = decode_picture(encode(Image.new("RGB", size, "teal"), "PNG"), 224)
    assert (picture.width, picture.height) == size
    np.testing.assert_allclose(picture.pixels, np.broadcast_to((0, 128, 128), (224, 224, 3)))


def test_odd_names_are_read(tmp_path: Path) -> None:
    data = encode(SCENE, "PNG")
    for name in ("絵画 №1.jpg", "Émile, été.PNG", "a\nb.jpg", "emoji 🎨.jpeg", "-rf.jpg"):
        (tmp_path / name).write_bytes(data)
        assert read_file(tmp_path / name) == data


def test_a_path_with_a_null_character_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="cannot be read"):
        read_file(tmp_path / "a\0b.jpg")


def test_content_hash_is_sha256() -> None:
    assert content_hash(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def n_different_bits(first: int, second: int) -> int:
    return (first ^ second).bit_count()


def test_copies_have_near_hashes_and_others_do_not() -> None:
    rng = np.random.default_rng(5)
    coarse = Image.fromarray(rng.integers(0, 256, (16, 16, 3), dtype=np.uint8))
    original = coarse.resize((900, 700), Image.Resampling.BICUBIC)
    reference = decode_picture(encode(original, "PNG"), 224).perceptual_hash
    copies = [
        encode(original, "JPEG", quality=60),
        encode(original.resize((450, 350)), "JPEG", quality=85),
        encode(original.resize((640, 480)), "WEBP", quality=70),
    ]
    for copy in copies:
        assert n_different_bits(reference, decode_picture(copy, 224).perceptual_hash) <= 8
    for seed in range(6, 26):
        other = decode_picture(encode(scene(seed=seed), "PNG"), 224).perceptual_hash
        assert n_different_bits(reference, other) > 10


def test_flat_pictures_have_no_hash() -> None:
    rng = np.random.default_rng(0)
    flat = (128 + rng.integers(-2, 3, (32, 32))).astype(np.uint8)
    assert perceptual_hash(flat) == hashing.FLAT
    assert perceptual_hash(rng.integers(0, 256, (32, 32), dtype=np.uint8)) != hashing.FLAT
