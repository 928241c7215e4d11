"""``artstylenet explain``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artstylenet.cli.json_documents import print_document, records, rounded
from artstylenet.cli.options import AsJson, Atlas

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas
    from artstylenet.explaining import DecidingWord, Explanation

LEAST_SHARE = 0.05


def explain(
    atlas: Atlas,
    painting: Annotated[
        str, typer.Argument(metavar="PAINTING", help="Id of a painting of the atlas.")
    ],
    style: Annotated[
        int | None, typer.Option(help="Style to explain [default: the painting's largest].")
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(
            metavar="PAINTING",
            help="Explain instead why it is like this painting: which regions, words and facets "
            "both share.",
        ),
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
    artstylenet explain my-atlas claude-monet-17 --like alfred-sisley-3 -o alike.png
    """  # noqa: D301  (Typer leaves the lines after \b as they are)
    from artstylenet.errors import InputError
    from artstylenet.explaining import explain_painting
    from artstylenet.storage import load_atlas

    if like is not None and style is not None:
        raise InputError("--style and --like exclude each other.")
    loaded = load_atlas(atlas)
    if like is not None:
        _explain_likeness(loaded, atlas, painting, like, output, as_json=as_json)
        return
    explanation = explain_painting(loaded, painting, style)
    if output is not None:
        from artstylenet.figures import explanation_figure, save_figure

        save_figure(explanation_figure(loaded, explanation), output)
    if as_json:
        print_document(_document(explanation))
    else:
        _print(explanation, output)


def _explain_likeness(
    atlas: StyleAtlas, folder: Path, first: str, second: str, output: Path | None, *, as_json: bool
) -> None:
    from artstylenet.cli.progress_bars import progress_bars
    from artstylenet.explaining import shared_regions
    from artstylenet.facets import compare_by_facets
    from artstylenet.looks import looks_of
    from artstylenet.looks.cache import looks_cache

    shared = shared_regions(atlas, first, second)
    with progress_bars() as progress:
        looks = looks_of(atlas, looks_cache(folder), progress=progress)
    facets = compare_by_facets(atlas, first, second, looks=looks).reset_index()
    if output is not None:
        from artstylenet.figures import likeness_figure, save_figure

        save_figure(likeness_figure(atlas, shared), output)
    if as_json:
        print_document(
            {
                "paintings": [first, second],
                "maps": [shared.first_map.round(4).tolist(), shared.second_map.round(4).tolist()],
                "styles": records(shared.styles),
                "facets": records(facets),
                "words": [
                    {
                        "word": word.word,
                        "evidence": rounded(word.evidence),
                        "cells": [[p.row, p.column] for p in (word.first, word.second)],
                    }
                    for word in shared.words
                ],
            }
        )
        return
    typer.echo(f"{first} and {second} overlap by {shared.styles['shared'].sum():.0%} in styles")
    for row in shared.styles[shared.styles["shared"] >= LEAST_SHARE].itertuples():
        typer.echo(f"  style {row.style}: {row.first:.0%} and {row.second:.0%}")
    for row in facets.itertuples():
        typer.echo(f"  {row.part}: more alike than {row.rank:.0%} of the collection")
    if output is not None:
        typer.echo(f"Wrote {output}")


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
