"""The command line: parse, call, print.

Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from artstylenet.cli.terminal import tame_terminals

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
_INTERRUPTED_TEXT = "Interrupted. What was finished is kept; run the same command to go on.\n"


def main() -> None:
    """Run the command that the process was started with."""
    _heed_interrupts()
    tame_terminals()
    try:
        code = _run()
    except KeyboardInterrupt:
        code = _interrupted()
    sys.exit(code)


def _run() -> int:
    """Run the command and return its exit code."""
    # Imported here, where an interrupt is heeded: it takes a while.
    import typer

    from artstylenet.cli.app import app
    from artstylenet.errors import ArtStyleNetError

    # Newer Typers carry a copy of click: this is the base of usage errors in whichever is in use.
    usage_error: Any = typer.BadParameter.__mro__[2]
    try:
        code: int = app(prog_name="artstylenet", standalone_mode=False) or 0
        return _interrupted() if code == INTERRUPTED else code
    except typer.Abort:
        return _interrupted()
    except usage_error as error:
        error.show()
        return BAD_INPUT
    except ArtStyleNetError as error:
        _complain(error)
        return BAD_INPUT
    except SystemExit as ended:
        # Typer turns a broken pipe into a failure; but whoever read our output has seen enough.
        if not isinstance(ended.__context__, BrokenPipeError):
            raise
        _forget_output()
        return 0
    except OSError as error:
        _complain(error)
        _give_up_output()
        return FAILED


def _heed_interrupts() -> None:
    """Let the first Ctrl-C end in order what is being done, a second one the process at once.

    What is cut off then goes on with the next run, as after a kill. Who has told us to ignore
    interrupts, such as ``nohup``, is obeyed.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end_in_order)
        # The interpreter would die of one that comes while it clears up.
        atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)
        sys.unraisablehook = partial(_unraisable, sys.unraisablehook)


def _end_in_order(*_: object) -> None:
    signal.signal(signal.SIGINT, _end_at_once)
    raise KeyboardInterrupt


def _end_at_once(*_: object) -> None:
    os.write(sys.stderr.fileno(), _INTERRUPTED_TEXT.encode())
    os._exit(INTERRUPTED)


def _unraisable(
    before: Callable[[sys.UnraisableHookArgs], object], unraisable: sys.UnraisableHookArgs
) -> None:
    """End the process if an interrupt fell into a place from which no error comes out."""
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        _end_at_once()
    before(unraisable)


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
    sys.stderr.write(_INTERRUPTED_TEXT)
    return INTERRUPTED
