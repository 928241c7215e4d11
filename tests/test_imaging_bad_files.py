from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from artstylenet.errors import ImageError
from artstylenet.imaging import decode_picture, open_image, read_file
from tests.bad_images import bad_pictures, encode, scene, write_bad_files

BAD_PICTURES = bad_pictures()


def test_every_bad_file_has_its_reason(tmp_path: Path) -> None:
    expected = write_bad_files(tmp_path)
    found = {}
    for name in expected:
        with pytest.raises(ImageError) as caught:
            decode_picture(read_file(tmp_path / name), 224)
        found[name] = str(caught.value)
    assert found == expected
    assert len(expected) >= 25


@pytest.mark.parametrize("name", sorted(BAD_PICTURES))
def test_large_views_refuse_the_same_files(name: str) -> None:
    data, reason = BAD_PICTURES[name]
    with pytest.raises(ImageError) as caught:
        open_image(data, longest=100)
    assert str(caught.value) == reason


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 4}])
def test_a_jpeg_cut_anywhere_is_refused(options: dict[str, object]) -> None:
    data = encode(scene(400, 300), "JPEG", quality=90, **options)
    for length in range(3, len(data) - 2, len(data) // 40):
        with pytest.raises(ImageError):
            decode_picture(data[:length], 16)


def test_reading_bad_files_leaves_warnings_as_they_were() -> None:
    before = list(warnings.filters)
    for data, _ in BAD_PICTURES.values():
        with pytest.raises(ImageError):
            decode_picture(data, 32)
    assert warnings.filters == before


def test_a_file_that_grows_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artstylenet.imaging.files.MAX_FILE_BYTES", 1000)
    (tmp_path / "large.jpg").write_bytes(bytes(1001))
    with pytest.raises(ImageError, match="too large"):
        read_file(tmp_path / "large.jpg")
