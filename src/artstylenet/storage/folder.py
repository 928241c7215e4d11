"""The folder of an atlas: one writer at a time, all of its files replaced together or not at all.

New files are written to ``.next``; a file ``complete`` in it says that all are there, and which of
the old files go without a successor. Only then are they moved to their places. Whoever opens the
folder after a cut finishes the moves, or throws an incomplete ``.next`` away.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from artstylenet.atomic_files import write_atomically
from artstylenet.errors import AtlasError
from artstylenet.storage.checked_files import check_plain_files

RUN_FILE = "run.json"
LOCK_FILE = ".lock"
CACHE_FOLDER = ".cache"
NEXT_FOLDER = ".next"
COMPLETE = "complete"
OPTIONAL_FILES = ("painters.csv", "painters.parquet")
OWN_NAMES = (RUN_FILE, LOCK_FILE, CACHE_FOLDER, NEXT_FOLDER)


def is_atlas_folder(folder: Path) -> bool:
    """Tell whether a folder holds an atlas, finished or not."""
    return any((folder / name).exists() for name in OWN_NAMES)


def prepare_folder(folder: Path) -> None:
    """Make the folder of an atlas, or check that it is one.

    Raises
    ------
    AtlasError
        If it is a file, holds something else, or cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise AtlasError(f"{folder} is a file; an atlas is a folder.")
    if folder.is_dir() and any(folder.iterdir()) and not is_atlas_folder(folder):
        raise AtlasError(f"{folder} is not empty and not an atlas; name a new or empty folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AtlasError(f"The folder {folder} cannot be made: {error.strerror}.") from error


@contextmanager
def atlas_lock(folder: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the atlas for writing; the lock dies with its holder.

    Parameters
    ----------
    folder : Path
        Made if it is missing.
    waiting : callable, optional
        Called once if somebody else holds the atlas and this call waits.

    Raises
    ------
    AtlasError
        As :func:`prepare_folder`, or if the folder is read-only.
    """
    prepare_folder(folder)
    check_plain_files(folder)
    try:
        handle = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise AtlasError(f"The folder {folder} cannot be written: {error.strerror}.") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(handle, fcntl.LOCK_EX)
        finish_moves(folder)
        yield
    finally:
        os.close(handle)


@contextmanager
def replace_files(folder: Path) -> Iterator[Path]:
    """Give a folder for new files; on leaving they take their places all together.

    Yields
    ------
    Path
        An empty folder. If the block raises, nothing changes.
    """
    staged = folder / NEXT_FOLDER
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir()
    yield staged
    for path in staged.rglob("*"):
        if path.is_file():
            _sync(path)
    gone = [name for name in OPTIONAL_FILES if not (staged / name).exists()]
    with write_atomically(staged / COMPLETE) as file:
        file.write("\n".join(gone).encode())
    _sync(staged)
    finish_moves(folder)


def is_being_moved(folder: Path) -> bool:
    """Tell whether files are on their way to their places, or were when their mover died."""
    return (folder / NEXT_FOLDER / COMPLETE).exists()


def finish_moves(folder: Path) -> None:
    """Finish what :func:`replace_files` left: move complete files, drop incomplete ones."""
    staged = folder / NEXT_FOLDER
    if not staged.is_dir():
        return
    if (staged / COMPLETE).exists():
        for name in (staged / COMPLETE).read_text(encoding="utf-8").splitlines():
            # Only names of our own: a stranger's atlas deletes nothing else.
            if name in OPTIONAL_FILES:
                (folder / name).unlink(missing_ok=True)
        for path in sorted(staged.rglob("*")):
            if path.is_file() and path.name != COMPLETE:
                target = folder / path.relative_to(staged)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
        _sync(folder)
        (staged / COMPLETE).unlink()
    shutil.rmtree(staged)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
