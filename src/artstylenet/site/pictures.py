"""Picture files of a site: thumbnails as they are, originals re-encoded."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from artstylenet.errors import ImageError
from artstylenet.imaging import open_image, read_file
from artstylenet.progress import Progress
from artstylenet.site.cards import texts, thumbnail_path
from artstylenet.site.catalogue import large_path
from artstylenet.site.names import file_names
from artstylenet.site.sprites import sheet_path

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

LARGE_SIDE = 1600
LARGE_QUALITY = 88
REPORT_EVERY = 200


def write_thumbnails(atlas: StyleAtlas, folder: Path, progress: Progress) -> None:
    """Write the thumbnail of every painting, spread over 256 folders."""
    names = file_names(texts(atlas.paintings["id"]))
    for row, (name, thumbnail) in enumerate(zip(names, atlas.thumbnails, strict=True), start=1):
        _write(folder / thumbnail_path(name), thumbnail.as_py())
        if row % REPORT_EVERY == 0 or row == len(names):
            progress("thumbnails", row, len(names))


def write_sheets(sheets: Sequence[bytes], folder: Path, progress: Progress) -> None:
    """Write the sheets of tiny pictures that the map shows."""
    for number, sheet in enumerate(sheets):
        _write(folder / sheet_path(number), sheet)
        progress("sheets for the map", number + 1, len(sheets))


def write_large_pictures(
    atlas: StyleAtlas, folder: Path, progress: Progress
) -> dict[int, tuple[int, int]]:
    """Write the originals that are at hand, at most 1,600 pixels on the longer side.

    Re-encoding leaves out what a file may carry besides its picture, such as where it was taken.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas; its ``image_root`` is where originals are looked for.
    folder : Path
        The site being written.
    progress : callable
        Told how far it is.

    Returns
    -------
    dict of int to (int, int)
        Width and height of each picture written, by row; missing originals are absent.
    """
    if atlas.image_root is None:
        return {}
    root = atlas.image_root.resolve()
    names = file_names(texts(atlas.paintings["id"]))
    paths = texts(atlas.paintings["path"])

    def write_one(row: int) -> tuple[int, int] | None:
        return _write_large(root, paths[row], folder / large_path(names[row]))

    large = {}
    with ThreadPoolExecutor() as pool:
        for row, size in enumerate(pool.map(write_one, range(len(paths)))):
            if size is not None:
                large[row] = size
            if (row + 1) % REPORT_EVERY == 0 or row + 1 == len(paths):
                progress("pictures", row + 1, len(paths))
    return large


def is_within(root: Path, path: str) -> bool:
    """Tell whether a path of a stranger's atlas stays inside the folder of its pictures."""
    return (root / path).resolve().is_relative_to(root)


def _write_large(root: Path, path: str, target: Path) -> tuple[int, int] | None:
    """Write one original; None if it is not at hand or cannot be read."""
    if not is_within(root, path):
        return None
    try:
        image = open_image(read_file(root / path), LARGE_SIDE)
    except ImageError:
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    image.save(target, "JPEG", quality=LARGE_QUALITY, progressive=True)
    return image.size


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
