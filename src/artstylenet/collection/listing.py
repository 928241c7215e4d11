"""What a layout says of a collection, before it becomes one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from artstylenet.collection.tables import Columns


@dataclass(frozen=True)
class Listing:
    """Paintings and painters as a layout gives them, names and ids not yet made one.

    Attributes
    ----------
    root : Path
        Folder that the paths are relative to.
    paintings : dict of str to list of (str or None)
        Columns ``path`` (posix, each once) and, where known, ``id`` (the data set's own),
        ``painter``, ``title``, ``year``, ``rights``, ``credit``; any others as given.
    painters : dict of str to list of (str or None)
        Column ``painter`` and what is known of painters; empty if nothing is.
    years : list of ((int, int) or None) or None
        First and last year of each painting, if the data set has them as numbers.
    skipped : tuple of (str, str)
        Path and reason of files that were left out.
    notes : tuple of str
        Sentences for the summary.
    """

    root: Path
    paintings: Columns
    painters: Columns = field(default_factory=dict)
    years: list[tuple[int, int] | None] | None = None
    skipped: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
