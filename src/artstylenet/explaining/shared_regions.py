"""Where two paintings are alike: the regions of each whose styles the other has too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from artstylenet.explaining.explanation import N_WORDS, Patch
from artstylenet.explaining.region_maps import GRID, maps_of_row
from artstylenet.similarity import row_of

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas


@dataclass(frozen=True)
class SharedWord:
    """A visual word of the grid that two paintings have in common.

    Attributes
    ----------
    word : int
        Number of the grid word.
    evidence : float
        Nats: how often both have it, times how rare it is in the collection.
    first, second : Patch
        The cell of it in each painting that is most surely of a shared style.
    """

    word: int
    evidence: float
    first: Patch
    second: Patch


@dataclass(frozen=True, eq=False)
class SharedRegions:
    """Where two paintings are alike.

    Attributes
    ----------
    first_id, second_id : str
    first_map, second_map : ndarray of shape (14, 14), float64
        In [0, 1]: how likely what is in the cell is of a style that the other painting has as
        much of; less where the other has less.
    styles : DataFrame
        ``style``, ``first``, ``second`` (weights), ``shared`` (the lesser of the two); the
        largest share first. The sum of ``shared`` is how much the mixtures overlap.
    words : tuple of SharedWord
        Those that speak most for the likeness, strongest first; none if they share no word.
    """

    first_id: str
    second_id: str
    first_map: np.ndarray
    second_map: np.ndarray
    styles: pd.DataFrame
    words: tuple[SharedWord, ...]


def shared_regions(atlas: StyleAtlas, first_id: str, second_id: str) -> SharedRegions:
    """Show where two paintings are alike.

    Parameters
    ----------
    atlas : StyleAtlas
    first_id, second_id : str

    Returns
    -------
    SharedRegions

    Raises
    ------
    UnknownIdError
        If one is not in the atlas; near ids are suggested.
    InputError
        If the atlas has no words of parts of pictures.
    """
    rows = row_of(atlas, first_id), row_of(atlas, second_id)
    mixtures = atlas.painting_styles.to_numpy()[list(rows)]
    shared = mixtures.min(axis=0)
    # A style counts for a cell as far as the other painting has as much of it.
    in_common = shared / np.maximum(mixtures, 1e-12)
    first_map, second_map = (
        np.einsum("k,kij->ij", common, maps_of_row(atlas, row))
        for common, row in zip(in_common, rows, strict=True)
    )
    styles = pd.DataFrame(
        {
            "style": np.arange(atlas.n_styles),
            "first": mixtures[0],
            "second": mixtures[1],
            "shared": shared,
        }
    ).sort_values("shared", ascending=False, kind="stable", ignore_index=True)
    words = _shared_words(atlas, rows, (first_map, second_map))
    return SharedRegions(first_id, second_id, first_map, second_map, styles, words)


def _shared_words(
    atlas: StyleAtlas, rows: tuple[int, int], maps: tuple[np.ndarray, np.ndarray]
) -> tuple[SharedWord, ...]:
    grids = [atlas.grid_words[row].astype(np.intp) for row in rows]
    n_words = int(atlas.grid_words.max()) + 1
    counts = np.stack([np.bincount(grid, minlength=n_words) for grid in grids])
    n_common = counts.min(axis=0)
    evidence = np.zeros(n_words)
    for word in np.flatnonzero(n_common):
        n_having = (atlas.grid_words == word).any(axis=1).sum()
        evidence[word] = n_common[word] * np.log(atlas.n_paintings / n_having)
    best = [int(word) for word in np.argsort(-evidence, kind="stable")[:N_WORDS] if evidence[word]]
    return tuple(
        SharedWord(
            word,
            float(evidence[word]),
            *(
                _surest(atlas, row, grid == word, found)
                for row, grid, found in zip(rows, grids, maps, strict=True)
            ),
        )
        for word in best
    )


def _surest(atlas: StyleAtlas, row: int, is_word: np.ndarray, found: np.ndarray) -> Patch:
    cell = int(np.where(is_word, found.ravel(), -1.0).argmax())
    return Patch(atlas.paintings["id"].iloc[row], cell // GRID, cell % GRID)
