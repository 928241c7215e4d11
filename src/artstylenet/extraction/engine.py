"""Who does the work of a build that can be shared out: this machine, or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from artstylenet.backbones.features import Backbone
from artstylenet.extraction.books import Extraction
from artstylenet.extraction.run import extract
from artstylenet.feature_store import FeatureStore, FeatureTable
from artstylenet.progress import Progress, silent

T = TypeVar("T")


class Engine(Protocol):
    """Does what can be shared out; whoever does it, the result is the same."""

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
        """Bring the store up to date; see :func:`artstylenet.extraction.extract`."""
        ...

    def map_blocks(
        self,
        function: Callable[[dict[str, np.ndarray], Any], T],
        table: FeatureTable,
        hashes: Sequence[str],
        columns: Sequence[str],
        beside: np.ndarray | None = None,
    ) -> Iterator[T]:
        """Yield what a function makes of features, block by block in the order of the pictures.

        Parameters
        ----------
        function : callable
            Picklable; takes a block as of :meth:`FeatureTable.read`, and its rows of `beside`.
        table : FeatureTable
        hashes : sequence of str
        columns : sequence of str
        beside : ndarray of shape (n_pictures, ...) or None, default=None
            What else is known of the pictures.
        """
        ...


class LocalEngine:
    """Worker processes of this machine.

    Parameters
    ----------
    n_jobs : int or None, default=None
        How many; None is one a CPU.
    """

    def __init__(self, n_jobs: int | None = None) -> None:
        self.n_jobs = n_jobs

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
        """Bring the store up to date; see :func:`artstylenet.extraction.extract`."""
        return extract(
            root,
            paths,
            open_backbone,
            store,
            known=known,
            n_jobs=self.n_jobs,
            progress=progress,
        )

    def map_blocks(
        self,
        function: Callable[[dict[str, np.ndarray], Any], T],
        table: FeatureTable,
        hashes: Sequence[str],
        columns: Sequence[str],
        beside: np.ndarray | None = None,
    ) -> Iterator[T]:
        """Yield what a function makes of features; in this process."""
        start = 0
        for raw in table.read(hashes, columns):
            stop = start + len(raw[columns[0]])
            yield function(raw, None if beside is None else beside[start:stop])
            start = stop
