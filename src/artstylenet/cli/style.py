"""``artstylenet style``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artstylenet.cli.json_documents import print_document, records, rounded
from artstylenet.cli.options import AsJson, Atlas
from artstylenet.errors import InputError

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas
    from artstylenet.curation import Curation
    from artstylenet.labels import WallLabel


def style(
    atlas: Atlas,
    number: Annotated[int, typer.Argument(metavar="STYLE", help="Number of the style.")],
    name: Annotated[str | None, typer.Option(help="Give the style a name.")] = None,
    note: Annotated[str | None, typer.Option(help="Add a note to the style.")] = None,
    hide: Annotated[bool, typer.Option("--hide", help="Leave the style out of pages.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Show it again, by itself.")] = False,
    merge_into: Annotated[
        int | None, typer.Option(metavar="STYLE", help="Show it as part of another style.")
    ] = None,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take back what was said last, of whichever style.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what is typical of a style, or give it a name.

    What you say of styles is kept in curation.jsonl in the atlas; the styles themselves stay as
    they were found.

    \b
    artstylenet style my-atlas 3
    artstylenet style my-atlas 3 --name "Ink and chalk"
    """  # noqa: D301  (Typer leaves the lines after \b as they are)
    from artstylenet.curation import read_curation
    from artstylenet.storage import load_atlas

    loaded = load_atlas(atlas)
    wanted = {
        "name": name,
        "note": note,
        "hide": hide,
        "show": show,
        "merge-into": merge_into,
        "undo": undo,
    }
    asked = [what for what, value in wanted.items() if value not in (None, False)]
    if len(asked) > 1:
        raise InputError(f"One thing at a time: --{' and --'.join(asked)} exclude each other.")
    if asked:
        before = read_curation(atlas)
        curation = _curate(atlas, number, asked[0], wanted[asked[0]])
        if as_json:
            print_document(_said(curation))
        elif asked[0] == "undo":
            typer.echo(f"Taken back: {before.last}.")
        else:
            typer.echo(_summary(curation, number))
        return
    label, facets = _describe(loaded, atlas, number)
    curation = read_curation(atlas)
    if as_json:
        print_document({**_document(label, curation), "facets": facets})
    else:
        _print(label, curation)
        told = ", ".join(f"{facet} {share:.0%}" for facet, share in facets.items())
        typer.echo(f"Told by one facet alone: {told}")


def _curate(folder: Path, number: int, what: str, value: Any) -> Curation:
    from artstylenet import curation

    match what:
        case "name":
            return curation.name_style(folder, number, value)
        case "note":
            return curation.note_style(folder, number, value)
        case "hide":
            return curation.hide_style(folder, number)
        case "show":
            return curation.show_style(folder, number)
        case "merge-into":
            return curation.merge_style(folder, number, value)
        case _:
            return curation.undo(folder)


def _describe(
    atlas: StyleAtlas, folder: Path, number: int
) -> tuple[WallLabel, dict[str, float | None]]:
    """Return the wall label of a style, and how well each facet alone tells it."""
    from artstylenet.cli.progress_bars import progress_bars
    from artstylenet.facets import facet_contributions
    from artstylenet.labels import style_label
    from artstylenet.looks import looks_of
    from artstylenet.looks.cache import looks_cache

    with progress_bars() as progress:
        looks = looks_of(atlas, looks_cache(folder), progress=progress)
    label = style_label(atlas, number, looks=looks)
    told = facet_contributions(atlas, looks=looks)
    shares = told.to_numpy()[number].tolist()
    return label, {str(facet): rounded(s) for facet, s in zip(told, shares, strict=True)}


def _document(label: WallLabel, curation: Curation) -> dict[str, Any]:
    return {
        "style": label.style,
        "name": curation.names.get(label.style),
        "notes": list(curation.notes.get(label.style, ())),
        "hidden": label.style in curation.hidden,
        "merged_into": curation.merged.get(label.style),
        "text": label.text,
        "facts": records(label.facts),
        "palette": [
            {
                "rgb": colour.rgb,
                "name": colour.name,
                "share": rounded(colour.share),
                "standard_error": rounded(colour.standard_error),
                "collection": rounded(colour.collection),
            }
            for colour in label.palette
        ],
        "painters": [
            {"painter": painter, "share": rounded(share)}
            for painter, share in label.painters.items()
        ],
        "n_painters": label.n_painters,
        "effective_painters": rounded(label.effective_painters),
        "crossed": records(label.crossed),
        "years": label.years,
        "typical": list(label.typical),
        "boundary": list(label.boundary),
        "outliers": list(label.outliers),
    }


def _said(curation: Curation) -> dict[str, Any]:
    return {
        "names": {str(style): name for style, name in sorted(curation.names.items())},
        "hidden": sorted(curation.hidden),
        "merged": {str(style): into for style, into in sorted(curation.merged.items())},
        "notes": {str(style): list(notes) for style, notes in sorted(curation.notes.items())},
    }


def _summary(curation: Curation, number: int) -> str:
    parts = [f"Style {number}"]
    if number in curation.names:
        parts.append(f"is called {curation.names[number]}")
    if number in curation.merged:
        parts.append(f"is shown as part of style {curation.merged[number]}")
    if number in curation.hidden:
        parts.append("is hidden")
    if number in curation.notes:
        parts.append(f"has the note: {curation.notes[number][-1]}")
    if len(parts) == 1:
        return f"{parts[0]} is as it was found."
    return f"{parts[0]} {', '.join(parts[1:])}."


def _print(label: WallLabel, curation: Curation) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console()
    console.print(Text(curation.name(label.style), style="bold"))
    console.print(Text(label.text))
    line = Text()
    for colour in label.palette:
        line.append("   ", style=f"on {colour.rgb}")
        line.append(f" {colour.name} {colour.share:.0%}  ")
    console.print(line)
    for title, ids in (
        ("Typical", label.typical),
        ("Between styles", label.boundary),
        ("Unlike the others", label.outliers),
    ):
        console.print(Text(f"{title}: {', '.join(ids)}"))
    for note in curation.notes.get(label.style, ()):
        console.print(Text(f"Note: {note}"))
