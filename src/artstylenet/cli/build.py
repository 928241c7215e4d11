"""``artstylenet build``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artstylenet.cli.engines import Address, EngineName, Gpus, open_engine
from artstylenet.cli.options import Jobs, Layout, Store
from artstylenet.errors import InputError

if TYPE_CHECKING:
    from artstylenet.building import Built

SKIPPED_SHOWN = 5


def build(
    paintings: Annotated[
        Path,
        typer.Argument(
            metavar="PAINTINGS",
            help="A folder of pictures, a table (CSV, Parquet, JSONL) that names them, or a data "
            "set on disk: Dacon, Kaggle, WikiArt, Hugging Face imagefolder, Met objects.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder of the atlas; an old one is updated.")
    ] = Path("atlas"),
    styles: Annotated[
        str, typer.Option(help="A number of styles, or a range to choose from: 8, 5..10.")
    ] = "5..20",
    choose: Annotated[
        str,
        typer.Option(
            help="How to choose: auto, elbow (where the curve bends), one-se (smallest within a "
            "standard error of the best), minimum, stable (largest that comes back)."
        ),
    ] = "auto",
    seed: Annotated[int, typer.Option(help="The same seed gives the same atlas.")] = 0,
    recipe: Annotated[
        str, typer.Option(help="default, or paper: what the paper did, for comparison.")
    ] = "default",
    backbone: Annotated[
        str, typer.Option(help="default, a path/to/model.onnx, or timm/NAME (needs [torch]).")
    ] = "default",
    components: Annotated[
        float | None,
        typer.Option(
            help="Principal components of each family of features: a number, or the fraction of "
            "variance to keep (0.9)."
        ),
    ] = None,
    layout: Layout = "auto",
    duplicates: Annotated[
        str, typer.Option(help="keep or drop files that show the same; always reported.")
    ] = "keep",
    coherence: Annotated[
        bool, typer.Option("--coherence", help="Also measure the coherence (NPMI) of styles.")
    ] = False,
    store: Store = None,
    jobs: Jobs = None,
    engine: EngineName = "local",
    address: Address = None,
    gpus: Gpus = 0.0,
) -> None:
    """Find the styles of a collection and write its atlas.

    Stop it with Ctrl-C at any time and run it again: it goes on where it was. Over a finished
    atlas, the same settings change nothing, and other settings reuse the features.

    \b
    artstylenet build paintings/ -o my-atlas
    artstylenet build works.csv -o my-atlas --styles 8
    """  # noqa: D301  (Typer leaves the lines after \b as they are)
    from artstylenet.cli.progress_bars import progress_bars

    with open_engine(engine, address, gpus, jobs) as opened, progress_bars() as progress:
        from artstylenet.build import BuildSettings
        from artstylenet.building import build_into
        from artstylenet.collection import read_collection

        settings = BuildSettings(
            styles=parse_range(styles),
            choose=choose,  # type: ignore[arg-type]  # checked there
            seed=seed,
            recipe=recipe,
            backbone=backbone,
            components=components,
            duplicates=duplicates,
            coherence=coherence,
        )
        built = build_into(
            output,
            read_collection(paintings, layout),
            settings,
            store=store,
            n_jobs=jobs,
            engine=opened,
            progress=progress,
            waiting=lambda: typer.echo(
                f"Another build holds {output}; waiting for it to end.", err=True
            ),
        )
    print_summary(built, output)


def parse_range(text: str) -> tuple[int, int]:
    """Read ``8`` as (8, 8) and ``5..20`` as (5, 20)."""
    found = re.fullmatch(r"(\d{1,4})(?:\.\.(\d{1,4}))?", text.strip())
    if not found:
        raise InputError(f"--styles takes a number or a range such as 5..20, not {text!r}.")
    low = int(found[1])
    return low, int(found[2] or low)


def print_summary(built: Built, folder: Path) -> None:
    """Say what was found and where to look next."""
    atlas = built.atlas
    lines = []
    if not built.changed:
        lines.append("Nothing to do: the atlas is up to date.")
    people = f" by {atlas.n_painters:,} painters" if atlas.n_painters else ""
    lines.append(f"{atlas.n_paintings:,} paintings{people}, read as: {atlas.run['layout']}.")
    lines += list(atlas.run["notes"])
    lines.append(skipped_lines(atlas.skipped["path"], atlas.skipped["reason"]))
    if len(atlas.duplicates):
        n_groups = atlas.duplicates["group"].nunique()
        lines.append(
            f"{len(atlas.duplicates):,} files in {n_groups:,} groups of duplicates: duplicates.csv"
        )
    lines.append(f"{atlas.n_styles} styles. {atlas.selection.reason}")
    lines.append(f"\nThe atlas is in {folder}. Look next at:")
    lines.append(f"  artstylenet styles {folder}")
    lines.append(f"  artstylenet export {folder} site/    then open site/index.html")
    typer.echo("\n".join(line for line in lines if line))


def skipped_lines(paths: object, reasons: object) -> str:
    """Say which files were skipped, and why; nothing if none was."""
    pairs = list(zip(paths, reasons, strict=True))  # type: ignore[call-overload]
    if not pairs:
        return ""
    lines = [f"{len(pairs):,} files skipped (all of them in skipped.csv):"]
    lines += [f"  {path}: {reason}" for path, reason in pairs[:SKIPPED_SHOWN]]
    if len(pairs) > SKIPPED_SHOWN:
        lines.append(f"  and {len(pairs) - SKIPPED_SHOWN:,} more")
    return "\n".join(lines)
