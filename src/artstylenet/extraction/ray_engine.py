"""Extraction, and what else is done to every picture, on the machines of a Ray cluster.

Files are dealt out in shards. Ray Data hands the shards to a pool of actors, one a CPU; an actor
does with its shard what a build on one machine does with all files, with one worker process that
it keeps, and writes the features as a fragment. The caller gets hashes, reasons and descriptions
of fragments, and commits these as they come in.

A shard whose machine dies is done again by another; what had been written of it is never
committed. So nothing is lost and nothing is there twice, whatever dies, but for the caller itself:
then the next run finds what was committed.
"""

from __future__ import annotations

import hashlib
import logging
import math
import os
import pickle
import secrets
import socket
import sys
import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from artstylenet.backbones.features import Backbone
from artstylenet.errors import ArtStyleNetError, InputError, MissingExtraError
from artstylenet.extraction.books import STAGE, Books, Extraction
from artstylenet.extraction.engine import LocalEngine
from artstylenet.extraction.fragments import FragmentTable, commit_fragments
from artstylenet.extraction.run import extract
from artstylenet.extraction.worker_pool import WorkerPool
from artstylenet.feature_store import BLOCK_ROWS, FeatureStore, FeatureTable, StoredHashes
from artstylenet.progress import Progress, silent

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")

SECONDS_TO_ANSWER = 5.0
"""How long a cluster may take to accept a connection."""

COMMIT_SECONDS = 5.0
"""A commit writes the list of all fragments, so that not every shard is worth one."""

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
}
"""Nothing leaves the machine, and nothing but our own bars goes to the terminal."""

_ALONE = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "token"}
"""A cluster of one machine listens to that machine alone, whatever its system, and to its owner."""

_SHARDS_A_WORKER = 20
_SMALLEST_SHARD = 16


class RayEngine:
    """A Ray cluster that extracts features and assigns words; a context manager.

    Parameters
    ----------
    address : str or None, default=None
        ``host:port`` of the head of a cluster that this machine belongs to, ``auto`` to have it
        found; None starts a cluster here, and ends it afterwards.
    gpus : float, default=0
        Part of a GPU that each worker gets: 0.25 for four workers on each GPU.
    n_jobs : int or None, default=None
        Workers of a cluster that is started here; None is one a CPU. On a cluster that is there
        already, every CPU gets a worker.

    Raises
    ------
    MissingExtraError
        If Ray is not installed.
    InputError
        If no cluster answers, or it lacks what is asked for.
    """

    def __init__(
        self, address: str | None = None, *, gpus: float = 0.0, n_jobs: int | None = None
    ) -> None:
        self._address = address
        self._gpus = gpus
        self._n_jobs = n_jobs
        self._is_ours = False
        self._n_workers = 0

    def __enter__(self) -> Self:
        ray = _import_ray(alone=self._address is None)
        if not ray.is_initialized():
            self._is_ours = True
            _connect(ray, self._address, self._n_jobs)
        self._n_workers = _n_workers(ray.cluster_resources(), self._gpus)
        if not self._n_workers:
            self.__exit__(None, None, None)
            wanted = f"a GPU for {1 / self._gpus:g} workers" if self._gpus else "a CPU"
            raise InputError(f"The Ray cluster has not {wanted}.")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._is_ours:
            import ray

            ray.shutdown()

    def extract(
        self,
        root: Path,
        paths: Sequence[str],
        open_backbone: Callable[[], Backbone],
        store: FeatureStore,
        *,
        known: Container[str] = frozenset(),
        progress: Progress = silent,
    ) -> Extraction:
        """Extract features; as :func:`artstylenet.extraction.extract`.

        The machines must have the pictures and the folder of the store under the paths that they
        have here, and the same ArtStyleNet.
        """
        if not paths:
            return extract(root, paths, open_backbone, store)
        table = store.table(open_backbone().key)
        stored = table.stored()
        gathered = _Gathered(table, list(paths), progress)
        setup = _Setup(table.backbone_key, store.folder.absolute(), root.absolute())
        shards = [pickle.dumps(shard) for shard in _deal(paths, self._n_workers)]
        try:
            done: _Done
            for done in self._run(_Extractor, [setup, open_backbone], (stored, known), shards):
                gathered.add(done)
        finally:
            gathered.commit()
        table.tidy()
        return gathered.result([stored, known])

    def map_blocks(
        self,
        function: Callable[[dict[str, np.ndarray], Any], T],
        table: FeatureTable,
        hashes: Sequence[str],
        columns: Sequence[str],
        beside: np.ndarray | None = None,
    ) -> Iterator[T]:
        """Yield what a function makes of features; as any :class:`Engine`."""
        if len(hashes) <= BLOCK_ROWS:
            yield from LocalEngine().map_blocks(function, table, hashes, columns, beside)
            return
        version, row_ids = table.find(hashes)
        setup = _Setup(table.backbone_key, table.folder.absolute(), None)
        starts = range(0, len(hashes), BLOCK_ROWS)
        rows = [slice(start, start + BLOCK_ROWS) for start in starts]
        blocks = [
            pickle.dumps((number, row_ids[part], None if beside is None else beside[part]))
            for number, part in enumerate(rows)
        ]
        work = [setup, version, tuple(columns)]
        early: dict[int, T] = {}
        n_yielded = 0
        for number, made in self._run(_Mapper, work, function, blocks):
            early[number] = made
            while n_yielded in early:
                yield early.pop(n_yielded)
                n_yielded += 1

    def _run(
        self, actor: type[_Actor], work: Sequence[Any], shared: object, jobs: Sequence[bytes]
    ) -> Iterator[Any]:
        """Yield what actors make of jobs, in any order."""
        import pyarrow as pa
        import ray
        import ray.data

        results = ray.data.from_arrow([pa.table({"job": [job]}) for job in jobs]).map_batches(
            actor,
            batch_size=1,
            batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=len(jobs)),
            num_cpus=1,
            num_gpus=self._gpus or None,
            # One copy on each machine, however many workers it has.
            fn_constructor_args=[_digest_of_code(), [ray.put(shared)], *work],
        )
        try:
            for batch in results.iter_batches(batch_size=None, batch_format="pyarrow"):
                for told in batch["result"].to_pylist():
                    result = pickle.loads(told)
                    if isinstance(result, ArtStyleNetError):
                        raise result
                    yield result
        except ray.exceptions.RayError as error:
            last_line = str(error).strip().splitlines()[-1]
            raise ArtStyleNetError(f"The Ray cluster failed: {last_line}") from error


