"""Answers of visitors, one line of JSON each, as ``evaluate --judgements`` reads them."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

from artstylenet.errors import InputError

JUDGEMENTS_FILE = "judgements.jsonl"


class JudgementFile:
    """The file of answers in the folder of an atlas.

    Parameters
    ----------
    folder : Path or None
        None refuses answers.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else folder / JUDGEMENTS_FILE
        self._lock = threading.Lock()

    def append(self, answer: dict[str, Any]) -> int:
        """Keep an answer; return how many there are.

        Raises
        ------
        InputError
            If there is no folder to keep it in, or it cannot be written.
        """
        if self._path is None:
            raise InputError("This explorer keeps no answers.")
        line = json.dumps(answer, ensure_ascii=False, sort_keys=True) + "\n"
        try:
            with self._lock:
                return _append(self._path, line.encode("utf-8", errors="replace"))
        except OSError as error:
            raise InputError(f"The answer cannot be kept: {error.strerror}.") from error


def _append(path: Path, line: bytes) -> int:
    with path.open("a+b") as file:
        # A line that was cut off when a server died must not swallow the next one.
        file.seek(0)
        before = file.read()
        if before and not before.endswith(b"\n"):
            line = b"\n" + line
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    return (before + line).count(b"\n")
