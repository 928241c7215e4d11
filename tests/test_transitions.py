"""What splits when one more style is allowed: planted splits are found, stored and drawn."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from artstylenet.figures.splits import splits_plot
from artstylenet.selection import choose_n_styles, style_transitions
from artstylenet.storage import load_atlas, save_atlas
from artstylenet.topics import CollapsedTopics
from tests.planted_counts import plant_documents
from tests.test_storage import whole_atlas

# Of two styles the larger, of 60 paintings, splits into 40 and 20, then the other into 30 and 10.
KINDS = {
    2: np.repeat([0, 1], [60, 40]),
    3: np.repeat([0, 1, 2], [40, 20, 40]),
    4: np.repeat([3, 1, 0, 2], [40, 20, 30, 10]),
}
MIXTURES = {number: np.eye(number)[kinds] for number, kinds in KINDS.items()}


def shares(table: pd.DataFrame, number: int) -> dict[tuple[int, int], float]:
    rows = table[table["n_styles"] == number]
    return {(row.style, row.next_style): row.share for row in rows.itertuples()}


def test_a_planted_split_is_found():
    table = style_transitions(MIXTURES)
    # Numbered by size: at 3, style 0 and 1 both have forty, the third twenty.
    assert shares(table, 2) == {(0, 0): 0.4, (0, 2): 0.2, (1, 1): 0.4}
    assert shares(table, 3) == {(0, 0): 0.4, (1, 1): 0.3, (1, 3): 0.1, (2, 2): 0.2}


def test_numbers_that_do_not_follow_each_other_have_no_transition():
    table = style_transitions({2: MIXTURES[2], 4: MIXTURES[4]})
    assert table.empty
    assert list(table) == ["n_styles", "style", "next_style", "share"]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_number_tried_hands_on_all_paintings(seed):
    documents = plant_documents(120, 4, seed=seed)
    topics = CollapsedTopics(max_iter=20)
    selection = choose_n_styles(documents, range(2, 6), n_seeds=2, topics=topics, random_state=seed)
    totals = selection.transitions.groupby("n_styles")["share"].sum()
    assert totals.index.tolist() == [2, 3, 4]
    np.testing.assert_allclose(totals, 1)


def bars_of(tree: dict) -> list[dict]:
    """Return the rows that bars are drawn from, which the chart holds as one JSON text."""
    rows: list[dict] = json.loads(tree["datasets"][tree["layer"][1]["data"]["name"]])
    return rows


def test_they_are_drawn_in_colours_that_children_inherit(atlas):
    drawn = replace(
        atlas, selection=replace(atlas.selection, transitions=style_transitions(MIXTURES))
    )
    tree = splits_plot(drawn).to_dict()
    bars = pd.DataFrame(bars_of(tree))
    assert bars.groupby("n_styles")["share"].sum().tolist() == pytest.approx([1, 1, 1])
    colours = bars.set_index(["n_styles", "style"])["color"]
    assert colours[2, 0] == colours[3, 0] == colours[4, 0]
    assert colours[3, 2] != colours[3, 0]
    assert colours.groupby("n_styles").nunique().tolist() == [2, 3, 4]
    assert "From 2 to 3, style 0 splits. From 3 to 4, style 1 splits." in tree["description"]


def test_no_two_styles_of_one_number_share_a_colour(atlas):
    rng = np.random.default_rng(0)
    mixtures = {number: np.eye(number)[rng.integers(0, number, 300)] for number in range(3, 12)}
    drawn = replace(
        atlas, selection=replace(atlas.selection, transitions=style_transitions(mixtures))
    )
    bars = pd.DataFrame(bars_of(splits_plot(drawn).to_dict()))
    for number, colours in bars.groupby("n_styles")["color"]:
        assert colours.nunique() == number


def test_an_atlas_of_one_number_has_nothing_to_draw(atlas):
    assert bars_of(splits_plot(atlas).to_dict()) == []


def test_they_are_stored_with_the_atlas(tmp_path):
    original = whole_atlas()
    selection = replace(original.selection, transitions=style_transitions(MIXTURES))
    folder = save_atlas(replace(original, selection=selection), tmp_path / "atlas")
    found = load_atlas(folder).selection.transitions
    pd.testing.assert_frame_equal(found, selection.transitions)


def test_uncertainty_is_a_table_of_its_own(tmp_path):
    original = whole_atlas()
    table = pd.read_csv(save_atlas(original, tmp_path / "atlas") / "uncertainty.csv")
    assert table["id"].tolist() == original.paintings["id"].tolist()
    np.testing.assert_allclose(table.drop(columns="id"), original.uncertainty, atol=1e-3)
