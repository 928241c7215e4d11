"""Who does the work of a build that can be shared out: this machine, or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from pathlib import Path
from typing import Protocol

from artstylenet.backbones.features import Backbone
from artstylenet.extraction.books import Extraction
from artstylenet.extraction.run import extract
from artstylenet.feature_store import FeatureStore
from artstylenet.progress import Progress, silent


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
