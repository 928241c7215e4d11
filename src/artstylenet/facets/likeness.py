"""How alike paintings are in one facet, and in several with weights to set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from artstylenet.errors import InputError
from artstylenet.looks import Looks, looks_of
from artstylenet.looks.facets import FACETS
from artstylenet.neighbours import best_rows
from artstylenet.similarity import row_of

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

FEATURES = "features"
"""The network's own view, which is of everything at once."""

PARTS = (FEATURES, *FACETS)

DEFAULT_WEIGHTS: Mapping[str, float] = {
    FEATURES: 1.0,
    "colour": 0.1,
    "texture": 0.1,
    "composition": 0.05,
}
"""Measured to be no worse than features alone; see ``benchmarks/facets.py``."""

N_COMPONENTS = 32


@dataclass(frozen=True, eq=False)
class FacetSpace:
    """Unit vectors of every painting in each facet: dot products are likenesses.

    Attributes
    ----------
    vectors : mapping of str to ndarray of shape (n_paintings, n_dimensions), float32
        For ``features``, ``colour``, ``texture`` and ``composition``.
    """

    vectors: Mapping[str, np.ndarray]

    def likeness(self, row: int, weights: Mapping[str, float]) -> np.ndarray:
        """Return the weighted mean likeness of a painting to all, (n_paintings,), in [-1, 1]."""
        total = sum(weights.values())
        likeness = np.zeros(len(self.vectors[FEATURES]), np.float32)
        for part, weight in weights.items():
            vectors = self.vectors[part]
            likeness += np.float32(weight / total) * (vectors @ vectors[row])
        return likeness


def facet_space(atlas: StyleAtlas, *, looks: Looks | None = None) -> FacetSpace:
    """Return the space in which the paintings of an atlas are compared facet by facet.

    Parameters
    ----------
    atlas : StyleAtlas
    looks : Looks or None, default=None
        Measurements of the paintings; None measures them, once for an open atlas.

    Returns
    -------
    FacetSpace

    Notes
    -----
    Each facet's features are centred (those of texture, which have no common unit, also
    standardised) and reduced to 32 principal components. These are divided by the fourth root of
    their variances: halfway between plain PCA, in which the first component speaks alone, and
    whitening, in which noise speaks as loudly.
    """
    looks = looks_of(atlas) if looks is None else looks
    known = _KNOWN.get(atlas)
    if known is None or known[0] is not looks:
        known = _KNOWN[atlas] = looks, _make_space(atlas, looks)
    return known[1]


_KNOWN: WeakKeyDictionary[StyleAtlas, tuple[Looks, FacetSpace]] = WeakKeyDictionary()


def _make_space(atlas: StyleAtlas, looks: Looks) -> FacetSpace:
    vectors = {FEATURES: _unit(atlas.descriptors.astype(np.float32))}
    for facet in FACETS:
        vectors[facet] = _unit(reduce_facet(looks, facet))
    return FacetSpace(vectors)


def reduce_facet(looks: Looks, facet: str) -> np.ndarray:
    """Return features of a facet as evened-out principal components, (n, at most 32), float32."""
    features = getattr(looks, facet)
    # Rare colours, standardised, would be outliers: only what has no common unit is.
    scaled = StandardScaler(with_std=facet == "texture").fit_transform(features)
    n_components = min(N_COMPONENTS, *scaled.shape)
    pca = PCA(n_components, svd_solver="covariance_eigh")
    scores = pca.fit_transform(scaled)
    variances = np.maximum(pca.explained_variance_, 1e-12)
    reduced: np.ndarray = (scores / variances**0.25).astype(np.float32)
    return reduced


def check_weights(weights: Mapping[str, float] | None) -> dict[str, float]:
    """Return weights of the parts that count, the default for None.

    Raises
    ------
    InputError
        If a part is unknown, a weight is negative or not finite, or all are zero.
    """
    given = dict(DEFAULT_WEIGHTS if weights is None else weights)
    problems = []
    if unknown := sorted(set(given) - set(PARTS)):
        problems.append(f"there is no facet {', '.join(unknown)}; there are {', '.join(PARTS)}")
    if wrong := {part: w for part, w in given.items() if not 0 <= w < np.inf}:
        listed = ", ".join(f"{part}={weight}" for part, weight in wrong.items())
        problems.append(f"weights must be 0 or more, got {listed}")
    elif not any(given.values()):
        problems.append("at least one weight must be above 0")
    if problems:
        raise InputError(f"Weights of facets: {'; '.join(problems)}.")
    return {part: float(weight) for part, weight in given.items() if weight > 0}


def similar_by_facets(
    atlas: StyleAtlas,
    painting_id: str,
    weights: Mapping[str, float] | None = None,
    *,
    n: int = 10,
    looks: Looks | None = None,
) -> pd.DataFrame:
    """Return the paintings most like one of the atlas, facets weighted as one likes.

    Parameters
    ----------
    atlas : StyleAtlas
    painting_id : str
    weights : mapping of str to float, default=None
        Of ``features``, ``colour``, ``texture`` and ``composition``; 0 or more, not all 0. What
        is not named does not count. ``{"colour": 1}`` compares colours alone. None is
        :data:`DEFAULT_WEIGHTS`.
    n : int, default=10
    looks : Looks or None, default=None

    Returns
    -------
    DataFrame
        As of :func:`artstylenet.similar_paintings`, and one more column for each part that
        counts: what it contributes to the similarity. They sum to it.

    Raises
    ------
    UnknownIdError
        If the atlas has no such painting; near ids are suggested.
    InputError
        If weights are unknown, negative or all zero.
    """
    used = check_weights(weights)
    if n < 1:
        raise InputError(f"n must be at least 1, got {n}.")
    row = row_of(atlas, painting_id)
    space = facet_space(atlas, looks=looks)
    likeness = space.likeness(row, used)
    likeness[row] = -np.inf
    rows = best_rows(likeness, n)
    table: pd.DataFrame = atlas.paintings.iloc[rows][["id", "painter", "title", "year"]]
    table = table.assign(similarity=likeness[rows]).set_axis(rows)
    total = sum(used.values())
    for part, weight in used.items():
        vectors = space.vectors[part]
        table[part] = weight / total * (vectors[rows] @ vectors[row])
    return table


def compare_by_facets(
    atlas: StyleAtlas, first_id: str, second_id: str, *, looks: Looks | None = None
) -> pd.DataFrame:
    """Say in what two paintings are alike.

    Parameters
    ----------
    atlas : StyleAtlas
    first_id, second_id : str
    looks : Looks or None, default=None
        Measurements of the paintings; None measures them, once for an open atlas.

    Returns
    -------
    DataFrame of four rows, index ``part``
        ``likeness`` (cosine, in [-1, 1]) and ``rank`` (fraction of the other paintings that are
        less like the first in this part, in [0, 1]): 0.99 is more alike than nearly all.

    Raises
    ------
    UnknownIdError
        If one is not in the atlas.
    """
    first, second = row_of(atlas, first_id), row_of(atlas, second_id)
    space = facet_space(atlas, looks=looks)
    rows = []
    for part, vectors in space.vectors.items():
        likeness = vectors @ vectors[first]
        others = np.delete(likeness, [first, second])
        rank = float((others < likeness[second]).mean()) if len(others) else 1.0
        rows.append((part, float(likeness[second]), rank))
    return pd.DataFrame(rows, columns=["part", "likeness", "rank"]).set_index("part")


def _unit(vectors: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: np.ndarray = vectors / np.maximum(norms, 1e-9)
    return unit
