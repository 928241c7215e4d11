"""What may reach a terminal: text, colours and moves of the cursor, and nothing that commands it.

Names come from tables and file names of strangers. A control character in one could set a title,
fill the clipboard or answer in the user's place. Files and pipes get names as they are.
"""

from __future__ import annotations

import re
import sys
from typing import TextIO

_COMMANDS = re.compile(
    # Escapes that are not a colour, a move, an erasure or the cursor's showing and hiding ...
    r"\x1b(?!\[\??[0-9;]*[ABCDGHJKhlm])"
    # ... and all other control characters but tab, line feed and carriage return.
    r"|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]"
)


def tame_terminals() -> None:
    """Let standard output and standard error, where they are terminals, get tamed text."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and stream.isatty():
            setattr(sys, name, _Tamed(stream))


def tame(text: str) -> str:
    """Return text with a replacement character in place of what would command a terminal."""
    return _COMMANDS.sub("\ufffd", text)


class _Tamed:
    """A text stream that tames what is written to it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(tame(text))

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)
