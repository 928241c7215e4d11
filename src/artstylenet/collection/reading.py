"""From a folder or table on disk to a collection."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from artstylenet.collection.files import PICTURE_EXTENSIONS, TABLE_EXTENSIONS, scan_folder
from artstylenet.collection.layouts import FOLDER_LAYOUTS
from artstylenet.collection.listing import Listing
from artstylenet.collection.named_files import listing_of_tables
from artstylenet.collection.painter_names import common_spellings, painter_key, shown_name
from artstylenet.collection.painting_ids import painting_ids
from artstylenet.collection.tables import Cell, Columns, read_table
from artstylenet.collection.words import counted, listed
from artstylenet.collection.years import parse_years
from artstylenet.errors import CollectionError

LAYOUTS = ("auto", "table", *FOLDER_LAYOUTS)
"""What ``--layout`` takes."""

NO_PAINTERS = "No painters are named: tables about painters are left out."


@dataclass(frozen=True, eq=False)
class Collection:
    """Paintings on disk and what is known of them and of their painters.

    Attributes
    ----------
    root : Path
        Absolute folder that ``paintings.path`` is relative to.
    paintings : DataFrame of n_paintings rows
        Columns ``id`` (unique, ``[a-z0-9-]``), ``path`` (posix, unique), ``painter``, ``title``,
        ``year`` (as given), ``year_from`` and ``year_to`` (nullable integers, negative before
        Christ), then every column as given, among them ``movement``, ``rights`` and ``credit``
        where known. Text or missing. Rows are in the order of the table, else sorted by path.
    painters : DataFrame of n_painters rows
        Column ``painter`` and what is known of each painter as given; every painter in
        `paintings`, sorted by name. No rows if no painters are named.
    layout : str
        What the source was taken for: ``table``, ``Dacon``, ``Kaggle``,
        ``Hugging Face imagefolder``, ``WikiArt``, ``Met objects``, ``painter folders``, ``folder``.
    skipped : DataFrame
        Columns ``path``, ``reason``: files left out before any picture was opened.
    notes : tuple of str
        Sentences for the summary.
    source : str
        Folder or table that was read, posix, relative to `root`.
    asked : str
        The layout that was asked for, one of :data:`LAYOUTS`.
    """

    root: Path
    paintings: pd.DataFrame
    painters: pd.DataFrame
    layout: str
    skipped: pd.DataFrame
    notes: tuple[str, ...] = ()
    source: str = "."
    asked: str = "auto"


def read_collection(source: str | Path, layout: str = "auto") -> Collection:
    """Return the paintings in a folder or table; no picture is opened.

    Parameters
    ----------
    source : str or Path
        A folder, or a CSV, TSV, JSON Lines or Parquet table that names files in its own folder
        or below.
    layout : str, default "auto"
        One of :data:`LAYOUTS`. "auto" takes a file for a table, and for a folder the first
        that fits of Dacon, Kaggle, Hugging Face imagefolder, WikiArt, Met objects, folders.

    Returns
    -------
    Collection
        At least one painting.

    Raises
    ------
    CollectionError
        If the source does not exist, holds no paintings or is not of the layout asked for, or
        if a table has problems: one error names all of them.
    """
    if layout not in LAYOUTS:
        raise CollectionError(
            f"No layout is called {layout!r}; choose one of {', '.join(LAYOUTS)}."
        )
    try:
        path = Path(source).expanduser().resolve(strict=True)
    except FileNotFoundError:
        raise CollectionError(f"{source} does not exist.") from None
    except (OSError, RuntimeError, ValueError) as error:
        raise CollectionError(f"{source} cannot be opened: {error}.") from None
    title, listing = _read_folder(path, layout) if path.is_dir() else _read_table(path, layout)
    if not listing.paintings["path"]:
        raise CollectionError(
            f"No paintings found in {path}: looked for {', '.join(PICTURE_EXTENSIONS)}."
        )
    collection = _collection(title, listing)
    source = Path(os.path.relpath(path, collection.root)).as_posix()
    return replace(collection, source=source, asked=layout)


def _read_table(path: Path, layout: str) -> tuple[str, Listing]:
    if path.suffix.lower() not in TABLE_EXTENSIONS:
        raise CollectionError(
            f"{path} is neither a folder nor a table ({', '.join(TABLE_EXTENSIONS)})."
        )
    if layout not in ("auto", "table"):
        raise CollectionError(f"The layout {layout} needs a folder, but {path} is a file.")
    return "table", listing_of_tables(path.parent, [read_table(path)])


def _read_folder(path: Path, layout: str) -> tuple[str, Listing]:
    if layout == "table":
        raise CollectionError(
            f"The layout table needs a table ({', '.join(TABLE_EXTENSIONS)}), "
            f"but {path} is a folder."
        )
    folder = scan_folder(path)
    if not folder.pictures:
        unreadable = [f"{name} ({reason})" for name, reason in folder.skipped]
        looked = f"looked in it and all folders below for {', '.join(PICTURE_EXTENSIONS)}"
        besides = f"; passed over: {listed(unreadable)}" if unreadable else ""
        raise CollectionError(f"No paintings found in {path}: {looked}{besides}.")
    if layout == "auto":
        chosen = next(one for one in FOLDER_LAYOUTS.values() if one.recognises(folder))
    else:
        chosen = FOLDER_LAYOUTS[layout]
        missing = chosen.lacks(folder)
        if missing:
            raise CollectionError(f"{path} is not of the layout {layout}: it lacks {missing}.")
    listing = chosen.read(folder)
    unread = [name for name in folder.tables if "/" not in name and not chosen.reads_tables]
    if unread:
        note = (
            f"{listed(unread)} {'was' if len(unread) == 1 else 'were'} not read; "
            "to use a table of paintings, name the table itself instead of the folder."
        )
        listing = replace(listing, notes=(*listing.notes, note))
    if chosen is FOLDER_LAYOUTS["folders"]:
        named = any(listing.paintings["painter"])
        return ("painter folders" if named else "folder"), listing
    return chosen.title, listing


def _collection(layout: str, listing: Listing) -> Collection:
    given = dict(listing.paintings)
    paths = [path for path in given.pop("path") if path is not None]
    nothing: list[Cell] = [None] * len(paths)
    own_ids, names = given.pop("id", nothing), given.pop("painter", nothing)
    title, year = given.pop("title", nothing), given.pop("year", nothing)
    # A painter in both tables is shown as the paintings spell the name.
    spellings = common_spellings(names)
    shown = [shown_name(name, spellings) for name in names]
    spans = [
        span or (None if text is None else parse_years(text))
        for span, text in zip(listing.years or [None] * len(paths), year, strict=True)
    ]
    first = [None if span is None else span[0] for span in spans]
    last = [None if span is None else span[1] for span in spans]
    paintings = pd.DataFrame(
        {
            "id": _text(painting_ids(paths, own_ids)),
            "path": _text(paths),
            "painter": _text(shown),
            "title": _text(title),
            "year": _text(year),
            "year_from": pd.array(first, dtype="Int64"),
            "year_to": pd.array(last, dtype="Int64"),
            **{name: _text(values) for name, values in given.items()},
        }
    )
    return Collection(
        root=listing.root,
        paintings=paintings,
        painters=_painters(sorted(set(spellings.values())), listing.painters),
        layout=layout,
        skipped=pd.DataFrame(
            {
                "path": _text([path for path, _ in listing.skipped]),
                "reason": _text([reason for _, reason in listing.skipped]),
            }
        ),
        notes=listing.notes + _notes_on_painters(names, shown),
    )


def _painters(names: list[str], known: Columns) -> pd.DataFrame:
    """Return one row per painter of a painting; what is known of others is left out."""
    rows = {painter_key(name): i for i, name in enumerate(known.get("painter", [])) if name}
    found = [rows.get(painter_key(name)) for name in names]
    columns = {
        header: _text([None if i is None else values[i] for i in found])
        for header, values in known.items()
        if header != "painter" and names
    }
    return pd.DataFrame({"painter": _text(names), **columns})


def _notes_on_painters(names: list[Cell], shown: list[str | None]) -> tuple[str, ...]:
    if not any(shown):
        return (NO_PAINTERS,)
    n_unnamed = shown.count(None)
    if not n_unnamed:
        return ()
    placeholders = sorted(
        {name for name, one in zip(names, shown, strict=True) if name and not one}
    )
    said = f" (a painter given as {listed(placeholders)} counts as none)" if placeholders else ""
    return (f"No painter is named for {counted(n_unnamed, 'painting')}{said}.",)


def _text(values: list[str] | list[str | None]) -> pd.Series:
    return pd.Series(values, dtype="str")
