"""Kaggle's "Best Artworks of All Time": ``artists.csv`` and ``images/**/Name_N.jpg``."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from artstylenet.collection.columns import has_header
from artstylenet.collection.files import Folder
from artstylenet.collection.layouts.painter_tables import NAME, painters_of_table
from artstylenet.collection.listing import Listing
from artstylenet.collection.painting_ids import slug
from artstylenet.collection.tables import Cell, read_table
from artstylenet.collection.words import counted
from artstylenet.errors import CollectionError

PAINTERS = "artists.csv"
PICTURES = "images/"
_NAME_AND_NUMBER = re.compile(r"(.*[^\W\d_].*)_\d+")


def lacks(folder: Folder) -> str | None:
    """Return what the folder lacks to be of this layout; None if it is."""
    wanted = f"{PAINTERS} with a column {NAME}, beside {PICTURES} with pictures called Name_1.jpg"
    pictures = _pictures(folder)
    named = sum(_name_in_file(path) is not None for path in pictures)
    if PAINTERS not in folder.tables or 2 * named <= len(pictures):
        return wanted
    try:
        columns = read_table(folder.root / PAINTERS).columns
    except CollectionError:
        return wanted
    return None if has_header(columns, NAME) else wanted


def read(folder: Folder) -> Listing:
    """Return the pictures of ``images/``; the small copies in ``resized/`` are left out."""
    painters, notes = painters_of_table(read_table(folder.root / PAINTERS))
    names = {slug(name): name for name in painters["painter"] if name}
    pictures = _pictures(folder)
    painter_column: list[Cell] = []
    for path in pictures:
        name = _name_in_file(path)
        painter_column.append(None if name is None else _known_name(name, names))
    n_left_out = len(folder.pictures) - len(pictures)
    if n_left_out:
        notes += (f"Left out: {counted(n_left_out, 'picture')} outside {PICTURES}.",)
    return Listing(
        root=folder.root,
        paintings={"path": list(pictures), "painter": painter_column},
        painters=painters,
        skipped=folder.skipped,
        notes=notes,
    )


def _pictures(folder: Folder) -> list[str]:
    return [path for path in folder.pictures if path.startswith(PICTURES)]


def _name_in_file(path: str) -> str | None:
    match = _NAME_AND_NUMBER.fullmatch(posixpath.splitext(posixpath.basename(path))[0])
    return match[1] if match else None


def _known_name(name: str, names: Mapping[str, str]) -> str:
    """Return the name in ``artists.csv`` for the one in a file name, if there is one.

    Accents do not count here. Unpackers turned the accent of "Dürer" into other characters in
    many copies of this data set, but left the letter below it alone.
    """
    letters = name.encode("ascii", "ignore").decode("ascii")
    return names.get(slug(name)) or names.get(slug(letters)) or name
