"""Which paintings are alike, by their mixtures of styles or by their features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from artstylenet.errors import InputError, UnknownIdError

if TYPE_CHECKING:
    import pandas as pd

    from artstylenet.atlas import StyleAtlas

By = Literal["styles", "features"]
ROWS_AT_ONCE = 512


def similar_paintings(
    atlas: StyleAtlas, painting_id: str, *, by: By = "styles", n: int = 10
) -> pd.DataFrame:
    """Return the paintings most like one of the atlas.

    Parameters
    ----------
    atlas : StyleAtlas
    painting_id : str
    by : {"styles", "features"}, default="styles"
        ``styles`` compares mixtures: 1 - Hellinger distance, in [0, 1]. ``features`` compares
        descriptors: cosine, in [-1, 1].
    n : int, default=10
        How many at most.

    Returns
    -------
    DataFrame
        Columns ``id``, ``painter``, ``title``, ``year``, ``similarity``; best first, ties by
        row. The painting itself is not among them. The index is the row in the atlas.

    Raises
    ------
    UnknownIdError
        If the atlas has no such painting; near ids are suggested.
    """
    row = row_of(atlas, painting_id)
    similarity = _similarities(_vectors(atlas, by)[[row]], _vectors(atlas, by), by)[0]
    similarity[row] = -np.inf
    return rank_similar(atlas, similarity, n)


def similar_to_new(
    atlas: StyleAtlas,
    *,
    mixture: np.ndarray | None = None,
    descriptor: np.ndarray | None = None,
    n: int = 10,
) -> pd.DataFrame:
    """Return the paintings most like a new one; give its mixture or its descriptor.

    Parameters
    ----------
    atlas : StyleAtlas
    mixture : ndarray of shape (n_styles,), float64, or None
    descriptor : ndarray of shape (n_dimensions,), float32, or None
    n : int, default=10

    Returns
    -------
    DataFrame
        As of :func:`similar_paintings`.
    """
    if (mixture is None) == (descriptor is None):
        raise InputError("Give either a mixture or a descriptor of the new painting.")
    if mixture is not None:
        similarity = _similarities(np.sqrt(mixture[None]), _vectors(atlas, "styles"), "styles")
    else:
        assert descriptor is not None
        similarity = _similarities(descriptor[None], _vectors(atlas, "features"), "features")
    return rank_similar(atlas, similarity[0], n)


def nearest_paintings(atlas: StyleAtlas, *, by: By = "styles", n: int = 10) -> np.ndarray:
    """Return the nearest paintings of every painting, in bounded memory.

    Parameters
    ----------
    atlas : StyleAtlas
    by : {"styles", "features"}, default="styles"
    n : int, default=10
        Lowered to the number of other paintings.

    Returns
    -------
    ndarray of shape (n_paintings, n), int64
        Row numbers, best first; a painting is not its own neighbour.
    """
    vectors = _vectors(atlas, by)
    n = min(n, len(vectors) - 1)
    nearest = np.empty((len(vectors), n), np.int64)
    for start in range(0, len(vectors), ROWS_AT_ONCE):
        rows = np.arange(start, min(start + ROWS_AT_ONCE, len(vectors)))
        similarity = _similarities(vectors[rows], vectors, by)
        similarity[np.arange(len(rows)), rows] = -np.inf
        nearest[rows] = best_columns(similarity, n)
    return nearest


def row_of(atlas: StyleAtlas, painting_id: str) -> int:
    """Return the row of a painting in the atlas.

    Raises
    ------
    UnknownIdError
        If there is none; the text suggests near ids.
    """
    index = atlas.painting_styles.index
    if painting_id in index:
        return int(np.flatnonzero(index == painting_id)[0])
    from difflib import get_close_matches

    near = get_close_matches(painting_id, list(index), n=3, cutoff=0.5)
    hint = f"; did you mean {', '.join(near)}?" if near else "."
    raise UnknownIdError(f"The atlas has no painting {painting_id!r}{hint}")


def best_columns(similarity: np.ndarray, n: int) -> np.ndarray:
    """Return the columns of the n largest values of each row, best first, ties by column."""
    if n == 0:
        return np.empty((len(similarity), 0), np.int64)
    least = np.partition(similarity, -n, axis=1)[:, -n]
    best = np.empty((len(similarity), n), np.int64)
    for i, row in enumerate(similarity):
        # All that tie with the last one compete for its place.
        columns = np.flatnonzero(row >= least[i])
        best[i] = columns[np.argsort(-row[columns], kind="stable")][:n]
    return best


def rank_similar(atlas: StyleAtlas, similarity: np.ndarray, n: int) -> pd.DataFrame:
    """Return the n most similar paintings as a table; minus infinity leaves a painting out."""
    if n < 1:
        raise InputError(f"n must be at least 1, got {n}.")
    rows = best_columns(similarity[None], min(n, len(similarity)))[0]
    rows = rows[np.isfinite(similarity[rows])]
    table: pd.DataFrame = atlas.paintings.iloc[rows][["id", "painter", "title", "year"]]
    return table.assign(similarity=similarity[rows]).set_axis(rows)


def _vectors(atlas: StyleAtlas, by: By) -> np.ndarray:
    if by == "styles":
        return np.sqrt(atlas.painting_styles.to_numpy())
    if by == "features":
        return atlas.descriptors
    raise InputError(f"Similarity is by 'styles' or 'features', not by {by!r}.")


def _similarities(rows: np.ndarray, vectors: np.ndarray, by: By) -> np.ndarray:
    """Compare rows with all vectors: square roots of mixtures, or unit descriptors."""
    if by == "features":
        # Products of half-precision numbers add up exactly in double precision: ties stay ties.
        return rows.astype(np.float64) @ vectors.T.astype(np.float64)
    # Rounded, so that ties stay ties whatever the order of the sum.
    affinity = np.clip((rows @ vectors.T).round(12), 0, 1)
    # Hellinger distance from the Bhattacharyya coefficient.
    similarity: np.ndarray = 1 - np.sqrt(1 - affinity)
    return similarity
