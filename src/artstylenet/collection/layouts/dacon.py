"""The Dacon "artist classification" competition: ``train.csv`` and ``artists_info.csv``."""

from __future__ import annotations

from dataclasses import replace

from artstylenet.collection.columns import has_header
from artstylenet.collection.files import Folder
from artstylenet.collection.layouts.painter_tables import painters_of_table
from artstylenet.collection.listing import Listing
from artstylenet.collection.named_files import listing_of_tables
from artstylenet.collection.tables import read_table
from artstylenet.errors import CollectionError

TRAINING_SET = "train.csv"
PAINTERS = "artists_info.csv"
TEST_SET = "test.csv"
HEADERS = ("img_path", "artist")


def lacks(folder: Folder) -> str | None:
    """Return what the folder lacks to be of this layout; None if it is."""
    wanted = f"a {TRAINING_SET} with the columns {' and '.join(HEADERS)}"
    if TRAINING_SET not in folder.tables:
        return wanted
    try:
        columns = read_table(folder.root / TRAINING_SET).columns
    except CollectionError:
        return wanted
    return None if all(has_header(columns, header) for header in HEADERS) else wanted


def read(folder: Folder) -> Listing:
    """Return the training set; the test set is crops of paintings and is left out."""
    listing = listing_of_tables(
        folder.root, [read_table(folder.root / TRAINING_SET)], required=HEADERS
    )
    paintings = dict(listing.paintings)
    if "id" in paintings:
        # A running number: the file names say more and do not move when rows do.
        paintings["id_given"] = paintings.pop("id")
    notes = listing.notes
    if TEST_SET in folder.tables:
        notes += (f"The crops of {TEST_SET} are left out.",)
    if PAINTERS not in folder.tables:
        return replace(listing, paintings=paintings, notes=notes)
    painters, more_notes = painters_of_table(read_table(folder.root / PAINTERS))
    return replace(listing, paintings=paintings, painters=painters, notes=notes + more_notes)
