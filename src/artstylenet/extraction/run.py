"""Bring the feature store up to date with a collection."""

from __future__ import annotations

import contextlib
import os
import queue
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from artstylenet.backbones.features import Backbone
from artstylenet.errors import ArtStyleNetError, InputError
from artstylenet.extraction.messages import (
    Broken,
    Command,
    Extracted,
    Failed,
    Hashed,
    Read,
    Ready,
)
from artstylenet.extraction.worker_process import Event, WorkerProcess
from artstylenet.feature_store import (
    BLOCK_ROWS,
    FeatureRow,
    FeatureStore,
    FeatureTable,
    StoredHashes,
)
from artstylenet.progress import Progress, silent

if TYPE_CHECKING:
    import pandas as pd

STAGE = "Extracting features"
TIME_LIMIT = 60.0
CRASHED = "the decoder crashed"

# So many deaths with nothing done between them are not the fault of files.
_MAX_DEATHS_IN_A_ROW = 20
_SHORTEST_WAIT = 0.05  # seconds, for the end of a worker that was killed


@dataclass(frozen=True, eq=False)
class Extraction:
    """What became of each file.

    Attributes
    ----------
    hashes : tuple of (str or None), one for each path
        Content hash under which its features are stored; None for a file that was skipped.
    skipped : DataFrame
        Columns ``path`` and ``reason``, in the order of the paths.
    n_extracted : int
        Pictures that went through the network.
    n_reused : int
        Files whose features were stored already, or that have the bytes of another file.
    backbone_key : str
        Names the table of the store; empty if there were no paths.
    """

    hashes: tuple[str | None, ...]
    skipped: pd.DataFrame
    n_extracted: int
    n_reused: int
    backbone_key: str


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
        Worker processes; None is the number of CPUs that this process may use. The features do
        not depend on it.
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
    if n_jobs is not None and n_jobs < 1:
        raise InputError(f"The number of jobs must be at least 1, not {n_jobs}.")
    run = _Run(root, paths, store, known, progress)
    n_workers = min(n_jobs or _n_cpus(), len(paths))
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    workers: set[WorkerProcess] = set()
    try:
        for _ in range(n_workers):
            workers.add(WorkerProcess(open_backbone, events))
        while not run.is_finished:
            event = _next_event(events, workers, time_limit)
            if event is None:
                continue
            if event.message is not None:
                run.receive(event)
                continue
            workers.remove(event.worker)
            event.worker.close()
            run.bury(event.worker)
            if run.has_files_left:
                workers.add(WorkerProcess(open_backbone, events))
    finally:
        for worker in workers:
            worker.close()
        run.store_rows()
    if run.table is not None:
        run.table.tidy()
    return run.result()


def _next_event(
    events: queue.SimpleQueue[Event], workers: set[WorkerProcess], time_limit: float
) -> Event | None:
    """Return what happens next, or None after a wait; kill workers whose answer is overdue."""
    waited = max((worker.seconds_waited() for worker in workers), default=0.0)
    event = None
    with contextlib.suppress(queue.Empty):
        event = events.get(timeout=max(_SHORTEST_WAIT, time_limit - waited))
    # While there are answers to be read, it may be the caller who is late.
    if events.empty():
        for worker in workers:
            if worker.seconds_waited() > time_limit and worker.cause_of_death is None:
                worker.kill(f"took longer than {time_limit:g} s")
    return event


