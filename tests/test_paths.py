"""Ways from one painting to another: small steps, always onward, never twice."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest

from artstylenet.atlas import StyleAtlas
from artstylenet.errors import InputError, UnknownIdError
from artstylenet.paths import path_between
from tests.toy_atlas import toy_atlas

WAYS = ("features", "styles")


def on_an_arc(seed: int, n: int = 200) -> tuple[StyleAtlas, np.ndarray]:
    """Return an atlas whose first 40 paintings lie along a quarter circle, and where on it."""
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, np.pi / 2, 40))
    angle[[0, -1]] = 0, np.pi / 2
    rows = rng.normal(size=(n, 16))
    rows[:40] = rng.normal(scale=0.02, size=(40, 16))
    rows[:40, 0] += np.cos(angle)
    rows[:40, 1] += np.sin(angle)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return replace(toy_atlas(n), descriptors=rows.astype(np.float16)), angle


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("steps", [2, 5, 9])
def test_a_planted_way_is_found_in_even_steps(seed: int, steps: int) -> None:
    atlas, angle = on_an_arc(seed)
    way = path_between(atlas, "toy-000", "toy-039", steps=steps)
    assert len(way) == steps + 1
    assert way.index.max() < 40  # nothing off the arc
    lengths = np.diff(angle[way.index])
    assert (lengths > 0).all()
    assert lengths.max() < 2.2 * np.pi / 2 / steps


@pytest.mark.parametrize("by", WAYS)
@pytest.mark.parametrize("steps", [1, 2, 4])
def test_every_step_leads_onward(atlas: StyleAtlas, by: str, steps: int) -> None:
    way = path_between(atlas, "toy-003", "toy-040", steps=steps, by=by)  # type: ignore[arg-type]
    assert way["id"].iloc[[0, -1]].tolist() == ["toy-003", "toy-040"]
    assert way["id"].is_unique
    assert (np.diff(way["to_start"]) < 0).all()
    assert (np.diff(way["to_end"]) > 0).all()
    assert np.isnan(way["step"].iloc[0])
    assert way["step"].iloc[1:].notna().all()


@pytest.mark.parametrize("by", WAYS)
def test_no_other_way_is_shorter(by: str) -> None:
    atlas = toy_atlas(12)
    flat = atlas.descriptors[:, :3].astype(float)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    atlas = replace(atlas, descriptors=flat.astype(np.float16))
    way = path_between(atlas, "toy-000", "toy-011", steps=3, by=by)  # type: ignore[arg-type]
    if by == "styles":
        roots = np.sqrt(atlas.painting_styles.to_numpy())
        distance = np.sqrt(1 - np.clip(roots @ roots.T, 0, 1))
    else:
        vectors = atlas.descriptors.astype(float)
        distance = np.arccos(np.clip(vectors @ vectors.T, -1, 1))
    np.fill_diagonal(distance, 0)

    place = distance[0] / (distance[0] + distance[11])
    stops = (distance[0] < distance[0, 11]) & (distance[11] < distance[0, 11])
    stops[[0, 11]] = False
    place = (1 + (place - place[stops].min()) / np.ptp(place[stops])) / 3
    place[[0, 11]] = 0, 1

    def cost(route: tuple[int, ...]) -> float:
        to_start, to_end = distance[0, list(route)], distance[11, list(route)]
        if not ((np.diff(to_start) > 0).all() and (np.diff(to_end) < 0).all()):
            return np.inf
        return sum(
            distance[a, b] ** 2 + (3 * (place[b] - place[a]) - 1) ** 2 for a, b in pairwise(route)
        )

    routes = [
        (0, *middle, 11) for pair in combinations(range(1, 11), 2) for middle in (pair, pair[::-1])
    ]
    assert cost(tuple(way.index)) == pytest.approx(min(map(cost, routes)))
    assert np.isfinite(cost(tuple(way.index)))


def test_copies_are_one_step_apart(atlas: StyleAtlas) -> None:
    descriptors = atlas.descriptors.copy()
    descriptors[5] = descriptors[9]
    way = path_between(replace(atlas, descriptors=descriptors), "toy-005", "toy-009", steps=1)
    assert way.index.tolist() == [5, 9]


def test_what_cannot_be_walked_is_said(atlas: StyleAtlas) -> None:
    with pytest.raises(InputError, match=r"no way of 60 steps .* \d+ is the most"):
        path_between(atlas, "toy-003", "toy-040", steps=60)
    with pytest.raises(InputError, match="at least 1 step, got 0"):
        path_between(atlas, "toy-003", "toy-040", steps=0)
    with pytest.raises(InputError, match="from toy-003 to itself"):
        path_between(atlas, "toy-003", "toy-003")
    with pytest.raises(UnknownIdError, match="did you mean toy-040"):
        path_between(atlas, "toy-003", "toy040")
    with pytest.raises(InputError, match="not by 'size'"):
        path_between(atlas, "toy-003", "toy-040", by="size")  # type: ignore[arg-type]
