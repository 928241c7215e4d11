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

from artstylenet.constraints import Constraints, allowed_paintings
from artstylenet.errors import InputError
from artstylenet.looks import Looks, looks_of
from artstylenet.looks.facets import FACETS
from artstylenet.similarity import rank_similar, row_of

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
    reducers : mapping of str to FacetReducer
        What made those of the three facets, and makes those of a new picture.
    """

    vectors: Mapping[str, np.ndarray]
    reducers: Mapping[str, FacetReducer]

    def of_painting(self, row: int) -> dict[str, np.ndarray]:
        """Return the vector of a painting in each part."""
        return {part: vectors[row] for part, vectors in self.vectors.items()}

    def of_picture(self, looks: Looks, descriptor: np.ndarray) -> dict[str, np.ndarray]:
        """Return the vector of a new picture in each part.

        Parameters
        ----------
        looks : Looks
            Of one picture.
        descriptor : ndarray of shape (n_dimensions,), float32
        """
        parts = {FEATURES: _unit(descriptor[None].astype(np.float32))[0]}
        for facet, reducer in self.reducers.items():
            parts[facet] = _unit(reducer.transform(getattr(looks, facet)))[0]
        return parts

    def likeness(
        self, asked: Mapping[str, np.ndarray], weights: Mapping[str, float]
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return the weighted mean likeness to all paintings, and what each part adds to it.

        Parameters
        ----------
        asked : mapping of str to ndarray of shape (n_dimensions,)
            From :meth:`of_painting` or :meth:`of_picture`.
        weights : mapping of str to float

        Returns
        -------
        likeness : ndarray of shape (n_paintings,), float32, in [-1, 1]
        parts : dict of str to ndarray of that shape
        """
        total = sum(weights.values())
        parts = {
            part: np.float32(weight / total) * (self.vectors[part] @ asked[part])
            for part, weight in weights.items()
        }
        likeness: np.ndarray = np.sum(list(parts.values()), axis=0)
        return likeness, parts


@dataclass(frozen=True, eq=False)
class FacetReducer:
    """From the measurements of a facet to evened-out principal components.

    Attributes
    ----------
    mean, scale : ndarray of shape (n_features,)
    components : ndarray of shape (n_components, n_features)
        Each divided by the fourth root of its variance.
    """

    mean: np.ndarray
    scale: np.ndarray
    components: np.ndarray

    def transform(self, features: np.ndarray) -> np.ndarray:
        """Reduce measurements: (n, n_features) to (n, n_components), float32."""
        reduced: np.ndarray = ((features - self.mean) / self.scale) @ self.components.T
        return reduced.astype(np.float32)


def fit_reducer(features: np.ndarray, facet: str) -> FacetReducer:
    """Learn the principal components of a facet from its measurements, (n, n_features)."""
    # Rare colours, standardised, would be outliers: only what has no common unit is.
    scaler = StandardScaler(with_std=facet == "texture").fit(features)
    scale = np.ones(features.shape[1]) if scaler.scale_ is None else scaler.scale_
    scaled = (features - scaler.mean_) / scale
    pca = PCA(min(N_COMPONENTS, *scaled.shape), svd_solver="covariance_eigh").fit(scaled)
    evened = np.maximum(pca.explained_variance_, 1e-12) ** 0.25
    return FacetReducer(scaler.mean_, scale, pca.components_ / evened[:, None])


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
        Made once for an open atlas; 0.2 s for 5,910 paintings.

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
    reducers = {}
    for facet in FACETS:
        features = getattr(looks, facet)
        reducers[facet] = fit_reducer(features, facet)
        vectors[facet] = _unit(reducers[facet].transform(features))
    return FacetSpace(vectors, reducers)


def reduce_facet(looks: Looks, facet: str) -> np.ndarray:
    """Return features of a facet as evened-out principal components, (n, at most 32), float32."""
    features = getattr(looks, facet)
    return fit_reducer(features, facet).transform(features)


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
    constraints: Constraints | None = None,
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
    constraints : Constraints or None, default=None
        Which paintings may be named.
    looks : Looks or None, default=None
        Measurements of the paintings; None measures them, once for an open atlas.

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
        If weights are unknown, negative or all zero, or the constraints leave no painting.
    """
    used = check_weights(weights)
    row = row_of(atlas, painting_id)
    space = facet_space(atlas, looks=looks)
    return _most_alike(atlas, space, space.of_painting(row), used, n, constraints, [row])


def similar_to_picture(
    atlas: StyleAtlas,
    picture: Looks,
    descriptor: np.ndarray,
    weights: Mapping[str, float] | None = None,
    *,
    n: int = 10,
    constraints: Constraints | None = None,
    looks: Looks | None = None,
) -> pd.DataFrame:
    """Return the paintings most like a new picture, facets weighted as one likes.

    Parameters
    ----------
    atlas : StyleAtlas
    picture : Looks
        Of the one picture, from :func:`artstylenet.looks.measure_looks`.
    descriptor : ndarray of shape (n_dimensions,), float32
        From :func:`artstylenet.placing.place_pictures`.
    weights, n, constraints, looks
        As of :func:`similar_by_facets`, and so are the result and the errors.

    Returns
    -------
    DataFrame
    """
    used = check_weights(weights)
    space = facet_space(atlas, looks=looks)
    asked = space.of_picture(picture, descriptor)
    return _most_alike(atlas, space, asked, used, n, constraints, [])


def _most_alike(
    atlas: StyleAtlas,
    space: FacetSpace,
    asked: Mapping[str, np.ndarray],
    weights: Mapping[str, float],
    n: int,
    constraints: Constraints | None,
    given: list[int],
) -> pd.DataFrame:
    likeness, parts = space.likeness(asked, weights)
    likeness[given] = -np.inf
    if constraints is not None:
        likeness[~allowed_paintings(atlas, constraints, given)] = -np.inf
    table = rank_similar(atlas, likeness, n)
    return table.assign(**{part: adds[table.index] for part, adds in parts.items()})


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
