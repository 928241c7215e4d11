"""``artstylenet similar``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artstylenet.cli.options import AsJson, Atlas, Count

if TYPE_CHECKING:
    import pandas as pd

    from artstylenet.atlas import StyleAtlas


def similar(
    atlas: Atlas,
    painting: Annotated[
        str,
        typer.Argument(metavar="PAINTING", help="Id of a painting of the atlas, or an image file."),
    ],
    by: Annotated[
        str, typer.Option(help="styles: alike in their mixtures; features: alike in their looks.")
    ] = "styles",
    count: Count = 10,
    as_json: AsJson = False,
) -> None:
    """Find the paintings most like one of the atlas, or like an image of yours.

    \b
    artstylenet similar my-atlas claude-monet-17
    artstylenet similar my-atlas photo.jpg --by features
    """  # noqa: D301  (Typer leaves the lines after \b as they are)
    from artstylenet.errors import InputError
    from artstylenet.similarity import similar_paintings
    from artstylenet.storage import load_atlas

    if by not in ("styles", "features"):
        raise InputError(f"--by takes styles or features, not {by!r}.")
    loaded = load_atlas(atlas)
    if painting not in loaded.painting_styles.index and Path(painting).is_file():
        found = _similar_to_file(loaded, Path(painting), by, count)
    else:
        found = similar_paintings(loaded, painting, by=by, n=count)  # type: ignore[arg-type]
    if as_json:
        typer.echo(found.to_json(orient="records", force_ascii=False, double_precision=6))
    else:
        _print_table(found)


def _similar_to_file(atlas: StyleAtlas, path: Path, by: str, count: int) -> pd.DataFrame:
    from artstylenet.imaging import read_file
    from artstylenet.placing import place_pictures
    from artstylenet.similarity import similar_to_new

    placed = place_pictures(atlas, [read_file(path)])
    if by == "styles":
        return similar_to_new(atlas, mixture=placed.painting_styles[0], n=count)
    return similar_to_new(atlas, descriptor=placed.descriptors[0], n=count)


def _print_table(found: pd.DataFrame) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table()
    for column in ("similarity", "id", "painter", "title", "year"):
        shown.add_column(column, justify="right" if column == "similarity" else "left")
    for row in found.fillna("").itertuples():
        shown.add_row(
            f"{row.similarity:.3f}",
            *(Text(str(v)) for v in (row.id, row.painter, row.title, row.year)),
        )
    Console().print(shown)
