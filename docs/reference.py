"""Write the pages that follow from the code: ``commands.md`` and ``api.md``.

::

    python -m docs.reference            # or: make docs
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer

import artstylenet
from artstylenet.cli.app import app

FOLDER = Path(__file__).parent
WRITTEN = "<!-- Written by `make docs`; change the code instead. -->"


def main() -> None:
    """Write all pages."""
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


def pages() -> dict[str, str]:
    """Return the text of every page by file name."""
    return {"commands.md": commands_page(), "api.md": api_page()}


def commands_page() -> str:
    """Return a page with every command, argument and option."""
    program: Any = typer.main.get_command(app)
    sections = [command_section(name, command) for name, command in program.commands.items()]
    opening = f"""# Commands

{WRITTEN}

`artstylenet COMMAND --help` says the same. Exit codes: 0 done, 1 failed, 2 bad input, 130
interrupted. Progress and complaints go to standard error, results to standard output."""
    return "\n\n".join([opening, *sections]) + "\n"


def command_section(name: str, command: Any) -> str:
    """Return the section of one command."""
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    usage = " ".join(["artstylenet", name, *(p.metavar or p.name.upper() for p in arguments)])
    rows = [(f"`{p.metavar or p.name.upper()}`", _one_line(p.help)) for p in arguments]
    rows += [(option_names(p), _one_line(p.help) + default_of(p)) for p in options]
    return f"## {name}\n\n```\n{usage} [OPTIONS]\n```\n\n{described(command.help)}\n\n" + table(
        ("", ""), rows
    )


def described(text: str) -> str:
    """Return the text of a command; a paragraph of examples becomes a block of code."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    shown = []
    for paragraph in paragraphs:
        if paragraph.startswith("\b"):
            shown.append("```\n" + paragraph.removeprefix("\b").strip() + "\n```")
        else:
            shown.append(_one_line(paragraph))
    return "\n\n".join(shown)


def option_names(option: Any) -> str:
    """Return the names of an option, the long one first."""
    return ", ".join(f"`{name}`" for name in sorted(option.opts, key=len, reverse=True))


def default_of(option: Any) -> str:
    """Say what an option is when it is not given; flags are off."""
    if option.is_flag or option.default is None:
        return ""
    return f" Default: `{option.default}`."


def api_page() -> str:
    """Return a page with every public name."""
    named = [(name, getattr(artstylenet, name)) for name in artstylenet.__all__]
    kinds = {
        "Functions": [pair for pair in named if inspect.isfunction(pair[1])],
        "Classes": [pair for pair in named if inspect.isclass(pair[1])],
    }
    parts = [
        f"""# The Python API

{WRITTEN}

`import artstylenet as asn`; `help(asn.build_atlas)` tells parameters, results and errors. Every
name is imported when it is first used. Figures are functions of `artstylenet.figures`. Errors are
in `artstylenet.errors`: all of them are an `ArtStyleNetError`, and those about what was given are
also a `ValueError`."""
    ]
    for kind, members in kinds.items():
        rows = [(f"`{name}{call_of(member)}`", first_line(member)) for name, member in members]
        parts.append(f"## {kind}\n\n" + table(("", ""), rows))
    return "\n\n".join(parts) + "\n"


def call_of(member: Any) -> str:
    """Return how a function is called: its positional parameters; empty for classes."""
    if not inspect.isfunction(member):
        return ""
    parameters = inspect.signature(member).parameters.values()
    positional = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    more = ["..."] if len(positional) < len(parameters) else []
    return f"({', '.join(positional + more)})"


def first_line(member: Any) -> str:
    """Return the first line of a docstring."""
    return (inspect.getdoc(member) or "").split("\n", 1)[0].replace("``", "`")


def table(header: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    header = list(header)
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines
    )


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


if __name__ == "__main__":
    main()
