"""Tables of scores in the terminal, as CSV and as JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

# Ends of the names of measures that compare with a label, by what they look at.
MEASURES_OF = {
    "dominant style": ("nmi", "ari", "ami", "purity"),
    "mixture": ("precision_at_10", "probe"),
}


def finite_records(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return the rows of a table as plain dicts, None for what is not a number."""
    return [finite(row) for row in table.to_dict("records")]


def finite(row: dict[Any, Any]) -> dict[str, object]:
    """Return a row with None for what is not a number."""
    return {
        str(key): None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in row.items()
    }


def print_csv(table: pd.DataFrame) -> None:
    """Print a table as CSV."""
    import io

    from artstylenet.storage.tables import write_csv

    buffer = io.StringIO()
    write_csv(table, buffer)
    typer.echo(buffer.getvalue(), nl=False)


def print_scores(table: pd.DataFrame, console: Console) -> None:
    """Print what was measured as small tables: one of all measures would be too wide.

    `table` has the columns ``contender, measure, mean, spread, n_seeds``.
    """
    from rich.table import Table

    contenders = list(dict.fromkeys(table["contender"]))
    cells = {
        (row["contender"], row["measure"]): f"{row['mean']:.3f}"
        + (f" ± {row['spread']:.3f}" if row["n_seeds"] > 1 else "")
        for row in table.to_dict("records")
    }
    groups: dict[str, list[str]] = {}
    for measure in dict.fromkeys(table["measure"]):
        groups.setdefault(_title_of(measure), []).append(measure)
    for group, measures in groups.items():
        shown = Table(title=group)
        shown.add_column("")
        for measure in measures:
            shown.add_column(_short(measure), justify="right", no_wrap=True)
        for contender in contenders:
            row = [cells.get((contender, measure), "") for measure in measures]
            if any(row):
                shown.add_row(contender, *row)
        console.print(shown)


def _title_of(measure: str) -> str:
    """Return the title of the small table that a measure stands in."""
    plain = measure.removesuffix("_unseen")
    for what, ends in MEASURES_OF.items():
        for end in ends:
            if plain.endswith(f"_{end}"):
                unseen = ", painters held apart" if plain != measure else ""
                return f"{plain.removesuffix(f'_{end}')}: {what}{unseen}"
    return "Without labels"


def _short(measure: str) -> str:
    plain = measure.removesuffix("_unseen")
    ends = [end for ends in MEASURES_OF.values() for end in ends if plain.endswith(f"_{end}")]
    return (ends or [plain])[0].replace("_", " ")
