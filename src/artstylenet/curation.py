"""What people say of an atlas: names of styles, merged and hidden styles, notes.

The lines of ``curation.jsonl`` are only ever added to; undo is a line too. The model is never
touched: a curation is a view, and without the file the atlas is as it was found.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from artstylenet.errors import AtlasError, InputError, UnknownIdError
from artstylenet.storage.atlas_files import read_run

CURATION_FILE = "curation.jsonl"
LONGEST_TEXT = 2000
LONGEST_BYTES = 4 * LONGEST_TEXT
PARTS: dict[str, dict[str, type]] = {
    "name": {"style": int, "text": str},
    "note": {"style": int, "text": str},
    "hide": {"style": int},
    "show": {"style": int},
    "merge": {"style": int, "into": int},
    "undo": {},
}
"""What can be said, and what belongs to it."""


@dataclass(frozen=True)
class Curation:
    """What has been said and not been taken back.

    Attributes
    ----------
    names : mapping of int to str
        Names given to styles.
    hidden : frozenset of int
        Styles that are not to be shown.
    merged : mapping of int to int
        Styles that are shown as part of another: from each to the one it ends in.
    notes : mapping of int to tuple of str
        Notes on styles, oldest first.
    n_outdated : int
        Lines about an earlier build of the atlas. They do not hold: after another build, style 3
        is another style. They stay in the file, and hold again if that build comes back.
    last : str
        What was said last and still holds, in words; empty if nothing does. Undo takes it back.
    """

    names: Mapping[int, str] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()
    merged: Mapping[int, int] = field(default_factory=dict)
    notes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    n_outdated: int = 0
    last: str = ""

    def name(self, style: int) -> str:
        """Return what people call a style: its name, or ``Style 3``."""
        return self.names.get(style, f"Style {style}")

    @property
    def labels(self) -> dict[int, str]:
        """Return what pages and figures call the styles of which something was said."""
        labels = dict(self.names)
        for style, into in self.merged.items():
            labels[style] = f"{self.name(into)} (style {style})"
        for style in self.hidden:
            labels[style] = f"{self.name(style)} (hidden)"
        return labels

    def shown(self, n_styles: int) -> list[int]:
        """Return the styles that are shown: neither hidden nor merged into another."""
        return [k for k in range(n_styles) if k not in self.hidden and k not in self.merged]

    def view(self, mixtures: pd.DataFrame) -> pd.DataFrame:
        """Return mixtures as they are shown: merged styles added up, hidden ones left out.

        Parameters
        ----------
        mixtures : DataFrame of shape (n, n_styles)
            As ``atlas.painting_styles`` or ``atlas.painter_styles``.

        Returns
        -------
        DataFrame of shape (n, n_shown)
            Columns keep their names. Rows sum to 1 less the weight of hidden styles.
        """
        values = mixtures.to_numpy().copy()
        for style, target in self.merged.items():
            values[:, target] += values[:, style]
        kept = self.shown(values.shape[1])
        return pd.DataFrame(values[:, kept], mixtures.index, mixtures.columns[kept])


def read_curation(folder: str | Path) -> Curation:
    """Return what has been said of the atlas in a folder; nothing if nobody has said anything.

    Parameters
    ----------
    folder : str or Path
        Folder of the atlas.

    Returns
    -------
    Curation

    Raises
    ------
    AtlasError
        If a line cannot be understood; a last line that was cut off is passed over.
    """
    folder = Path(folder)
    n_styles, build = _number_and_build(folder)
    return _apply(_read_lines(folder / CURATION_FILE), build, n_styles)


def name_style(folder: str | Path, style: int, name: str) -> Curation:
    """Give a style a name.

    Parameters
    ----------
    folder : str or Path
        Of the atlas.
    style : int
    name : str
        White space around it is dropped.

    Returns
    -------
    Curation
        What holds now.

    Raises
    ------
    InputError
        If the name is empty or longer than 2,000 characters.
    UnknownIdError
        If the atlas has no such style.
    AtlasError
        If the folder is no atlas or cannot be written.
    """
    return _add(folder, {"action": "name", "style": style, "text": _text("name", name)})


def note_style(folder: str | Path, style: int, note: str) -> Curation:
    """Add a note to a style; errors as of :func:`name_style`."""
    return _add(folder, {"action": "note", "style": style, "text": _text("note", note)})


def hide_style(folder: str | Path, style: int) -> Curation:
    """Leave a style out of what is shown; errors as of :func:`name_style`."""
    return _add(folder, {"action": "hide", "style": style})


def show_style(folder: str | Path, style: int) -> Curation:
    """Show a style by itself, that was hidden or merged; errors as of :func:`name_style`."""
    return _add(folder, {"action": "show", "style": style})


def merge_style(folder: str | Path, style: int, into: int) -> Curation:
    """Show a style as part of another.

    Raises
    ------
    InputError
        If that would make a circle. Others as of :func:`name_style`.
    """
    return _add(folder, {"action": "merge", "style": style, "into": into})


def undo(folder: str | Path) -> Curation:
    """Take back what was said last and still holds.

    Raises
    ------
    InputError
        If there is nothing to take back.
    AtlasError
        As of :func:`name_style`.
    """
    return _add(folder, {"action": "undo"})


def carry_over(folder: str | Path, before: str, now: str, same: Mapping[int, int]) -> list[int]:
    """Say again, of the styles of another fit, what holds of the same styles of the old one.

    Parameters
    ----------
    folder : str or Path
        Of the atlas.
    before, now : str
        Hashes of what the styles of the old and of the new fit were found in; lines of the new
        one may be written before its atlas is.
    same : mapping of int to int
        Styles that came back, and their new numbers.

    Returns
    -------
    list of int
        Old styles of which something was said that no longer holds.

    Raises
    ------
    AtlasError
        If a line cannot be understood, or the file cannot be written.
    """
    path = Path(folder) / CURATION_FILE
    if not path.exists():
        return []
    with _appending(path) as handle:
        lines = _read_lines(path)
        lost: set[int] = set()
        new: list[dict[str, Any]] = []
        for line in _standing(lines, before):
            styles: dict[str, int] = {k: line[k] for k in ("style", "into") if k in line}
            if set(styles.values()) <= same.keys():
                renumbered = {role: same[style] for role, style in styles.items()}
                new.append({**line, **renumbered, "build": now})
            else:
                lost.add(line["style"])
        # A run that was cut off may have said some of this before.
        _write_lines(handle, path, [line for line in new if line not in lines])
    return sorted(lost)


def _add(folder: str | Path, line: dict[str, Any]) -> Curation:
    """Append a line, one writer at a time, and have it on disk before this returns."""
    folder = Path(folder)
    n_styles, build = _number_and_build(folder)
    line["build"] = build
    for role in ("style", "into"):
        if role in line and not 0 <= line[role] < n_styles:
            raise UnknownIdError(
                f"The atlas has no style {line[role]}: its styles are 0 to {n_styles - 1}."
            )
    path = folder / CURATION_FILE
    with _appending(path) as handle:
        before = _read_lines(path)
        if line["action"] == "undo" and not _standing(before, build):
            raise InputError("There is nothing to undo.")
        after = _apply([*before, line], build, n_styles)
        _write_lines(handle, path, [line])
    return after


@contextmanager
def _appending(path: Path) -> Iterator[int]:
    """Open the file to write behind its end, one writer at a time."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError as error:
        raise AtlasError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _write_lines(handle: int, path: Path, lines: list[dict[str, Any]]) -> None:
    encoded = [json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in lines]
    data = "".join(encoded).encode("utf-8", "backslashreplace")
    try:
        _cut_off_half_line(path)
        # One call for all: a full disk or a kill leaves a half line at most, and no line twice.
        n_written = os.write(handle, data)
        os.fsync(handle)
    except OSError as error:
        raise AtlasError(f"{path} cannot be written: {error.strerror}.") from error
    if n_written < len(data):
        raise AtlasError(f"{path} could not be written whole: is the disk full?")


