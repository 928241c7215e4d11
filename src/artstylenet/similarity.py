"""Which paintings are alike, by their mixtures of styles or by their features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

import numpy as np

from artstylenet.constraints import Constraints, allowed_paintings
from artstylenet.errors import InputError, UnknownIdError
from artstylenet.metadata import suggestion
from artstylenet.neighbours import (
    best_columns,
    best_rows,
    densities,
    dot_products,
    n_candidates,
    scale_locally,
)

if TYPE_CHECKING:
    import pandas as pd

    from artstylenet.atlas import StyleAtlas

By = Literal["styles", "features"]
ROWS_AT_ONCE = 512


@dataclass(frozen=True, eq=False)
class Space:
    """A way to compare paintings.

    Attributes
    ----------
    vectors : ndarray of shape (n_paintings, d), float
        Unit rows: descriptors, or the square roots of mixtures.
    of_mixtures : bool
        Whether the vectors are of mixtures. These are compared by 1 - Hellinger distance, in
        [0, 1]; descriptors by the cosine, in [-1, 1], which is scaled locally wherever paintings
        are ranked. (Mixtures have no hubs to speak of.)
    """

    vectors: np.ndarray
    of_mixtures: bool

    def similarities(self, vector: np.ndarray) -> np.ndarray:
        """Compare a vector with every painting: float of shape (n_paintings,)."""
        products = dot_products(self.vectors, vector)
        return _from_hellinger(products) if self.of_mixtures else products

    def similarities_of(self, rows: np.ndarray, others: np.ndarray | slice) -> np.ndarray:
        """Compare paintings with each other: float64 of shape (n_rows, n_others)."""
        # Products of half-precision numbers add up exactly in double precision: ties stay ties.
        ours, theirs = (self.vectors[some].astype(np.float64) for some in (rows, others))
        return _from_hellinger(ours @ theirs.T) if self.of_mixtures else ours @ theirs.T

    def candidates(self, similarity: np.ndarray, n: int) -> np.ndarray:
        """Return the rows that the n best are among; those of minus infinity never are."""
        return best_rows(similarity, n if self.of_mixtures else n_candidates(n))

    def scaled(self, similarity: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return similarities to some paintings, of shape (..., n_rows), as they are ranked."""
        if self.of_mixtures:
            return similarity
        return scale_locally(similarity, densities(self.vectors, rows))


def _from_hellinger(affinity: np.ndarray) -> np.ndarray:
    """Return 1 - Hellinger distance for Bhattacharyya coefficients."""
    # Rounded, so that ties stay ties whatever the order of the sum.
    similarity: np.ndarray = 1 - np.sqrt(1 - np.clip(affinity.round(12), 0, 1))
    return similarity


def space_of(atlas: StyleAtlas, by: By) -> Space:
    """Return the space in which paintings are compared.

    Raises
    ------
    InputError
        If `by` is no such space.
    """
    if by == "styles":
        # Of a million paintings, roots take longer than all the rest of an answer.
        if atlas not in _ROOTS:
            _ROOTS[atlas] = np.sqrt(atlas.painting_styles.to_numpy())
        return Space(_ROOTS[atlas], of_mixtures=True)
    if by == "features":
        return Space(atlas.descriptors, of_mixtures=False)
    raise InputError(f"Similarity is by 'styles' or 'features', not by {by!r}.")


_ROOTS: WeakKeyDictionary[StyleAtlas, np.ndarray] = WeakKeyDictionary()


def similar_paintings(
    atlas: StyleAtlas,
    painting_id: str,
    *,
    by: By = "styles",
    n: int = 10,
    constraints: Constraints | None = None,
) -> pd.DataFrame:
    """Return the paintings most like one of the atlas.

    Parameters
    ----------
    atlas : StyleAtlas
    painting_id : str
    by : {"styles", "features"}, default="styles"
        ``styles`` compares mixtures: 1 - Hellinger distance, in [0, 1]. ``features`` compares
        descriptors: cosine, scaled by how densely the paintings lie around the one found (1 is
        a copy). Otherwise a few paintings that are near to everything would be among the answers
        to most questions.
    n : int, default=10
        How many at most.
    constraints : Constraints or None, default=None
        Which paintings may be named.

    Returns
    -------
    DataFrame
        Columns ``id``, ``painter``, ``title``, ``year``, ``similarity``; best first, ties by
        row. The painting itself is not among them. The index is the row in the atlas.

    Raises
    ------
    UnknownIdError
        If the atlas has no such painting; near ids are suggested.
    InputError
        If the constraints leave no painting.
    """
    row = row_of(atlas, painting_id)
    space = space_of(atlas, by)
    return _most_similar(atlas, space, space.vectors[row], n, constraints, [row])


