"""Change an atlas in its folder: all of it or nothing, one writer at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from artstylenet.atlas import StyleAtlas
from artstylenet.collection import Collection
from artstylenet.curation import carry_over
from artstylenet.figures import write_figures
from artstylenet.growing import (
    Added,
    Refitted,
    add_paintings,
    extract_new,
    is_fitted,
    refit_all,
    refit_warm,
    remove_paintings,
)
from artstylenet.progress import Progress, silent
from artstylenet.stage_cache import StageCache
from artstylenet.storage import atlas_lock, load_atlas
from artstylenet.storage.atlas_files import read_run, write_atlas
from artstylenet.storage.folder import CACHE_FOLDER


@dataclass(frozen=True, eq=False)
class RefittedFolder:
    """What a refit did to an atlas in its folder.

    Attributes
    ----------
    refitted : Refitted
    lost : tuple of int
        Old styles that did not come back although something was said of them (a name, a note,
        ...); what was said stays in the file and holds of nothing now.
    """

    refitted: Refitted
    lost: tuple[int, ...]


def add_into(
    folder: Path,
    collection: Collection,
    *,
    store: str | Path | None = None,
    n_jobs: int | None = None,
    progress: Progress = silent,
    waiting: Callable[[], None] = lambda: None,
) -> Added:
    """Add what is new in a collection to the atlas in a folder; see :mod:`artstylenet.growing`.

    Parameters
    ----------
    folder : Path
        Of a finished atlas.
    collection : Collection
    store, n_jobs, progress, waiting
        As of :func:`artstylenet.building.build_into`.

    Returns
    -------
    Added
        If nothing was new, no file is touched. A run that was cut off leaves the old atlas or the
        new one, and can be run again.

    Raises
    ------
    AtlasError
        If the folder holds no finished atlas or cannot be written.
    InputError, BackboneError
        As :func:`artstylenet.growing.extract_new`.
    """
    read_run(folder)
    with atlas_lock(folder, waiting):
        atlas = load_atlas(folder)
        extracted = extract_new(atlas, collection, store=store, n_jobs=n_jobs, progress=progress)
        n_skipped = len(extracted.skipped) - len(collection.skipped)
        n_known = len(collection.paintings) - len(extracted.hashes) - n_skipped
        progress("Placing paintings", 0, 1)
        added = add_paintings(atlas, extracted, n_known)
        progress("Placing paintings", 1, 1)
        if added.ids:
            _write(added.atlas, folder, progress)
    return added


def remove_from(
    folder: Path,
    ids: Sequence[str],
    *,
    progress: Progress = silent,
    waiting: Callable[[], None] = lambda: None,
) -> StyleAtlas:
    """Remove paintings from the atlas in a folder; their files and stored features stay.

    Errors as of :func:`artstylenet.growing.remove_paintings` and :func:`add_into`.
    """
    read_run(folder)
    with atlas_lock(folder, waiting):
        atlas = remove_paintings(load_atlas(folder), ids)
        _write(atlas, folder, progress)
    return atlas


def refit_in(
    folder: Path,
    *,
    warm: bool,
    store: str | Path | None = None,
    n_jobs: int | None = None,
    progress: Progress = silent,
    waiting: Callable[[], None] = lambda: None,
) -> RefittedFolder | None:
    """Fit the styles of the atlas in a folder again, and carry over what was said of them.

    Parameters
    ----------
    folder : Path
    warm : bool
        Start from the old styles, see :func:`artstylenet.growing.refit_warm`; else see
        :func:`artstylenet.growing.refit_all`.
    store, n_jobs, progress, waiting
        As of :func:`add_into`.

    Returns
    -------
    RefittedFolder or None
        None if there is nothing to do, since the same refit was the last change.
    """
    read_run(folder)
    with atlas_lock(folder, waiting):
        before = load_atlas(folder)
        if is_fitted(before, warm=warm):
            return None
        if warm:
            refitted = refit_warm(before, n_jobs=n_jobs, progress=progress)
        else:
            cache = StageCache(folder / CACHE_FOLDER)
            refitted = refit_all(before, store=store, n_jobs=n_jobs, cache=cache, progress=progress)
        old = before.run.get("styles_from", before.run["inputs"])
        # Lines about styles that are not there yet do no harm; the other way round, a cut between
        # the two would lose names.
        lost = carry_over(folder, old, refitted.atlas.run["styles_from"], refitted.same)
        _write(refitted.atlas, folder, progress)
    return RefittedFolder(refitted, tuple(lost))


def _write(atlas: StyleAtlas, folder: Path, progress: Progress) -> None:
    progress("Writing the atlas", 0, 1)
    write_atlas(atlas, folder, also=lambda staged: write_figures(atlas, staged / "figures"))
    progress("Writing the atlas", 1, 1)
