"""Stable, readable ids of paintings."""

from __future__ import annotations

import hashlib
import posixpath
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

LONGEST_ID = 80
"""Characters; long enough to read, short enough for every file system."""

DIGITS = (6, 16, 60)
"""How many digits of a hash make an id unique: the first that do."""

_CONTAINERS = frozenset({"data", "image", "images", "img", "paintings", "pictures", "train"})
"""Leading folders that say nothing of a painting."""

_LATIN = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "\u0131": "i",
    }
)
"""Letters that Unicode does not decompose into an ASCII letter and an accent."""

_DEVICES = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)[0-9])")
"""Names that Windows reserves: no page could be saved under them."""


def slug(text: str) -> str:
    """Return the text in ``[a-z0-9-]``, accents dropped, without dashes at the ends."""
    return re.sub("[^a-z0-9]+", "-", _ascii(text)).strip("-")


def painting_ids(paths: Sequence[str], given: Sequence[str | None]) -> list[str]:
    """Return one id per painting: unique, at most 80 characters of ``[a-z0-9-]``.

    An id follows from the painting's own given id or path, on every machine and whatever else
    is in the collection. Only paintings whose plain ids are equal (their names differ in
    nothing but case, accents, punctuation or extension) get a few digits of the hash of their
    path behind it, each of them, so that no id depends on the order of files.

    Parameters
    ----------
    paths : sequence of str
        Different posix paths relative to the collection's root.
    given : sequence of (str or None)
        The data set's own id of each painting; None or without letters and digits: the id comes
        from the path.

    Returns
    -------
    list of str
        In the order of `paths`.
    """
    plain = [_plain_id(path, own) for path, own in zip(paths, given, strict=True)]
    ids = plain
    # File systems differ in how they compose characters, so that the hash is of composed ones;
    # of the names as they are only if two of them differ in nothing else.
    composed = [_composed(path) for path in paths]
    for n_digits, hashed in zip(DIGITS, (composed, paths, paths), strict=True):
        uses = Counter(ids)
        if len(uses) == len(ids):
            break
        ids = [
            _with_hash(start, path, n_digits) if uses[current] > 1 else current
            for start, path, current in zip(plain, hashed, ids, strict=True)
        ]
    return ids


def free_ids(ids: Sequence[str], hashes: Sequence[str], taken: Iterable[str]) -> list[str]:
    """Return ids that are not taken: those that are get digits of the picture's hash behind.

    Parameters
    ----------
    ids : sequence of str
        All different.
    hashes : sequence of str
        SHA-256 of each file, hexadecimal.
    taken : iterable of str

    Returns
    -------
    list of str
        In the order of `ids`, all different.
    """
    used = set(taken)
    free = []
    for start, image_hash in zip(ids, hashes, strict=True):
        candidates = (f"{start[: LONGEST_ID - n - 1].strip('-')}-{image_hash[:n]}" for n in DIGITS)
        chosen = start if start not in used else next(one for one in candidates if one not in used)
        used.add(chosen)
        free.append(chosen)
    return free


def _plain_id(path: str, given: str | None) -> str:
    source = given if given is not None and slug(given) else _name_of_path(path)
    plain = slug(source)
    if _DEVICES.fullmatch(plain):
        plain = f"painting-{plain}"
    if _loses_letters(source):
        # "北斎 12" and "広重 12" are both "12": only the hash tells them apart.
        return _with_hash(plain or "painting", _composed(path), 6)
    if len(plain) > LONGEST_ID:
        return _with_hash(plain, _composed(path), 8)
    return plain or _with_hash("painting", _composed(path), 6)


def _name_of_path(path: str) -> str:
    """Return the path without extension, without folders that add nothing to the name.

    ``images/Claude_Monet/Claude_Monet_17.jpg`` becomes ``Claude_Monet_17``.
    """
    *folders, file_name = path.split("/")
    while folders and folders[0].lower() in _CONTAINERS:
        del folders[0]
    name, _ = posixpath.splitext(file_name)
    for folder in reversed(folders):
        if not (slug(folder) and f"{slug(name)}-".startswith(f"{slug(folder)}-")):
            name = f"{folder}-{name}"
    return name


def _composed(path: str) -> str:
    return unicodedata.normalize("NFC", path)


def _with_hash(start: str, path: str, n_digits: int) -> str:
    digits = hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()[:n_digits]
    return f"{start[: LONGEST_ID - n_digits - 1].strip('-')}-{digits}"


def _ascii(text: str) -> str:
    return _decomposed(text).encode("ascii", "ignore").decode("ascii")


def _loses_letters(text: str) -> bool:
    return not text.isascii() and any(
        not character.isascii() and character.isalnum() for character in _decomposed(text)
    )


def _decomposed(text: str) -> str:
    folded = text.casefold()
    if folded.isascii():
        return folded
    return unicodedata.normalize("NFKD", folded.translate(_LATIN))
