"""What somebody likes, in a small JSON file of their own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artstylenet.atomic_files import write_atomically
from artstylenet.collection.words import counted, listed
from artstylenet.errors import InputError
from artstylenet.similarity import row_of

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

SCHEMA_VERSION = 1
KIND = "artstylenet profile"


@dataclass(frozen=True)
class Profile:
    """Likes and dislikes among the paintings of one atlas.

    Attributes
    ----------
    liked : mapping of str to float
        By id, how much; 0 or more.
    disliked : tuple of str
        Ids.
    """

    liked: Mapping[str, float] = field(default_factory=dict)
    disliked: tuple[str, ...] = ()

    def with_more(self, liked: Mapping[str, float], disliked: Iterable[str] = ()) -> Profile:
        """Return this profile with more in it; the newer opinion of a painting counts."""
        disliked = tuple(dict.fromkeys(disliked))
        return Profile(
            {**{one: w for one, w in self.liked.items() if one not in disliked}, **liked},
            (*(one for one in self.disliked if one not in {*liked, *disliked}), *disliked),
        )


def write_profile(profile: Profile, atlas: StyleAtlas, path: str | Path) -> None:
    """Write a profile; an older one is replaced.

    Each painting is written with the hash of its file, by which another atlas can know it.

    Parameters
    ----------
    profile : Profile
    atlas : StyleAtlas
    path : str or Path

    Returns
    -------
    None

    Raises
    ------
    UnknownIdError
        If the atlas has no such painting.
    """
    tree = {
        "kind": KIND,
        "schema": SCHEMA_VERSION,
        "atlas": atlas.run["inputs"],
        "liked": [
            {"id": one, "hash": _hash(atlas, one), "weight": weight}
            for one, weight in profile.liked.items()
        ],
        "disliked": [{"id": one, "hash": _hash(atlas, one)} for one in profile.disliked],
    }
    text = json.dumps(tree, indent=1, ensure_ascii=False) + "\n"
    with write_atomically(Path(path)) as file:
        file.write(text.encode())


def read_profile(atlas: StyleAtlas, path: str | Path) -> Profile:
    """Read a profile for an atlas.

    A profile from the same atlas is taken by ids. In any other atlas, such as one built again with
    more paintings, a painting is known by the bytes of its file, whatever its id is there.

    Parameters
    ----------
    atlas : StyleAtlas
    path : str or Path

    Returns
    -------
    Profile

    Raises
    ------
    InputError
        If the file is not a profile, comes from a newer version, or is from another atlas and
        names paintings that this one does not have.
    """
    path = Path(path)
    tree = _read_tree(path)
    try:
        liked = [(_Named.of(entry), float(entry.get("weight", 1))) for entry in tree["liked"]]
        disliked = [_Named.of(entry) for entry in tree["disliked"]]
        same_atlas = tree["atlas"] == atlas.run["inputs"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"The profile {path} is damaged ({error!r}).") from error
    ids = _ids_here(atlas, [named for named, _ in liked] + disliked, same_atlas=same_atlas)
    missing = [named.id for named in [n for n, _ in liked] + disliked if named not in ids]
    if missing:
        raise InputError(
            f"The profile {path} is from another atlas: {counted(len(missing), 'painting')} of "
            f"{len(liked) + len(disliked)} in it {'is' if len(missing) == 1 else 'are'} not in "
            f"this one ({listed(missing)})."
        )
    return Profile(
        {ids[named]: weight for named, weight in liked}, tuple(ids[named] for named in disliked)
    )


@dataclass(frozen=True)
class _Named:
    """A painting as a profile names it."""

    id: str
    hash: str

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> _Named:
        return cls(str(entry["id"]), str(entry["hash"]))


def _read_tree(path: Path) -> dict[str, Any]:
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"The profile {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise InputError(f"{path} is not a profile: it is not JSON.") from error
    if not isinstance(tree, dict) or tree.get("kind") != KIND:
        raise InputError(f"{path} is not a profile: its 'kind' is not {KIND!r}.")
    schema = tree.get("schema")
    if not isinstance(schema, int) or schema > SCHEMA_VERSION:
        raise InputError(
            f"The profile {path} comes from a newer ArtStyleNet (format {schema}, this version "
            f"reads {SCHEMA_VERSION}); update with: pip install -U artstylenet"
        )
    return tree


def _ids_here(atlas: StyleAtlas, named: list[_Named], *, same_atlas: bool) -> dict[_Named, str]:
    """Return the ids that paintings have in this atlas; those it does not have are left out."""
    hash_of = dict(zip(atlas.paintings["id"], atlas.paintings["hash"], strict=True))
    id_of = {image_hash: painting_id for painting_id, image_hash in reversed(hash_of.items())}
    found = {}
    for one in named:
        if one.id in hash_of and (same_atlas or hash_of[one.id] == one.hash):
            found[one] = one.id
        elif one.hash in id_of:
            found[one] = id_of[one.hash]
    return found


def _hash(atlas: StyleAtlas, painting_id: str) -> str:
    return str(atlas.paintings["hash"].iloc[row_of(atlas, painting_id)])