def _n_cpus() -> int:
    # A container or a batch system may grant fewer than the machine has.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Run:
    """The books of one call of :func:`extract`: which file is where, and what became of it."""

    def __init__(
        self,
        root: Path,
        paths: Sequence[str],
        store: FeatureStore,
        known: Container[str],
        progress: Progress,
    ) -> None:
        self._root = root
        self._paths = paths
        self._store = store
        self._known = known
        self._progress = progress
        self._next_file = 0
        self._n_done = 0
        self._n_extracted = 0
        self._n_deaths_in_a_row = 0
        self._hashes: list[str | None] = [None] * len(paths)
        # A file may fail before its content is known; a content fails for all its files.
        self._reasons_of_files: dict[int, str] = {}
        self._reasons_of_contents: dict[str, str] = {}
        self._taken: set[str] = set()
        self._rows: list[FeatureRow] = []
        self._stored: StoredHashes | None = None
        self.table: FeatureTable | None = None

    @property
    def is_finished(self) -> bool:
        return self._n_done == len(self._paths)

    @property
    def has_files_left(self) -> bool:
        return self._next_file < len(self._paths)

    def receive(self, event: Event) -> None:
        """Note what a worker said and give it more to do."""
        worker, message = event.worker, event.message
        if isinstance(message, Broken):
            raise message.error
        if isinstance(message, Ready):
            self._open_table(message.backbone_key)
            self._hand_out(worker)
            return
        assert worker.file is not None
        if isinstance(message, Hashed):
            self._hashes[worker.file] = message.image_hash
            if self._is_new(message.image_hash):
                self._taken.add(message.image_hash)
                worker.send(Command.EXTRACT)
                return
        elif isinstance(message, Failed):
            self._fail(worker.file, message.reason)
        # The worker goes on while its row is being stored.
        self._hand_out(worker)
        if isinstance(message, Extracted):
            self._n_extracted += 1
            self._rows.append(message.row)
            if len(self._rows) >= BLOCK_ROWS:
                self.store_rows()
        self._n_deaths_in_a_row = 0
        self._finish_file()

    def bury(self, worker: WorkerProcess) -> None:
        """Note the death of a worker against the file it had in hand."""
        self._n_deaths_in_a_row += 1
        if self.table is None or self._n_deaths_in_a_row > _MAX_DEATHS_IN_A_ROW:
            raise ArtStyleNetError(
                "The worker processes die whatever the file; their messages may say why."
            )
        if worker.file is not None:
            self._fail(worker.file, worker.cause_of_death or CRASHED)
            self._finish_file()

    def store_rows(self) -> None:
        """Write what has been gathered."""
        # Taken out first: what cannot be written is not tried again on the way out.
        rows, self._rows = self._rows, []
        if self.table is not None:
            self.table.write(rows)

    def result(self) -> Extraction:
        import pandas as pd

        reasons = [self._reason(file) for file in range(len(self._paths))]
        skipped = [file for file, reason in enumerate(reasons) if reason is not None]
        columns = {
            "path": [self._paths[file] for file in skipped],
            "reason": [reasons[file] for file in skipped],
        }
        return Extraction(
            hashes=tuple(
                None if reason is not None else image_hash
                for image_hash, reason in zip(self._hashes, reasons, strict=True)
            ),
            skipped=pd.DataFrame(columns).astype(str),
            n_extracted=self._n_extracted,
            n_reused=len(self._paths) - len(skipped) - self._n_extracted,
            backbone_key="" if self.table is None else self.table.backbone_key,
        )

    def _open_table(self, backbone_key: str) -> None:
        if self.table is None:
            self.table = self._store.table(backbone_key)
            self._stored = self.table.stored()
        elif self.table.backbone_key != backbone_key:
            raise ArtStyleNetError("The model file was changed during the extraction.")

    def _is_new(self, image_hash: str) -> bool:
        assert self._stored is not None
        return not any(image_hash in held for held in (self._known, self._taken, self._stored))

    def _hand_out(self, worker: WorkerProcess) -> None:
        worker.file = None
        # One that was late and answered after all is about to end; nothing new is its fault.
        if self.has_files_left and worker.cause_of_death is None:
            worker.file = self._next_file
            self._next_file += 1
            worker.send(Read(str(self._root / self._paths[worker.file])))

    def _fail(self, file: int, reason: str) -> None:
        image_hash = self._hashes[file]
        if image_hash is None:
            self._reasons_of_files[file] = reason
        else:
            self._reasons_of_contents[image_hash] = reason

    def _reason(self, file: int) -> str | None:
        image_hash = self._hashes[file]
        if image_hash is None:
            return self._reasons_of_files[file]
        return self._reasons_of_contents.get(image_hash)

    def _finish_file(self) -> None:
        self._n_done += 1
        self._progress(STAGE, self._n_done, len(self._paths))
