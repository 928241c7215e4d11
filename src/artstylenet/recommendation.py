"""What somebody who likes some paintings may like too, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from artstylenet.constraints import Constraints, allowed_paintings
from artstylenet.errors import InputError
from artstylenet.neighbours import best_rows
from artstylenet.similarity import By, row_of, space_of

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

DIVERSITY = 0.3
SHARE_OF_LIKED_PAINTERS = 0.7
"""Share of the places that liked painters may take before their works count as repeats."""
WEIGHT_OF_DISLIKES = 0.5
LEAST_SHARED = 0.15
"""Two paintings share a style if both have at least so much of it."""
_PLACES_IN_THE_POOL = 10
_LEAST_POOL = 200


def recommend(
    atlas: StyleAtlas,
    liked: Sequence[str] | Mapping[str, float],
    *,
    disliked: Sequence[str] = (),
    n: int = 20,
    by: By = "features",
    constraints: Constraints | None = None,
    diversity: float = DIVERSITY,
) -> pd.DataFrame:
    """Return paintings that are like the liked ones, with a reason for each.

    Parameters
    ----------
    atlas : StyleAtlas
    liked : sequence of str, or mapping of str to float
        Ids; a mapping says how much of each: ``{"monet-1": 0.6, "klimt-9": 0.4}``.
    disliked : sequence of str, default=()
        Ids; what is near to any of them sinks.
    n : int, default=20
        How many at most.
    by : {"features", "styles"}, default="features"
        As of :func:`artstylenet.similarity.similar_paintings`.
    constraints : Constraints or None, default=None
        Which paintings may be named.
    diversity : float in [0, 1], default=0.3
        How much a painter's next work sinks with every one that is already named. The painters of
        liked works have 70 % of the places before that begins, divided by how much each is liked.
        0 is plain nearness.

    Returns
    -------
    DataFrame
        Columns ``id``, ``painter``, ``title``, ``year``, ``score`` (similarity to the liked ones,
        less that to disliked ones, less repetition), ``like`` (id of the liked painting that
        speaks most for it), ``style`` (that both share most), ``shared`` (weight in [0, 1] that
        both have of it) and ``reason`` (a sentence); in the order of choice. The index is the row
        in the atlas. What was given, or is a copy of it, is never among them; of several copies
        there is one.

    Raises
    ------
    UnknownIdError
        If an id is not in the atlas; near ones are suggested.
    InputError
        If nothing is liked, a weight is negative or not a number, all are zero, a painting is
        both liked and disliked, or no painting is left to choose from.

    Notes
    -----
    The score of a painting is the mean of its similarities to the liked ones, by their weights,
    less half of its similarity to the nearest disliked one. Places are given one after the other,
    as in maximal marginal relevance [1]_, repetition being of painters, and free up to the share
    that the likes ask for, as in calibrated recommendation [2]_.

    References
    ----------
    .. [1] Carbonell and Goldstein, "The use of MMR, diversity-based reranking for reordering
       documents and producing summaries", SIGIR 1998.
    .. [2] Steck, "Calibrated recommendations", RecSys 2018.
    """
    if n < 1:
        raise InputError(f"n must be at least 1, got {n}.")
    if not 0 <= diversity <= 1:
        raise InputError(f"diversity must be in [0, 1], got {diversity}.")
    weights = _shares(liked)
    both = sorted(set(weights) & set(disliked))
    if both:
        raise InputError(f"{', '.join(both)} cannot be both liked and disliked.")
    liked_rows = np.array([row_of(atlas, one) for one in weights])
    disliked_rows = np.array([row_of(atlas, one) for one in disliked], dtype=np.int64)
    shares = np.array(list(weights.values()))
    space = space_of(atlas, by)
    to_each = np.stack([space.similarities(space.vectors[row]) for row in liked_rows])
    score = shares @ to_each
    if len(disliked_rows):
        to_disliked = np.stack([space.similarities(space.vectors[row]) for row in disliked_rows])
        score = score - WEIGHT_OF_DISLIKES * to_disliked.max(axis=0)
    given = np.concatenate([liked_rows, disliked_rows])
    copies = _copies(atlas)
    score[given] = -np.inf
    score[np.isin(copies, copies[given])] = -np.inf
    if constraints is not None:
        score[~allowed_paintings(atlas, constraints, given.tolist())] = -np.inf
    pool = best_rows(score, max(_LEAST_POOL, _PLACES_IN_THE_POOL * n))
    if not len(pool):
        raise InputError("Every painting that could be recommended was given.")
    pooled = pd.DataFrame(
        {
            "score": space.scaled(score[pool], pool),
            "painter": atlas.paintings["painter"].iloc[pool].to_numpy(),
            "copy": copies[pool],
        },
        index=pool,
    )
    free_places = _free_places(atlas, liked_rows, shares, n)
    chosen = _choose(pooled, n, free_places, diversity)
    best_likes = liked_rows[(shares[:, None] * to_each[:, chosen.index]).argmax(axis=0)]
    table: pd.DataFrame = atlas.paintings.iloc[chosen.index][["id", "painter", "title", "year"]]
    return pd.concat(
        [
            table.set_axis(chosen.index),
            chosen,
            _reasons(atlas, chosen.index.to_numpy(), best_likes),
        ],
        axis=1,
    )


def _shares(liked: Sequence[str] | Mapping[str, float]) -> dict[str, float]:
    """Return how much of each painting is liked; sums to 1."""
    if isinstance(liked, str):
        liked = [liked]
    if not isinstance(liked, Mapping):
        liked = dict.fromkeys(liked, 1.0)
    if not liked:
        raise InputError("Nothing is liked: name at least one painting.")
    for painting_id, weight in liked.items():
        if not (np.isfinite(weight) and weight >= 0):
            raise InputError(f"The weight of {painting_id} must be 0 or more, got {weight}.")
    total = sum(liked.values())
    if total == 0:
        raise InputError("All weights are 0: at least one painting must be liked.")
    return {painting_id: weight / total for painting_id, weight in liked.items()}


def _copies(atlas: StyleAtlas) -> np.ndarray:
    """Return a number for every painting that is the same for copies of one picture."""
    numbers = np.arange(atlas.n_paintings)
    there = atlas.painting_styles.index.get_indexer(pd.Index(atlas.duplicates["id"]))
    found = there >= 0
    rows = pd.Series(there[found])
    groups = atlas.duplicates["group"].to_numpy()[found]
    numbers[rows] = rows.groupby(groups).transform("first")
    return numbers


def _free_places(
    atlas: StyleAtlas, liked_rows: np.ndarray, shares: np.ndarray, n: int
) -> dict[str, int]:
    """Return how many works each painter of a liked one may have without repetition."""
    by_painter = (
        pd.Series(shares).groupby(atlas.paintings["painter"].iloc[liked_rows].to_numpy()).sum()
    )
    places = np.ceil(SHARE_OF_LIKED_PAINTERS * n * by_painter).clip(lower=1)
    return dict(zip(places.index.astype(str), places.astype(int), strict=True))


def _choose(
    pool: pd.DataFrame, n: int, free_places: Mapping[str, int], diversity: float
) -> pd.DataFrame:
    """Give n places, one after the other, to the best that repeats least.

    Parameters
    ----------
    pool : DataFrame
        Columns ``score``, ``painter``, ``copy``; best first.

    Returns
    -------
    DataFrame
        Column ``score``; the index is that of `pool`, in the order of choice.
    """
    score = pool["score"].to_numpy(dtype=float).copy()
    copies = pool["copy"].to_numpy()
    # Works without a painter repeat nobody.
    painters = [name if isinstance(name, str) else None for name in pool["painter"]]
    by_painter = pd.Series(range(len(pool))).groupby(np.array(painters, dtype=object)).indices
    # The scale of scores is that of their differences among those that could be named.
    step = diversity * score.std()
    n_named: Counter[str] = Counter()
    chosen: list[int] = []
    values: list[float] = []
    while len(chosen) < n and np.isfinite(score).any():
        best = int(score.argmax())
        chosen.append(best)
        values.append(score[best])
        score[copies == copies[best]] = -np.inf
        painter = painters[best]
        if painter is not None:
            n_named[painter] += 1
            if n_named[painter] >= free_places.get(painter, 1):
                score[by_painter[painter]] -= step
    return pd.DataFrame({"score": values}, index=pool.index[chosen])


def _reasons(atlas: StyleAtlas, rows: np.ndarray, likes: np.ndarray) -> pd.DataFrame:
    """Say for each painting what it has in common with the liked one next to it."""
    mixtures = atlas.painting_styles.to_numpy()
    common = np.minimum(mixtures[rows], mixtures[likes])
    styles = common.argmax(axis=1)
    shared = common[np.arange(len(rows)), styles]
    liked = atlas.paintings.iloc[likes]
    names = liked["title"].fillna(liked["id"])
    sentences = []
    for row, like, name, style, both in zip(rows, likes, names, styles, shared, strict=True):
        if both >= LEAST_SHARED:
            theirs, yours = mixtures[row, style], mixtures[like, style]
            why = f"shares style {style} ({theirs:.2f}, yours {yours:.2f})"
        else:
            why = "near in its looks, though the mixtures of styles differ"
        sentences.append(f"Like your {name}: {why}.")
    return pd.DataFrame(
        {
            "like": liked["id"].to_numpy(),
            "style": styles,
            "shared": shared,
            "reason": sentences,
        },
        index=rows,
    )
