"""One painting explained: its region maps, and the words that decide, seen in other paintings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from artstylenet.errors import UnknownIdError
from artstylenet.explaining.region_maps import (
    GRID,
    grid_word_probabilities,
    region_evidence,
    region_maps,
)
from artstylenet.similarity import row_of

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

N_WORDS = 4
N_EXAMPLES = 6
PATCH = 3
"""Cells along the side of an example patch: a cell alone shows too little."""

SEES = {
    1: "the whole picture",
    4: "its four quarters",
    9: "its quarters, its halves and the whole",
}
"""What the words of a family see, by the number of its parts."""


@dataclass(frozen=True)
class Patch:
    """A cell of a painting.

    Attributes
    ----------
    painting_id : str
    row, column : int
        In 0..13, from the top left.
    """

    painting_id: str
    row: int
    column: int


@dataclass(frozen=True, eq=False)
class DecidingWord:
    """A visual word of the painting that speaks for the style.

    Attributes
    ----------
    word : int
        Number of the grid word.
    evidence : float
        Nats for the style against the painting's whole mixture, summed over its cells.
    cells : tuple of Patch
        Where it is in the painting; the surest cell first.
    examples : tuple of Patch
        The same word in other paintings with much of the style, no two by the same painter where
        that is possible.
    """

    word: int
    evidence: float
    cells: tuple[Patch, ...]
    examples: tuple[Patch, ...]


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a painting has a style.

    Attributes
    ----------
    painting_id : str
    style : int
        The style that is explained.
    mixture : ndarray of shape (n_styles,), float64
    maps : ndarray of shape (n_styles, 14, 14), float64
        How likely each cell is to be in each style; every cell sums to 1.
    families : DataFrame
        Where the weight comes from: columns ``family`` (of visual words), ``sees`` (what part of
        the picture), ``tokens`` (share of the painting's words) and ``weight`` (share of those
        words that is in the style).
    words : tuple of DecidingWord
        Those that speak most for the style, strongest first; none if no word does.
    """

    painting_id: str
    style: int
    mixture: np.ndarray
    maps: np.ndarray
    families: pd.DataFrame
    words: tuple[DecidingWord, ...]


def explain_painting(atlas: StyleAtlas, painting_id: str, style: int | None = None) -> Explanation:
    """Explain why a painting has a style.

    Parameters
    ----------
    atlas : StyleAtlas
    painting_id : str
    style : int or None, default=None
        None is the painting's largest style.

    Returns
    -------
    Explanation

    Raises
    ------
    UnknownIdError
        If there is no such painting or style; near ids are suggested.
    InputError
        If the atlas has no words of parts of pictures.
    """
    row = row_of(atlas, painting_id)
    mixture = atlas.painting_styles.to_numpy()[row]
    if style is None:
        style = int(mixture.argmax())
    elif not 0 <= style < atlas.n_styles:
        raise UnknownIdError(
            f"The atlas has no style {style}: its styles are 0 to {atlas.n_styles - 1}."
        )
    word_styles = grid_word_probabilities(atlas.model)
    maps = region_maps(mixture, atlas.grid_words[row], word_styles)
    return Explanation(
        painting_id=painting_id,
        style=style,
        mixture=mixture,
        maps=maps,
        families=weight_by_family(atlas, row, style),
        words=_deciding_words(atlas, row, style, word_styles, maps[style]),
    )


