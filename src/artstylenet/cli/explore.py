"""``artstylenet explore``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artstylenet.cli.options import Atlas

if TYPE_CHECKING:
    from artstylenet.explorer.server import Address


def explore(
    atlas: Atlas,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen at; 0 takes a free one.")
    ] = 0,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen at. With any other than 127.0.0.1 people on your network can "
            "reach the explorer if they know the token that is printed."
        ),
    ] = "127.0.0.1",
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the browser.")] = False,
    images: Annotated[
        Path | None,
        typer.Option(help="Folder of the originals, if they have moved since the build."),
    ] = None,
    title: Annotated[str | None, typer.Option(help="Name of the site.")] = None,
) -> None:
    """Walk through an atlas in the browser; nothing leaves your machine."""
    from artstylenet.curation import read_curation
    from artstylenet.explorer import serve
    from artstylenet.figures.palette import named_styles
    from artstylenet.storage import load_atlas

    loaded = load_atlas(atlas, images=images, whole=False)
    with named_styles(read_curation(atlas).labels):
        serve(
            loaded,
            folder=atlas,
            title=title,
            host=host,
            port=port,
            open_browser=not no_open,
            ready=_tell,
        )


def _tell(address: Address) -> None:
    typer.echo(f"Explore at {address.url}  (Ctrl-C ends)")
    if address.is_open:
        typer.echo(
            "People on your network can see the collection there and bring pictures if they have "
            "the address with its token. It is not encrypted: share it on networks you trust.",
            err=True,
        )
