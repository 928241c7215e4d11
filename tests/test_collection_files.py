from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from artstylenet.collection.files import scan_folder


def put(root: Path, *paths: str) -> None:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")


def test_files_are_sorted_into_kinds_by_extension(tmp_path: Path) -> None:
    put(tmp_path, "b/1.JPG", "a.png", "t.csv", "o.json", "read.me", "x.pdf", "b/m.parquet", "raw")
    folder = scan_folder(tmp_path)
    assert folder.pictures == ("a.png", "b/1.JPG")
    assert folder.tables == ("b/m.parquet", "t.csv")
    assert folder.objects == ("o.json",)
    assert folder.skipped == ()


def test_what_is_not_of_the_collection_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, ".hidden.jpg", ".trash/a.jpg", "__MACOSX/a.jpg", "@eaDir/a.jpg", "ok.jpg")
    put(tmp_path, "atlas/.nomedia", "atlas/figures/elbow.png")
    assert scan_folder(tmp_path).pictures == ("ok.jpg",)


def test_a_folder_named_outright_is_read_whatever_is_in_it(tmp_path: Path) -> None:
    put(tmp_path, ".nomedia", "a.jpg")
    assert scan_folder(tmp_path).pictures == ("a.jpg",)


def test_links_in_circles_end(tmp_path: Path) -> None:
    root = tmp_path / "root"
    put(root, "a/1.jpg")
    put(tmp_path, "elsewhere/2.jpg")
    (root / "a" / "up").symlink_to(root)
    (root / "a" / "above").symlink_to(tmp_path)
    (root / "whole-disk").symlink_to("/")
    (root / "itself.jpg").symlink_to(root / "itself.jpg")
    (root / "away").symlink_to(tmp_path / "elsewhere")
    (root / "again").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(root / "a")
    folder = scan_folder(root)
    assert folder.pictures == ("a/1.jpg", "again/2.jpg")
    assert [path for path, _ in folder.skipped] == ["itself.jpg"]


def test_links_to_files_are_files(tmp_path: Path) -> None:
    root = tmp_path / "root"
    put(tmp_path, "store/1.jpg", "root/2.jpg")
    (root / "1.jpg").symlink_to(tmp_path / "store" / "1.jpg")
    (root / "3.jpg").symlink_to(tmp_path / "store" / "gone.jpg")
    folder = scan_folder(root)
    assert folder.pictures == ("1.jpg", "2.jpg")
    assert folder.skipped == (("3.jpg", "link to a file that does not exist"),)


def test_a_pipe_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert scan_folder(tmp_path).skipped == (("pipe.jpg", "not a regular file"),)


def test_names_that_are_not_text_are_skipped(tmp_path: Path) -> None:
    put(tmp_path, "ok.jpg")
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/D\xfcrer.jpg")).write_bytes(b"x")
    except OSError as error:
        pytest.skip(f"this file system takes Unicode names only: {error}")
    folder = scan_folder(tmp_path)
    assert folder.pictures == ("ok.jpg",)
    assert folder.skipped == (("D\\xfcrer.jpg", "the file's name is not valid UTF-8; rename it"),)


def test_folders_that_cannot_be_read_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a/1.jpg", "locked/2.jpg")
    scandir = os.scandir

    def deny(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", deny)
    folder = scan_folder(tmp_path)
    assert folder.pictures == ("a/1.jpg",)
    assert folder.skipped == (("locked", "folder cannot be read: Permission denied"),)
