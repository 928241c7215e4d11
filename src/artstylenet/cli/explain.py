"""``artstylenet explain``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artstylenet.cli.json_documents import print_document, records, rounded
from artstylenet.cli.options import AsJson, Atlas

if TYPE_CHECKING:
    from artstylenet.explaining import DecidingWord, Explanation


def explain(
    atlas: Atlas,
    painting: Annotated[
        str, typer.Argument(metavar="PAINTING", help="Id of a painting of the atlas.")
    ],
    style: Annotated[
        int | None, typer.Option(help="Style to explain [default: the painting's largest].")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Picture to write: .png, .svg or .pdf."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show why a painting has a style: where in the picture, and by which visual words.

    \b
    artstylenet explain my-atlas claude-monet-17 -o why.png
    """  # noqa: D301  (Typer leaves the lines after \b as they are)
    from artstylenet.explaining import explain_painting
    from artstylenet.storage import load_atlas

    loaded = load_atlas(atlas)
    explanation = explain_painting(loaded, painting, style)
    if output is not None:
        from artstylenet.figures import explanation_figure, save_figure

        save_figure(explanation_figure(loaded, explanation), output)
    if as_json:
        print_document(_document(explanation))
    else:
        _print(explanation, output)


def _document(explanation: Explanation) -> dict[str, Any]:
    return {
        "painting": explanation.painting_id,
        "style": explanation.style,
        "weight": rounded(explanation.mixture[explanation.style]),
        "mixture": explanation.mixture.round(6).tolist(),
        "map": explanation.maps[explanation.style].round(4).tolist(),
        "families": records(explanation.families),
        "words": [_word(word) for word in explanation.words],
    }


def _word(word: DecidingWord) -> dict[str, Any]:
    return {
        "word": word.word,
        "evidence": rounded(word.evidence),
        "cells": [[cell.row, cell.column] for cell in word.cells],
        "examples": [
            {"painting": patch.painting_id, "row": patch.row, "column": patch.column}
            for patch in word.examples
        ],
    }


def _print(explanation: Explanation, output: Path | None) -> None:
    weight = explanation.mixture[explanation.style]
    style_map = explanation.maps[explanation.style]
    typer.echo(f"{explanation.painting_id}: {weight:.0%} style {explanation.style}")
    for family in explanation.families.itertuples():
        typer.echo(f"  {family.weight:4.0%} of the words of {family.sees} are in it")
    row, column = divmod(int(style_map.argmax()), style_map.shape[1])
    place = _place(row / (len(style_map) - 1), column / (len(style_map) - 1))
    typer.echo(f"  surest {place}: {style_map.max():.0%}")
    for word in explanation.words:
        seen = ", ".join(patch.painting_id for patch in word.examples)
        typer.echo(f"  visual word {word.word} in {len(word.cells)} cells, also in {seen}")
    if output is not None:
        typer.echo(f"Wrote {output}")


def _place(down: float, right: float) -> str:
    """Name a place in the picture; both numbers are in [0, 1]."""
    rows = ("at the top", "in the middle", "at the bottom")
    columns = ("left", "", "right")
    return f"{rows[min(int(3 * down), 2)]} {columns[min(int(3 * right), 2)]}".strip()
