from __future__ import annotations

import json
import re
import shutil
import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from artstylenet.collection import LAYOUTS, read_collection
from artstylenet.collection.layouts.met import NOT_PUBLIC_DOMAIN, PUBLIC_DOMAIN
from artstylenet.collection.reading import NO_PAINTERS
from artstylenet.errors import CollectionError


def put(root: Path, files: dict[str, str]) -> Path:
    """Write text files; a picture may hold anything, as none is opened."""
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def pictures(*paths: str) -> dict[str, str]:
    return dict.fromkeys(paths, "")


DACON = {
    "train.csv": "id,img_path,artist\n0,./train/0000.jpg,Diego Velázquez\n"
    "1,./train/0001.jpg,Diego Vela\u0301zquez\n",
    "test.csv": "id,img_path\nTEST_0,./test/TEST_0.jpg\n",
    "artists_info.csv": "name,years,genre,nationality\nDiego Velázquez,1599 - 1660,"
    "Baroque,Spanish\nEl Greco,1541 - 1614,Mannerism,Greek\n",
    **pictures("train/0000.jpg", "train/0001.jpg", "test/TEST_0.jpg"),
}
KAGGLE = {
    "artists.csv": "id,name,years,bio,paintings\n0,Albrecht Dürer,1471 - 1528,<b>x</b>,328\n"
    "1,Claude Monet,1840 - 1926,y,73\n",
    **pictures(
        "images/images/Albrecht_Dürer/Albrecht_Dürer_1.jpg",
        "images/images/Albrecht_Du╠êrer/Albrecht_Du╠êrer_2.jpg",
        "images/images/Claude_Monet/Claude_Monet_17.jpg",
        "resized/resized/Claude_Monet_17.jpg",
    ),
}
IMAGEFOLDER = {
    "train/metadata.csv": "file_name,artist\nx/1.jpg,Goya\n",
    "test/metadata.csv": "file_name,artist,title\n2.jpg,Goya,Maja\n",
    **pictures("train/x/1.jpg", "train/x/unnamed.jpg", "test/2.jpg"),
}
WIKIART = pictures(
    "images/Baroque/adriaen-van-ostade_the-violinist.jpg",
    "images/Cubism/m.c.-escher_tower-of-babel-1928.jpg",
    "images/Cubism/juan-gris_not_detected_207835.jpg",
    "images/Ukiyo_e/utagawa-toyokuni-ii_fuji-1850-2(1).jpg",
)
MET_RECORD = {
    "objectID": 437609,
    "isPublicDomain": True,
    "title": "The Harvesters",
    "artistPrefix": "Workshop of",
    "artistDisplayName": "Pieter Bruegel the Elder",
    "artistDisplayBio": "Netherlandish, active by 1551-died 1569",
    "artistNationality": "Netherlandish",
    "artistBeginDate": "1525",
    "artistEndDate": "1569",
    "objectDate": "ca. 1565",
    "objectBeginDate": 1560,
    "objectEndDate": 1570,
    "medium": "Oil on wood",
    "creditLine": "Rogers Fund, 1919",
    "tags": [{"term": "Summer"}, {"term": "Working"}],
}
MET = {
    "437609.json": json.dumps(MET_RECORD),
    "others/objects.json": json.dumps(
        {
            "objects": [
                {"objectID": 2, "title": "A", "artistDisplayName": "Unidentified artist"},
                {
                    "objectID": 3,
                    "title": "B",
                    "isPublicDomain": False,
                    "primaryImage": "//x/DP3.jpg",
                },
                {"objectID": 4, "title": "not here"},
            ]
        }
    ),
    "others/broken.json": "{",
    **pictures("437609.jpg", "others/2.png", "others/DP3.jpg", "others/unknown.jpg"),
}
PAINTER_FOLDERS = pictures("all/Monet/a.jpg", "all/Goya/1800/b.jpg", "all/c.jpg", "all/1889/d.jpg")
FLAT = pictures("a.jpg", "b.png")

EXAMPLES = {
    "Dacon": ("dacon", DACON),
    "Kaggle": ("kaggle", KAGGLE),
    "Hugging Face imagefolder": ("imagefolder", IMAGEFOLDER),
    "WikiArt": ("wikiart", WIKIART),
    "Met objects": ("met", MET),
    "painter folders": ("folders", PAINTER_FOLDERS),
    "folder": ("folders", FLAT),
}


@pytest.mark.parametrize("layout", EXAMPLES)
def test_layouts_are_recognised_and_can_be_asked_for(tmp_path: Path, layout: str) -> None:
    word, files = EXAMPLES[layout]
    root = put(tmp_path, files)
    recognised, asked_for = read_collection(root), read_collection(root, layout=word)
    assert recognised.layout == asked_for.layout == layout
    pd.testing.assert_frame_equal(recognised.paintings, asked_for.paintings)


