"""The command line: parse, call, print.

Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from typing import Any

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130


def main() -> None:
    """Run the command that the process was started with."""
    import typer

    from artstylenet.cli.app import app
    from artstylenet.errors import ArtStyleNetError

    # Newer Typers carry a copy of click: this is the base of usage errors in whichever is in use.
    usage_error: Any = typer.BadParameter.__mro__[2]
    try:
        code = app(prog_name="artstylenet", standalone_mode=False)
        if code == INTERRUPTED:
            _interrupted()
    except typer.Abort:
        code = _interrupted()
    except usage_error as error:
        error.show()
        code = BAD_INPUT
    except ArtStyleNetError as error:
        _complain(error)
        code = BAD_INPUT
    except KeyboardInterrupt:
        code = _interrupted()
    except SystemExit as ended:
        # Typer turns a broken pipe into a failure; but whoever read our output has seen enough.
        if not isinstance(ended.__context__, BrokenPipeError):
            raise
        _forget_output()
        code = 0
    except OSError as error:
        _complain(error)
        _give_up_output()
        code = FAILED
    sys.exit(code)


def _give_up_output() -> None:
    """Forget what cannot be written: tried again at the end, it would end in a code of Python's."""
    try:
        sys.stdout.flush()
    except OSError:
        _forget_output()


def _forget_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(error: Exception) -> None:
    sys.stderr.write(f"Error: {error}\n")


def _interrupted() -> int:
    sys.stderr.write("Interrupted. What was finished is kept; run the same command to go on.\n")
    return INTERRUPTED
