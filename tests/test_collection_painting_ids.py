from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artstylenet.collection.painting_ids import LONGEST_ID, painting_ids, slug

names = st.text(st.sampled_from("abAB12_- .é北ß/"), min_size=1, max_size=12)
paths = st.lists(names.map("{}.jpg".format), unique=True)


def one_id(path: str, given: str | None = None) -> str:
    return painting_ids([path], [given])[0]


@pytest.mark.parametrize(
    ("path", "painting_id"),
    [
        ("monet_017.jpg", "monet-017"),
        ("Claude Monet/017.jpg", "claude-monet-017"),
        ("images/Claude_Monet/Claude_Monet_17.jpg", "claude-monet-17"),
        ("train/0001.jpg", "0001"),
        ("images/images/Monet/1880/Haystacks.tif", "monet-1880-haystacks"),
        ("Édouard/Père Lathuille.jpg", "edouard-pere-lathuille"),
        ("Strauß_Łódź_Bjørn.png", "strauss-lodz-bjorn"),
        ("con.jpg", "painting-con"),
    ],
)
def test_ids_read_like_the_names_of_files(path: str, painting_id: str) -> None:
    assert one_id(path) == painting_id


def test_the_id_of_the_data_set_comes_first() -> None:
    assert one_id("a/b.jpg", "1975.1.234") == "1975-1-234"
    assert one_id("a/b.jpg", "?") == "a-b"


def test_names_that_ascii_cannot_write_stay_apart() -> None:
    ids = [one_id("北斎_12.jpg"), one_id("広重_12.jpg"), one_id("北斎.jpg")]
    assert re.fullmatch("12-[0-9a-f]{6}", ids[0])
    assert re.fullmatch("painting-[0-9a-f]{6}", ids[2])
    assert len(set(ids)) == 3


def test_long_names_are_cut_and_stay_apart() -> None:
    ids = [one_id("x" * 300 + end + ".jpg") for end in "ab"]
    assert [len(one) for one in ids] == [LONGEST_ID] * 2
    assert ids[0] != ids[1]


def test_names_alike_all_get_a_hash() -> None:
    ids = painting_ids(["a-b.jpg", "a/b.jpg", "a_b.png", "c.jpg"], [None] * 4)
    assert all(re.fullmatch("a-b-[0-9a-f]{6}", one) for one in ids[:3])
    assert ids[3] == "c"


def test_composed_and_decomposed_names_of_one_folder_stay_apart() -> None:
    forms = [unicodedata.normalize(form, "é.jpg") for form in ("NFC", "NFD")]
    assert len(set(painting_ids(forms, [None] * 2))) == 2


@given(st.sampled_from(["é_1.jpg", "が.jpg", "й/1.jpg"]))
def test_file_systems_that_decompose_names_give_the_same_id(path: str) -> None:
    assert one_id(unicodedata.normalize("NFD", path)) == one_id(unicodedata.normalize("NFC", path))


@given(paths)
def test_ids_are_unique_short_and_safe(paths: list[str]) -> None:
    ids = painting_ids(paths, [None] * len(paths))
    assert len(set(ids)) == len(paths)
    assert all(re.fullmatch(f"[a-z0-9-]{{1,{LONGEST_ID}}}", one) for one in ids)


@given(paths, st.randoms())
def test_ids_do_not_depend_on_the_order_of_files(paths: list[str], random) -> None:
    by_path = dict(zip(paths, painting_ids(paths, [None] * len(paths)), strict=True))
    random.shuffle(paths)
    assert painting_ids(paths, [None] * len(paths)) == [by_path[path] for path in paths]


@given(st.lists(st.integers(0, 999), unique=True, min_size=1), st.sampled_from(["monet", "Ö_x"]))
def test_more_files_do_not_change_an_id(numbers: list[int], name: str) -> None:
    paths = [f"{name}/{number}.jpg" for number in numbers]
    assert painting_ids(paths, [None] * len(paths)) == [one_id(path) for path in paths]


@given(st.text())
def test_slugs_are_safe(text: str) -> None:
    assert re.fullmatch("([a-z0-9]+(-[a-z0-9]+)*)?", slug(text))