@dataclass(frozen=True)
class _Shard:
    """Some files; `start` is the number of the first."""

    start: int
    paths: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Done:
    """What became of a shard."""

    start: int
    extraction: Extraction
    fragments: tuple[str, ...]


@dataclass(frozen=True)
class _Setup:
    """Where every machine finds features and, if they are needed, pictures."""

    backbone_key: str
    store: Path
    root: Path | None


class _Actor(ABC):
    """One worker of the cluster.

    It reports its errors instead of raising them: what Ray makes of an error is not for users.
    """

    def __init__(self, digest_of_code: str, shared: Sequence[Any], setup: _Setup) -> None:
        import ray

        self._digest_of_code = digest_of_code
        self._shared = ray.get(shared[0])
        self._setup = setup
        self._table = FeatureTable(setup.store, setup.backbone_key)

    def __call__(self, batch: pa.Table) -> pa.Table:
        import pyarrow as pa

        result: object
        try:
            self._check_machine()
            result = self._do(pickle.loads(batch["job"][0].as_py()))
        except ArtStyleNetError as error:
            result = error
        return pa.table({"result": [pickle.dumps(result)]})

    @abstractmethod
    def _do(self, job: Any) -> object:
        """Do one job."""

    def _check_machine(self) -> None:
        root = self._setup.root
        if _digest_of_code() != self._digest_of_code:
            raise self._differs("another version of ArtStyleNet")
        if root is not None and not root.is_dir():
            raise self._differs(f"no folder {root} of pictures")

    @staticmethod
    def _differs(what: str) -> InputError:
        return InputError(
            f"The machine {socket.gethostname()} of the cluster has {what}; every machine needs "
            "the same as the one that the build is started on."
        )


class _Extractor(_Actor):
    """Extracts shards; what is `shared` are hashes that need not be extracted."""

    def __init__(
        self,
        digest_of_code: str,
        shared: Sequence[Any],
        setup: _Setup,
        open_backbone: Callable[[], Backbone],
    ) -> None:
        super().__init__(digest_of_code, shared, setup)
        self._pool = WorkerPool(open_backbone, n_jobs=1)

    def _do(self, job: _Shard) -> _Done:
        stored, known = self._shared
        assert self._setup.root is not None
        fragments = FragmentTable(self._table, stored)

        def open_table(backbone_key: str) -> FragmentTable:
            if backbone_key != fragments.backbone_key:
                raise self._differs("another model file")
            return fragments

        books = Books(self._setup.root, job.paths, open_table, known)
        self._pool.work(books)
        books.store_rows()
        return _Done(job.start, books.result(), tuple(fragments.fragments))


class _Mapper(_Actor):
    """Applies what is `shared`, a function, to blocks of features."""

    def __init__(
        self,
        digest_of_code: str,
        shared: Sequence[Any],
        setup: _Setup,
        version: int,
        columns: Sequence[str],
    ) -> None:
        super().__init__(digest_of_code, shared, setup)
        self._version = version
        self._columns = columns

    def _do(self, job: tuple[int, np.ndarray, Any]) -> tuple[int, object]:
        number, row_ids, beside = job
        raw = self._table.take(self._version, row_ids, self._columns)
        with threadpool_limits(1):
            return number, self._shared(raw, beside)


