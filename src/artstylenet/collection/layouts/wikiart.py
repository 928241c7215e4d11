"""WikiArt as it is passed around: ``Style/artist_title-year.jpg``."""

from __future__ import annotations

import posixpath
import re

from artstylenet.collection.files import Folder
from artstylenet.collection.listing import Listing
from artstylenet.collection.tables import Columns

_STYLES = frozenset(
    """
    Abstract_Expressionism Action_painting Analytical_Cubism Art_Nouveau Art_Nouveau_Modern Baroque
    Color_Field_Painting Contemporary_Realism Cubism Early_Renaissance Expressionism Fauvism
    High_Renaissance Impressionism Mannerism_Late_Renaissance Minimalism Naive_Art_Primitivism
    New_Realism Northern_Renaissance Pointillism Pop_Art Post_Impressionism Realism Rococo
    Romanticism Symbolism Synthetic_Cubism Ukiyo_e
    """.casefold().split()
)
"""Folders of the data set: they tell it from others with an underscore in their file names."""

_FILE = re.compile(
    r"(?P<artist>[^_]+)_(?P<title>.*?)"
    r"(?:-(?P<year>1[0-9]{3}|20[0-2][0-9])(?:-[0-9]{1,2})?)?"  # ...-1945-1 is one of several
    r"(?:\([0-9]+\))?"
)
_UNTITLED = re.compile(r"not[-_]detected.*|unknown-title.*")
_PARTICLE = re.compile(r"das?|del?|della|de[nr]|di|dos?|du|of|te[nr]|the|v[ao]n|y|zu")


def lacks(folder: Folder) -> str | None:
    """Return what the folder lacks to be of this layout; None if it is."""
    fitting = sum(_parts(path)[1] is not None for path in folder.pictures)
    if folder.pictures and 10 * fitting >= 9 * len(folder.pictures):
        return None
    return "pictures called Style/artist_title-year.jpg"


def is_likely(folder: Folder) -> bool:
    """Tell whether the folders are those of WikiArt, so that the layout can be assumed."""
    styles = {_parts(path)[0].casefold() for path in folder.pictures}
    return 2 * len(styles & _STYLES) >= len(styles)


def read(folder: Folder) -> Listing:
    """Return artist, title and year from the file names, the movement from the folders."""
    paintings: Columns = {
        name: [] for name in ("path", "id", "painter", "title", "year", "movement")
    }
    for path in folder.pictures:
        style, name = _parts(path)
        paintings["path"].append(path)
        paintings["id"].append(name.string if name else None)
        paintings["painter"].append(_name(name["artist"]) if name else None)
        paintings["title"].append(_title(name["title"]) if name else None)
        paintings["year"].append(name["year"] if name else None)
        paintings["movement"].append(style.replace("_", " ") or None)
    return Listing(root=folder.root, paintings=paintings, skipped=folder.skipped)


def _parts(path: str) -> tuple[str, re.Match[str] | None]:
    """Return the folder that is the style, and the parts of the file name if it has them."""
    folders, file_name = posixpath.split(path)
    style = posixpath.basename(folders)
    return style, _FILE.fullmatch(posixpath.splitext(file_name)[0]) if style else None


def _name(artist: str) -> str:
    """Return the name as people write it: ``adriaen-van-ostade``, ``m.c.-escher``."""
    words = artist.replace("-", " ").split()
    return " ".join(_word(word, is_first=i == 0) for i, word in enumerate(words))


def _word(word: str, *, is_first: bool) -> str:
    if _PARTICLE.fullmatch(word) and not is_first:
        return word
    if word in ("ii", "iii"):
        return word.upper()
    return re.sub(r"(?:^|[.(])\w", lambda initial: initial[0].upper(), word)


def _title(title: str) -> str | None:
    words = title.replace("-", " ").replace("_", " ").strip()
    return None if not words or _UNTITLED.fullmatch(title) else words[0].upper() + words[1:]