def similar_to_new(
    atlas: StyleAtlas,
    *,
    mixture: np.ndarray | None = None,
    descriptor: np.ndarray | None = None,
    n: int = 10,
    constraints: Constraints | None = None,
) -> pd.DataFrame:
    """Return the paintings most like a new one; give its mixture or its descriptor.

    Parameters
    ----------
    atlas : StyleAtlas
    mixture : ndarray of shape (n_styles,), float64, or None
    descriptor : ndarray of shape (n_dimensions,), float32, or None
    n : int, default=10
    constraints : Constraints or None, default=None

    Returns
    -------
    DataFrame
        As of :func:`similar_paintings`.
    """
    if (mixture is None) == (descriptor is None):
        raise InputError("Give either a mixture or a descriptor of the new painting.")
    if mixture is not None:
        space, vector = space_of(atlas, "styles"), np.sqrt(mixture)
    else:
        assert descriptor is not None
        space, vector = space_of(atlas, "features"), descriptor
    return _most_similar(atlas, space, vector, n, constraints, [])


def nearest_paintings(atlas: StyleAtlas, *, by: By = "styles", n: int = 10) -> np.ndarray:
    """Return the nearest paintings of every painting, in bounded memory.

    Parameters
    ----------
    atlas : StyleAtlas
    by : {"styles", "features"}, default="styles"
        As of :func:`similar_paintings`.
    n : int, default=10
        Lowered to the number of other paintings.

    Returns
    -------
    ndarray of shape (n_paintings, n), int64
        Row numbers, best first; a painting is not its own neighbour.
    """
    space = space_of(atlas, by)
    n = min(n, atlas.n_paintings - 1)
    everyone = np.arange(atlas.n_paintings)
    density = None if space.of_mixtures else densities(space.vectors, everyone)
    nearest = np.empty((atlas.n_paintings, n), np.int64)
    for start in range(0, atlas.n_paintings, ROWS_AT_ONCE):
        rows = everyone[start : start + ROWS_AT_ONCE]
        similarity = space.similarities_of(rows, slice(None))
        if density is not None:
            similarity = scale_locally(similarity, density)
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
        position = index.get_loc(painting_id)
        assert isinstance(position, int)  # ids are unique
        return position
    raise UnknownIdError(
        f"The atlas has no painting {painting_id!r}{suggestion(painting_id, index)}"
    )


def rank_similar(atlas: StyleAtlas, similarity: np.ndarray, n: int) -> pd.DataFrame:
    """Return the n most similar paintings as a table; minus infinity leaves a painting out."""
    if n < 1:
        raise InputError(f"n must be at least 1, got {n}.")
    rows = best_rows(similarity, n)
    return _table(atlas, rows, similarity[rows])


def _most_similar(
    atlas: StyleAtlas,
    space: Space,
    vector: np.ndarray,
    n: int,
    constraints: Constraints | None,
    asked: list[int],
) -> pd.DataFrame:
    """Return the n paintings most similar to a vector; never those asked about."""
    if n < 1:
        raise InputError(f"n must be at least 1, got {n}.")
    similarity = space.similarities(vector)
    similarity[asked] = -np.inf
    if constraints is not None:
        similarity[~allowed_paintings(atlas, constraints, asked)] = -np.inf
    # Sorted, so that ties go by row.
    rows = np.sort(space.candidates(similarity, n))
    ranked = space.scaled(similarity[rows], rows)
    best = best_rows(ranked, n)
    return _table(atlas, rows[best], ranked[best])


def _table(atlas: StyleAtlas, rows: np.ndarray, similarity: np.ndarray) -> pd.DataFrame:
    table: pd.DataFrame = atlas.paintings.iloc[rows][["id", "painter", "title", "year"]]
    return table.assign(similarity=similarity).set_axis(rows)