class _Gathered:
    """What came back of the shards so far."""

    def __init__(self, table: FeatureTable, paths: Sequence[str], progress: Progress) -> None:
        self._table = table
        self._paths = paths
        self._progress = progress
        self._done: dict[int, Extraction] = {}
        self._fragments: list[str] = []
        self._n_files_done = 0
        # The first shard is committed at once: it tells whether all machines share the store.
        self._committed_at = -math.inf

    def add(self, done: _Done) -> None:
        """Take what became of a shard; commit if it is time."""
        if done.start in self._done:
            return
        self._done[done.start] = done.extraction
        self._fragments += done.fragments
        if time.monotonic() - self._committed_at > COMMIT_SECONDS:
            self.commit()
        self._n_files_done += len(done.extraction.hashes)
        self._progress(STAGE, self._n_files_done, len(self._paths))

    def commit(self) -> None:
        """Make everything that was written part of the table."""
        # Taken out first: what cannot be committed is not tried again on the way out.
        fragments, self._fragments = self._fragments, []
        commit_fragments(self._table, fragments)
        self._committed_at = time.monotonic()

    def result(self, needless: Iterable[StoredHashes | Container[str]]) -> Extraction:
        """Return what became of each file, and leave one row of what two shards both extracted."""
        import pandas as pd

        parts = [self._done[start] for start in sorted(self._done)]
        hashes = tuple(image_hash for part in parts for image_hash in part.hashes)
        skipped = pd.concat([part.skipped for part in parts], ignore_index=True)
        extracted = {
            image_hash
            for image_hash in hashes
            if image_hash is not None and not any(image_hash in held for held in needless)
        }
        if sum(part.n_extracted for part in parts) > len(extracted):
            self._table.drop_doubles()
        return Extraction(
            hashes=hashes,
            skipped=skipped,
            n_extracted=len(extracted),
            n_reused=len(hashes) - len(skipped) - len(extracted),
            backbone_key=self._table.backbone_key,
        )


def _deal(paths: Sequence[str], n_workers: int) -> list[_Shard]:
    """Deal files to shards: small enough to share out and to show progress, one block at most."""
    size = math.ceil(len(paths) / (_SHARDS_A_WORKER * n_workers))
    size = min(max(size, _SMALLEST_SHARD), BLOCK_ROWS)
    return [
        _Shard(start, tuple(paths[start : start + size])) for start in range(0, len(paths), size)
    ]


def _import_ray(*, alone: bool) -> Any:
    if any(find_spec(name) is None for name in ("fsspec", "lance", "ray")):
        raise MissingExtraError(
            "The engine ray needs Ray and Lance: pip install 'artstylenet[ray]'"
        )
    os.environ |= _QUIET
    # Ray reads these when it is imported; one that was imported before has settings of its own.
    if alone and "ray" not in sys.modules:
        os.environ |= {**_ALONE, "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    import ray.data

    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    return ray


def _connect(ray: Any, address: str | None, n_jobs: int | None) -> None:
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address is None:
        options |= {"address": "local", "num_cpus": n_jobs, "include_dashboard": False}
    else:
        _knock(address)
        options["address"] = address
    try:
        # It warns of its own processes, and Lance of forks.
        with warnings.catch_warnings(action="ignore"), _no_standard_error():
            ray.init(**options)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        first_line = str(error).strip().splitlines()[0]
        raise InputError(
            f"No Ray cluster answers at {address or 'this machine'}: {first_line}. If it asks for "
            "a token, set RAY_AUTH_MODE=token."
        ) from error


@contextmanager
def _no_standard_error() -> Iterator[None]:
    """Drop what Ray's core prints as it starts: that it was told to print nothing."""
    sys.stderr.flush()
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)


def _knock(address: str) -> None:
    """Fail soon where nobody listens: Ray itself waits for a minute."""
    if address in ("auto", "local"):
        return
    # Ray's client (ray://) would have to work from outside of the cluster, without its files.
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or "://" in address:
        raise InputError(
            f"{address!r} is no address of a Ray cluster: expected auto or host:port, on a "
            "machine of the cluster."
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), SECONDS_TO_ANSWER).close()
    except OSError as error:
        raise InputError(f"No Ray cluster answers at {address}: {error}.") from error


def _n_workers(resources: Mapping[str, float], gpus: float) -> int:
    """Return how many workers a cluster has room for now."""
    by_cpu = int(resources.get("CPU", 0))
    return min(by_cpu, int(resources.get("GPU", 0) / gpus)) if gpus else by_cpu


@cache
def _digest_of_code() -> str:
    """Return a hash of this package."""
    folder = Path(__file__).parents[1]
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        total.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return total.hexdigest()
