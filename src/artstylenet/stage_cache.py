"""Results of a stage, kept by what they were made from."""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from artstylenet.atomic_files import write_atomically
from artstylenet.checked_arrays import load_arrays

KEPT_PER_STAGE = 4


class StageCache:
    """A folder of stage results, each under a hash of everything that it depends on.

    Parameters
    ----------
    folder : Path or None
        None keeps nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def get(
        self, stage: str, inputs: Mapping[str, Any], compute: Callable[[], dict[str, np.ndarray]]
    ) -> dict[str, np.ndarray]:
        """Return the arrays of a stage, computed only if they were not before.

        Parameters
        ----------
        stage : str
            Name of the stage, part of a file name.
        inputs : mapping
            All that the result depends on, as JSON values.
        compute : callable
            Returns arrays without Python objects.

        Returns
        -------
        dict of str to ndarray
        """
        if self.folder is None:
            return compute()
        kept = self.peek(stage, inputs)
        if kept is not None:
            return kept
        arrays = compute()
        path = self.folder / f"{stage}-{digest(inputs)}.npz"
        self.folder.mkdir(parents=True, exist_ok=True)
        with write_atomically(path) as file:
            np.savez(file, allow_pickle=False, **arrays)
        self._forget(stage)
        return arrays

    def peek(self, stage: str, inputs: Mapping[str, Any]) -> dict[str, np.ndarray] | None:
        """Return the arrays of a stage if they are kept; parameters as of :meth:`get`."""
        if self.folder is None:
            return None
        try:
            path = self.folder / f"{stage}-{digest(inputs)}.npz"
            return load_arrays(path)
        # Never made, cut off by an older version, damaged, or a stranger's: made again.
        except (OSError, ValueError, EOFError, NotImplementedError, struct.error,
                zipfile.BadZipFile, zlib.error):  # fmt: skip
            return None

    def _forget(self, stage: str) -> None:
        """Keep only the newest results of a stage."""
        assert self.folder is not None
        paths = sorted(self.folder.glob(f"{stage}-*.npz"), key=lambda path: path.stat().st_mtime_ns)
        for path in paths[:-KEPT_PER_STAGE]:
            path.unlink(missing_ok=True)


def digest(inputs: Any) -> str:
    """Return 16 hexadecimal digits that stand for a JSON value."""
    text = json.dumps(inputs, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
