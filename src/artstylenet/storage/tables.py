"""Tables on disk: Parquet for programs, CSV for people."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pandas as pd
from pandas.api.types import is_float_dtype, is_numeric_dtype

from artstylenet.storage.checked_files import check_table

ROWS_AT_ONCE = 20_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(table: pd.DataFrame, path: Path | TextIO) -> None:
    """Write a table that no spreadsheet runs: UTF-8, floats of six digits, no formulas.

    A text cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return gets an
    apostrophe in front, which spreadsheets read as "this is text". Carriage returns become line
    feeds: alone they would end the row unquoted, and what follows would begin another.
    """
    if isinstance(path, Path):
        with path.open("w", encoding="utf-8", newline="") as file:
            write_csv(table, file)
        return
    # Block by block: as texts, a million mixtures would take a gigabyte.
    for start in range(0, max(1, len(table)), ROWS_AT_ONCE):
        block = _harmless_block(table.iloc[start : start + ROWS_AT_ONCE])
        block.to_csv(path, index=False, header=start == 0, lineterminator="\n")


def _harmless_block(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows as texts that a spreadsheet shows and does not compute."""
    safe = rows.copy()
    for column in safe.columns:
        if is_float_dtype(safe[column]):
            numbers = safe[column].to_numpy(dtype=float, na_value=np.nan).tolist()
            # Adding zero turns -0.0 into 0.0; NaN alone differs from itself.
            safe[column] = [f"{value + 0.0:.6f}" if value == value else "" for value in numbers]
        elif not is_numeric_dtype(safe[column]):
            safe[column] = safe[column].map(
                lambda value: harmless(_as_unicode(value)) if isinstance(value, str) else value
            )
    safe.columns = [harmless(_as_unicode(str(column))) for column in safe.columns]
    return safe


def harmless(text: str) -> str:
    """Return text that a spreadsheet shows and does not compute."""
    shown = f"'{text}" if text.startswith(FORMULA_STARTS) else text
    return shown.replace("\r\n", "\n").replace("\r", "\n")


def write_table(table: pd.DataFrame, folder: Path, name: str) -> None:
    """Write ``name.parquet`` and ``name.csv``."""
    text = table.copy()
    for column in text.columns:
        if not is_numeric_dtype(text[column]):
            text[column] = text[column].map(_as_unicode).astype("str")
    text.to_parquet(folder / f"{name}.parquet", index=False)
    write_csv(table, folder / f"{name}.csv")


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Read ``name.parquet``; missing text is NaN."""
    path = folder / f"{name}.parquet"
    check_table(path)
    return pd.read_parquet(path)


def _as_unicode(value: Any) -> Any:
    """Return text as Unicode; names of files may hold bytes that are none."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    return np.nan if pd.isna(value) else str(value)
