"""Object records of The Metropolitan Museum of Art beside the pictures.

A JSON file holds one object of the museum's Collection API, a list of them, or a list under
``objects``. The picture of an object lies in the same folder and is called by the object's
number, like its JSON file, or like the museum's own picture.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from artstylenet.collection.files import Folder
from artstylenet.collection.listing import Listing
from artstylenet.collection.tables import Cell, Columns, as_text
from artstylenet.collection.words import counted, listed
from artstylenet.collection.years import LATEST_YEAR

_GIVEN = (
    "medium",
    "objectName",
    "classification",
    "department",
    "culture",
    "period",
    "dimensions",
    "accessionNumber",
    "repository",
    "objectURL",
)
"""Fields kept as given; the rest of a record is for the museum's own use or about the painter."""

PUBLIC_DOMAIN = "Public domain; image CC0 (The Met Open Access)"
NOT_PUBLIC_DOMAIN = "Not in the public domain, says the museum"

EARLIEST_YEAR = -1_000_000
"""The museum's oldest works are stone tools."""

_PROBE = 20
"""JSON files looked into before a folder is taken for another layout."""


def lacks(folder: Folder) -> str | None:
    """Return what the folder lacks to be of this layout; None if it is."""
    pictures = _pictures_by_name(folder)
    for path in folder.objects[:_PROBE]:
        records = _records(folder, path)
        if records and any(_picture_of(record, pictures) for record in records):
            return None
    return "a JSON file with objectID and title beside pictures called by their objectID"


def read(folder: Folder) -> Listing:
    """Return the pictures with what the museum's records say of them."""
    pictures = _pictures_by_name(folder)
    by_path: dict[str, dict[str, Any]] = {}
    n_without_picture = 0
    unreadable = []
    for path in folder.objects:
        records = _records(folder, path)
        if records is None:
            unreadable.append(path)
            continue
        for record in records:
            picture = _picture_of(record, pictures)
            if picture is None:
                n_without_picture += 1
            else:
                by_path.setdefault(picture, record.fields)
    notes = []
    if unreadable:
        notes.append(f"JSON files that cannot be read were passed over: {listed(unreadable)}.")
    if n_without_picture:
        notes.append(f"Left out: {counted(n_without_picture, 'object')} without a picture here.")
    n_without_record = len(folder.pictures) - len(by_path)
    if n_without_record:
        notes.append(
            f"Nothing is known of {counted(n_without_record, 'picture')} without a record."
        )
    fields = [by_path.get(path, {}) for path in folder.pictures]
    return Listing(
        root=folder.root,
        paintings=_painting_columns(list(folder.pictures), fields),
        painters=_painter_columns(fields),
        years=[_years(record) for record in fields],
        skipped=folder.skipped,
        notes=tuple(notes),
    )


@dataclass(frozen=True)
class _Record:
    folder: str
    stem: str
    """Of the JSON file, where the object is alone in it."""
    fields: dict[str, Any]


def _records(folder: Folder, path: str) -> list[_Record] | None:
    """Return the objects in a JSON file; None if the file cannot be read."""
    try:
        value = json.loads((folder.root / path).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    name, _ = posixpath.splitext(path)
    where, stem = posixpath.split(name)
    return [_Record(where, stem if fields is value else "", fields) for fields in _objects(value)]


def _objects(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict) and "objectID" in value and "title" in value:
        yield value
    elif isinstance(value, dict) and isinstance(value.get("objects"), list):
        yield from _objects(value["objects"])
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict) and "objectID" in item and "title" in item:
                yield item


def _pictures_by_name(folder: Folder) -> dict[tuple[str, str], str]:
    """Return the picture of each folder and name without extension; the first by extension."""
    pictures: dict[tuple[str, str], str] = {}
    for path in folder.pictures:
        name, _ = posixpath.splitext(path)
        pictures.setdefault(posixpath.split(name), path)
    return pictures


def _picture_of(record: _Record, pictures: dict[tuple[str, str], str]) -> str | None:
    names = [_text(record.fields, "objectID"), record.stem]
    names += [
        posixpath.splitext(posixpath.basename(_text(record.fields, field) or ""))[0]
        for field in ("primaryImage", "primaryImageSmall")
    ]
    found = (pictures.get((record.folder, name)) for name in names if name)
    return next((path for path in found if path), None)


def _text(fields: dict[str, Any], name: str) -> Cell:
    return as_text(fields.get(name))


def _painting_columns(paths: list[str], fields: list[dict[str, Any]]) -> Columns:
    columns: Columns = {
        "path": list(paths),
        "id": [_text(record, "objectID") for record in fields],
        "painter": [_painter(record) for record in fields],
        "title": [_text(record, "title") for record in fields],
        "year": [_text(record, "objectDate") for record in fields],
        "rights": [_rights(record) for record in fields],
        "credit": [_text(record, "creditLine") for record in fields],
    }
    for name in _GIVEN:
        columns[name] = [_text(record, name) for record in fields]
    columns["tags"] = [_tags(record) for record in fields]
    return columns


def _painter(record: dict[str, Any]) -> Cell:
    """Return the name as on the museum's label: "Workshop of Rembrandt" is not Rembrandt."""
    name = _text(record, "artistDisplayName")
    if name is None:
        return None
    parts = (_text(record, "artistPrefix"), name, _text(record, "artistSuffix"))
    return " ".join(part for part in parts if part)


def _rights(record: dict[str, Any]) -> Cell:
    if record.get("isPublicDomain") is True:
        return PUBLIC_DOMAIN
    stated = _text(record, "rightsAndReproduction")
    return stated or (NOT_PUBLIC_DOMAIN if record.get("isPublicDomain") is False else None)


def _tags(record: dict[str, Any]) -> Cell:
    tags = record.get("tags")
    if not isinstance(tags, list):
        return None
    return as_text([tag.get("term") for tag in tags if isinstance(tag, dict)])


def _years(record: dict[str, Any]) -> tuple[int, int] | None:
    """Return the museum's own span; both numbers 0 is how its records say "none"."""
    first, last = record.get("objectBeginDate"), record.get("objectEndDate")
    if not isinstance(first, int) or not isinstance(last, int) or not (first or last):
        return None
    return (first, last) if EARLIEST_YEAR <= first <= last <= LATEST_YEAR else None


def _painter_columns(fields: list[dict[str, Any]]) -> Columns:
    known = {name: record for record in reversed(fields) if (name := _painter(record))}
    return {
        "painter": list(known),
        "years": [_life(record) for record in known.values()],
        "nationality": [_text(record, "artistNationality") for record in known.values()],
        "biography": [_text(record, "artistDisplayBio") for record in known.values()],
    }


def _life(record: dict[str, Any]) -> Cell:
    years = [_text(record, "artistBeginDate"), _text(record, "artistEndDate")]
    return " - ".join(year.lstrip("0") for year in years if year) or None
