"""Styles and metadata: planted associations found, chance not, painters not taken for movements."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, false_discovery_control

from artstylenet.associations import adjusted, column_associations, cramers_v, style_associations
from artstylenet.atlas import StyleAtlas, style_column
from artstylenet.errors import InputError
from tests.toy_atlas import toy_atlas

N, N_STYLES = 240, 4


def labelled(
    seed: int, labels: list[str | None], *, effect: float = 0, painters: list[str] | None = None
) -> StyleAtlas:
    """Return an atlas with a column ``period``; works with label ``a`` have more of style 0."""
    rng = np.random.default_rng(seed)
    atlas = toy_atlas(N, N_STYLES)
    first = np.clip(
        0.3 + effect * np.array([label == "a" for label in labels]) + rng.normal(0, 0.1, N), 0, 1
    )
    rest = rng.dirichlet(np.ones(N_STYLES - 1), N) * (1 - first)[:, None]
    paintings = atlas.paintings.drop(columns="movement").assign(period=labels)
    if painters is not None:
        paintings = paintings.assign(painter=painters)
    return replace(
        atlas,
        paintings=paintings,
        painting_styles=pd.DataFrame(
            np.column_stack([first, rest]),
            index=atlas.painting_styles.index,
            columns=[style_column(k) for k in range(N_STYLES)],
        ),
    )


def three_labels(seed: int) -> list[str | None]:
    return np.random.default_rng(100 + seed).choice(["a", "b", "c"], N).tolist()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_planted_association_is_found_and_measured(seed: int) -> None:
    atlas = labelled(seed, three_labels(seed), effect=0.15)
    table = style_associations(atlas, "period", n_permutations=999)
    assert len(table) == 3 * N_STYLES
    best = table[(table["label"] == "a") & (table["style"] == 0)].iloc[0]
    assert best["q_value"] < 0.02
    assert best["lift"] > 1.2
    with_a = (atlas.paintings["period"] == "a").to_numpy()
    weights = atlas.painting_styles["style_00"].to_numpy()
    assert best["weight"] == pytest.approx(weights[with_a].mean())
    assert best["lift"] == pytest.approx(weights[with_a].mean() / weights.mean())
    assert best["n_paintings"] == with_a.sum()
    whole = column_associations(atlas, "period", n_permutations=999).iloc[0]
    assert whole["p_value"] == 1 / 1000
    assert whole["mutual_information"] > 0
    assert whole["shuffle"] == "paintings"


def test_where_there_is_nothing_few_are_found() -> None:
    p_values, found = [], 0
    for seed in range(15):
        atlas = labelled(seed, three_labels(seed))
        table = style_associations(atlas, "period", n_permutations=199)
        p_values.append(table["p_value"].mean())
        found += (table["q_value"] < 0.05).any()
    assert 0.35 < np.mean(p_values) < 0.65
    assert found <= 3


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_painters_manner_does_not_pass_for_a_country(seed: int) -> None:
    """Six painters with manners of their own, three a country: nothing is the country's."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(6), N // 6)
    countries = np.array(["a", "a", "a", "b", "b", "b"])[who].tolist()
    atlas = labelled(seed, countries, painters=[f"painter {i}" for i in who])
    manner = rng.dirichlet(np.ones(N_STYLES), 6)[who]
    mixtures = 0.7 * manner + 0.3 * atlas.painting_styles.to_numpy()
    styles = atlas.painting_styles
    atlas = replace(atlas, painting_styles=styles * 0 + mixtures)
    naive = style_associations(atlas, "period", shuffle="paintings", n_permutations=499)
    fair = style_associations(atlas, "period", n_permutations=499)
    assert (fair["shuffle"] == "painters").all()
    assert (naive["q_value"] < 0.05).any()
    assert not (fair["q_value"] < 0.05).any()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_within_painters_what_is_the_painters_own_is_gone(seed: int) -> None:
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(6), N // 6)
    # The first three painters, who have more of style 0, paint mostly in period a.
    labels = np.where(rng.random(N) < np.where(who < 3, 0.8, 0.2), "a", "b").tolist()
    painters = [f"painter {i}" for i in who]
    atlas = labelled(seed, labels, painters=painters)
    mixtures = atlas.painting_styles.to_numpy() + 0.5 * np.outer(who < 3, np.eye(N_STYLES)[0])
    mixtures /= mixtures.sum(axis=1, keepdims=True)
    theirs = replace(atlas, painting_styles=atlas.painting_styles * 0 + mixtures)
    by_paintings = style_associations(theirs, "period", n_permutations=199)
    within = style_associations(theirs, "period", shuffle="within painters", n_permutations=199)
    assert by_paintings["q_value"].min() < 0.05
    assert within["q_value"].min() > 0.05
    real = labelled(seed, labels, effect=0.15, painters=painters)
    within = style_associations(real, "period", shuffle="within painters", n_permutations=199)
    assert within["q_value"].min() < 0.05


