"""File names for ids that may hold anything."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

MAX_LENGTH = 60
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|index)(\..*)?", re.IGNORECASE)


def file_names(ids: Sequence[str]) -> list[str]:
    """Return a file name without extension for each id.

    Parameters
    ----------
    ids : sequence of str
        Distinct; any characters.

    Returns
    -------
    list of str
        Lower-case ASCII letters, digits, ``-``, ``_`` and ``.``; at most 60 characters and ten
        of a hash. Distinct also where upper and lower case are the same, legal on Windows, and
        independent of the order of `ids`: an id whose plain name another id shares, or that has
        none, is told apart by the hash.
    """
    plain = [_plain(text) for text in ids]
    taken = Counter(plain)
    return [
        name if name and taken[name] == 1 else f"{name or 'x'}-{_digest(text)}"
        for name, text in zip(plain, ids, strict=True)
    ]


def shard(name: str) -> str:
    """Return two hexadecimal digits: one of 256 folders for the file of that name."""
    return hashlib.sha256(name.encode()).hexdigest()[:2]


def _plain(text: str) -> str:
    """Return a readable name, or nothing if the system would not take it."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9_.]+", "-", ascii_only.lower()).strip("-._")[:MAX_LENGTH].strip("-._")
    return "" if _RESERVED.fullmatch(name) else name


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
