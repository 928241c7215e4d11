"""Paintings that leave an atlas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from artstylenet.atlas import StyleAtlas
from artstylenet.errors import InputError, UnknownIdError
from artstylenet.growing.tables import changed_run, with_tables


def remove_paintings(atlas: StyleAtlas, ids: Sequence[str]) -> StyleAtlas:
    """Return an atlas without some paintings; styles and all that is left stay as they are.

    Parameters
    ----------
    atlas : StyleAtlas
    ids : sequence of str

    Returns
    -------
    StyleAtlas

    Raises
    ------
    UnknownIdError
        If the atlas lacks one of them.
    InputError
        If nothing would be left, or no id is given.
    """
    gone = set(ids)
    unknown = sorted(gone.difference(atlas.paintings["id"]))
    if unknown:
        raise UnknownIdError(f"The atlas has no painting {', '.join(map(repr, unknown))}.")
    if not gone:
        raise InputError("Name the ids of the paintings to remove.")
    kept = ~atlas.paintings["id"].isin(gone).to_numpy()
    if not kept.any():
        raise InputError("Nothing would be left: an atlas needs a painting.")
    rows = np.flatnonzero(kept)
    duplicates = atlas.duplicates[~atlas.duplicates["id"].isin(gone)]
    # A painting of which no other copy is left is no duplicate.
    several = duplicates.groupby("group")["id"].transform("size") > 1
    smaller = replace(
        atlas,
        paintings=atlas.paintings[kept].reset_index(drop=True),
        painting_styles=atlas.painting_styles[kept],
        word_counts=atlas.word_counts[rows],
        grid_words=atlas.grid_words[kept],
        descriptors=atlas.descriptors[kept],
        map_positions=atlas.map_positions[kept],
        uncertainty=atlas.uncertainty[kept],
        thumbnails=atlas.thumbnails.take(pa.array(rows)),
        duplicates=duplicates[several].reset_index(drop=True),
        run=changed_run(atlas, {"action": "remove", "n_removed": len(gone)}, sorted(gone)),
    )
    return with_tables(smaller, atlas.painters.drop(columns="n_paintings"))
