"""Recommendation: planted tastes, weights, diversity, and what is never returned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from artstylenet.atlas import StyleAtlas, style_column
from artstylenet.constraints import Constraints
from artstylenet.errors import InputError, UnknownIdError
from artstylenet.recommendation import recommend
from artstylenet.similarity import nearest_paintings
from tests.toy_atlas import toy_atlas

N = 300
WAYS = ("features", "styles")


def planted(seed: int, n_kinds: int = 3) -> tuple[StyleAtlas, np.ndarray]:
    """Return an atlas of three kinds of paintings, each by six painters, and the kinds."""
    rng = np.random.default_rng(seed)
    atlas = toy_atlas(N, n_kinds + 1)
    kinds = np.arange(N) % n_kinds
    hands = rng.integers(0, 6, N)
    centres = rng.normal(size=(n_kinds, 1, 32)) + rng.normal(scale=0.4, size=(n_kinds, 6, 32))
    descriptors = centres[kinds, hands] + rng.normal(scale=0.9, size=(N, 32))
    descriptors /= np.linalg.norm(descriptors, axis=1, keepdims=True)
    strength = np.full((N, n_kinds + 1), 0.3)
    strength[np.arange(N), kinds] = 4
    mixtures = np.stack([rng.dirichlet(row) for row in strength])
    painters = [f"painter {kind}-{i}" for i, kind in zip(hands, kinds, strict=True)]
    columns = [style_column(k) for k in range(n_kinds + 1)]
    index = atlas.painting_styles.index
    return replace(
        atlas,
        paintings=atlas.paintings.assign(painter=painters),
        painting_styles=pd.DataFrame(mixtures, index=index, columns=columns),
        descriptors=descriptors.astype(np.float16),
    ), kinds


def ids(atlas: StyleAtlas, rows: list[int]) -> list[str]:
    return atlas.paintings["id"].iloc[rows].tolist()


@pytest.mark.parametrize("by", WAYS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_planted_taste_is_met(seed: int, by: str) -> None:
    atlas, kinds = planted(seed)
    found = recommend(atlas, ids(atlas, [0, 3, 6]), by=by)  # type: ignore[arg-type]
    met = (kinds[found.index] == 0).mean()
    assert met > 0.85
    assert met > 2 * (kinds == 0).mean()  # what guessing gets


@pytest.mark.parametrize("by", WAYS)
def test_so_much_of_this_and_so_much_of_that(by: str) -> None:
    atlas, kinds = planted(0)
    this, that = ids(atlas, [0, 1])
    shares = []
    for weight in (1.0, 0.7, 0.3, 0.0):
        liked = {this: weight, that: 1 - weight}
        found = recommend(atlas, liked, by=by, diversity=0)  # type: ignore[arg-type]
        shares.append((kinds[found.index] == 0).mean())
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.8
    assert shares[-1] < 0.2


@pytest.mark.parametrize("by", WAYS)
@pytest.mark.parametrize("seed", [0, 1])
def test_what_is_near_to_a_disliked_painting_sinks(seed: int, by: str) -> None:
    atlas, kinds = planted(seed)
    liked = ids(atlas, [0, 1])
    with_both = recommend(atlas, liked, by=by, n=40)  # type: ignore[arg-type]
    without = recommend(
        atlas,
        liked,
        disliked=ids(atlas, [4, 7]),
        by=by,  # type: ignore[arg-type]
        n=40,
    )
    assert (kinds[without.index] == 1).sum() < (kinds[with_both.index] == 1).sum()


@pytest.mark.parametrize("by", WAYS)
def test_what_was_given_is_never_returned_nor_copies_of_it(by: str) -> None:
    atlas, _ = planted(0)
    copies = pd.DataFrame(
        {"group": [0, 0, 1, 1], "id": ids(atlas, [0, 9, 12, 15]), "path": "", "kind": "same bytes"}
    )
    atlas = replace(atlas, duplicates=copies)
    given, disliked = ids(atlas, [0, 3]), ids(atlas, [1])
    found = recommend(atlas, given, disliked=disliked, by=by, n=N)  # type: ignore[arg-type]
    assert not set(found["id"]) & {*given, *disliked, *ids(atlas, [9])}
    assert len(set(found["id"]) & set(ids(atlas, [12, 15]))) == 1
    assert len(found) == N - 5


def test_diversity_names_more_painters_and_zero_is_plain_nearness() -> None:
    atlas, _ = planted(0)
    liked = ids(atlas, [0])
    plain = recommend(atlas, liked, n=10, diversity=0)
    assert plain.index.tolist() == nearest_paintings(atlas, by="features", n=10)[0].tolist()
    n_painters = [
        recommend(atlas, liked, n=12, diversity=d)["painter"].nunique() for d in (0, 0.5, 1)
    ]
    assert n_painters == sorted(n_painters)
    assert n_painters[-1] > n_painters[0]


def test_works_without_a_painter_do_not_repeat_each_other() -> None:
    atlas, _ = planted(0)
    unnamed = replace(atlas, paintings=atlas.paintings.assign(painter=None))
    liked = ids(atlas, [0, 1])
    plain = recommend(unnamed, liked, diversity=0)
    assert recommend(unnamed, liked, diversity=1)["id"].tolist() == plain["id"].tolist()


def test_reasons_name_the_liked_painting_and_the_style_that_is_shared() -> None:
    atlas, kinds = planted(0)
    liked = ids(atlas, [0, 1])
    found = recommend(atlas, liked)
    mixtures = atlas.painting_styles
    for row in found.itertuples():
        assert row.like == liked[kinds[row.Index]]
        both = np.minimum(mixtures.loc[row.id], mixtures.loc[row.like])
        assert row.style == both.to_numpy().argmax()
        assert row.shared == both.max()
        title = atlas.paintings.set_index("id")["title"][row.like]
        assert row.reason.startswith(f"Like your {title}: ")
        assert f"style {row.style} " in row.reason
    untitled = replace(atlas, paintings=atlas.paintings.assign(title=None))
    assert recommend(untitled, liked)["reason"].str.contains("|".join(liked)).all()


def test_constraints_are_kept() -> None:
    atlas, _ = planted(0)
    wanted = Constraints({"movement": ["Baroque"]}, other_painters=True)
    found = recommend(atlas, ids(atlas, [0, 1]), constraints=wanted)
    assert set(atlas.paintings["movement"][found.index]) == {"Baroque"}
    assert not set(found["painter"]) & set(atlas.paintings["painter"][[0, 1]])


def test_a_sequence_weighs_all_alike(atlas: StyleAtlas) -> None:
    by_list = recommend(atlas, ["toy-001", "toy-002"])
    by_weight = recommend(atlas, {"toy-001": 3, "toy-002": 3})
    assert by_list.equals(by_weight)
    assert recommend(atlas, "toy-001").equals(recommend(atlas, ["toy-001"]))


def test_what_cannot_be_answered_is_said(atlas: StyleAtlas) -> None:
    cases = [
        (lambda: recommend(atlas, []), "Nothing is liked"),
        (
            lambda: recommend(atlas, {"toy-001": -1.0}),
            "weight of toy-001 must be 0 or more, got -1",
        ),
        (lambda: recommend(atlas, {"toy-001": float("nan")}), "must be 0 or more, got nan"),
        (lambda: recommend(atlas, {"toy-001": 0, "toy-002": 0}), "All weights are 0"),
        (lambda: recommend(atlas, ["toy-001"], disliked=["toy-001"]), "toy-001 cannot be both"),
        (lambda: recommend(atlas, ["toy-001"], n=0), "n must be at least 1"),
        (lambda: recommend(atlas, ["toy-001"], diversity=2), r"diversity must be in \[0, 1\]"),
        (lambda: recommend(atlas, ["toy-001"], by="size"), "not by 'size'"),
        (lambda: recommend(atlas, atlas.paintings["id"].tolist()), "was given"),
    ]
    for call, said in cases:
        with pytest.raises(InputError, match=said):
            call()
    with pytest.raises(UnknownIdError, match="did you mean toy-001"):
        recommend(atlas, ["toy001"])
    with pytest.raises(UnknownIdError, match="did you mean toy-001"):
        recommend(atlas, ["toy-002"], disliked=["toy001"])
