"""Names of strangers do not command the terminal that they are shown on."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys

import pytest

from artstylenet.cli.terminal import tame

TITLE, CLIPBOARD = "\x1b]0;owned\x07", "\x1b]52;c;aGk=\x07"


@pytest.mark.parametrize(
    "command",
    [
        TITLE,
        CLIPBOARD,
        "\x1b[6n",
        "\x1bP0;1|17/ab\x1b\\",
        "\x1bc",
        "\x9b6n",
        "\x08\x08",
        "\x0e",
        "\x7f",
    ],
    ids=[
        "title",
        "clipboard",
        "report",
        "keys",
        "reset",
        "8 bit",
        "backspace",
        "charset",
        "delete",
    ],
)
def test_commands_are_shown_and_not_obeyed(command):
    shown = tame(f"Monet{command}")
    assert shown.startswith("Monet\ufffd")
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in shown)


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[1;38;5;11mbold\x1b[0m",
        "\x1b[2K\x1b[1A\r",
        "\x1b[?25l\x1b[?25h",
        "a\tb\n",
        "Dürer 北斎 👩‍🎨",
    ],
)
def test_colours_moves_and_letters_stay(text):
    assert tame(text) == text


def run_on_a_terminal(program: str) -> str:
    """Run a program whose output is a terminal; return what the terminal gets."""
    ours, theirs = os.openpty()
    process = subprocess.Popen([sys.executable, "-c", program], stdout=theirs, stderr=theirs)
    os.close(theirs)
    got = b""
    with contextlib.suppress(OSError):  # how Linux says that the other end is closed
        while some := os.read(ours, 4096):
            got += some
    os.close(ours)
    process.wait()
    return got.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo terminals here")
@pytest.mark.parametrize(
    "say",
    ["print(name)", "typer.echo(name)", "rich.print(name)", "print(name, file=sys.stderr)"],
)
def test_whatever_writes_is_tamed(say):
    program = (
        "import sys, typer, rich\n"
        "from artstylenet.cli.terminal import tame_terminals\n"
        f"tame_terminals(); name = {'Monet' + TITLE!r}\n{say}"
    )
    got = run_on_a_terminal(program)
    assert "Monet" in got
    assert "\x1b]" not in got
    assert "\x07" not in got


def test_a_command_that_fails_tells_it_tamed(tmp_path):
    arguments = ["artstylenet", "build", str(tmp_path / f"no{TITLE}"), "-o", "x"]
    program = f"import sys\nfrom artstylenet.cli import main\nsys.argv = {arguments!r}\nmain()"
    got = run_on_a_terminal(program)
    assert "owned" in got
    assert "\x1b]" not in got
