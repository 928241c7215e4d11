"""Features at rest: one LanceDB table a backbone, one row a picture, found by its content.

The store is a cache. It may be shared by any number of atlases and processes, and be deleted at
any time: what is missing is extracted again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from artstylenet.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa
    from lancedb.table import Table

SCHEMA_VERSION = 1
BLOCK_ROWS = 1000
"""Rows read, and at most written, at a time: about 50 MB."""

COLUMNS = (
    "statistics",
    "local",
    "windows",
    "descriptor",
    "part_descriptors",
    "thumbnail",
    "width",
    "height",
    "perceptual_hash",
)

_HASH_DIGITS = 64
_ROWS_OF = {"local": (196,), "windows": (4,), "part_descriptors": (8,)}
_LARGEST_FLOAT16 = float(np.finfo(np.float16).max)
# Blocks of a thousand rows read well as they are. Only many runs of a few pictures each leave
# fragments worth merging; merging always would write every picture twice.
_MANY_FRAGMENTS = 64
_FEW_ROWS = 100
# Long enough for any reader that still uses the fragments from before a merge.
_KEEP_OLD_VERSIONS = timedelta(hours=1)


@dataclass(frozen=True, eq=False)
class FeatureRow:
    """What is stored of one picture.

    Attributes
    ----------
    image_hash : str
        SHA-256 of the file's bytes.
    width, height : int
        Pixels of the original, the right way up.
    perceptual_hash : int
        In [0, 2**64).
    thumbnail : bytes
        JPEG, at most 320 pixels on the longer side.
    statistics : ndarray of shape (n_statistics,), float16
    local : ndarray of shape (196, n_local), int8
    windows : ndarray of shape (4, n_window_statistics), float16, or None
    descriptor : ndarray of shape (n_dimensions,), float16, or None
    part_descriptors : ndarray of shape (8, n_dimensions), float16, or None
        As in :class:`artstylenet.backbones.RawFeatures`.
    """

    image_hash: str
    width: int
    height: int
    perceptual_hash: int
    thumbnail: bytes
    statistics: np.ndarray
    local: np.ndarray
    windows: np.ndarray | None = None
    descriptor: np.ndarray | None = None
    part_descriptors: np.ndarray | None = None


class StoredHashes:
    """Which pictures a table held at one moment, and where; made by :class:`FeatureTable`.

    Parameters
    ----------
    hashes : ndarray of shape (n_rows,), bytes of 64 hexadecimal digits
        May repeat, if two processes extracted the same picture at once; any row will do.
    row_ids : ndarray of shape (n_rows,), uint64
    """

    def __init__(self, hashes: np.ndarray, row_ids: np.ndarray) -> None:
        order = np.lexsort((row_ids, hashes))
        self._hashes = hashes[order]
        self._row_ids = row_ids[order]

    def __len__(self) -> int:
        return len(self._hashes)

    def __contains__(self, image_hash: str) -> bool:
        key = np.bytes_(image_hash)
        place = np.searchsorted(self._hashes, key)
        return bool(place < len(self._hashes) and self._hashes[place] == key)

    def find(self, hashes: Sequence[str]) -> np.ndarray:
        """Return where pictures are stored.

        Parameters
        ----------
        hashes : sequence of str

        Returns
        -------
        ndarray of shape (len(hashes),), int64
            Row ids; -1 where a picture is not stored.
        """
        keys = np.array(hashes, dtype=f"S{_HASH_DIGITS}")
        if not len(self):
            return np.full(len(keys), -1, dtype=np.int64)
        places = np.minimum(np.searchsorted(self._hashes, keys), len(self) - 1)
        found = self._hashes[places] == keys
        return np.where(found, self._row_ids[places].astype(np.int64), -1)

    def doubles(self) -> np.ndarray:
        """Return the row ids, uint64, of all rows of a picture but the first."""
        return self._row_ids[1:][self._hashes[1:] == self._hashes[:-1]]


class FeatureTable:
    """Features of one backbone in a store; made by :meth:`FeatureStore.table`.

    Any number of processes may read and write at once. Every write is one atomic commit: after a
    cut at any moment the rows of whole blocks are there, and nothing else.
    """

    def __init__(self, folder: Path, backbone_key: str) -> None:
        self.folder = folder
        self.backbone_key = backbone_key
        self._name = f"features-{SCHEMA_VERSION}-{backbone_key}"

    @property
    def path(self) -> Path:
        """Folder of the table, a Lance data set."""
        return self.folder / f"{self._name}.lance"

    def stored(self) -> StoredHashes:
        """Return which pictures are stored now."""
        table = self._open()
        if table is None:
            return StoredHashes(np.empty(0, f"S{_HASH_DIGITS}"), np.empty(0, np.uint64))
        return self._stored(table)

    def write(self, rows: Sequence[FeatureRow]) -> None:
        """Add pictures in one commit.

        Parameters
        ----------
        rows : sequence of FeatureRow
            At most :data:`BLOCK_ROWS`, all of one backbone.
        """
        if not rows:
            return
        data = _to_arrow(rows)
        try:
            self._create(data.schema).add(data)
        except InputError:
            raise
        # LanceDB raises ValueError, OSError and RuntimeError without a common base of its own.
        except Exception:  # noqa: BLE001
            # Once more from the start: the folder may have been deleted under our hands.
            try:
                self._create(data.schema).add(data)
            except Exception as error:
                raise self.unusable("written", error) from error

    def read(
        self, hashes: Sequence[str], columns: Sequence[str]
    ) -> Iterator[dict[str, np.ndarray]]:
        """Read pictures block by block.

        Parameters
        ----------
        hashes : sequence of str
            Content hashes; may repeat.
        columns : sequence of str
            Of :data:`COLUMNS`.

        Yields
        ------
        dict of str to ndarray
            For at most :data:`BLOCK_ROWS` pictures, in the order asked for: ``statistics``
            (n, n_statistics) float16, ``local`` (n, 196, n_local) int8, ``thumbnail`` (n,) of
            bytes, ``width`` and ``height`` (n,) int32, ``perceptual_hash`` (n,) uint64; and, as
            far as the backbone gives them, all float16, ``windows`` (n, 4, n_window_statistics),
            ``descriptor`` (n, n_dimensions), ``part_descriptors`` (n, 8, n_dimensions).

        Raises
        ------
        InputError
            If a picture is not stored, a column is unknown, or the store is damaged.
        """
        unknown = [column for column in columns if column not in COLUMNS]
        if unknown:
            raise InputError(f"No columns {unknown} in a feature store; it has {list(COLUMNS)}.")
        if not len(hashes):
            return
        table = self._open()
        row_ids = self._find_all(table, hashes)
        for start in range(0, len(row_ids), BLOCK_ROWS):
            yield self._take(table, row_ids[start : start + BLOCK_ROWS], columns)

    def find(self, hashes: Sequence[str]) -> tuple[int, np.ndarray]:
        """Return a version of the table, and the row ids of pictures in it; for :meth:`take`."""
        table = self._open()
        row_ids = self._find_all(table, hashes)
        assert table is not None
        return table.version, row_ids

    def take(
        self, version: int, row_ids: np.ndarray, columns: Sequence[str]
    ) -> dict[str, np.ndarray]:
        """Read one block as :meth:`read` does, without looking for it."""
        table = self._open()
        if table is not None:
            table.checkout(version)
        return self._take(table, row_ids, columns)

    def delete(self) -> None:
        """Remove all rows of this backbone."""
        if self._open() is not None:
            self._connect().drop_table(self._name, ignore_missing=True)

    def tidy(self) -> None:
        """Merge fragments if many small runs have left many small ones."""
        table = self._open()
        if table is None:
            return
        statistics: Mapping[str, Any] = table.stats()
        n_fragments = statistics["fragment_stats"]["num_fragments"]
        if n_fragments >= _MANY_FRAGMENTS and statistics["num_rows"] < _FEW_ROWS * n_fragments:
            table.optimize(cleanup_older_than=_KEEP_OLD_VERSIONS)

    def prepare(self, rows: Sequence[FeatureRow]) -> pa.Table:
        """Return pictures as they are stored, in a table that is there from now on."""
        data = _to_arrow(rows)
        self._create(data.schema)
        return data

    def drop_doubles(self) -> None:
        """Leave one row of each picture; two processes at once may have stored the same."""
        table = self._open()
        if table is not None:
            doubles = self._stored(table).doubles()
            for start in range(0, len(doubles), BLOCK_ROWS):
                chosen = ", ".join(map(str, doubles[start : start + BLOCK_ROWS].tolist()))
                table.delete(f"_rowid IN ({chosen})")

    def unusable(self, verb: str, error: Exception) -> InputError:
        """Return what is said of an error of LanceDB."""
        first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
        return InputError(
            f"The feature store {self.folder} cannot be {verb} ({first_line}); "
            "delete the folder to start afresh, or name another with --store."
        )

    def _connect(self) -> Any:
        # Imported late: it takes over a second, and most commands never open the store.
        import lancedb

        # Other processes' commits are seen at once.
        return lancedb.connect(self.folder, read_consistency_interval=timedelta(0))

    def _open(self) -> Table | None:
        """Return the table as it is now, or None if nothing was ever written."""
        if not self.path.exists():
            return None
        tried = False
        while True:
            try:
                return self._connect().open_table(self._name)
            except Exception as error:
                # A table whose very first commit was cut off holds nothing; so does a folder that
                # somebody else has just deleted.
                if not any((self.path / "_versions").glob("*.manifest")):
                    return None
                if tried:
                    raise self.unusable("opened", error) from error
                # Somebody else's first commit may have landed in between.
                tried = True

    def _create(self, schema: pa.Schema) -> Table:
        table = self._open()
        if table is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            table = self._connect().create_table(self._name, schema=schema, exist_ok=True)
        return table

    def _stored(self, table: Table) -> StoredHashes:
        try:
            found = table.search().select(["image_hash", "_rowid"]).to_arrow()
            hashes = np.array(found["image_hash"].to_numpy(), dtype=f"S{_HASH_DIGITS}")
            return StoredHashes(hashes, found["_rowid"].to_numpy())
        except Exception as error:
            raise self.unusable("read", error) from error

    def _find_all(self, table: Table | None, hashes: Sequence[str]) -> np.ndarray:
        if table is not None:
            # Row ids hold for one version: stay with it, whatever others write meanwhile.
            table.checkout(table.version)
            row_ids = self._stored(table).find(hashes)
        else:
            row_ids = np.full(len(hashes), -1)
        n_missing = int((row_ids < 0).sum())
        if n_missing:
            raise InputError(
                f"The feature store {self.folder} lacks {n_missing} of {len(hashes)} pictures; "
                "run the build again to extract them."
            )
        return row_ids

    def _take(
        self, table: Table | None, row_ids: np.ndarray, columns: Sequence[str]
    ) -> dict[str, np.ndarray]:
        if table is None:
            raise InputError(f"There is no feature store in {self.folder}.")
        unique, places = np.unique(row_ids, return_inverse=True)
        try:
            # The row ids come along because the order of what is taken is not promised.
            taken = table.take_row_ids(unique.tolist()).select([*columns, "_rowid"]).to_arrow()
        except Exception as error:
            raise self.unusable("read", error) from error
        order = np.argsort(taken["_rowid"].to_numpy())
        return {column: _to_numpy(taken, column)[order][places] for column in columns}


class FeatureStore:
    """A folder of feature tables.

    Parameters
    ----------
    folder : Path
        Need not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def table(self, backbone_key: str) -> FeatureTable:
        """Return the features of one backbone."""
        return FeatureTable(self.folder, backbone_key)