def _standing(lines: list[dict[str, Any]], build: str) -> list[dict[str, Any]]:
    """Return the lines that hold for a build: each undo takes back the last that does."""
    stack: list[dict[str, Any]] = []
    for line in lines:
        if line.get("build") != build:
            continue
        if line["action"] != "undo":
            stack.append(line)
        elif stack:
            stack.pop()
    return stack


def _apply(lines: list[dict[str, Any]], build: str, n_styles: int) -> Curation:
    names: dict[int, str] = {}
    hidden: set[int] = set()
    into: dict[int, int] = {}
    notes: dict[int, tuple[str, ...]] = {}
    standing = _standing(lines, build)
    for line in standing:
        style = line["style"]
        if not all(0 <= line.get(role, 0) < n_styles for role in ("style", "into")):
            raise AtlasError(
                f"A line of {CURATION_FILE} cannot be understood: there is no such style."
            )
        match line["action"]:
            case "name":
                names[style] = line["text"]
            case "note":
                notes[style] = (*notes.get(style, ()), line["text"])
            case "hide":
                hidden.add(style)
            case "show":
                hidden.discard(style)
                into.pop(style, None)
            case "merge":
                if _end(into, line["into"]) == style:
                    raise InputError(
                        f"Style {style} cannot be merged into style {line['into']}: that one is "
                        f"shown as part of style {style}."
                    )
                into[style] = line["into"]
    n_outdated = sum(line.get("build") != build for line in lines)
    merged = {style: _end(into, style) for style in into}
    last = _in_words(standing[-1]) if standing else ""
    return Curation(names, frozenset(hidden), merged, notes, n_outdated, last)


