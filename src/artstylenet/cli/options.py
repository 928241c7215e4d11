"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Atlas = Annotated[
    Path, typer.Argument(metavar="ATLAS", help="Folder of an atlas, as made by build.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Count = Annotated[int, typer.Option("-n", "--count", min=1, help="How many at most.")]
Jobs = Annotated[
    int | None,
    typer.Option(min=1, help="Processes and threads [default: one a CPU]. Changes no result."),
]
Store = Annotated[
    Path | None,
    typer.Option(
        help="Folder where features are kept for the next build [default: your cache folder]. "
        "Share it, move it, or delete it at any time."
    ),
]
Layout = Annotated[
    str,
    typer.Option(
        help="Take PAINTINGS for: auto, table, dacon, kaggle, imagefolder, wikiart, met, folders."
    ),
]
Pictures = Annotated[
    str,
    typer.Option(
        help="thumb: thumbnails; none: no pictures at all; full: also the originals, at most "
        "1600 pixels. Mind the rights of what you publish."
    ),
]

AtlasOrPaintings = Annotated[
    Path,
    typer.Argument(
        metavar="ATLAS|PAINTINGS", help="Folder of an atlas, or paintings as for build."
    ),
]

ScoredStyles = Annotated[
    int | None,
    typer.Option("--styles", min=2, help="Number of styles [default: that of the atlas; else 12]."),
]

Labels = Annotated[
    list[str] | None,
    typer.Option(
        "--label", help="Column to compare with; may be repeated [default: all that fit]."
    ),
]

Seeds = Annotated[int, typer.Option(min=1, help="Seeds; each draws everything anew.")]

AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