@pytest.mark.parametrize("layout", EXAMPLES)
def test_every_layout_keeps_the_contract(tmp_path: Path, layout: str) -> None:
    collection = read_collection(put(tmp_path, EXAMPLES[layout][1]))
    paintings, painters = collection.paintings, collection.painters
    first = ["id", "path", "painter", "title", "year", "year_from", "year_to"]
    assert list(paintings)[: len(first)] == first
    assert isinstance(paintings.index, pd.RangeIndex)
    assert paintings["id"].is_unique
    assert paintings["path"].is_unique
    assert paintings["id"].str.fullmatch("[a-z0-9-]{1,80}").all()
    assert collection.root.is_absolute()
    assert all((collection.root / path).is_file() for path in paintings["path"])
    assert painters["painter"].tolist() == sorted(paintings["painter"].dropna().unique())
    assert list(collection.skipped) == ["path", "reason"]
    for frame in (paintings, painters, collection.skipped):
        pd.testing.assert_frame_equal(pd.read_parquet(_saved(frame, tmp_path)), frame)


def _saved(frame: pd.DataFrame, folder: Path) -> Path:
    frame.to_parquet(folder / "frame.parquet")
    return folder / "frame.parquet"


def test_dacon_reads_the_training_set_and_knows_its_painters(tmp_path: Path) -> None:
    collection = read_collection(put(tmp_path, DACON))
    assert collection.paintings["id"].tolist() == ["0000", "0001"]
    assert collection.paintings["id_given"].tolist() == ["0", "1"]
    assert collection.painters.to_dict("records") == [
        {
            "painter": "Diego Velázquez",
            "years": "1599 - 1660",
            "genre": "Baroque",
            "nationality": "Spanish",
        }
    ]
    assert collection.notes == ("The crops of test.csv are left out.",)


def test_dacon_without_a_table_of_painters(tmp_path: Path) -> None:
    files = {path: text for path, text in DACON.items() if path != "artists_info.csv"}
    collection = read_collection(put(tmp_path, files))
    assert collection.layout == "Dacon"
    assert collection.painters.to_dict("list") == {"painter": ["Diego Velázquez"]}


def test_dacon_reports_the_problems_of_its_table(tmp_path: Path) -> None:
    root = put(tmp_path, DACON)
    (root / "train" / "0001.jpg").unlink()
    with pytest.raises(CollectionError, match=r"train\.csv cannot be used: 1 of 2 files do not"):
        read_collection(root)


def test_kaggle_repairs_names_and_leaves_small_copies_out(tmp_path: Path) -> None:
    collection = read_collection(put(tmp_path, KAGGLE))
    assert collection.paintings["painter"].tolist() == ["Albrecht Dürer"] * 2 + ["Claude Monet"]
    assert collection.paintings["id"].tolist()[2] == "claude-monet-17"
    assert collection.painters["bio"].tolist() == ["<b>x</b>", "y"]
    assert collection.notes == ("Left out: 1 picture outside images/.",)


def test_a_table_of_painters_without_names_is_no_kaggle(tmp_path: Path) -> None:
    root = put(tmp_path, KAGGLE | {"artists.csv": "artist\nMonet\n"})
    assert read_collection(root).layout == "painter folders"
    with pytest.raises(CollectionError, match=r"it lacks artists\.csv with a column name"):
        read_collection(root, layout="kaggle")


def test_imagefolder_joins_the_tables_of_its_parts(tmp_path: Path) -> None:
    collection = read_collection(put(tmp_path, IMAGEFOLDER))
    assert collection.paintings["path"].tolist() == ["test/2.jpg", "train/x/1.jpg"]
    assert collection.paintings["title"].fillna("").tolist() == ["Maja", ""]
    assert collection.notes == ("Left out: 1 picture that no metadata table names.",)


def test_imagefolder_reports_the_problems_of_all_tables(tmp_path: Path) -> None:
    root = put(tmp_path, IMAGEFOLDER)
    put(root, {"train/metadata.csv": "file_name\nno.jpg\n", "test/metadata.csv": "file_name\n-\n"})
    with pytest.raises(CollectionError) as raised:
        read_collection(root)
    assert "no.jpg (row 2)" in str(raised.value)
    assert "- (row 2)" in str(raised.value)


def test_a_metadata_table_without_file_names_is_no_imagefolder(tmp_path: Path) -> None:
    collection = read_collection(put(tmp_path, FLAT | {"metadata.csv": "path\na.jpg\n"}))
    assert collection.layout == "folder"
    assert collection.notes[0].startswith("metadata.csv was not read; to use a table")


