"""The files below a folder."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

PICTURE_EXTENSIONS = (
    ".jpg",
    ".jpeg",
    ".jpe",
    ".jfif",
    ".png",
    ".tif",
    ".tiff",
    ".webp",
    ".bmp",
    ".gif",
    ".jp2",
    ".j2k",
    ".jpx",
    ".avif",
    ".heic",
    ".heif",
    ".ppm",
    ".pgm",
    ".pbm",
    ".pnm",
    ".tga",
    ".psd",
    ".dng",
    ".cr2",
    ".nef",
    ".arw",
)
"""Files taken for pictures. Some cannot be decoded: better named as skipped than passed over."""

TABLE_EXTENSIONS = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")

KEEP_OUT = ".nomedia"
"""A folder that holds a file of this name is passed over, as picture viewers do.

Atlases and sites hold one, so that they can lie among the paintings they were made from.
"""

_NOT_OF_THE_COLLECTION = frozenset(
    {"__macosx", "@eadir", "$recycle.bin", "system volume information"}
)
"""Folders that operating systems and network drives put among one's own."""


@dataclass(frozen=True)
class Folder:
    """What lies below a folder, seen once; paths are posix, relative to `root`, sorted.

    Attributes
    ----------
    root : Path
        Absolute.
    pictures : tuple of str
        Files whose extension is a picture's, whatever is in them.
    tables : tuple of str
        CSV, TSV, JSON Lines and Parquet files.
    objects : tuple of str
        JSON files.
    skipped : tuple of (str, str)
        Path and reason of what could not be looked at.
    """

    root: Path
    pictures: tuple[str, ...]
    tables: tuple[str, ...]
    objects: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]


def is_picture_name(name: str) -> bool:
    """Tell whether the extension is a picture's."""
    return os.path.splitext(name)[1].lower() in PICTURE_EXTENSIONS  # noqa: PTH122  # any string


def scan_folder(root: Path) -> Folder:
    """Return the files below a folder, in an order that depends on their names alone.

    Hidden files, the folders of operating systems and those with a :data:`KEEP_OUT` file are
    passed over. Every real folder is
    entered once, by its own name if it has one here and else by the first link to it; a link to
    a folder that holds the collection itself is not followed.
    """
    scan = _Scan(root.resolve())
    scan.enter(scan.root, "")
    while scan.links:
        # By name, not by the order of the directory: what a link is called must not depend on it.
        link = min(scan.links)
        scan.links.remove(link)
        scan.enter(scan.root / link, f"{link}/")
    return Folder(
        root=scan.root,
        pictures=tuple(sorted(scan.pictures)),
        tables=tuple(sorted(scan.tables)),
        objects=tuple(sorted(scan.objects)),
        skipped=tuple(sorted(scan.skipped)),
    )


@dataclass
class _Scan:
    root: Path
    pictures: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    entered: set[str] = field(default_factory=set)

    def enter(self, start: Path, prefix: str) -> None:
        """Take in a folder and the real folders below it."""
        waiting = [(start, prefix)]
        while waiting:
            folder, prefix = waiting.pop()
            real = os.path.realpath(folder)
            if real in self.entered or (prefix and self.root.is_relative_to(real)):
                continue
            self.entered.add(real)
            try:
                with os.scandir(folder) as listing:
                    entries = list(listing)
            except OSError as error:
                self.skip(prefix.rstrip("/") or ".", f"folder cannot be read: {error.strerror}")
                continue
            if prefix and any(entry.name == KEEP_OUT for entry in entries):
                continue
            for entry in entries:
                try:
                    if self.take(entry, prefix + entry.name):
                        waiting.append((Path(entry.path), f"{prefix}{entry.name}/"))
                except OSError as error:
                    self.skip(prefix + entry.name, f"cannot be read: {error.strerror}")

    def take(self, entry: os.DirEntry[str], path: str) -> bool:
        """Sort one entry into its list; tell whether it is a folder to enter."""
        if entry.name.startswith(".") or entry.name.lower() in _NOT_OF_THE_COLLECTION:
            return False
        if entry.is_dir(follow_symlinks=False):
            return True
        extension = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122  # keeps odd bytes
        if entry.is_dir():
            self.links.add(path)
        elif extension in PICTURE_EXTENSIONS:
            self.take_picture(entry, path)
        elif not _is_text(path) or not entry.is_file():
            return False
        elif extension in TABLE_EXTENSIONS:
            self.tables.append(path)
        elif extension == ".json":
            self.objects.append(path)
        return False

    def take_picture(self, entry: os.DirEntry[str], path: str) -> None:
        if not _is_text(path):
            # No page, table or JSON file can hold such a name.
            self.skip(path, "the file's name is not valid UTF-8; rename it")
        elif entry.is_file():
            self.pictures.append(path)
        elif entry.is_symlink():
            self.skip(path, "link to a file that does not exist")
        else:
            # A pipe or device would be waited for for ever.
            self.skip(path, "not a regular file")

    def skip(self, path: str, reason: str) -> None:
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        self.skipped.append((shown, reason))


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
