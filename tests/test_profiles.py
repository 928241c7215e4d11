"""Profiles: written and read again, and known in another atlas by the bytes of the files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from artstylenet.atlas import StyleAtlas
from artstylenet.errors import InputError, UnknownIdError
from artstylenet.profiles import Profile, read_profile, write_profile
from tests.toy_atlas import toy_atlas

TASTE = Profile({"toy-001": 0.6, "toy-002": 0.4}, ("toy-009",))


@pytest.fixture(scope="module")
def here() -> StyleAtlas:
    atlas = toy_atlas()
    return replace(atlas, run={**atlas.run, "inputs": "one"})


def elsewhere(atlas: StyleAtlas, **columns: list[str]) -> StyleAtlas:
    return replace(
        atlas,
        paintings=atlas.paintings.assign(**columns),
        run={**atlas.run, "inputs": "another"},
    )


def test_what_is_written_is_read(here: StyleAtlas, tmp_path: Path) -> None:
    write_profile(TASTE, here, tmp_path / "me.json")
    assert read_profile(here, tmp_path / "me.json") == TASTE
    tree = json.loads((tmp_path / "me.json").read_text(encoding="utf-8"))
    assert (tree["kind"], tree["schema"], tree["atlas"]) == ("artstylenet profile", 1, "one")
    assert [path.name for path in tmp_path.iterdir()] == ["me.json"]


def test_the_same_pictures_are_known_under_other_ids(here: StyleAtlas, tmp_path: Path) -> None:
    write_profile(TASTE, here, tmp_path / "me.json")
    renamed = elsewhere(here, id=[f"new-{i:03d}" for i in range(60)])
    assert read_profile(renamed, tmp_path / "me.json") == Profile(
        {"new-001": 0.6, "new-002": 0.4}, ("new-009",)
    )
    assert read_profile(elsewhere(here), tmp_path / "me.json") == TASTE


def test_the_same_ids_of_other_pictures_are_not(here: StyleAtlas, tmp_path: Path) -> None:
    write_profile(TASTE, here, tmp_path / "me.json")
    others = elsewhere(here, hash=["f" * 64 if i == 2 else f"{i:064x}" for i in range(60)])
    with pytest.raises(
        InputError, match=r"from another atlas: 1 painting of 3 in it is not in this one \(toy-002"
    ):
        read_profile(others, tmp_path / "me.json")
    others = elsewhere(here, hash=[f"{1000 + i:064x}" for i in range(60)])
    with pytest.raises(InputError, match="3 paintings of 3 in it are not in this one"):
        read_profile(others, tmp_path / "me.json")


def test_the_newer_opinion_counts() -> None:
    more = TASTE.with_more({"toy-009": 1.0}, ["toy-001", "toy-001"])
    assert more == Profile({"toy-002": 0.4, "toy-009": 1.0}, ("toy-001",))
    assert TASTE.with_more({}) == TASTE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("liked", "it is not JSON"),
        ("[]", "its 'kind' is not"),
        ('{"kind": "poem"}', "its 'kind' is not"),
        ('{"kind": "artstylenet profile", "schema": 2}', "newer ArtStyleNet"),
        ('{"kind": "artstylenet profile", "schema": 1}', "is damaged"),
        (
            '{"kind": "artstylenet profile", "schema": 1, "atlas": "one", "liked": ["toy-001"],'
            ' "disliked": []}',
            "is damaged",
        ),
    ],
)
def test_what_is_no_profile_is_said(here: StyleAtlas, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "me.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_profile(here, tmp_path / "me.json")


def test_what_is_not_there_is_said(here: StyleAtlas, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_profile(here, tmp_path / "none.json")
    with pytest.raises(UnknownIdError, match="toy-1"):
        write_profile(Profile({"toy-1": 1.0}), here, tmp_path / "me.json")
    assert not (tmp_path / "me.json").exists()
