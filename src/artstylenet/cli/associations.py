"""``artstylenet associations``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from artstylenet.cli.json_documents import print_document, records
from artstylenet.cli.options import AsJson, Atlas

if TYPE_CHECKING:
    import pandas as pd

SURE = 0.05


def associations(
    atlas: Atlas,
    column: Annotated[
        str | None,
        typer.Option(help="Column of your table, such as movement, or century [default: all]."),
    ] = None,
    shuffle: Annotated[
        str,
        typer.Option(
            help="What chance deals labels out among: paintings; painters, with all their works; "
            "'within painters'; auto: painters if the label is the painter's, else paintings."
        ),
    ] = "auto",
    permutations: Annotated[
        int, typer.Option(min=1, help="How often labels are dealt out.")
    ] = 4999,
    as_json: AsJson = False,
) -> None:
    """Tell which styles go with which labels of your table, and whether that may be chance.

    The labels are never part of the model.

    \b
    artstylenet associations my-atlas
    artstylenet associations my-atlas --column movement
    """  # noqa: D301  (Typer leaves the lines after \b as they are)
    from artstylenet.associations import column_associations, style_associations
    from artstylenet.storage import load_atlas

    loaded = load_atlas(atlas)
    asked: dict[str, Any] = {"shuffle": shuffle, "n_permutations": permutations}
    columns = column_associations(loaded, column, **asked)
    labels = style_associations(loaded, column, **asked)
    if as_json:
        print_document({"columns": records(columns), "labels": records(labels)})
    else:
        _print(columns, labels)


def _print(columns: pd.DataFrame, labels: pd.DataFrame) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if columns.empty:
        typer.echo("No column of the collection has labels to compare.")
        return
    whole = Table(title="Columns")
    for name in ("column", "labels", "paintings", "Cramér's V", "bits", "q", "by chance among"):
        whole.add_column(name, justify="left" if name in ("column", "by chance among") else "right")
    for row in columns.itertuples():
        numbers = [str(row.n_labels), str(row.n_paintings), f"{row.cramers_v:.2f}"]
        surety = [f"{row.mutual_information:.2f}", f"{row.q_value:.4f}"]
        whole.add_row(Text(str(row.column)), *numbers, *surety, str(row.shuffle))
    Console().print(whole)
    sure = labels[labels["q_value"] <= SURE]
    typer.echo(
        f"{len(sure)} of {len(labels)} pairs of label and style are surer than a false discovery "
        f"rate of {SURE:.0%}."
    )
    if sure.empty:
        return
    pairs = Table(title="Labels and styles")
    for name in ("column", "label", "paintings", "style", "weight", "lift", "q"):
        pairs.add_column(name, justify="left" if name in ("column", "label") else "right")
    for row in sure.itertuples():
        numbers = [str(row.n_paintings), str(row.style), f"{row.weight:.2f}"]
        surety = [f"{row.lift:.2f}", f"{row.q_value:.4f}"]
        pairs.add_row(Text(str(row.column)), Text(str(row.label)), *numbers, *surety)
    Console().print(pairs)
