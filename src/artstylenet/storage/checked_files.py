"""Files of an atlas from a stranger: what they are is checked before they are opened."""

from __future__ import annotations

import os
from pathlib import Path

from artstylenet.errors import AtlasError

FEW_ROWS = 10_000
"""Rows that a table may have, however small its file is; others need a byte a row."""


def check_table(path: Path) -> None:
    """Refuse a Parquet file that claims many more rows than it can hold, or other than plain cells.

    Raises
    ------
    ValueError
        If it does.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        n_rows = file.metadata.num_rows
        if n_rows > max(FEW_ROWS, path.stat().st_size):
            raise ValueError(f"{path.name} claims {n_rows} rows")
        for column in file.schema_arrow:
            if pa.types.is_nested(column.type) or not any(
                is_plain(column.type)
                for is_plain in (
                    pa.types.is_integer,
                    pa.types.is_floating,
                    pa.types.is_boolean,
                    pa.types.is_string,
                    pa.types.is_large_string,
                    pa.types.is_null,
                )
            ):
                raise ValueError(f"{path.name} holds {column.type}")


def check_plain_files(folder: Path) -> None:
    """Refuse a folder that holds links, pipes or devices: an atlas is made of files and folders.

    Through a link it could show what lies elsewhere, or have something written there.

    Raises
    ------
    AtlasError
        Naming the first.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_symlink():
                raise AtlasError(
                    f"{entry.path} is a link; an atlas that holds links is not opened."
                )
            if not (entry.is_file() or entry.is_dir()):
                raise AtlasError(f"{entry.path} is no plain file; the atlas is not opened.")