def test_cells_of_several_labels_count_for_each_and_rare_ones_are_left_out() -> None:
    labels = ["a,b", "b", "c"] * (N // 3)
    labels[:4] = ["rare"] * 4
    atlas = labelled(0, labels)  # type: ignore[arg-type]
    counts = style_associations(atlas, "period", n_permutations=9).groupby("label")["n_paintings"]
    assert counts.first().to_dict() == {"a": 78, "b": 157, "c": 79}


def test_all_columns_are_asked_but_names_and_free_text() -> None:
    atlas = labelled(0, three_labels(0), effect=0.2)
    table = column_associations(atlas, n_permutations=99)
    assert table["column"].tolist() == ["period"]  # credit and title are free text
    assert style_associations(atlas, n_permutations=9)["column"].unique().tolist() == ["period"]
    by_name = column_associations(atlas, "painter", n_permutations=99)
    assert by_name["n_labels"].item() == 6
    bare = replace(atlas, paintings=atlas.paintings.drop(columns="period"))
    assert column_associations(bare, n_permutations=9).empty
    assert style_associations(bare, n_permutations=9).empty


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_adjusted_p_values_are_those_of_scipy(seed: int) -> None:
    p_values = np.random.default_rng(seed).random(50) ** 3
    assert np.allclose(adjusted(p_values), false_discovery_control(p_values))
    assert adjusted(np.empty(0)).size == 0


def test_cramers_v_is_one_zero_and_corrected() -> None:
    assert cramers_v(np.diag([30.0, 20.0, 10.0])) == pytest.approx(1)
    assert cramers_v(np.outer([10, 20], [3, 3, 4])) == 0
    assert cramers_v(np.array([[5.0, 7.0]])) == 0
    rng = np.random.default_rng(0)
    by_chance = [rng.multinomial(60, np.full(30, 1 / 30)).reshape(5, 6) for _ in range(50)]
    plain = [np.sqrt(chi2_contingency(t + 1e-9).statistic / 60 / 4) for t in by_chance]
    corrected = [cramers_v(t.astype(float)) for t in by_chance]
    assert np.mean(corrected) < 0.5 * np.mean(plain)


def test_what_cannot_be_tested_is_said(atlas: StyleAtlas) -> None:
    with pytest.raises(InputError, match="no column 'periood'; did you mean period"):
        style_associations(labelled(0, three_labels(0)), "periood")
    with pytest.raises(InputError, match="has 1 labels of at least 5 works"):
        style_associations(atlas, "rights")
    with pytest.raises(InputError, match="shuffle must be one of"):
        style_associations(atlas, "movement", shuffle="styles")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="n_permutations must be at least 1"):
        style_associations(atlas, "movement", n_permutations=0)
    with pytest.raises(InputError, match="names no painters"):
        style_associations(toy_atlas(with_painters=False), "movement", shuffle="painters")
    with pytest.raises(InputError, match="differs between works of one painter"):
        style_associations(labelled(0, three_labels(0)), "period", shuffle="painters")
