"""``artstylenet recommend``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artstylenet.cli.json_documents import print_document, records, rounded
from artstylenet.cli.options import AsJson, Atlas, Count
from artstylenet.cli.painting_lists import (
    After,
    Before,
    OtherPainters,
    Where,
    constraints_of,
    print_paintings,
)
from artstylenet.errors import InputError

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas
    from artstylenet.profiles import Profile


def recommend(
    atlas: Atlas,
    liked: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[LIKED]...", help="Ids of paintings you like; ID:0.6 says how much."
        ),
    ] = None,
    dislike: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="A painting you do not like; repeatable.")
    ] = None,
    profile: Annotated[
        Path | None, typer.Option(help="File of your likes and dislikes; these count too.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Write what you like and dislike now to the profile.")
    ] = False,
    by: Annotated[
        str, typer.Option(help="features: alike in their looks; styles: alike in their mixtures.")
    ] = "features",
    diversity: Annotated[
        float,
        typer.Option(help="0: the nearest, whoever painted them; 1: as many painters as possible."),
    ] = 0.3,
    count: Count = 20,
    where: Where = None,
    before: Before = None,
    after: After = None,
    other_painters: OtherPainters = False,
    as_json: AsJson = False,
) -> None:
    """Recommend paintings to somebody who likes some, with a reason for each.

    \b
    artstylenet recommend my-atlas claude-monet-17 gustav-klimt-9 --other-painters
    artstylenet recommend my-atlas claude-monet-17:0.6 gustav-klimt-9:0.4 --before 1900
    artstylenet recommend my-atlas claude-monet-17 --profile me.json --keep
    """  # noqa: D301  (Typer leaves the lines after \b as they are)
    from artstylenet import recommendation
    from artstylenet.profiles import write_profile
    from artstylenet.storage import load_atlas

    if keep and profile is None:
        raise InputError("--keep needs --profile FILE to say where.")
    constraints = constraints_of(where, before, after, other_painters=other_painters)
    loaded = load_atlas(atlas, whole=False)
    taste = _taste(loaded, profile, _weights(loaded, liked or []), dislike or [], keep=keep)
    found = recommendation.recommend(
        loaded,
        taste.liked,
        disliked=taste.disliked,
        n=count,
        by=by,  # type: ignore[arg-type]  # checked there
        constraints=constraints,
        diversity=diversity,
    )
    if keep and profile is not None:
        write_profile(taste, loaded, profile)
    if as_json:
        likes = [{"id": one, "weight": rounded(weight)} for one, weight in taste.liked.items()]
        print_document(
            {"liked": likes, "disliked": list(taste.disliked), "paintings": records(found)}
        )
    else:
        print_paintings(found, ["score"], "reason")


def _weights(atlas: StyleAtlas, liked: list[str]) -> dict[str, float]:
    """Read ``ID`` and ``ID:WEIGHT``; an id that holds a colon is an id."""
    weights: dict[str, float] = {}
    for text in liked:
        painting_id, colon, number = text.rpartition(":")
        if not colon or text in atlas.painting_styles.index:
            weights[text] = 1.0
            continue
        try:
            weights[painting_id] = float(number)
        except ValueError:
            raise InputError(
                f"How much of {painting_id!r} is liked must be a number, not {number!r}."
            ) from None
    return weights


def _taste(
    atlas: StyleAtlas,
    path: Path | None,
    liked: dict[str, float],
    disliked: list[str],
    *,
    keep: bool,
) -> Profile:
    from artstylenet.profiles import Profile, read_profile

    both = sorted(set(liked) & set(disliked))
    if both:
        raise InputError(f"{', '.join(both)} cannot be both liked and disliked.")
    # A file that is to be kept may not exist yet.
    known = path is not None and (path.exists() or not keep)
    before = read_profile(atlas, path) if path is not None and known else Profile()
    return before.with_more(liked, disliked)
