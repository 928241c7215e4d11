"""``artstylenet evaluate``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artstylenet.cli.options import (
    AsCsv,
    AsJson,
    AtlasOrPaintings,
    Jobs,
    Labels,
    ScoredStyles,
    Seeds,
    Store,
)
from artstylenet.cli.score_tables import finite, finite_records, print_csv, print_scores
from artstylenet.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from artstylenet.evaluation import CollageResult, Evaluation, JudgementResult, Material


def evaluate(
    source: AtlasOrPaintings,
    seeds: Seeds = 10,
    styles: ScoredStyles = None,
    label: Labels = None,
    judgements: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="People's answers, a JSON object a line: anchor, more, less, person. Needs an "
            "atlas.",
        ),
    ] = None,
    collages: Annotated[
        int,
        typer.Option(
            min=0, help="Also read so many collages of two unseen halves, anew with every seed."
        ),
    ] = 0,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    store: Store = None,
    jobs: Jobs = None,
) -> None:
    """Measure the styles beside everything simpler, on the labels that the paintings have.

    \b
    artstylenet evaluate my-atlas --seeds 3
    artstylenet evaluate paintings/ --styles 12 --json
    """  # noqa: D301  (Typer leaves the lines after \b as they are)
    from artstylenet.cli.progress_bars import progress_bars

    if as_json and as_csv:
        raise InputError("--json and --csv exclude each other.")
    with progress_bars() as progress:
        from artstylenet.evaluation import evaluate as measure
        from artstylenet.evaluation import evaluate_collages

        asked = _judge(source, judgements) if judgements is not None else []
        material = find_material(source, styles, label or [], store, jobs, progress)
        evaluation = measure(material, n_seeds=seeds, progress=progress)
        read = (
            evaluate_collages(material, collages, n_draws=seeds, progress=progress)
            if collages
            else []
        )
    if as_json:
        typer.echo(_as_json(evaluation, asked, read))
    elif as_csv:
        print_csv(evaluation.table())
    else:
        _print_all(evaluation.table(), asked, read)


def find_material(
    source: Path,
    styles: int | None,
    wanted: list[str],
    store: Path | None,
    jobs: int | None,
    progress: object,
) -> Material:
    """Return the paintings of an atlas, or those of a folder once their features are there."""
    from dataclasses import replace

    from artstylenet.build import BuildSettings, extract_collection
    from artstylenet.collection import read_collection
    from artstylenet.evaluation import Material, find_labels, material_of_atlas
    from artstylenet.storage import load_atlas
    from artstylenet.storage.folder import is_atlas_folder

    if is_atlas_folder(source):
        atlas = load_atlas(source)
        labels = find_labels(atlas.paintings, atlas.painters, wanted)
        material = material_of_atlas(atlas, labels, store=store)
        return replace(material, n_styles=styles or material.n_styles)
    extracted = extract_collection(
        read_collection(source),
        BuildSettings(),
        store=store,
        n_jobs=jobs,
        progress=progress,  # type: ignore[arg-type]  # a Progress; its module need not be loaded
    )
    collection = extracted.collection
    labels = find_labels(collection.paintings, collection.painters, wanted)
    return Material(extracted, labels, styles or 12)


def _judge(source: Path, path: Path) -> list[JudgementResult]:
    import numpy as np

    from artstylenet.evaluation import measure_judgements, read_judgements
    from artstylenet.storage import load_atlas

    given = read_judgements(path)
    atlas = load_atlas(source)
    vectors = {
        "mixtures of this atlas": np.sqrt(atlas.painting_styles.to_numpy()),
        "cosine of features": atlas.descriptors,
    }
    return measure_judgements(given, list(atlas.painting_styles.index), vectors)


def _as_json(
    evaluation: Evaluation, asked: list[JudgementResult], read: list[CollageResult]
) -> str:
    import json

    tree = {
        "scores": finite_records(evaluation.table()),
        "judgements": [finite(vars(result)) for result in asked],
        "collages": [finite(vars(result)) for result in read],
    }
    return json.dumps(tree, ensure_ascii=False, indent=1)


def _print_all(
    table: pd.DataFrame, asked: list[JudgementResult], read: list[CollageResult]
) -> None:
    from rich.console import Console

    console = Console()
    print_scores(table, console)
    if read:
        _print_collages(console, read)
    if asked:
        _print_judgements(console, asked)


def _print_collages(console: Console, read: list[CollageResult]) -> None:
    from rich.table import Table

    shown = Table(title="Collages of two halves")
    for name in ("", "both in the top three", "chance", "first is one of them", "collages"):
        shown.add_column(name, justify="right" if name else "left")
    for result in read:
        both = f"{result.both:.3f}"
        both += f" ± {result.spread:.3f}" if math.isfinite(result.spread) else ""
        others = (f"{result.chance_both:.3f}", f"{result.first:.3f}", f"{result.n_collages:,}")
        shown.add_row(result.name, both, *others)
    console.print(shown)


def _print_judgements(console: Console, asked: list[JudgementResult]) -> None:
    from rich.table import Table

    shown = Table(title="Agreement with people (95 % interval; 0.5 is chance)")
    for name in ("", "agreement", "interval", "comparisons"):
        shown.add_column(name, justify="right" if name else "left")
    for result in asked:
        if result.n:
            interval = f"{result.low:.3f} to {result.high:.3f}"
            shown.add_row(result.name, f"{result.agreement:.3f}", interval, str(result.n))
    console.print(shown)
