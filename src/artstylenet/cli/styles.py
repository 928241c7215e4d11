"""``artstylenet styles``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from artstylenet.cli.options import AsJson, Atlas, Count
from artstylenet.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def styles(
    atlas: Atlas,
    count: Count = 10,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Show the styles: share, painters, top painters and paintings.

    Painters are counted twice: those whose largest style it is, and those who give it at least a
    tenth of their work.
    """
    if as_json and as_csv:
        raise InputError("--json and --csv exclude each other.")
    from artstylenet.ranking import style_table
    from artstylenet.storage import load_atlas

    loaded = load_atlas(atlas)
    table = style_table(loaded, count)
    if as_json:
        typer.echo(table.to_json(orient="records", force_ascii=False, double_precision=6))
    elif as_csv:
        _print_csv(table)
    else:
        _print_table(table, has_painters=loaded.n_painters > 0)


def _print_csv(table: pd.DataFrame) -> None:
    import io

    from artstylenet.storage.tables import write_csv

    flat = table.copy()
    for column in ("top_painters", "top_paintings"):
        flat[column] = flat[column].map("; ".join)
    buffer = io.StringIO()
    write_csv(flat, buffer)
    typer.echo(buffer.getvalue(), nl=False)


def _print_table(table: pd.DataFrame, *, has_painters: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(show_lines=True)
    shown.add_column("style", justify="right")
    shown.add_column("share", justify="right")
    if has_painters:
        shown.add_column("painters\n(most / tenth)", justify="right")
        shown.add_column("top painters")
    shown.add_column("top paintings")
    for row in table.to_dict("records"):
        cells = [str(row["style"]), f"{100 * row['share']:.1f} %"]
        if has_painters:
            cells.append(f"{row['n_painters_dominant']} / {row['n_painters_tenth']}")
            cells.append(", ".join(row["top_painters"]))
        cells.append(", ".join(row["top_paintings"]))
        # As text: names may hold square brackets, which Rich would read as markup.
        shown.add_row(*map(Text, cells))
    Console().print(shown)
