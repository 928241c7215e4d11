"""``artstylenet compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from artstylenet.cli.evaluate import find_material
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
from artstylenet.cli.score_tables import finite_records, print_csv, print_scores
from artstylenet.errors import InputError


def compare(
    source: AtlasOrPaintings,
    reducer: Annotated[
        list[str] | None,
        typer.Option(
            help="pca, autoencoder, umap or none; may be repeated [default: all but umap, which "
            "is an extra]."
        ),
    ] = None,
    grouping: Annotated[
        list[str] | None,
        typer.Option(help="lda, nmf, gaussian-mixture or k-means; may be repeated [default: all]."),
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Features of your own: Parquet or CSV, a column id, all others numbers.",
        ),
    ] = None,
    seeds: Seeds = 3,
    styles: ScoredStyles = None,
    label: Labels = None,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw it, too: .svg, .png or .pdf."),
    ] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    store: Store = None,
    jobs: Jobs = None,
) -> None:
    """Compare ways to styles: reducers and groupings in the slots of the model, side by side.

    \b
    artstylenet compare my-atlas --plot comparison.svg
    artstylenet compare paintings/ --features clip.parquet --reducer pca --reducer none
    """  # noqa: D301  (Typer leaves the lines after \b as they are)
    from artstylenet.cli.progress_bars import progress_bars

    if as_json and as_csv:
        raise InputError("--json and --csv exclude each other.")
    if plot is not None and plot.suffix.lower() not in (".svg", ".png", ".pdf"):
        raise InputError(f"cannot save a figure as {plot.name!r}: use .svg, .png or .pdf")
    with progress_bars() as progress:
        from artstylenet.evaluation import compare as measure
        from artstylenet.evaluation import comparison_rows, read_features

        material = find_material(source, styles, label or [], store, jobs, progress)
        ids = material.extracted.collection.paintings["id"].tolist()
        options = {"reducers": reducer, "groupings": grouping}
        evaluation = measure(
            material,
            features=None if features is None else read_features(features, ids),
            n_seeds=seeds,
            progress=progress,
            **{name: value for name, value in options.items() if value},  # type: ignore[arg-type]
        )
        rows = comparison_rows(evaluation)
        if plot is not None:
            from artstylenet.figures import comparison_plot, save_figure

            save_figure(comparison_plot(rows), plot)
    if as_json:
        from artstylenet.cli.json_documents import print_document

        print_document({"scores": finite_records(rows)})
    elif as_csv:
        print_csv(rows)
    else:
        from rich.console import Console

        print_scores(evaluation.table(), Console())
