"""A folder that is there whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from artstylenet.errors import InputError

MARKER = "artstylenet-site.json"


@contextmanager
def replace_site(folder: Path) -> Iterator[Path]:
    """Build a site beside its place and put it there when it is finished.

    Parameters
    ----------
    folder : Path
        Where the site goes: missing, empty, or an exported site.

    Yields
    ------
    Path
        A new folder to fill. On leaving it takes the place of `folder`; what people have put
        beside the pages, such as ``CNAME`` or ``.git``, moves along. After an error it is gone
        and `folder` is untouched.

    Raises
    ------
    InputError
        `folder` is a file, or holds something else than an exported site.
    """
    previous = _previous_entries(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    workspace = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        fresh = workspace / "new"
        fresh.mkdir()  # with the usual permissions, which mkdtemp does not give
        yield fresh
        entries = sorted(path.name for path in fresh.iterdir())
        (fresh / MARKER).write_text(
            json.dumps({"schema": 1, "entries": entries}, indent=1) + "\n", encoding="utf-8"
        )
        if folder.exists():
            old = workspace / "old"
            folder.rename(old)
            for path in old.iterdir():
                if path.name not in previous and not (fresh / path.name).exists():
                    path.rename(fresh / path.name)
        fresh.rename(folder)
    finally:
        shutil.rmtree(workspace, ignore_errors=True)


def _previous_entries(folder: Path) -> frozenset[str]:
    """Return what an earlier export has put into the folder; refuse any other folder."""
    if not folder.exists():
        return frozenset()
    if not folder.is_dir():
        raise InputError(f"{folder} is a file; name a folder for the site")
    marker = folder / MARKER
    if marker.is_file():
        try:
            return frozenset([MARKER, *json.loads(marker.read_text(encoding="utf-8"))["entries"]])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{marker} is damaged; remove {folder} or name another") from error
    if any(folder.iterdir()):
        raise InputError(
            f"{folder} is not empty and is not an exported site; name a new folder for the site"
        )
    return frozenset()
