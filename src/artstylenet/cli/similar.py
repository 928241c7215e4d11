"""``artstylenet similar``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artstylenet.cli.json_documents import print_document, records
from artstylenet.cli.options import AsJson, Atlas, Count
from artstylenet.cli.painting_lists import (
    After,
    Before,
    OtherPainters,
    Where,
    constraints_of,
    print_paintings,
)

if TYPE_CHECKING:
    import pandas as pd

    from artstylenet.atlas import StyleAtlas
    from artstylenet.constraints import Constraints


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
    where: Where = None,
    before: Before = None,
    after: After = None,
    other_painters: OtherPainters = False,
    as_json: AsJson = False,
) -> None:
    """Find the paintings most like one of the atlas, or like an image of yours.

    \b
    artstylenet similar my-atlas claude-monet-17 --other-painters
    artstylenet similar my-atlas photo.jpg --by features --before 1800
    """  # noqa: D301  (Typer leaves the lines after \b as they are)
    from artstylenet.errors import InputError
    from artstylenet.similarity import similar_paintings
    from artstylenet.storage import load_atlas

    if by not in ("styles", "features"):
        raise InputError(f"--by takes styles or features, not {by!r}.")
    constraints = constraints_of(where, before, after, other_painters=other_painters)
    loaded = load_atlas(atlas)
    if painting not in loaded.painting_styles.index and Path(painting).is_file():
        found = _similar_to_file(loaded, Path(painting), by, count, constraints)
    else:
        found = similar_paintings(
            loaded,
            painting,
            by=by,  # type: ignore[arg-type]
            n=count,
            constraints=constraints,
        )
    if as_json:
        print_document(records(found))
    else:
        print_paintings(found, ["similarity"])


def _similar_to_file(
    atlas: StyleAtlas, path: Path, by: str, count: int, constraints: Constraints | None
) -> pd.DataFrame:
    from artstylenet.imaging import read_file
    from artstylenet.placing import place_pictures
    from artstylenet.similarity import similar_to_new

    placed = place_pictures(atlas, [read_file(path)])
    vectors = (
        {"mixture": placed.painting_styles[0]}
        if by == "styles"
        else {"descriptor": placed.descriptors[0]}
    )
    return similar_to_new(atlas, **vectors, n=count, constraints=constraints)
