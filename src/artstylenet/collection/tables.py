"""Tables as text: CSV, TSV, JSON Lines and Parquet files read into columns of strings.

A table is only ever text. What looks like a formula, a script or markup is kept as it is.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artstylenet.collection.words import listed
from artstylenet.errors import CollectionError

Cell = str | None
Columns = dict[str, list[Cell]]
"""Columns of equal length; an empty cell is None."""

_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True)
class Table:
    """A table as it stands in its file.

    Attributes
    ----------
    path : Path
        The file.
    columns : dict of str to list of (str or None)
        By header, in order; white space around cells is dropped.
    rows : list of int
        Number of each row as a spreadsheet shows it: the header is row 1.
    problems : tuple of str
        Everything wrong with its form; its rows are then incomplete.
    notes : tuple of str
        What a reader should know, as sentences.
    """

    path: Path
    columns: Columns
    rows: list[int]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_table(path: Path) -> Table:
    """Read a table; the extension says which kind it is.

    Raises
    ------
    CollectionError
        If the file cannot be read as a table at all; what is wrong with single rows is in
        ``problems`` instead.
    """
    try:
        if path.suffix.lower() == ".parquet":
            return _read_parquet(path)
        text, notes = _decode(path.read_bytes(), path.name)
    except OSError as error:
        raise CollectionError(f"{path.name} cannot be read: {error.strerror or error}.") from None
    if path.suffix.lower() in {".jsonl", ".ndjson"}:
        return _read_json_lines(path, text, notes)
    return _read_csv(path, text, notes)


def _decode(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        if encoding == "cp1252":
            return text, (f"{name} is not UTF-8 and was read as Windows-1252.",)
        return text, ()
    raise CollectionError(
        f"{name} is not a text file in UTF-8 or Windows-1252; "
        "a workbook has to be saved as CSV (UTF-8) first."
    )


def _read_csv(path: Path, text: str, notes: tuple[str, ...]) -> Table:
    header_line = text.lstrip("\r\n").split("\n", 1)[0]
    # The header decides: in the rows below, titles are full of commas.
    delimiter = max(_DELIMITERS, key=header_line.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    rows: list[int] = []
    problems = []
    try:
        for number, record in enumerate(lines, start=1):
            if any(cell.strip() for cell in record):
                records.append([cell.strip() for cell in record])
                rows.append(number)
    except csv.Error as error:
        problems.append(f"line {lines.line_num} cannot be read as CSV: {error}")
    if not records:
        return _table(path, [], [], [], [*problems, "it has no header row"], notes)
    header = records[0]
    return _table(path, header, records[1:], rows[1:], problems, notes)


def _table(
    path: Path,
    header: list[str],
    records: list[list[str]],
    rows: list[int],
    problems: list[str],
    notes: tuple[str, ...],
) -> Table:
    """Put records below their headers; those of another width are problems."""
    while header and not header[-1]:
        header = header[:-1]
    width = len(header)
    header = [name or f"column {number}" for number, name in enumerate(header, start=1)]
    repeated = [name for name, count in Counter(map(str.casefold, header)).items() if count > 1]
    if repeated:
        problems.append(f"several columns are called {listed([repr(name) for name in repeated])}")
    kept, kept_rows, ragged = [], [], []
    for record, row in zip(records, rows, strict=True):
        if len(record) < width or any(record[width:]):
            ragged.append(f"row {row} ({len(record)})")
        else:
            kept.append(record[:width])
            kept_rows.append(row)
    if ragged:
        problems.append(
            f"the header has {width} cells, but not so {listed(ragged)}: "
            "text that holds the delimiter belongs in quotes"
        )
    columns: Columns = {
        name: [record[i] or None for record in kept] for i, name in enumerate(header)
    }
    return Table(path, columns, kept_rows, tuple(problems), notes)


def _read_json_lines(path: Path, text: str, notes: tuple[str, ...]) -> Table:
    objects: list[dict[str, Any]] = []
    rows: list[int] = []
    broken: list[int] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            objects.append(value)
            rows.append(number)
        else:
            broken.append(number)
    problems = (f"no JSON object is in line {listed(broken)}",) if broken else ()
    names = dict.fromkeys(name for value in objects for name in value)
    columns: Columns = {
        clean_text(name) or "unnamed": [as_text(value.get(name)) for value in objects]
        for name in names
    }
    return Table(path, columns, rows, problems, notes)


def _read_parquet(path: Path) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # One file: a folder of that name is no table.
        with path.open("rb") as file:
            table = pq.read_table(file)
        columns: Columns = {}
        left_out = []
        for name, column in _parquet_columns(table):
            if _holds_bytes(column.type):
                left_out.append(name)
            else:
                columns[name] = [as_text(value) for value in column.to_pylist()]
    except (pa.ArrowException, ValueError, OverflowError) as error:
        reason = str(error).strip().split("\n")[0]
        raise CollectionError(f"{path.name} is not a Parquet file: {reason}") from None
    notes = (
        (f"{path.name}: {listed(left_out)} holds bytes, not text, and is left out.",)
        if left_out
        else ()
    )
    # A spreadsheet that opens the table shows its header as row 1, too.
    return Table(path, columns, list(range(2, table.num_rows + 2)), (), notes)


def _parquet_columns(table: Any) -> Iterator[tuple[str, Any]]:
    """Yield name and values of each column; columns of one name are numbered."""
    seen: Counter[str] = Counter()
    for name, column in zip(table.column_names, table.columns, strict=True):
        seen[name] += 1
        yield (name if seen[name] == 1 else f"{name} {seen[name]}"), column


def _holds_bytes(kind: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_nested(kind):
        return any(_holds_bytes(kind.field(i).type) for i in range(kind.num_fields))
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    )


def as_text(value: object) -> Cell:
    """Return a value as the text that a spreadsheet would show; None for nothing.

    A whole number stays whole even where missing cells beside it made its column floating
    point; lists of plain values are joined by commas; anything deeper is JSON.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if isinstance(value, list | tuple) and not any(isinstance(v, list | dict) for v in value):
        return as_text(", ".join(text for text in map(as_text, value) if text))
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False, default=str)
    return clean_text(str(value)) or None


def clean_text(text: str) -> str:
    """Return the text without NULs, lone surrogates and white space around it."""
    # Half a character pair is legal in JSON but cannot be saved in any encoding.
    paired = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return paired.replace("\0", "").strip()