def test_wikiart_speaks_through_its_file_names(tmp_path: Path) -> None:
    columns = ["id", "painter", "title", "year", "movement"]
    paintings = read_collection(put(tmp_path, WIKIART)).paintings[columns]
    assert paintings.fillna("").to_numpy().tolist() == [
        ["adriaen-van-ostade-the-violinist", "Adriaen van Ostade", "The violinist", "", "Baroque"],
        ["juan-gris-not-detected-207835", "Juan Gris", "", "", "Cubism"],
        ["m-c-escher-tower-of-babel-1928", "M.C. Escher", "Tower of babel", "1928", "Cubism"],
        ["utagawa-toyokuni-ii-fuji-1850-2-1", "Utagawa Toyokuni II", "Fuji", "1850", "Ukiyo e"],
    ]


def test_underscores_alone_do_not_make_a_wikiart(tmp_path: Path) -> None:
    root = put(tmp_path, pictures("monet/img_001.jpg", "goya/img_002.jpg"))
    assert read_collection(root).layout == "painter folders"
    assert read_collection(root, layout="wikiart").layout == "WikiArt"


def test_met_objects_bring_title_dates_rights_and_credit(tmp_path: Path) -> None:
    collection = read_collection(put(tmp_path, MET))
    rows = collection.paintings.set_index("id")
    harvest = rows.loc["437609"]
    assert harvest["painter"] == "Workshop of Pieter Bruegel the Elder"
    assert harvest[["title", "year"]].tolist() == ["The Harvesters", "ca. 1565"]
    assert harvest[["year_from", "year_to"]].tolist() == [1560, 1570]
    assert harvest[["rights", "credit"]].tolist() == [PUBLIC_DOMAIN, "Rogers Fund, 1919"]
    assert harvest[["medium", "tags"]].tolist() == ["Oil on wood", "Summer, Working"]
    assert rows.loc["3", ["path", "rights"]].tolist() == ["others/DP3.jpg", NOT_PUBLIC_DOMAIN]
    assert rows.loc[["2", "others-unknown"], ["painter", "rights"]].isna().all(axis=None)
    assert collection.painters.to_dict("records") == [
        {
            "painter": "Workshop of Pieter Bruegel the Elder",
            "years": "1525 - 1569",
            "nationality": "Netherlandish",
            "biography": "Netherlandish, active by 1551-died 1569",
        }
    ]
    assert collection.notes == (
        "JSON files that cannot be read were passed over: others/broken.json.",
        "Left out: 1 object without a picture here.",
        "Nothing is known of 1 picture without a record.",
        "No painter is named for 3 paintings (a painter given as Unidentified artist counts as "
        "none).",
    )


@pytest.mark.parametrize(
    "text", ["[]", "3", "{}", '{"objects": {}}', '{"objectID": 9, "title": ""}', "[" * 100_000]
)
def test_other_json_does_not_make_a_met(tmp_path: Path, text: str) -> None:
    root = put(tmp_path, FLAT | {"notes.json": text})
    assert read_collection(root).layout == "folder"


def test_odd_values_in_a_met_record_are_missing_or_text(tmp_path: Path) -> None:
    record = {"objectID": [], "title": {"en": "x"}, "tags": 3, "objectBeginDate": "1"}
    root = put(tmp_path, {"a.json": json.dumps(record), "a.jpg": ""})
    painting = read_collection(root).paintings.iloc[0]
    assert painting[["id", "title"]].tolist() == ["a", '{"en": "x"}']
    assert painting[["tags", "year_from"]].isna().all()


@pytest.mark.parametrize(("first", "last"), [(0, 0), (1600, 1500), (10**30, 10**30), (1, None)])
def test_impossible_years_in_a_met_record_are_read_from_its_text(
    tmp_path: Path, first: int, last: int | None
) -> None:
    span = {"objectBeginDate": first, "objectEndDate": last, "objectDate": "1565"}
    root = put(tmp_path, {"a.json": json.dumps(MET_RECORD | span), "a.jpg": ""})
    assert read_collection(root).paintings["year_from"].tolist() == [1565]


def test_painters_are_the_first_folders_that_differ(tmp_path: Path) -> None:
    paintings = read_collection(put(tmp_path, PAINTER_FOLDERS)).paintings
    painters = dict(zip(paintings["path"], paintings["painter"].fillna(""), strict=True))
    assert painters == {
        "all/Monet/a.jpg": "Monet",
        "all/Goya/1800/b.jpg": "Goya",
        "all/c.jpg": "",
        "all/1889/d.jpg": "",
    }


@pytest.mark.parametrize(
    "files", [FLAT, pictures("one/folder/a.jpg"), pictures("1/a.jpg", "2/b.jpg")]
)
def test_a_folder_without_painters_says_so(tmp_path: Path, files: dict[str, str]) -> None:
    collection = read_collection(put(tmp_path, files))
    assert collection.layout == "folder"
    assert collection.paintings["painter"].isna().all()
    assert collection.painters.to_dict("list") == {"painter": []}
    assert collection.notes == (NO_PAINTERS,)


