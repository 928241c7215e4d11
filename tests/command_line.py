"""The command line in this process, on an atlas that is loaded already."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from artstylenet import StyleAtlas, cli

Run = Callable[..., tuple[int, str, str]]


def commands_on(
    atlas: StyleAtlas, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Return what runs a command on that atlas, and returns its exit code and what it printed."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("artstylenet.storage.load_atlas", lambda folder, whole=True: atlas)
        monkeypatch.setattr(sys, "argv", ["artstylenet", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run
