"""Tables that name the files of paintings, checked against the disk."""

from __future__ import annotations

import os
import posixpath
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from artstylenet.collection.columns import PATH_HEADERS, has_header, named_by_meaning
from artstylenet.collection.files import is_picture_name
from artstylenet.collection.listing import Listing
from artstylenet.collection.tables import Cell, Columns, Table
from artstylenet.collection.words import listed, rows_in_words
from artstylenet.errors import CollectionError


def listing_of_tables(
    root: Path, tables: Sequence[Table], *, required: Sequence[str] = ()
) -> Listing:
    """Return the paintings that tables name, in the order of the rows.

    Parameters
    ----------
    root : Path
        Folder of the collection; each table lies in it or below and names files relative to the
        table's own folder.
    tables : sequence of Table
        One or more, such as one for each part of a data set.
    required : sequence of str
        Headers that must be there, beside one that names the files.

    Raises
    ------
    CollectionError
        One error that holds every problem of all tables.
    """
    parts = [_check(root, table, required) for table in tables]
    problems = [problem for part in parts for problem in part.problems]
    if problems:
        names = listed([table.path.name for table in tables])
        what = problems[0] if len(problems) == 1 else "".join(f"\n- {text}" for text in problems)
        raise CollectionError(f"{names} cannot be used: {what}")
    return Listing(
        root=root,
        paintings=_joined([part.columns for part in parts]),
        skipped=tuple(pair for part in parts for pair in part.skipped),
        notes=tuple(note for part in parts for note in part.notes),
    )


@dataclass
class _Part:
    """What one table says: its good rows, or its problems."""

    columns: Columns = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _check(root: Path, table: Table, required: Sequence[str]) -> _Part:
    part = _Part(problems=list(table.problems), notes=list(table.notes))
    missing = [header for header in required if not has_header(table.columns, header)]
    if not any(has_header(table.columns, header) for header in PATH_HEADERS):
        missing.append(" or ".join(PATH_HEADERS))
    for header in dict.fromkeys(missing):
        there = listed([repr(name) for name in table.columns], most=12) or "none"
        part.problems.append(f"the column {header} is missing; the columns are {there}")
    columns = named_by_meaning(table.columns)
    if "path" not in columns:
        return part
    found = _find_files(root, table, columns["path"], part)
    keep = _rows_to_keep(table, found, part)
    part.columns = {name: [values[i] for i in keep] for name, values in columns.items()}
    part.columns["path"] = [found[i] for i in keep]
    return part


def _find_files(root: Path, table: Table, names: list[Cell], part: _Part) -> list[Cell]:
    """Return the path of each row's file relative to `root`, or None; add the problems."""
    folder = table.path.parent.relative_to(root).as_posix()
    found: list[Cell] = []
    empty: list[int] = []
    addresses, outside, absent = [], [], []
    for name, row in zip(names, table.rows, strict=True):
        path = None
        if name is None:
            empty.append(row)
        elif re.match(r"[a-z][a-z0-9+.-]+://", name, re.IGNORECASE):
            addresses.append(f"{_shortened(name)} (row {row})")
        elif _leads_outside(name):
            outside.append(f"{_shortened(name)} (row {row})")
        else:
            path = _existing(root, folder, name)
            if path is None:
                absent.append(f"{_shortened(name)} (row {row})")
        found.append(path)
    if empty:
        part.problems.append(f"no file is named in {rows_in_words(empty)}")
    if addresses:
        part.problems.append(
            f"web addresses instead of files: {listed(addresses)}; download the pictures first"
        )
    if outside:
        # A data set from a stranger must not put other pictures of this machine on a page.
        part.problems.append(
            f"files outside the folder of the table: {listed(outside)}; "
            "put the table into a folder that holds all the pictures and name them from there"
        )
    if absent:
        part.problems.append(f"{len(absent)} of {len(names)} files do not exist: {listed(absent)}")
    return found


def _shortened(name: str) -> str:
    return name if len(name) <= 100 else f"{name[:100]}..."


def _leads_outside(name: str) -> bool:
    posix = name.replace("\\", "/")
    normal = posixpath.normpath(posix)
    return (
        normal.startswith("/") or normal.split("/")[0] == ".." or bool(re.match("[A-Za-z]:", name))
    )


def _existing(root: Path, folder: str, name: str) -> str | None:
    """Return the path of a named file in `root`, spelled as it is on disk, or None.

    Tables travel between systems: backslashes and the way accents are composed may differ.
    """
    spellings = [name, name.replace("\\", "/")]
    spellings += [unicodedata.normalize(form, spellings[1]) for form in ("NFC", "NFD")]
    for spelling in dict.fromkeys(spellings):
        path = posixpath.normpath(posixpath.join(folder, spelling))
        # os.path: a Path per row and spelling would cost more than the look at the disk.
        if os.path.isfile(os.path.join(root, path)):  # noqa: PTH113, PTH118
            return path
    return None


def _rows_to_keep(table: Table, found: list[Cell], part: _Part) -> list[int]:
    """Return the rows that become paintings: pictures, each file once."""
    keep: list[int] = []
    seen: set[str] = set()
    repeated: list[int] = []
    for i, path in enumerate(found):
        if path is None:
            continue
        if path in seen:
            repeated.append(table.rows[i])
        elif posixpath.splitext(path)[1] and not is_picture_name(path):
            part.skipped.append((path, f"not a picture: {posixpath.splitext(path)[1]} file"))
        else:
            keep.append(i)
        seen.add(path)
    if repeated:
        part.notes.append(
            f"{table.path.name}: {rows_in_words(repeated)} "
            f"name{'s' if len(repeated) == 1 else ''} a file again; its first row counts."
        )
    return keep


def _joined(parts: list[Columns]) -> Columns:
    names = dict.fromkeys(name for columns in parts for name in columns)
    joined: Columns = {name: [] for name in names}
    for columns in parts:
        n_rows = len(columns["path"])
        for name in names:
            joined[name] += columns.get(name, [None] * n_rows)
    return joined