def weight_by_family(atlas: StyleAtlas, row: int, style: int) -> pd.DataFrame:
    """Return how much each family of words gives to a style of a painting.

    Returns
    -------
    DataFrame
        As ``families`` of :class:`Explanation`. The ``weight`` of the families, weighted by their
        ``tokens``, is about the painting's weight of the style.
    """
    counts = atlas.word_counts[[row]].toarray()[0].astype(float)
    mixture = atlas.painting_styles.to_numpy()[row]
    joint = mixture[:, None] * atlas.model.style_words_
    share = joint[style] / np.maximum(joint.sum(axis=0), 1e-300)
    rows = []
    start = 0
    for words in atlas.model.block_words_:
        block, stop = words.block, start + words.n_words_
        tokens = counts[start:stop]
        inside = float(tokens @ share[start:stop] / tokens.sum()) if tokens.any() else 0.0
        name = block.name.partition("_")[0]
        sees = SEES.get(block.n_parts, "its parts")
        sees = "its 14 x 14 cells" if block.counted else sees
        rows.append((name, sees, tokens.sum(), inside))
        start = stop
    table = pd.DataFrame(rows, columns=["family", "sees", "tokens", "weight"])
    table["weight"] *= table["tokens"]
    table = table.groupby(["family", "sees"], sort=False, as_index=False).sum()
    table["weight"] /= table["tokens"].clip(lower=1e-12)
    table["tokens"] /= table["tokens"].sum()
    return table


def _deciding_words(
    atlas: StyleAtlas, row: int, style: int, word_styles: np.ndarray, style_map: np.ndarray
) -> tuple[DecidingWord, ...]:
    mixture = atlas.painting_styles.to_numpy()[row]
    grid = atlas.grid_words[row].astype(np.intp)
    # How much more a word is expected of the style than of this painting as a whole.
    speaks_for = np.log(word_styles[style]) - np.log(mixture @ word_styles)
    found, counts = np.unique(grid, return_counts=True)
    evidence = counts * speaks_for[found]
    # A style that the painting is made of entirely differs from nothing: then its commonest words.
    if evidence.max() <= 0.01:
        background = np.log(word_styles[style]) - np.log(word_styles.mean(axis=0))
        evidence = counts * background[found]
    best = [i for i in np.argsort(-evidence, kind="stable")[:N_WORDS] if evidence[i] > 0]
    surest = style_map.ravel()
    words = []
    for i in best:
        cells = np.flatnonzero(grid == found[i])
        cells = cells[np.argsort(-surest[cells], kind="stable")]
        words.append(
            DecidingWord(
                word=int(found[i]),
                evidence=float(evidence[i]),
                cells=tuple(_patch(atlas, row, cell) for cell in cells.tolist()),
                examples=_examples(atlas, row, style, int(found[i]), word_styles),
            )
        )
    return tuple(words)


def _examples(
    atlas: StyleAtlas, row: int, style: int, word: int, word_styles: np.ndarray
) -> tuple[Patch, ...]:
    """Return the word in paintings that have most of the style around it."""
    weights = atlas.painting_styles.to_numpy()[:, style]
    is_word = atlas.grid_words == word
    candidates = np.flatnonzero(is_word.any(axis=1))
    candidates = candidates[candidates != row]
    candidates = candidates[np.argsort(-weights[candidates], kind="stable")][: 10 * N_EXAMPLES]
    painters = atlas.paintings["painter"].to_numpy()
    looks = atlas.paintings["hash"].to_numpy()
    chosen: list[int] = []
    # First one of each painter, then whatever else there is; never the same picture twice.
    for strict in (True, False):
        for other in candidates.tolist():
            used = {painters[i] for i in chosen}
            if len(chosen) == N_EXAMPLES or other in chosen:
                continue
            if looks[other] in {looks[i] for i in [*chosen, row]}:
                continue
            if not strict or pd.isna(painters[other]) or painters[other] not in used:
                chosen.append(other)
    lift = (word_styles[style] / word_styles.mean(axis=0))[None]
    patches = []
    for other in chosen:
        around = region_evidence(atlas.grid_words[other], lift)[0]
        around[~is_word[other].reshape(GRID, GRID)] = -np.inf
        patches.append(_patch(atlas, other, int(around.argmax())))
    return tuple(patches)


def _patch(atlas: StyleAtlas, row: int, cell: int) -> Patch:
    return Patch(atlas.paintings["id"].iloc[row], cell // GRID, cell % GRID)
