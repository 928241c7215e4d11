"""``artstylenet styles``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artstylenet.cli.json_documents import print_document, records
from artstylenet.cli.options import AsJson, Atlas, Count
from artstylenet.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from artstylenet.atlas import StyleAtlas
    from artstylenet.curation import Curation


def styles(
    atlas: Atlas,
    count: Count = 10,
    facet: Annotated[
        str | None,
        typer.Option(help="Styles of colour, texture or composition alone, found now."),
    ] = None,
    n_styles: Annotated[int, typer.Option("--n-styles", min=2, help="With --facet: how many.")] = 8,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Show the styles: share, painters, top painters and paintings.

    Painters are counted twice: those whose largest style it is, and those who give it at least a
    tenth of their work. Names that you gave are shown; styles that you hid or merged are left out
    of the table for reading, and named below it; a share counts what is merged into the style.
    """
    if as_json and as_csv:
        raise InputError("--json and --csv exclude each other.")
    from artstylenet.curation import read_curation
    from artstylenet.ranking import style_table
    from artstylenet.storage import load_atlas

    loaded = load_atlas(atlas)
    if facet is not None:
        table = _of_facet(loaded, atlas, facet, n_styles, count)
        if as_json:
            print_document({"facet": facet, "styles": records(table)})
        elif as_csv:
            _print_csv(table)
        else:
            _print_facet(table)
        return
    table, curation = style_table(loaded, count), read_curation(atlas)
    table.insert(1, "name", [curation.names.get(style) for style in table["style"]])
    if as_json:
        table["hidden"] = table["style"].isin(curation.hidden)
        table["merged_into"] = table["style"].map(curation.merged).astype("Int64")
        print_document(records(table))
    elif as_csv:
        _print_csv(table)
    else:
        shares = table["share"].to_numpy(copy=True)
        for style, into in curation.merged.items():
            shares[into] += shares[style]
        table["share"] = shares
        shown = table[table["style"].isin(curation.shown(loaded.n_styles))]
        _print_table(shown, has_painters=loaded.n_painters > 0)
        _print_left_out(curation)


def _print_left_out(curation: Curation) -> None:
    parts = [
        f"{curation.name(style)} (part of {curation.name(into)})"
        for style, into in sorted(curation.merged.items())
    ]
    hidden = sorted(curation.hidden - curation.merged.keys())
    left_out = [f"{curation.name(style)} (hidden)" for style in hidden] + parts
    if left_out:
        typer.echo(f"Not shown: {', '.join(left_out)}.")


def _of_facet(
    atlas: StyleAtlas, folder: Path, facet: str, n_styles: int, count: int
) -> pd.DataFrame:
    from artstylenet.cli.progress_bars import progress_bars
    from artstylenet.facets import facet_style_table, facet_styles
    from artstylenet.looks import looks_of
    from artstylenet.looks.cache import looks_cache
    from artstylenet.looks.facets import FACETS

    if facet not in FACETS:
        raise InputError(f"--facet takes one of {', '.join(FACETS)}; not {facet!r}.")
    with progress_bars() as progress:
        looks = looks_of(atlas, looks_cache(folder), progress=progress)
    return facet_style_table(atlas, facet_styles(atlas, facet, n_styles, looks=looks), count)


def _print_facet(table: pd.DataFrame) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(show_lines=True)
    for column in ("style", "share"):
        shown.add_column(column, justify="right")
    for column in ("top painters", "top paintings"):
        shown.add_column(column)
    for row in records(table):
        names, ids = ", ".join(row["top_painters"]), ", ".join(row["top_paintings"])
        shown.add_row(str(row["style"]), f"{100 * row['share']:.1f} %", Text(names), Text(ids))
    Console().print(shown)


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
        called = f"{row['style']}  {row['name']}" if row["name"] else str(row["style"])
        cells = [called, f"{100 * row['share']:.1f} %"]
        if has_painters:
            cells.append(f"{row['n_painters_dominant']} / {row['n_painters_tenth']}")
            cells.append(", ".join(row["top_painters"]))
        cells.append(", ".join(row["top_paintings"]))
        # As text: names may hold square brackets, which Rich would read as markup.
        shown.add_row(*map(Text, cells))
    Console().print(shown)
