"""Ways from one painting to another, in small steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from artstylenet.errors import InputError
from artstylenet.neighbours import best_rows
from artstylenet.similarity import By, row_of, space_of

if TYPE_CHECKING:
    import pandas as pd

    from artstylenet.atlas import StyleAtlas
    from artstylenet.similarity import Space

STOPS_TO_CHOOSE_FROM = 1000
TINY = 1e-9


def path_between(
    atlas: StyleAtlas, start: str, end: str, *, steps: int = 6, by: By = "features"
) -> pd.DataFrame:
    """Return a way from one painting to another.

    Parameters
    ----------
    atlas : StyleAtlas
    start, end : str
        Ids of two paintings.
    steps : int, default=6
        How many steps the way has; there is one painting less between the two.
    by : {"features", "styles"}, default="features"
        What a small step is: near in features, or in mixtures.

    Returns
    -------
    DataFrame of steps + 1 rows
        Columns ``id``, ``painter``, ``title``, ``year``, ``to_start`` and ``to_end`` (similarity
        to the two ends) and ``step`` (similarity to the painting before; NaN in the first row).
        With every row ``to_start`` falls and ``to_end`` rises, so no painting comes twice. The
        index is the row in the atlas.

    Raises
    ------
    UnknownIdError
        If a painting is not in the atlas; near ids are suggested.
    InputError
        If the two are the same, `steps` is below 1, or so many steps cannot be made; the text says
        how many can.

    Notes
    -----
    Of all ways that come nearer to the end and get farther from the start with every step, this
    is the one with the least sum of squared distances and squared unevenness of the steps, found
    exactly by dynamic programming. Distance alone would take one leap to a place where many
    paintings lie close together and walk about in it. Stops are looked for among the thousand
    paintings that are least out of the way. Straight lines through the space of features with
    the nearest painting to each of their points were not taken: they lead through the middle,
    where there are no paintings, and name the same few hubs on every way.
    """
    if steps < 1:
        raise InputError(f"A way has at least 1 step, got {steps}.")
    first, last = row_of(atlas, start), row_of(atlas, end)
    if first == last:
        raise InputError(f"The way from {start} to itself has no steps: name two paintings.")
    space = space_of(atlas, by)
    stops = _stops(space, first, last)
    distance = _distance(space, space.similarities_of(stops, stops))
    np.fill_diagonal(distance, 0)  # half-precision rows are not quite of length 1
    route = _shortest(distance, steps)
    rows = stops[route]
    to_start, to_end = space.similarities_of(rows[[0, -1]], rows)
    step = np.full(len(rows), np.nan)
    step[1:] = np.diagonal(space.similarities_of(rows[1:], rows[:-1]))
    table: pd.DataFrame = atlas.paintings.iloc[rows][["id", "painter", "title", "year"]]
    return table.assign(to_start=to_start, to_end=to_end, step=step).set_axis(rows)


def _stops(space: Space, first: int, last: int) -> np.ndarray:
    """Return the paintings that are least out of the way, ordered from the first to the last."""
    to_first = _distance(space, space.similarities(space.vectors[first]))
    to_last = _distance(space, space.similarities(space.vectors[last]))
    whole = to_first[last]
    between = (to_first < whole) & (to_last < whole)
    between[[first, last]] = False
    detour = np.where(between, to_first + to_last, np.inf)
    nearest = best_rows(-detour, STOPS_TO_CHOOSE_FROM)
    ordered = nearest[np.argsort(to_first[nearest], kind="stable")]
    return np.concatenate([[first], ordered, [last]])


def _distance(space: Space, similarity: np.ndarray) -> np.ndarray:
    """Return Hellinger distances, or angles in radians."""
    if space.of_mixtures:
        return 1 - similarity
    angle: np.ndarray = np.arccos(np.clip(similarity, -1, 1))
    return angle


def _unevenness(distance: np.ndarray, steps: int) -> np.ndarray:
    """Return by how much each step is longer or shorter than its share of the way, squared.

    Nobody lies right beside the ends, so what counts is the way from the stop nearest to the
    start to the stop nearest to the end; the first and the last step lead there and from there.
    """
    place = distance[0] / np.maximum(distance[0] + distance[-1], TINY)
    within = place[1:-1]
    if len(within) and steps > 1:
        nearest, farthest = within.min(), within.max()
        within = (within - nearest) / max(farthest - nearest, TINY)
        place[1:-1] = (1 + within * (steps - 2)) / steps
    uneven: np.ndarray = (steps * (place - place[:, None]) - 1) ** 2
    return uneven


def _shortest(distance: np.ndarray, steps: int) -> np.ndarray:
    """Return the best route from the first stop to the last.

    Parameters
    ----------
    distance : ndarray of shape (n_stops, n_stops), float64
    steps : int

    Returns
    -------
    ndarray of shape (steps + 1,), int64
    """
    to_first, to_last = distance[0], distance[-1]
    onward = (to_first[:, None] < to_first) & (to_last[:, None] > to_last)
    onward[0, -1] = True  # also between copies, which are at no distance
    cost = np.where(onward, distance**2 + _unevenness(distance, steps), np.inf)
    # best[s, j]: the least cost to reach stop j in exactly s steps.
    best = np.full((steps + 1, len(distance)), np.inf)
    best[0, 0] = 0
    before = np.zeros((steps + 1, len(distance)), np.int64)
    for step in range(1, steps + 1):
        through = best[step - 1][:, None] + cost
        before[step] = through.argmin(axis=0)
        best[step] = through.min(axis=0)
        if not np.isfinite(best[step]).any():
            break
    if not np.isfinite(best[steps, -1]):
        most = int(np.flatnonzero(np.isfinite(best[:, -1])).max())
        raise InputError(
            f"There is no way of {steps} steps between the two: with every step nearer to the "
            f"end and farther from the start, {most} is the most."
        )
    route = [len(distance) - 1]
    for step in range(steps, 0, -1):
        route.append(int(before[step, route[-1]]))
    return np.array(route[::-1])
