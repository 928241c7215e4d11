"""Hugging Face's ``imagefolder``: ``metadata.csv|jsonl|parquet`` beside the pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

from artstylenet.collection.columns import has_header
from artstylenet.collection.files import Folder
from artstylenet.collection.listing import Listing
from artstylenet.collection.named_files import listing_of_tables
from artstylenet.collection.tables import read_table
from artstylenet.collection.words import counted
from artstylenet.errors import CollectionError

HEADER = "file_name"
_TABLES = frozenset({"metadata.csv", "metadata.jsonl", "metadata.parquet"})


def lacks(folder: Folder) -> str | None:
    """Return what the folder lacks to be of this layout; None if it is."""
    for path in _tables(folder):
        try:
            if has_header(read_table(folder.root / path).columns, HEADER):
                return None
        except CollectionError:
            continue
    return f"a metadata.csv, .jsonl or .parquet with the column {HEADER}"


def read(folder: Folder) -> Listing:
    """Return the paintings of all metadata tables, those of ``train/`` and ``test/`` alike."""
    tables = [read_table(folder.root / path) for path in _tables(folder)]
    listing = listing_of_tables(folder.root, tables, required=(HEADER,))
    n_unnamed = len(set(folder.pictures).difference(map(str, listing.paintings["path"])))
    notes = listing.notes
    if n_unnamed:
        notes += (f"Left out: {counted(n_unnamed, 'picture')} that no metadata table names.",)
    return replace(listing, notes=notes)


def _tables(folder: Folder) -> list[str]:
    return [path for path in folder.tables if PurePosixPath(path).name in _TABLES]
