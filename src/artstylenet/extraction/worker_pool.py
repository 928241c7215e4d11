"""Worker processes that outlast one call, and what is done when one of them dies."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable
from types import TracebackType
from typing import Self

from artstylenet.backbones.features import Backbone
from artstylenet.cpus import usable_cpus
from artstylenet.errors import InputError
from artstylenet.extraction.books import Books
from artstylenet.extraction.pace import Pace
from artstylenet.extraction.worker_process import Event, WorkerProcess

TIME_LIMIT = 60.0

_SHORTEST_WAIT = 0.05  # seconds, for the end of a worker that was killed


class WorkerPool:
    """Worker processes, each with its backbone open; started when there is work, ended by `close`.

    Parameters
    ----------
    open_backbone : callable
        Makes the backbone in each worker; picklable, without arguments, such as
        ``partial(load_backbone, "default")``.
    n_jobs : int or None, default=None
        Processes; None is as many as pay (see :mod:`artstylenet.extraction.pace`), at most one a
        CPU that this process may use.
    time_limit : float, default=60
        Seconds that one file may take; beyond, it is skipped.

    Raises
    ------
    InputError
        If `n_jobs` is not positive.
    """

    def __init__(
        self,
        open_backbone: Callable[[], Backbone],
        n_jobs: int | None = None,
        time_limit: float = TIME_LIMIT,
    ) -> None:
        if n_jobs is not None and n_jobs < 1:
            raise InputError(f"The number of jobs must be at least 1, not {n_jobs}.")
        self._open_backbone = open_backbone
        # Who says how many there are to be is obeyed.
        self._pace = Pace(n_jobs or usable_cpus(), is_settled=n_jobs is not None)
        self._time_limit = time_limit
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._workers: set[WorkerProcess] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def work(self, books: Books) -> None:
        """Do all files of some books.

        Raises
        ------
        BackboneError, MissingExtraError
            If the backbone cannot be opened.
        ArtStyleNetError
            If the backbone fails, or workers die whatever the file.
        """
        for worker in self._workers:
            if worker.backbone_key is not None:
                books.greet(worker, worker.backbone_key)
        while len(self._workers) < min(self._pace.n_workers, books.n_files):
            self._start_worker()
        while not books.is_finished:
            event = self._next_event()
            if event is None or event.worker not in self._workers:
                continue
            n_done = books.n_done
            if event.message is not None:
                books.receive(event)
            else:
                self._end(event.worker)
                books.bury(event.worker)
            if books.n_done > n_done:
                self._pace.file_done()
            self._adjust(event.worker, books)

    def close(self) -> None:
        """End all workers."""
        while self._workers:
            self._workers.pop().close()

    def _adjust(self, worker: WorkerProcess, books: Books) -> None:
        """Start a worker that is missing; let one that is too many go once its file is done."""
        n_staying = sum(not worker.is_leaving for worker in self._workers)
        if n_staying < min(self._pace.n_workers, books.n_files) and books.has_files_left:
            self._start_worker()
        elif n_staying > self._pace.n_workers:
            worker.is_leaving = True
        if worker.is_leaving and worker.file is None and worker in self._workers:
            self._end(worker)

    def _end(self, worker: WorkerProcess) -> None:
        self._workers.remove(worker)
        worker.close()

    def _start_worker(self) -> None:
        self._workers.add(WorkerProcess(self._open_backbone, self._events))

    def _next_event(self) -> Event | None:
        """Return what happens next, or None after a wait; kill workers whose answer is overdue."""
        waited = max((worker.seconds_waited() for worker in self._workers), default=0.0)
        event = None
        with contextlib.suppress(queue.Empty):
            event = self._events.get(timeout=max(_SHORTEST_WAIT, self._time_limit - waited))
        # While there are answers to be read, it may be the caller who is late.
        if self._events.empty():
            for worker in self._workers:
                if worker.seconds_waited() > self._time_limit and worker.cause_of_death is None:
                    worker.kill(f"took longer than {self._time_limit:g} s")
        return event
