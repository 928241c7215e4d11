from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from artstylenet.collection import read_collection
from artstylenet.collection.tables import as_text, read_table
from artstylenet.errors import CollectionError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with ``a.jpg``, ``b.jpg`` and ``works/c.png``; nothing looks into them."""
    (tmp_path / "works").mkdir()
    for path in ("a.jpg", "b.jpg", "works/c.png"):
        (tmp_path / path).write_bytes(b"not looked at")
    return tmp_path


def read(folder: Path, text: str | bytes, name: str = "table.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    (folder / name).write_bytes(data)
    return read_collection(folder / name)


def problems(folder: Path, text: str | bytes, name: str = "table.csv") -> str:
    with pytest.raises(CollectionError) as raised:
        read(folder, text, name)
    return str(raised.value)


def test_rows_are_paintings_in_the_order_of_the_table(folder: Path) -> None:
    collection = read(
        folder, "filename,artist,title,year\nworks/c.png,Goya,Maja,c. 1800\na.jpg,,,\n"
    )
    assert collection.layout == "table"
    assert collection.root == folder
    paintings = collection.paintings
    assert paintings["path"].tolist() == ["works/c.png", "a.jpg"]
    assert list(paintings) == ["id", "path", "painter", "title", "year", "year_from", "year_to"]
    assert paintings.loc[0, ["painter", "title", "year"]].tolist() == ["Goya", "Maja", "c. 1800"]
    assert paintings.loc[1, ["painter", "title", "year"]].isna().all()
    assert paintings["year_from"].to_list() == [1800, pd.NA]
    assert collection.painters["painter"].tolist() == ["Goya"]


def test_headers_are_read_by_meaning_and_others_kept(folder: Path) -> None:
    collection = read(
        folder,
        "ID,Image Path,Painter,Artist,Date,Style,Genre,License,Credit Line,hash,Room\n"
        "X.1,a.jpg,Monet,C. M.,1890,Impressionism,landscape,CC0,Gift,zz,=1+1\n",
    )
    assert collection.paintings.iloc[0].to_dict() == {
        "id": "x-1",
        "path": "a.jpg",
        "painter": "Monet",
        "title": pytest.approx(float("nan"), nan_ok=True),
        "year": "1890",
        "year_from": 1890,
        "year_to": 1890,
        "movement": "Impressionism",
        "rights": "CC0",
        "credit": "Gift",
        "Artist": "C. M.",
        "Genre": "landscape",
        "hash_given": "zz",
        "Room": "=1+1",
    }


@pytest.mark.parametrize("header", ["hash,hash_given", "hash_given,hash", "style,style_given"])
def test_no_column_as_given_is_lost(folder: Path, header: str) -> None:
    columns = read(folder, f"path,movement,{header}\na.jpg,Rococo,1,2\n").paintings
    assert {"1", "2"} <= set(columns.iloc[0].astype(str))


def test_the_first_header_for_files_counts(folder: Path) -> None:
    collection = read(folder, "image,filename\nthumbnail of a,a.jpg\n")
    assert collection.paintings["path"].tolist() == ["a.jpg"]
    assert collection.paintings["image"].tolist() == ["thumbnail of a"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_found(folder: Path, delimiter: str) -> None:
    text = delimiter.join(["path", "title"]) + "\n" + delimiter.join(["a.jpg", '"x, y; z"']) + "\n"
    assert read(folder, text).paintings["title"].tolist() == ["x, y; z"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_found(folder: Path, encoding: str) -> None:
    collection = read(folder, "path,artist\r\na.jpg,Dürer\r\n".encode(encoding))
    assert collection.paintings["painter"].tolist() == ["Dürer"]
    said = "table.csv is not UTF-8 and was read as Windows-1252."
    assert (said in collection.notes) == (encoding == "cp1252")


def test_quoted_cells_may_hold_line_breaks(folder: Path) -> None:
    collection = read(folder, 'path,title\na.jpg,"one\ntwo"\n\nb.jpg,\u2028x\u0085y\n')
    assert collection.paintings["title"].tolist() == ["one\ntwo", "x\u0085y"]


def test_every_problem_is_reported_at_once_with_its_row(folder: Path) -> None:
    message = problems(
        folder,
        "title,path\n"
        "ok,a.jpg\n"
        "empty,\n"
        "gone,gone.jpg\n"
        "\n"
        "up,../secret.jpg\n"
        "root,/etc/passwd.jpg\n"
        "drive,C:\\x.jpg\n"
        "web,https://example.org/a.jpg\n"
        "ragged,a.jpg,too,much\n"
        "short\n",
    )
    assert message.startswith("table.csv cannot be used: ")
    assert message.splitlines()[1:] == [
        "- the header has 2 cells, but not so row 10 (4) and row 11 (1): "
        "text that holds the delimiter belongs in quotes",
        "- no file is named in row 3",
        "- web addresses instead of files: https://example.org/a.jpg (row 9); "
        "download the pictures first",
        "- files outside the folder of the table: ../secret.jpg (row 6), /etc/passwd.jpg (row 7) "
        "and C:\\x.jpg (row 8); put the table into a folder that holds all the pictures and name "
        "them from there",
        "- 1 of 7 files do not exist: gone.jpg (row 4)",
    ]


def test_files_that_do_not_exist_are_counted_and_the_first_five_named(folder: Path) -> None:
    names = [f"{number}.jpg" for number in range(1, 9)]
    message = problems(folder, "\n".join(["path", "a.jpg", *names]))
    assert message == (
        "table.csv cannot be used: 8 of 9 files do not exist: 1.jpg (row 3), 2.jpg (row 4), "
        "3.jpg (row 5), 4.jpg (row 6), 5.jpg (row 7) and 3 more"
    )


def test_a_missing_column_names_what_is_there(folder: Path) -> None:
    message = problems(folder, "picture,artist\na.jpg,Monet\n")
    assert "filename or file_name or path or img_path or image_path or image or file" in message
    assert "the columns are 'picture' and 'artist'" in message


def test_two_columns_of_one_name_are_a_problem(folder: Path) -> None:
    assert "several columns are called 'title'" in problems(folder, "path,Title,title\na.jpg,1,2\n")


def test_rows_for_one_file_become_one_painting(folder: Path) -> None:
    collection = read(folder, "path,title\na.jpg,first\n./a.jpg,second\nb.jpg,\nworks/../a.jpg,\n")
    assert collection.paintings["title"].tolist()[0] == "first"
    assert len(collection.paintings) == 2
    assert "table.csv: rows 3 and 5 name a file again; its first row counts." in collection.notes


def test_files_that_are_no_pictures_are_skipped(folder: Path) -> None:
    (folder / "film.mp4").touch()
    collection = read(folder, "path\nfilm.mp4\na.jpg\n")
    assert collection.paintings["path"].tolist() == ["a.jpg"]
    assert collection.skipped.to_dict("list") == {
        "path": ["film.mp4"],
        "reason": ["not a picture: .mp4 file"],
    }


def test_names_from_other_systems_are_found(folder: Path) -> None:
    (folder / "works" / "Du\u0308rer.jpg").touch()
    collection = read(folder, "path\nworks\\c.png\nworks\\D\u00fcrer.jpg\n")
    assert collection.paintings["path"].tolist() == ["works/c.png", "works/Du\u0308rer.jpg"]


def test_json_lines(folder: Path) -> None:
    lines = [
        {"file_name": "a.jpg", "year": 1890.0, "tags": ["sea", "sky"], "extra": {"x": None}},
        {"file_name": "b.jpg", "artist": "Half a pair: \ud800", "\udfff": "x"},
    ]
    text = "\n".join(json.dumps(line) for line in lines)
    paintings = read(folder, text, "table.jsonl").paintings
    assert paintings["year"].to_list()[0] == "1890"
    assert paintings["tags"].to_list()[0] == "sea, sky"
    assert paintings["extra"].to_list()[0] == '{"x": null}'
    assert paintings["painter"].to_list()[1] == "Half a pair: \ufffd"
    assert "\ufffd" in paintings


def test_broken_json_lines_are_named(folder: Path) -> None:
    deep = "[" * 100_000
    message = problems(folder, f'{{"path": "a.jpg"}}\n{{"path": \n[1]\n{deep}\n', "table.jsonl")
    assert message == "table.jsonl cannot be used: no JSON object is in line 2, 3 and 4"


def test_parquet(folder: Path) -> None:
    frame = pd.DataFrame(
        {"path": ["a.jpg", "b.jpg"], "year": [1890, None], "thumbnail": [b"\xff", b"\xfe"]}
    )
    frame.to_parquet(folder / "table.parquet")
    collection = read_collection(folder / "table.parquet")
    assert collection.paintings["year"].to_list()[0] == "1890"
    assert "thumbnail" not in collection.paintings
    assert "table.parquet: thumbnail holds bytes, not text, and is left out." in collection.notes


def test_parquet_with_pictures_inside_names_no_files(folder: Path) -> None:
    frame = pd.DataFrame({"image": [{"bytes": b"\xff", "path": "a.jpg"}]})
    frame.to_parquet(folder / "table.parquet")
    with pytest.raises(CollectionError, match="the column filename or file_name"):
        read_collection(folder / "table.parquet")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("t.csv", b"", "it has no header row"),
        ("t.csv", b"\n \n", "it has no header row"),
        ("t.csv", b"PK\x03\x04\x00\x00", "a workbook has to be saved as CSV"),
        ("t.csv", b"path\n\x81\x8d\n", "not a text file in UTF-8 or Windows-1252"),
        ("t.csv", b'path,title\na.jpg,"never closed\n', "line 2 cannot be read as CSV"),
        ("t.csv", b"path,title\na.jpg," + b"x" * 200_000, "line 2 cannot be read as CSV"),
        (
            "t.csv",
            b"path\n" + b"x" * 5000 + b"\n",
            "1 of 1 files do not exist: " + "x" * 100 + "... (row 2)",
        ),
        ("t.jsonl", b"", "is missing; the columns are none"),
        ("t.parquet", b"PAR1 cut off", "t.parquet is not a Parquet file"),
        ("t.parquet", b"", "t.parquet is not a Parquet file"),
        ("t.csv", b"path\nworks\n", "1 of 1 files do not exist"),
        ("t.csv", b"path,title\n", "No paintings found"),
    ],
)
def test_files_that_are_no_tables_say_so(folder: Path, name: str, data: bytes, said: str) -> None:
    assert said in problems(folder, data, name)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200), st.sampled_from([".csv", ".tsv", ".jsonl", ".parquet"]))
def test_any_bytes_are_a_table_or_a_clear_error(tmp_path: Path, data: bytes, kind: str) -> None:
    path = tmp_path / f"table{kind}"
    path.write_bytes(data)
    try:
        table = read_table(path)
    except CollectionError:
        return
    assert {len(values) for values in table.columns.values()} <= {len(table.rows)}


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(cells, cells), max_size=5), st.sampled_from([",", ";", "\t"]))
def test_what_a_spreadsheet_writes_is_read_back(
    tmp_path: Path, records: list[tuple[str, str]], delimiter: str
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([("path", "title"), *records])
    (tmp_path / "table.csv").write_bytes(text.getvalue().encode())
    table = read_table(tmp_path / "table.csv")
    expected = [
        tuple(cell.strip() or None for cell in record)
        for record in records
        if any(cell.strip() for cell in record)
    ]
    assert table.problems == ()
    assert list(zip(*table.columns.values(), strict=True)) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (float("nan"), None),
        ("  ", None),
        (1889.0, "1889"),
        (0.5, "0.5"),
        (1e300, "1e+300"),
        (True, "True"),
        ([None, "a", 2], "a, 2"),
        ([], None),
        ({"a": ["é"]}, '{"a": ["é"]}'),
        (pd.Timestamp("1889-05-12").date(), "1889-05-12"),
    ],
)
def test_values_become_the_text_a_spreadsheet_shows(value: object, text: str | None) -> None:
    assert as_text(value) == text
