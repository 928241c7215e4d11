"""``artstylenet painter``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artstylenet.cli.json_documents import print_document, records, rounded
from artstylenet.cli.options import AsJson, Atlas
from artstylenet.errors import InputError

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas
    from artstylenet.drift import Drift
    from artstylenet.painter_affinity import ClosestPainters
    from artstylenet.painters import PainterDescription

LARGEST_STYLES = 5
TYPICAL_WORKS = 5


def painter(
    atlas: Atlas,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Painter, as in the atlas.")
    ] = None,
    work: Annotated[
        str | None,
        typer.Option(
            metavar="PAINTING",
            help="Instead of a name: id of a work, or an image file, whose painter is not known.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Describe a painter: styles, breadth, drift, typical works, nearest painters.

    \b
    artstylenet painter my-atlas "Claude Monet"
    artstylenet painter my-atlas --work anonymous-12
    """  # noqa: D301  (Typer leaves the lines after \b as they are)
    from artstylenet.painters import describe_painter
    from artstylenet.storage import load_atlas

    if (name is None) == (work is None):
        raise InputError("Give either the name of a painter or --work.")
    loaded = load_atlas(atlas)
    if work is not None:
        closest = _closest_to(loaded, work)
        if as_json:
            print_document({"work": work, **_closest_document(closest)})
        else:
            _print_closest(work, closest)
        return
    assert name is not None
    described = describe_painter(loaded, name)
    if as_json:
        print_document(_document(described))
    else:
        _print(described)


def _closest_to(atlas: StyleAtlas, work: str) -> ClosestPainters:
    from artstylenet.painter_affinity import closest_painters, closest_painters_of

    if work in atlas.painting_styles.index or not Path(work).is_file():
        return closest_painters(atlas, work)
    from artstylenet.imaging import read_file
    from artstylenet.placing import place_pictures

    placed = place_pictures(atlas, [read_file(Path(work))])
    return closest_painters_of(atlas, placed.descriptors)[0]


def _document(described: PainterDescription) -> dict[str, Any]:
    return {
        "painter": described.painter,
        "n_paintings": described.n_paintings,
        "single_hand": described.single_hand,
        "known": dict(described.known),
        "mixture": described.mixture.round(6).tolist(),
        "breadth": rounded(described.breadth),
        "breadth_low": rounded(described.breadth_low),
        "breadth_high": rounded(described.breadth_high),
        "breadth_of_works": rounded(described.breadth_of_works),
        "drift": None if described.drift is None else _drift_document(described.drift),
        "works": records(described.typical),
        "nearest": records(described.nearest),
        "closest": [{"work": id_, **_closest_document(c)} for id_, c in described.closest.items()],
    }


def _drift_document(drift: Drift) -> dict[str, Any]:
    return {
        "n_dated": drift.n_dated,
        "first_year": drift.first_year,
        "last_year": drift.last_year,
        "explained": rounded(drift.explained),
        "p_value": rounded(drift.p_value),
        "uncertain": drift.uncertain,
        "styles": records(drift.styles),
    }


def _closest_document(closest: ClosestPainters) -> dict[str, Any]:
    return {
        "is_close": closest.is_close,
        "known_share": rounded(closest.known_share),
        "stranger_share": rounded(closest.stranger_share),
        "summary": closest.summary,
        "painters": records(closest.painters),
    }


def _print(described: PainterDescription) -> None:
    known = "; ".join(f"{column}: {value}" for column, value in described.known.items())
    typer.echo(
        f"{described.painter}, {described.n_paintings} works{f' ({known})' if known else ''}"
    )
    weights = described.mixture.to_numpy()
    largest = [f"style {k} {weights[k]:.0%}" for k in (-weights).argsort()[:LARGEST_STYLES]]
    typer.echo(f"  {', '.join(largest)}")
    typer.echo(
        f"  as broad as {described.breadth:.1f} styles in equal parts "
        f"({described.breadth_low:.1f} to {described.breadth_high:.1f}); "
        f"a single work {described.breadth_of_works:.1f}"
    )
    _print_drift(described.drift)
    ids = described.typical["id"].tolist()
    typer.echo(f"  most typical: {', '.join(ids[:TYPICAL_WORKS])}")
    if len(ids) > TYPICAL_WORKS:
        rest = ids[TYPICAL_WORKS:][-TYPICAL_WORKS:]
        typer.echo(f"  least typical: {', '.join(reversed(rest))}")
    for near in described.nearest.itertuples():
        typer.echo(
            f"  near {near.painter}: {near.affinity:.2f} ({near.low:.2f} to {near.high:.2f}), "
            f"by {near.link} and {near.linked}"
        )
    for work, closest in described.closest.items():
        _print_closest(work, closest)


def _print_drift(drift: Drift | None) -> None:
    if drift is None:
        typer.echo("  too few dated works to see a drift")
        return
    span = f"{drift.n_dated} dated works, {drift.first_year:.0f} to {drift.last_year:.0f}"
    doubt = "; few works, uncertain" if drift.uncertain else ""
    first = drift.styles.iloc[0]
    typer.echo(
        f"  drift over {span}: style {first['style']:.0f} {first['slope']:+.0%} in ten years; "
        f"the years explain {drift.explained:.0%} (p = {drift.p_value:.3f}{doubt})"
    )


def _print_closest(work: str, closest: ClosestPainters) -> None:
    typer.echo(f"{work}: {closest.summary}")
    for near in closest.painters.itertuples():
        sure = "likely" if near.likely else "      "
        typer.echo(f"  {near.affinity:.2f} {sure} {near.painter}, nearest work {near.link}")
