"""Rows that come block by block: in memory, or in a file that has no name and dies with us."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO

import numpy as np


class Rows:
    """Rows of an array, one block after the other.

    Parameters
    ----------
    folder : Path or None
        Made if missing. The file in it has no name, so that nothing is left behind by a process
        that is killed. None keeps the rows in memory.
    """

    def __init__(self, folder: Path | None) -> None:
        self._blocks: list[np.ndarray] = []
        self._file = None if folder is None else open_nameless(folder)
        self._n_rows = 0

    def add(self, block: np.ndarray) -> None:
        """Take in one more block; all have the type and the width of the first."""
        self._n_rows += len(block)
        if self._file is None:
            self._blocks.append(block)
            return
        self._blocks = self._blocks or [block[:0].copy()]
        self._file.write(np.ascontiguousarray(block).data)

    def whole(self) -> np.ndarray:
        """Return all rows, once; of a file, pages are read as they are looked at."""
        if self._file is None or not self._n_rows:
            return np.concatenate(self._blocks)
        like = self._blocks[0]
        with self._file as file:
            file.flush()
            # What is written to the array later stays in memory: nobody has the file but us.
            mapped = np.memmap(file, like.dtype, "c", shape=(self._n_rows, *like.shape[1:]))
        return np.asarray(mapped)


def open_nameless(folder: Path) -> IO[bytes]:
    """Open a file for writing and reading that is gone once it is closed."""
    folder.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryFile(dir=folder)
