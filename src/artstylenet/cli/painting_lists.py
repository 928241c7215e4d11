"""Lists of paintings in a terminal, and the options that say which may be in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

    from artstylenet.constraints import Constraints

Where = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN=LABEL",
        help="Only paintings with this label, such as movement=Baroque or century='17th century'. "
        "Again for the same column: either; for another: both.",
    ),
]
Before = Annotated[
    int | None,
    typer.Option(metavar="YEAR", help="Only paintings surely made before this year."),
]
After = Annotated[
    int | None, typer.Option(metavar="YEAR", help="Only paintings surely made after this year.")
]
OtherPainters = Annotated[
    bool,
    typer.Option("--other-painters", help="Only works of painters other than those asked about."),
]


def constraints_of(
    where: Sequence[str] | None, before: int | None, after: int | None, *, other_painters: bool
) -> Constraints | None:
    """Return what the options ask for; None if nothing."""
    from artstylenet.constraints import Constraints, parse_where

    constraints = Constraints(parse_where(where or ()), before, after, other_painters)
    return None if constraints == Constraints() else constraints


def print_paintings(found: pd.DataFrame, numbers: Sequence[str], *also: str) -> None:
    """Print a table of paintings: columns of numbers, who and what, columns of text."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table()
    known = [c for c in ("id", "painter", "title", "year") if found[c].notna().any()]
    for column in numbers:
        shown.add_column(column.replace("_", " "), justify="right", overflow="fold")
    for column in (*known, *also):
        shown.add_column(column)
    for row in found.to_dict("records"):
        cells = [f"{row[c]:.3f}" if row[c] == row[c] else "" for c in numbers]
        # As text: names may hold square brackets, which Rich would read as markup.
        texts = ["" if row[c] != row[c] or row[c] is None else str(row[c]) for c in (*known, *also)]
        shown.add_row(*map(Text, [*cells, *texts]))
    Console().print(shown)
