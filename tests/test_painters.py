"""Painters as objects: names, breadth, drift, nearest painters, works by nobody known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from artstylenet.atlas import StyleAtlas, style_column
from artstylenet.drift import painter_drift
from artstylenet.errors import UnknownIdError
from artstylenet.painter_affinity import (
    closest_painters,
    closest_painters_of,
    is_single_hand,
    nearest_painters,
)
from artstylenet.painters import describe_painter, effective_number, find_painter
from artstylenet.results import painter_tables
from tests.toy_atlas import toy_atlas

N_PAINTERS, N_WORKS = 8, 30
STRANGER, WORKSHOP = 240, 244


def studio(seed: int) -> StyleAtlas:
    """Return an atlas of eight painters in pairs that are alike, strangers, and a workshop.

    Four works without a painter are unlike everybody; four by the "Workshop of painter 2" are
    like those of painter 2.
    """
    rng = np.random.default_rng(seed)
    n = N_PAINTERS * N_WORKS + 8
    atlas = toy_atlas(n)
    who = np.r_[np.repeat(np.arange(N_PAINTERS), N_WORKS), [-1] * 4, [2] * 4]
    pairs = rng.normal(size=(N_PAINTERS // 2, 24))
    centres = pairs[np.arange(N_PAINTERS) // 2] + rng.normal(scale=0.5, size=(N_PAINTERS, 24))
    rows = centres[who] + rng.normal(scale=0.5, size=(n, 24))
    rows[who < 0] = -pairs.sum(axis=0) + rng.normal(scale=2, size=(4, 24))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    names = [f"painter {i}" if i >= 0 else None for i in who]
    names[WORKSHOP:] = ["Workshop of painter 2"] * 4
    painters, painter_styles = painter_tables(
        atlas.painting_styles, pd.Series(names), pd.DataFrame({"painter": ["painter 2"]})
    )
    return replace(
        atlas,
        paintings=atlas.paintings.assign(painter=names),
        painters=painters,
        painter_styles=painter_styles,
        descriptors=rows.astype(np.float16),
    )


def moving(seed: int, speed: float, n: int = 40) -> StyleAtlas:
    """Return an atlas of one painter whose first style gains so much in ten years."""
    rng = np.random.default_rng(seed)
    years = rng.integers(1850, 1900, n)
    first = np.clip(0.4 + speed * (years - 1875) / 10 + rng.normal(scale=0.1, size=n), 0.01, 0.99)
    rest = rng.dirichlet(np.ones(4), n) * (1 - first)[:, None]
    atlas = toy_atlas(n)
    return replace(
        atlas,
        paintings=atlas.paintings.assign(
            painter="Ada Müller", year_from=years - 1, year_to=years + 1
        ),
        painting_styles=pd.DataFrame(
            np.column_stack([first, rest]),
            index=atlas.painting_styles.index,
            columns=[style_column(k) for k in range(5)],
        ),
    )


def test_names_are_found_as_people_write_them(atlas: StyleAtlas) -> None:
    for name in ("Ada Müller", "ada_müller", "  ADA   MU\u0308LLER"):
        assert find_painter(atlas, name) == "Ada Müller"
    with pytest.raises(UnknownIdError, match="no painter 'Ada Mueller'; did you mean Ada Müller"):
        find_painter(atlas, "Ada Mueller")
    with pytest.raises(UnknownIdError, match="names no painters"):
        find_painter(toy_atlas(with_painters=False), "Ada")


def test_breadth_is_the_effective_number_of_styles(atlas: StyleAtlas) -> None:
    assert effective_number(np.eye(4)).tolist() == [1] * 4
    assert effective_number(np.full(4, 0.25)) == pytest.approx(4)
    described = describe_painter(atlas, "chen wei")
    assert described.breadth == pytest.approx(effective_number(described.mixture.to_numpy()))
    assert described.breadth_low < described.breadth < described.breadth_high + 0.5
    assert described.breadth_of_works < described.breadth  # toy works are of few styles each
    assert described.known == {"years": "1880 - 1950", "nationality": "Toyland"}
    assert described.n_paintings == len(described.typical) == 10
    assert described.single_hand
    assert described.closest == {}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_planted_drift_is_found(seed: int) -> None:
    drift = painter_drift(moving(seed, 0.08), "Ada Müller")
    assert drift is not None
    assert drift.styles["style"].iloc[0] == 0
    assert drift.styles["slope"].iloc[0] == pytest.approx(0.08, abs=0.03)
    assert drift.p_value < 0.01
    assert not drift.uncertain
    assert 0.1 < drift.explained < 1


def test_where_nothing_moves_p_values_are_those_of_chance() -> None:
    p_values = [painter_drift(moving(seed, 0), "Ada Müller").p_value for seed in range(40)]  # type: ignore[union-attr]
    assert 0.3 < np.mean(p_values) < 0.7
    assert np.mean(np.array(p_values) < 0.1) < 0.25


def test_few_dated_works_are_marked_and_too_few_say_nothing(atlas: StyleAtlas) -> None:
    assert painter_drift(moving(0, 0.1, n=9), "Ada Müller").uncertain  # type: ignore[union-attr]
    assert painter_drift(moving(0, 0.1, n=2), "Ada Müller") is None
    assert painter_drift(atlas, "Ada Müller") is None
    one_year = moving(0, 0.1)
    one_year = replace(one_year, paintings=one_year.paintings.assign(year_from=1880, year_to=1880))
    assert painter_drift(one_year, "Ada Müller") is None


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_other_of_a_planted_pair_is_nearest(seed: int) -> None:
    atlas = studio(seed)
    for i in range(N_PAINTERS):
        found = nearest_painters(atlas, f"painter {i}")
        others = found[~found["painter"].str.startswith("Workshop")]
        assert others["painter"].iloc[0] == f"painter {i ^ 1}"
        assert found["affinity"].is_monotonic_decreasing
        assert (found["low"] <= found["high"]).all()
        owner = atlas.paintings.set_index("id")["painter"]
        assert (owner[found["link"]] == f"painter {i}").all()
        assert (owner[found["linked"]].to_numpy() == found["painter"]).all()
    shares = nearest_painters(atlas, "painter 2", n=20)["nearest_share"]
    assert shares.sum() == pytest.approx(1)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_works_of_a_workshop_are_close_to_its_master(seed: int) -> None:
    described = describe_painter(studio(seed), "workshop of painter 2")
    assert not described.single_hand
    assert len(described.closest) == 4
    assert sum(bool(closest.is_close) for closest in described.closest.values()) >= 2
    for closest in described.closest.values():
        assert closest.painters["likely"].any() == closest.is_close
        assert ("likely" in closest.summary) == closest.is_close
    first = [closest.painters["painter"].iloc[0] for closest in described.closest.values()]
    assert first.count("painter 2") >= 3
    assert not any(
        "Workshop" in name for c in described.closest.values() for name in c.painters["painter"]
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_works_unlike_all_others_are_close_to_nobody(seed: int) -> None:
    atlas = studio(seed)
    for row in range(STRANGER, STRANGER + 4):
        closest = closest_painters(atlas, atlas.paintings["id"].iloc[row])
        assert closest.is_close is False
        assert not closest.painters["likely"].any()
        assert closest.summary.startswith("No painter of this collection is close")


def test_nine_in_ten_held_out_works_have_their_painter_in_the_set() -> None:
    atlas = studio(0)
    rows = np.arange(N_PAINTERS * N_WORKS)
    all_closest = closest_painters_of(atlas, atlas.descriptors[rows], rows.tolist(), n=1)
    held = sizes = close = 0
    for row, closest in zip(rows, all_closest, strict=True):
        likely = closest.painters.loc[closest.painters["likely"], "painter"]
        close += bool(closest.is_close)
        held += atlas.paintings["painter"].iloc[row] in set(likely)
        sizes += len(likely)
    assert 0.8 <= held / len(rows) <= 1
    assert sizes / len(rows) < 2.5
    assert close / len(rows) > 0.85


def test_where_few_works_are_known_nothing_is_called_close() -> None:
    closest = closest_painters(toy_atlas(30), "toy-003")
    assert closest.is_close is None
    assert not closest.painters["likely"].any()
    assert closest.summary.startswith("Too few painters")
    nobody = closest_painters(toy_atlas(with_painters=False), "toy-003")
    assert nobody.painters.empty


@pytest.mark.parametrize(
    ("name", "single"),
    [
        ("Rembrandt", True),
        ("Workshop of Peter Paul Rubens", False),
        ("Attributed to Giotto", False),
        ("after Titian", False),
        ("Peter Paul Rubens and Workshop", False),
        ("Titian (workshop)", False),
        ("Hans Holbein the Younger (and Workshop(?))", False),
        ("Titian (copy after)", False),
        ("Unidentified artist Japanese", False),
        ("Possibly copy after Bosch", False),
        ("Master of the Jaunpur Kalpasutra", True),
        ("Afterman", True),
        (None, False),
    ],
)
def test_which_names_are_a_single_hand(name: str | None, single: bool) -> None:
    assert is_single_hand(name) == single
