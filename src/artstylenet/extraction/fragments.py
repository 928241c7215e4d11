"""Features that many processes write and one commits.

A fragment is a file of rows that lies in the folder of a table without being part of it. Whoever
wrote it tells the one that commits, which makes any number of fragments part of the table at once.
What is written twice, because a machine died before it could tell, is committed once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from artstylenet.errors import InputError
from artstylenet.feature_store import FeatureRow, FeatureTable, StoredHashes


class FragmentTable:
    """A table of features that is written to in fragments.

    Parameters
    ----------
    table : FeatureTable
    stored : StoredHashes
        What the table held when the work began.

    Attributes
    ----------
    backbone_key : str
    fragments : list of str
        Descriptions of what was written, for :func:`commit_fragments`.
    """

    def __init__(self, table: FeatureTable, stored: StoredHashes) -> None:
        self.backbone_key = table.backbone_key
        self.fragments: list[str] = []
        self._table = table
        self._stored = stored

    def stored(self) -> StoredHashes:
        """Return which pictures were stored when the work began."""
        return self._stored

    def write(self, rows: Sequence[FeatureRow]) -> None:
        """Write pictures into a fragment, which nobody sees before it is committed."""
        if not rows:
            return
        from lance.fragment import write_fragments

        try:
            data = self._table.prepare(rows)
            written = write_fragments(data, self._table.path, mode="append")
        except InputError:
            raise
        # Lance raises ValueError, OSError and RuntimeError without a common base of its own.
        except Exception as error:
            raise self._table.unusable("written", error) from error
        self.fragments += [json.dumps(fragment.to_json()) for fragment in written]


def commit_fragments(table: FeatureTable, fragments: Sequence[str]) -> None:
    """Make fragments part of their table, all of them in one commit.

    Parameters
    ----------
    table : FeatureTable
    fragments : sequence of str
        As of :attr:`FragmentTable.fragments`.

    Raises
    ------
    InputError
        If a fragment is not in the folder of the table, or the table cannot be written.
    """
    if not fragments:
        return
    import lance

    found = [lance.FragmentMetadata.from_json(fragment) for fragment in fragments]
    files = [file.path for fragment in found for file in fragment.files]
    if not all((table.path / "data" / file).exists() for file in files):
        raise InputError(
            f"Not all machines of the cluster write into the feature store {table.folder} of this "
            "one; name a folder that all of them have under the same path with --store."
        )
    try:
        version = lance.dataset(table.path).version
        operation = lance.LanceOperation.Append(found)
        lance.LanceDataset.commit(table.path, operation, read_version=version)
    except Exception as error:
        raise table.unusable("written", error) from error
