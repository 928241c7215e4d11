"""``artstylenet add``, ``remove`` and ``refit``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artstylenet.cli.build import skipped_lines
from artstylenet.cli.json_documents import print_document, records, rounded
from artstylenet.cli.options import AsJson, Atlas, Jobs, Layout, Store

if TYPE_CHECKING:
    from artstylenet.changing import RefittedFolder
    from artstylenet.growing import Added


def add(
    atlas: Atlas,
    paintings: Annotated[
        Path, typer.Argument(metavar="PAINTINGS", help="As of build; known files are passed over.")
    ],
    layout: Layout = "auto",
    store: Store = None,
    jobs: Jobs = None,
    as_json: AsJson = False,
) -> None:
    """Add paintings to an atlas without redoing it.

    Only new files are looked at. Ids, styles, names, the map and the mixtures of old paintings
    stay. Says how well the old styles explain the new paintings, and whether to refit.

    \b
    artstylenet add my-atlas acquisitions-2026/
    """  # noqa: D301  (Typer leaves the lines after \b as they are)
    from artstylenet.cli.progress_bars import progress_bars

    with progress_bars() as progress:
        from artstylenet.changing import add_into
        from artstylenet.collection import read_collection

        collection = read_collection(paintings, layout)
        added = add_into(
            atlas,
            collection,
            store=store,
            n_jobs=jobs,
            progress=progress,
            waiting=lambda: say_waiting(atlas),
        )
    if as_json:
        print_document(_added_document(added))
    else:
        _print_added(added, atlas)


def remove(
    atlas: Atlas,
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of paintings.")],
) -> None:
    """Remove paintings from an atlas; their files stay, and so do styles and names.

    \b
    artstylenet remove my-atlas claude-monet-17
    """  # noqa: D301  (Typer leaves the lines after \b as they are)
    from artstylenet.changing import remove_from
    from artstylenet.cli.progress_bars import progress_bars

    with progress_bars() as progress:
        left = remove_from(atlas, ids, progress=progress, waiting=lambda: say_waiting(atlas))
    typer.echo(f"Removed {len(set(ids)):,}; {left.n_paintings:,} paintings are left.")


def refit(
    atlas: Atlas,
    warm: Annotated[
        bool,
        typer.Option(
            "--warm",
            help="Start from the old styles: their number, words and the map stay, style 3 is the "
            "old style 3, and no picture or stored feature is needed.",
        ),
    ] = False,
    store: Store = None,
    jobs: Jobs = None,
) -> None:
    """Fit the styles of an atlas again, after paintings were added or removed.

    Names and notes are kept for the styles that come back.

    \b
    artstylenet refit my-atlas --warm
    """  # noqa: D301  (Typer leaves the lines after \b as they are)
    from artstylenet.changing import refit_in
    from artstylenet.cli.progress_bars import progress_bars

    with progress_bars() as progress:
        done = refit_in(
            atlas,
            warm=warm,
            store=store,
            n_jobs=jobs,
            progress=progress,
            waiting=lambda: say_waiting(atlas),
        )
    if done is None:
        typer.echo("Nothing to do: no painting was added or removed since the last fit.")
    else:
        _print_refitted(done)


def say_waiting(folder: Path) -> None:
    """Say that somebody else writes the atlas."""
    typer.echo(f"Another build holds {folder}; waiting for it to end.", err=True)


def _added_document(added: Added) -> dict[str, object]:
    explained = added.explained
    return {
        "added": list(added.ids),
        "known": added.n_known,
        "skipped": records(added.skipped),
        "outdated": list(added.outdated),
        "explained": explained
        and {
            "perplexity": rounded(explained.perplexity),
            "perplexity_of_old": rounded(explained.perplexity_of_old),
            "perplexity_of_frequencies": rounded(explained.perplexity_of_frequencies),
            "standard_error": rounded(explained.standard_error) if explained.n_new > 1 else None,
            "strange": explained.n_strange,
            "unseen": rounded(explained.unseen),
            "refit": explained.refit_is_due,
        },
    }


def _print_added(added: Added, folder: Path) -> None:
    lines = [
        f"Added {len(added.ids):,} paintings; {added.n_known:,} were there already."
        if added.ids
        else f"Nothing to add: {added.n_known:,} paintings were there already.",
        skipped_lines(added.skipped["path"], added.skipped["reason"]),
    ]
    if added.outdated:
        few = " ".join(added.outdated[:5])
        more = f" (and {len(added.outdated) - 5:,} more)" if len(added.outdated) > 5 else ""
        lines.append(
            f"{len(added.outdated):,} files hold other pictures than before; to drop the old ones: "
            f"artstylenet remove {folder} {few}{more}"
        )
    if added.explained is not None:
        lines.append(added.explained.advice)
        if added.explained.refit_is_due:
            lines.append(f"  artstylenet refit {folder} --warm    or without --warm, from nothing")
    typer.echo("\n".join(line for line in lines if line))


def _print_refitted(done: RefittedFolder) -> None:
    refitted = done.refitted
    atlas, n_same = refitted.atlas, len(refitted.same)
    typer.echo(
        f"{atlas.n_styles} styles of {atlas.n_paintings:,} paintings; {n_same} are old ones "
        f"(correlation with them: {refitted.correlations.min():.2f} to "
        f"{refitted.correlations.max():.2f})."
    )
    if done.lost:
        typer.echo(
            f"Styles {', '.join(map(str, done.lost))} did not come back: their names and notes "
            "were not kept."
        )
