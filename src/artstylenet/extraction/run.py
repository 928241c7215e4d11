"""Bring the feature store up to date with a collection."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from pathlib import Path

from artstylenet.backbones.features import Backbone
from artstylenet.extraction.books import Books, Extraction
from artstylenet.extraction.worker_pool import TIME_LIMIT, WorkerPool
from artstylenet.feature_store import FeatureStore
from artstylenet.progress import Progress, silent


def extract(
    root: Path,
    paths: Sequence[str],
    open_backbone: Callable[[], Backbone],
    store: FeatureStore,
    *,
    known: Container[str] = frozenset(),
    n_jobs: int | None = None,
    time_limit: float = TIME_LIMIT,
    progress: Progress = silent,
) -> Extraction:
    """Extract the features of every file whose content the store does not hold yet.

    Parameters
    ----------
    root : Path
        Folder that the paths are relative to.
    paths : sequence of str
        Picture files.
    open_backbone : callable
        Makes the backbone in each worker; picklable, without arguments, such as
        ``partial(load_backbone, "default")``.
    store : FeatureStore
    known : container of str, optional
        Content hashes whose features nobody needs, stored or not.
    n_jobs : int or None, default=None
        Worker processes; None is as many as pay, at most the number of CPUs that this process
        may use. The features do not depend on it.
    time_limit : float, default=60
        Seconds that one file may take; beyond, it is skipped.
    progress : callable, default=silent
        Called as files are finished.

    Returns
    -------
    Extraction

    Raises
    ------
    BackboneError, MissingExtraError
        If the backbone cannot be opened.
    InputError
        If the store cannot be used, or `n_jobs` is not positive.
    ArtStyleNetError
        If the backbone fails, or workers die whatever the file.

    Notes
    -----
    Memory does not depend on the number of files, but for their hashes: at most one block of rows
    is held, and one file in each worker. Whatever ends this function, also Ctrl-C, the features
    that are finished are stored first; a process that is killed loses at most one block.
    """
    books = Books(root, paths, store.table, known, progress)
    try:
        with WorkerPool(open_backbone, n_jobs, time_limit) as pool:
            pool.work(books)
    finally:
        books.store_rows()
    if books.table is not None:
        store.table(books.table.backbone_key).tidy()
    return books.result()
