"""``artstylenet path``."""

from __future__ import annotations

from typing import Annotated

import typer

from artstylenet.cli.json_documents import print_document, records
from artstylenet.cli.options import AsJson, Atlas
from artstylenet.cli.painting_lists import print_paintings


def path(
    atlas: Atlas,
    start: Annotated[str, typer.Argument(metavar="FROM", help="Id of a painting.")],
    end: Annotated[str, typer.Argument(metavar="TO", help="Id of another painting.")],
    steps: Annotated[int, typer.Option(min=1, help="How many steps.")] = 6,
    by: Annotated[
        str, typer.Option(help="features: near in their looks; styles: near in their mixtures.")
    ] = "features",
    as_json: AsJson = False,
) -> None:
    """Lead from one painting to another in small, even steps.

    \b
    artstylenet path my-atlas rembrandt-103 claude-monet-13 --steps 6
    """  # noqa: D301  (Typer leaves the lines after \b as they are)
    from artstylenet.paths import path_between
    from artstylenet.storage import load_atlas

    way = path_between(load_atlas(atlas, whole=False), start, end, steps=steps, by=by)  # type: ignore[arg-type]
    if as_json:
        print_document({"by": by, "steps": steps, "paintings": records(way)})
    else:
        print_paintings(way, ["to_start", "to_end", "step"])
