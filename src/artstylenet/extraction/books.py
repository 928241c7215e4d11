"""The books of an extraction: which file is where, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from artstylenet.errors import ArtStyleNetError
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
from artstylenet.feature_store import BLOCK_ROWS, FeatureRow, StoredHashes
from artstylenet.progress import Progress, silent

if TYPE_CHECKING:
    import pandas as pd

STAGE = "Extracting features"
CRASHED = "the decoder crashed"

# So many deaths with nothing done between them are not the fault of files.
_MAX_DEATHS_IN_A_ROW = 20


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


class Table(Protocol):
    """Where features go; :class:`artstylenet.feature_store.FeatureTable` is one.

    Attributes
    ----------
    backbone_key : str
    """

    backbone_key: str

    def stored(self) -> StoredHashes:
        """Return which pictures need not be extracted."""
        ...

    def write(self, rows: Sequence[FeatureRow]) -> None:
        """Keep at most a block of rows."""
        ...


class Books:
    """What is to be done for some files, who does it, and what became of them.

    Parameters
    ----------
    root : Path
        Folder that the paths are relative to.
    paths : sequence of str
    open_table : callable
        Given the key of the backbone, opens the table for its features.
    known : container of str, optional
        Content hashes whose features nobody needs.
    progress : callable, default=silent

    Attributes
    ----------
    table : Table or None
        None until a worker has opened the backbone.
    """

    def __init__(
        self,
        root: Path,
        paths: Sequence[str],
        open_table: Callable[[str], Table],
        known: Container[str] = frozenset(),
        progress: Progress = silent,
    ) -> None:
        self._root = root
        self._paths = paths
        self._open_table = open_table
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
        self.table: Table | None = None

    @property
    def n_files(self) -> int:
        """Number of files, done or not."""
        return len(self._paths)

    @property
    def n_done(self) -> int:
        """Number of files whose fate is known."""
        return self._n_done

    @property
    def is_finished(self) -> bool:
        """Tell whether the fate of every file is known."""
        return self._n_done == len(self._paths)

    @property
    def has_files_left(self) -> bool:
        """Tell whether there are files that nobody was given yet."""
        return self._next_file < len(self._paths)

    def greet(self, worker: WorkerProcess, backbone_key: str) -> None:
        """Take note that a worker has its backbone open, and give it its first file."""
        worker.backbone_key = backbone_key
        if self.table is None:
            self.table = self._open_table(backbone_key)
            self._stored = self.table.stored()
        elif self.table.backbone_key != backbone_key:
            raise ArtStyleNetError("The model file was changed during the extraction.")
        self._hand_out(worker)

    def receive(self, event: Event) -> None:
        """Note what a worker said and give it more to do."""
        worker, message = event.worker, event.message
        if isinstance(message, Broken):
            raise message.error
        if isinstance(message, Ready):
            self.greet(worker, message.backbone_key)
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
        """Return what became of each file."""
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

    def _is_new(self, image_hash: str) -> bool:
        assert self._stored is not None
        return not any(image_hash in held for held in (self._known, self._taken, self._stored))

    def _hand_out(self, worker: WorkerProcess) -> None:
        worker.file = None
        # One that was late and answered after all is about to end; nothing new is its fault.
        if self.has_files_left and worker.cause_of_death is None and not worker.is_leaving:
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
