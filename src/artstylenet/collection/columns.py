"""What the columns of a table are about, by their headers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from artstylenet.collection.tables import Columns

PATH_HEADERS = ("filename", "file_name", "path", "img_path", "image_path", "image", "file")
"""Headers that may stand over the files, the one that counts first."""

_HEADERS = {
    "path": PATH_HEADERS,
    "id": ("id",),
    "painter": ("painter", "artist", "artist_name"),
    "title": ("title",),
    "year": ("year", "date"),
    # "style" is what ArtStyleNet finds; what a table calls so is a label of a movement.
    "movement": ("movement", "style"),
    "rights": ("rights", "licence", "license"),
    "credit": ("credit", "credit_line", "creditline"),
}

_RESERVED = re.compile(
    r"id|path|hash|painter|title|year|year_from|year_to|width|height|entropy|style(_[0-9]+)?"
)
"""Columns that the result has of its own."""


def plain_header(header: str) -> str:
    """Return a header as headers are compared: ``Credit-Line`` is ``credit_line``."""
    return re.sub(r"[\s_-]+", "_", header.strip().casefold())


def has_header(headers: Iterable[str], wanted: str) -> bool:
    """Tell whether a column of that name is there."""
    return any(plain_header(header) == wanted for header in headers)


def named_by_meaning(columns: Columns) -> Columns:
    """Return the columns under the names that the collection uses, the others as given.

    Of several columns with one meaning the first in the order of preference gets the name. A
    given name that the results need for something else gets ``_given`` behind it.
    """
    by_header = {plain_header(header): header for header in reversed(columns)}
    meanings: dict[str, str] = {}
    for meaning, headers in _HEADERS.items():
        found = next((by_header[header] for header in headers if header in by_header), None)
        if found is not None:
            meanings[found] = meaning
    named: Columns = {meaning: columns[header] for header, meaning in meanings.items()}
    for header, values in columns.items():
        if header not in meanings:
            name = header
            while name in named or _RESERVED.fullmatch(name.casefold()):
                name = f"{name}_given"
            named[name] = values
    return named