def _in_words(line: Mapping[str, Any]) -> str:
    style = f"style {line['style']}"
    match line["action"]:
        case "name":
            return f"{style} called {line['text']}"
        case "note":
            return f"the note on {style}: {line['text']}"
        case "hide":
            return f"{style} hidden"
        case "show":
            return f"{style} shown again"
        case _:
            return f"{style} merged into style {line['into']}"


def _end(into: Mapping[int, int], style: int) -> int:
    while style in into:
        style = into[style]
    return style


def _read_lines(path: Path) -> list[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise AtlasError(f"{path} cannot be read ({error}).") from error
    lines = []
    whole = text.endswith("\n")
    rows = text.splitlines()
    for number, row in enumerate(rows, start=1):
        if not row.strip():
            continue
        try:
            lines.append(_checked(json.loads(row)))
        except (ValueError, KeyError, TypeError) as error:
            # A machine that stopped while writing leaves half a line, and it was never promised.
            if number == len(rows) and not whole:
                break
            raise AtlasError(f"Line {number} of {path} cannot be understood.") from error
    return lines


def _checked(line: Any) -> dict[str, Any]:
    """Return a line whose parts are of the right kinds; others than these may be added later."""
    for part, kind in PARTS[line["action"]].items():
        if type(line[part]) is not kind:
            raise TypeError(part)
        # Half a character, which JSON can write, could not be shown on any page.
        if kind is str and len(line[part].encode()) > LONGEST_BYTES:
            raise ValueError(part)
    return dict(line)


def _cut_off_half_line(path: Path) -> None:
    """Remove a last line that was never written whole: the only thing that is ever removed."""
    data = path.read_bytes()
    if not data.endswith(b"\n"):
        os.truncate(path, data.rfind(b"\n") + 1)


def _number_and_build(folder: Path) -> tuple[int, str]:
    """Return the number of styles of an atlas, and the hash of all that they were found in."""
    run = read_run(folder)
    try:
        # Paintings that were added or removed since change the atlas, not its styles.
        return int(run["n_styles"]), str(run.get("styles_from", run["inputs"]))
    except (KeyError, TypeError, ValueError) as error:
        raise AtlasError(f"The atlas {folder} is damaged: run.json is not whole.") from error


def _text(what: str, text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise InputError(f"The {what} is empty.")
    if len(text) > LONGEST_TEXT:
        raise InputError(f"The {what} is longer than {LONGEST_TEXT} characters.")
    return text