def test_folders_that_spell_one_painter_in_two_ways_are_one(tmp_path: Path) -> None:
    composed, decomposed = (unicodedata.normalize(form, "Dürer") for form in ("NFC", "NFD"))
    root = put(tmp_path, pictures(f"{composed}/1.jpg", f"{decomposed}/2.jpg", "Goya/3.jpg"))
    assert read_collection(root).painters["painter"].tolist() == ["Dürer", "Goya"]


def test_reading_opens_no_picture_and_changes_nothing(tmp_path: Path) -> None:
    root = put(tmp_path, FLAT)
    (root / "a.jpg").chmod(0)
    before = sorted((path, path.stat().st_mtime_ns) for path in root.rglob("*"))
    assert len(read_collection(root).paintings) == 2
    assert sorted((path, path.stat().st_mtime_ns) for path in root.rglob("*")) == before


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30
)
@given(
    st.lists(st.from_regex("[ab]/[a-d]{2}[.]jpg", fullmatch=True), unique=True, min_size=2),
    st.integers(1, 30),
)
def test_adding_files_keeps_the_ids_of_the_others(
    tmp_path: Path, paths: list[str], n_first: int
) -> None:
    shutil.rmtree(tmp_path / "c", ignore_errors=True)
    root = put(tmp_path / "c", pictures(*paths[:n_first]))
    before = read_collection(root).paintings.set_index("path")["id"]
    put(root, pictures(*paths))
    after = read_collection(root).paintings.set_index("path")["id"]
    assert after[before.index].tolist() == before.tolist()


def test_a_home_folder_and_a_relative_path_are_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "art", FLAT)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert read_collection("~/art").root == read_collection("art").root == tmp_path / "art"


@pytest.mark.parametrize(
    ("source", "layout", "said"),
    [
        ("gone", "auto", "gone does not exist."),
        ("nothing", "auto", "looked in it and all folders below for .jpg, .jpeg, "),
        ("flat/a.jpg", "auto", "is neither a folder nor a table (.csv, .tsv, "),
        ("flat", "table", "The layout table needs a table"),
        ("flat", "flat", "No layout is called 'flat'; choose one of auto, table, dacon, kaggle, "),
        ("flat/t.csv", "dacon", "The layout dacon needs a folder"),
        ("flat", "dacon", "it lacks a train.csv with the columns img_path and artist."),
        ("flat", "kaggle", "it lacks artists.csv"),
        ("flat", "imagefolder", "it lacks a metadata.csv, .jsonl or .parquet"),
        ("flat", "wikiart", "it lacks pictures called Style/artist_title-year.jpg."),
        ("flat", "met", "it lacks a JSON file with objectID and title"),
        ("flat/\0", "auto", "cannot be opened"),
        ("~nobody-of-that-name/art", "auto", "cannot be opened"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(
    tmp_path: Path, source: str, layout: str, said: str
) -> None:
    put(tmp_path, {"nothing/notes.txt": "", "flat/a.jpg": "", "flat/t.csv": "path\na.jpg\n"})
    with pytest.raises(CollectionError, match=re.escape(said)) as raised:
        read_collection(source if source.startswith("~") else tmp_path / source, layout=layout)
    assert "\n" not in str(raised.value)


def test_every_layout_has_a_word() -> None:
    assert LAYOUTS == (
        "auto",
        "table",
        "dacon",
        "kaggle",
        "imagefolder",
        "wikiart",
        "met",
        "folders",
    )


@pytest.mark.shared
def test_the_paintings_of_the_paper(shared_data: Path) -> None:
    collection = read_collection(shared_data / "paintings")
    assert collection.layout == "Dacon"
    assert len(collection.paintings) == 5910
    assert len(collection.painters) == 50
    assert collection.painters.notna().all(axis=None)
    assert "albrecht-durer-1" in set(collection.paintings["id"])
    assert collection.notes == ()


@pytest.mark.shared
def test_the_names_in_wikiart_agree_with_its_table(shared_data: Path) -> None:
    folder = read_collection(shared_data / "wikiart")
    table = read_collection(shared_data / "wikiart" / "metadata.csv")
    assert (folder.layout, table.layout) == ("WikiArt", "table")
    assert len(folder.paintings) == len(table.paintings) == 7149
    by_table = table.paintings.set_index("path").loc[folder.paintings["path"]]
    for column in ("painter", "movement"):
        given = by_table[column].str.replace("_", " ").str.casefold()
        assert folder.paintings[column].str.casefold().tolist() == given.tolist()
    dated = by_table["year"].notna().to_numpy()
    assert folder.paintings["year"][dated].tolist() == by_table["year"][dated].tolist()
