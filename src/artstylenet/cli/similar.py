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
    import numpy as np
    import pandas as pd

    from artstylenet.atlas import StyleAtlas
    from artstylenet.constraints import Constraints
    from artstylenet.looks import Looks


def similar(
    atlas: Atlas,
    painting: Annotated[
        str,
        typer.Argument(metavar="PAINTING", help="Id of a painting of the atlas, or an image file."),
    ],
    by: Annotated[
        str,
        typer.Option(
            help="styles: alike in their mixtures; features: alike to the network; colour, texture "
            "or composition: alike in this alone; facets: in all of these."
        ),
    ] = "styles",
    weights: Annotated[
        str | None,
        typer.Option(
            metavar="FACET=NUMBER,...",
            help="With --by facets: how much each counts, of features, colour, texture and "
            "composition; what is not named does not.",
        ),
    ] = None,
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
    artstylenet similar my-atlas claude-monet-17 --by facets --weights colour=2,texture=1
    """  # noqa: D301  (Typer leaves the lines after \b as they are)
    from artstylenet.errors import InputError
    from artstylenet.looks.facets import FACETS
    from artstylenet.similarity import similar_paintings
    from artstylenet.storage import load_atlas

    if by not in ("styles", "features", "facets", *FACETS):
        ways = f"styles, features, facets, {', '.join(FACETS)}"
        raise InputError(f"--by takes one of {ways}; not {by!r}.")
    if weights is not None and by != "facets":
        raise InputError(f"--weights are of --by facets, not of --by {by}.")
    constraints = constraints_of(where, before, after, other_painters=other_painters)
    parts = None if by in ("styles", "features") else _weights(by, weights)
    # What is not looked at is not read: of a million paintings, words are a gigabyte.
    loaded = load_atlas(atlas, whole=False)
    is_file = painting not in loaded.painting_styles.index and Path(painting).is_file()
    if parts is not None:
        found = _similar_by_facets(
            loaded, atlas, painting, parts, count, constraints, is_file=is_file
        )
    elif is_file:
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
        print_paintings(found, ["similarity", *(parts or ())])


def _weights(by: str, text: str | None) -> dict[str, float]:
    """Return the weights that the options ask for."""
    from artstylenet.errors import InputError
    from artstylenet.facets.likeness import DEFAULT_WEIGHTS, check_weights

    if by != "facets":
        return {by: 1.0}
    if text is None:
        return dict(DEFAULT_WEIGHTS)
    weights: dict[str, float] = {}
    for part in text.split(","):
        facet, _, number = part.partition("=")
        try:
            weights[facet.strip()] = float(number)
        except ValueError:
            raise InputError(
                f"--weights takes FACET=NUMBER,..., such as colour=2,texture=1; not {text!r}."
            ) from None
    return check_weights(weights)


def _similar_by_facets(
    atlas: StyleAtlas,
    folder: Path,
    painting: str,
    weights: dict[str, float],
    count: int,
    constraints: Constraints | None,
    *,
    is_file: bool,
) -> pd.DataFrame:
    from artstylenet.cli.progress_bars import progress_bars
    from artstylenet.facets import similar_by_facets, similar_to_picture
    from artstylenet.looks import looks_of
    from artstylenet.looks.cache import looks_cache
    from artstylenet.similarity import row_of

    if not is_file:
        row_of(atlas, painting)  # a wrong id is told before anything is measured
    with progress_bars() as progress:
        looks = looks_of(atlas, looks_cache(folder), progress=progress)
    if not is_file:
        return similar_by_facets(
            atlas, painting, weights, n=count, constraints=constraints, looks=looks
        )
    picture, descriptor = _look_at_file(atlas, Path(painting))
    return similar_to_picture(
        atlas, picture, descriptor, weights, n=count, constraints=constraints, looks=looks
    )


def _look_at_file(atlas: StyleAtlas, path: Path) -> tuple[Looks, np.ndarray]:
    import numpy as np

    from artstylenet.imaging import decode_picture, read_file
    from artstylenet.looks import measure_looks
    from artstylenet.placing import backbone_of, place_pixels

    picture = decode_picture(read_file(path), backbone_of(atlas).input_size)
    looks = measure_looks([picture.thumbnail], np.array([[picture.width, picture.height]]))
    return looks, place_pixels(atlas, picture.pixels[None]).descriptors[0]


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
