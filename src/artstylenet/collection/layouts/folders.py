"""Pictures in folders, with nothing said about them but their names."""

from __future__ import annotations

import posixpath

from artstylenet.collection.files import Folder
from artstylenet.collection.listing import Listing
from artstylenet.collection.tables import Cell


def lacks(folder: Folder) -> str | None:
    """Return what the folder lacks to be of this layout; None if it is."""
    return None if folder.pictures else "pictures"


def read(folder: Folder) -> Listing:
    """Return the pictures, the painters named by the folders they lie in.

    The folder that holds everything else is no painter: leading folders that all pictures share
    are passed over. The next folder is the painter, however deep the picture lies below it.
    Pictures beside such folders have no painter, and neither have those in a folder without a
    letter in its name ("1889", "03").
    """
    shared = posixpath.commonpath([posixpath.dirname(path) for path in folder.pictures])
    painters = [_painter(path, f"{shared}/" if shared else "") for path in folder.pictures]
    return Listing(
        root=folder.root,
        paintings={"path": list(folder.pictures), "painter": painters},
        skipped=folder.skipped,
    )


def _painter(path: str, shared: str) -> Cell:
    folder, slash, _ = path[len(shared) :].partition("/")
    return folder if slash and any(character.isalpha() for character in folder) else None
