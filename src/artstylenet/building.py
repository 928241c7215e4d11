"""Build an atlas into a folder: one builder at a time, going on where the last one stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from artstylenet.atlas import StyleAtlas
from artstylenet.build import BuildSettings, extract_collection, fit_atlas, inputs_digest
from artstylenet.collection import Collection
from artstylenet.collection.files import KEEP_OUT
from artstylenet.errors import AtlasError
from artstylenet.extraction import Engine
from artstylenet.figures import write_figures
from artstylenet.progress import Progress, silent
from artstylenet.stage_cache import StageCache
from artstylenet.storage import atlas_lock, load_atlas
from artstylenet.storage.atlas_files import read_run, write_atlas
from artstylenet.storage.folder import CACHE_FOLDER, RUN_FILE


@dataclass(frozen=True, eq=False)
class Built:
    """An atlas in its folder.

    Attributes
    ----------
    atlas : StyleAtlas
    changed : bool
        False if the folder held the very same atlas already.
    """

    atlas: StyleAtlas
    changed: bool


def build_into(
    folder: Path,
    collection: Collection,
    settings: BuildSettings,
    *,
    store: str | Path | None = None,
    n_jobs: int | None = None,
    engine: Engine | None = None,
    progress: Progress = silent,
    waiting: Callable[[], None] = lambda: None,
) -> Built:
    """Build an atlas into a folder.

    Parameters
    ----------
    folder : Path
        New, empty, or an atlas, finished or not.
    collection : Collection
    settings : BuildSettings
    store : path or None, default=None
        Folder of the feature store; None is in the user's cache folder.
    n_jobs : int or None, default=None
        Processes and threads; None is one a CPU.
    engine : Engine or None, default=None
        Who extracts features and assigns visual words; None is this machine.
    progress : callable, optional
    waiting : callable, optional
        Called once if another build holds the folder and this one waits.

    Returns
    -------
    Built

    Raises
    ------
    AtlasError
        If the folder is something else, cannot be written, or holds a newer version's atlas.
    InputError
        As :func:`artstylenet.build.build_atlas`.
    """
    with atlas_lock(folder, waiting):
        # Nobody's pictures: a later look for paintings above this folder passes it over.
        (folder / KEEP_OUT).touch()
        if (folder / RUN_FILE).exists():
            read_run(folder)
        extracted = extract_collection(
            collection, settings, store=store, n_jobs=n_jobs, engine=engine, progress=progress
        )
        finished = _same_atlas(folder, inputs_digest(extracted, settings))
        if finished is not None:
            return Built(finished, changed=False)
        atlas = fit_atlas(
            extracted,
            settings,
            n_jobs=n_jobs,
            engine=engine,
            cache=StageCache(folder / CACHE_FOLDER),
            progress=progress,
        )
        progress("Writing the atlas", 0, 1)
        write_atlas(atlas, folder, also=lambda staged: write_figures(atlas, staged / "figures"))
        progress("Writing the atlas", 1, 1)
    return Built(atlas, changed=True)


def _same_atlas(folder: Path, inputs: str) -> StyleAtlas | None:
    """Return the atlas in the folder if it was made from just these inputs and is whole."""
    try:
        if read_run(folder)["inputs"] == inputs:
            return load_atlas(folder)
    except (AtlasError, KeyError):
        pass
    return None
