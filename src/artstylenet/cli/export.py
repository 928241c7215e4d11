"""``artstylenet export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from artstylenet.cli.options import Atlas, Pictures


def export(
    atlas: Atlas,
    site: Annotated[
        Path, typer.Argument(metavar="SITE", help="Folder to write; an older export is replaced.")
    ],
    pictures: Pictures = "thumb",
    images: Annotated[
        Path | None,
        typer.Option(help="Folder of the originals, if they have moved since the build."),
    ] = None,
    title: Annotated[str | None, typer.Option(help="Name of the site.")] = None,
) -> None:
    """Write the atlas as a site that opens by double click, without a server or a network."""
    from artstylenet.cli.progress_bars import progress_bars

    with progress_bars() as progress:
        from artstylenet.curation import read_curation
        from artstylenet.figures.palette import named_styles
        from artstylenet.site import export_site
        from artstylenet.stage_cache import StageCache
        from artstylenet.storage import load_atlas
        from artstylenet.storage.folder import CACHE_FOLDER

        loaded = load_atlas(atlas, images=images)
        curation = read_curation(atlas)
        with named_styles(curation.labels):
            first_page = export_site(
                loaded,
                site,
                pictures,  # type: ignore[arg-type]  # checked there
                title=title,
                cache=StageCache(atlas / CACHE_FOLDER),
                curation=curation,
                progress=progress,
            )
    typer.echo(f"Open {first_page}")