def open_store(folder: Path | None = None) -> FeatureStore:
    """Open a feature store; nothing is written before the first picture.

    Parameters
    ----------
    folder : Path or None, default=None
        None is the user's cache folder.

    Raises
    ------
    InputError
        If the folder is a file, or holds something that is not a feature store.
    """
    if folder is None:
        import platformdirs

        folder = platformdirs.user_cache_path("artstylenet") / "features"
    if folder.exists():
        if not folder.is_dir():
            raise InputError(f"The feature store {folder} is not a folder.")
        foreign = sorted(
            path.name
            for path in folder.iterdir()
            if path.suffix != ".lance" and not path.name.startswith(("_", "."))
        )
        if foreign:
            raise InputError(
                f"The folder {folder} is not a feature store: it holds {foreign[0]!r}."
            )
    return FeatureStore(folder)


def to_float16(values: np.ndarray) -> np.ndarray:
    """Round to float16; what is too large becomes its largest number instead of infinity."""
    clipped: np.ndarray = np.clip(values, -_LARGEST_FLOAT16, _LARGEST_FLOAT16)
    return clipped.astype(np.float16)


def _to_arrow(rows: Sequence[FeatureRow]) -> pa.Table:
    import pyarrow as pa

    def vectors(arrays: Sequence[np.ndarray]) -> pa.FixedSizeListArray:
        matrix = np.stack([array.ravel() for array in arrays])
        return pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), matrix.shape[1])

    columns = {
        "image_hash": pa.array([row.image_hash for row in rows], pa.string()),
        "width": pa.array([row.width for row in rows], pa.int32()),
        "height": pa.array([row.height for row in rows], pa.int32()),
        "perceptual_hash": pa.array([row.perceptual_hash for row in rows], pa.uint64()),
        "thumbnail": pa.array([row.thumbnail for row in rows], pa.binary()),
        "statistics": vectors([row.statistics for row in rows]),
        "local": vectors([row.local for row in rows]),
    }
    for name in ("windows", "descriptor", "part_descriptors"):
        given = [array for row in rows if (array := getattr(row, name)) is not None]
        if given:
            columns[name] = vectors(given)
    return pa.table(columns)


def _to_numpy(table: pa.Table, column: str) -> np.ndarray:
    values: Any = table[column].combine_chunks()
    if column == "thumbnail":
        thumbnails = np.empty(len(values), dtype=object)
        thumbnails[:] = values.to_pylist()
        return thumbnails
    if column in ("width", "height", "perceptual_hash"):
        return np.asarray(values.to_numpy())
    flat: np.ndarray = values.flatten().to_numpy()
    return flat.reshape(len(values), *_ROWS_OF.get(column, ()), -1)
