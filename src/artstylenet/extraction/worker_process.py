"""The caller's end of one worker: start it, talk to it, end it.

Plain processes and pipes instead of :mod:`multiprocessing` or an executor. An executor does not
tell which file killed a worker; fork copies locks of the threads of LanceDB; spawn and forkserver
import the caller's main script again, which runs it twice if it has no ``__main__`` guard.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from artstylenet.backbones.features import Backbone
from artstylenet.extraction.messages import Command, FromWorker, Read, Setup

# The worker must find the same modules, however the caller came to find them.
_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from artstylenet.extraction.worker import main; main()"
)
# One thread in each of several processes beats several threads in one.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Event:
    """Something a worker said; None means that it has ended."""

    worker: WorkerProcess
    message: FromWorker | None


class WorkerProcess:
    """One worker.

    Parameters
    ----------
    open_backbone : callable
        Picklable, without arguments.
    events : queue of Event
        Where this worker's messages go, those of one worker in order, the last of them None.

    Attributes
    ----------
    backbone_key : str or None
        Of its backbone, once the caller has noted that it is open.
    file : int or None
        Whatever the caller notes as this worker's file in hand.
    cause_of_death : str or None
        Set by the caller before it kills the worker.
    is_leaving : bool
        Whether the caller gives it no more files.
    """

    def __init__(
        self, open_backbone: Callable[[], Backbone], events: queue.SimpleQueue[Event]
    ) -> None:
        self.backbone_key: str | None = None
        self.file: int | None = None
        self.cause_of_death: str | None = None
        self.is_leaving = False
        self._asked_at: float | None = None
        # First of all, because what cannot be pickled should not leave a process behind.
        setup = pickle.dumps(Setup(open_backbone, os.getpid()))
        with _without_interrupts():
            self._process = subprocess.Popen(
                [sys.executable, "-c", _BOOT, json.dumps([str(path) for path in sys.path])],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, **_ONE_THREAD},
            )
        # A thread for each worker, because not every system can wait for several pipes at once.
        self._reader = threading.Thread(target=self._listen, args=[events], daemon=True)
        self._reader.start()
        # No answer is due: opening a backbone may mean to download it.
        self._write(setup)

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def send(self, message: Read | Command) -> None:
        """Send a message; if the worker is dead, its last event says so."""
        self._asked_at = time.monotonic()
        self._write(pickle.dumps(message))

    def seconds_waited(self) -> float:
        """Return how long an answer has been due, 0 if none is."""
        asked_at = self._asked_at
        return 0.0 if asked_at is None else time.monotonic() - asked_at

    def kill(self, cause: str) -> None:
        """End the worker at once; its last event follows."""
        self.cause_of_death = cause
        self._process.kill()

    def close(self) -> None:
        """End the worker and free what it held."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            # What a dead worker has not read can no longer be flushed.
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

    def _write(self, pickled: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(pickled)
            self._process.stdin.flush()

    def _listen(self, events: queue.SimpleQueue[Event]) -> None:
        assert self._process.stdout is not None
        message: FromWorker | None
        while True:
            try:
                message = pickle.load(self._process.stdout)
            # A worker that dies while it speaks leaves half a message.
            except (EOFError, pickle.UnpicklingError, OSError):
                message = None
            self._asked_at = None
            events.put(Event(self, message))
            if message is None:
                return


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back; a process started meanwhile never gets it.

    A terminal sends Ctrl-C to every process of the command. Workers leave it to their caller,
    which ends them; they would print a traceback each.
    """
    if sys.platform == "win32":
        yield
        return
    held: set[signal.Signals] = {signal.SIGINT}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
