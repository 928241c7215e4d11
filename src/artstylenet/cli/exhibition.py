"""``artstylenet exhibition``."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from artstylenet.cli.options import Atlas
from artstylenet.errors import InputError


def exhibition(
    atlas: Atlas,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write the table (CSV) here; it is printed otherwise."),
    ] = None,
    per_style: Annotated[int, typer.Option(min=1, help="Works a room at most.")] = 8,
    manifest: Annotated[
        Path | None, typer.Option(help="Write a IIIF Presentation 3 manifest here; needs --site.")
    ] = None,
    site: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Address of the exported site that has the pictures."),
    ] = None,
) -> None:
    """Choose works for an exhibition: a room a style, balanced by painter and date."""
    from artstylenet.atomic_files import write_atomically
    from artstylenet.curation import read_curation
    from artstylenet.exhibition import make_exhibition
    from artstylenet.figures.palette import named_styles
    from artstylenet.storage import load_atlas
    from artstylenet.storage.tables import write_csv

    if (manifest is None) != (site is None):
        raise InputError("A manifest needs both: --manifest FILE and --site URL of the site.")
    if site is not None and not site.startswith(("https://", "http://")):
        raise InputError(f"--site is the address of a web site, not {site!r}.")
    loaded = load_atlas(atlas, whole=False)
    said = read_curation(atlas)
    table = make_exhibition(loaded, per_style=per_style, styles=said.shown(loaded.n_styles) or None)
    if manifest is not None and site is not None:
        from artstylenet.site.catalogue import make_catalogue
        from artstylenet.site.iiif import iiif_manifest

        with named_styles(said.labels):
            catalogue = make_catalogue(loaded, near=_no_neighbours)
            tree = iiif_manifest(catalogue, table, site, manifest.name)
        with write_atomically(manifest) as file:
            file.write(json.dumps(tree, ensure_ascii=False, indent=1).encode())
    text = io.StringIO()
    write_csv(table, text)
    if output is None:
        typer.echo(text.getvalue(), nl=False)
        return
    with write_atomically(output) as file:
        file.write(text.getvalue().encode())
    typer.echo(f"Wrote {len(table)} works to {output}")


def _no_neighbours(by: object, row: int) -> NoReturn:
    raise NotImplementedError("A manifest names no neighbours.")
