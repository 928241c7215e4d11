"""What stands for a style: order, ties, limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from artstylenet.atlas import StyleAtlas
from artstylenet.errors import InputError, UnknownIdError
from artstylenet.ranking import style_table, top_painters, top_paintings, typical_paintings
from tests.toy_atlas import toy_atlas


def shuffled(atlas: StyleAtlas, seed: int = 1) -> StyleAtlas:
    """Return the same atlas with its paintings in another order."""
    order = np.random.default_rng(seed).permutation(atlas.n_paintings)
    return replace(
        atlas,
        paintings=atlas.paintings.iloc[order].reset_index(drop=True),
        painting_styles=atlas.painting_styles.iloc[order],
    )


def test_paintings_are_best_first_and_hold_their_weights(atlas: StyleAtlas) -> None:
    for style in range(atlas.n_styles):
        table = top_paintings(atlas, style, n=12)
        assert len(table) == 12
        assert table["weight"].is_monotonic_decreasing
        assert table["weight"].iloc[0] == atlas.painting_styles.iloc[:, style].max()
        assert (atlas.paintings["id"].iloc[table.index] == table["id"]).all()


def test_equal_weights_are_ordered_by_id_whatever_the_order_of_the_rows(atlas: StyleAtlas) -> None:
    level = replace(atlas, painting_styles=atlas.painting_styles * 0 + 1 / atlas.n_styles)
    assert top_paintings(level, 0)["id"].tolist() == sorted(level.paintings["id"])[:10]
    assert top_paintings(shuffled(level), 0)["id"].tolist() == sorted(level.paintings["id"])[:10]


def test_the_order_of_the_rows_does_not_matter(atlas: StyleAtlas) -> None:
    other = shuffled(atlas)
    for style in range(atlas.n_styles):
        given = top_paintings(atlas, style, max_per_painter=2)
        assert top_paintings(other, style, max_per_painter=2)["id"].tolist() == given["id"].tolist()
    assert style_table(other).equals(style_table(atlas))


def test_at_most_so_many_works_of_one_painter(atlas: StyleAtlas) -> None:
    table = top_paintings(atlas, 0, n=60, max_per_painter=2)
    assert table["painter"].value_counts().max() == 2
    assert len(table) == 12  # six painters


def test_works_without_a_painter_are_not_limited() -> None:
    unnamed = toy_atlas(with_painters=False)
    assert len(top_paintings(unnamed, 0, n=60, max_per_painter=1)) == 60


@pytest.mark.parametrize("most", [None, 1, 3, 100])
def test_looking_at_the_best_alone_finds_what_sorting_all_finds(
    atlas: StyleAtlas, most: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artstylenet.ranking._LOOKED_AT", 2)
    tied = replace(atlas, painting_styles=atlas.painting_styles.round(1))
    table = tied.paintings.assign(weight=tied.painting_styles["style_00"].to_numpy())
    table = table.sort_values(["weight", "id"], ascending=[False, True])
    if most is not None:
        table = table[table.groupby("painter").cumcount() < most]
    for n in (1, 2, 7, 1000):
        found = top_paintings(tied, 0, n, max_per_painter=most)
        assert found.index.tolist() == table.index[:n].tolist()


def test_painters_are_best_first(atlas: StyleAtlas) -> None:
    table = top_painters(atlas, 1, n=4)
    assert table["weight"].is_monotonic_decreasing
    assert table["painter"].iloc[0] == atlas.painter_styles["style_01"].idxmax()
    assert table["n_paintings"].tolist() == [10] * 4


def test_no_painters_no_rows() -> None:
    assert top_painters(toy_atlas(with_painters=False), 0).empty


def test_typical_works_are_the_painters_own_and_nearest_first(atlas: StyleAtlas) -> None:
    table = typical_paintings(atlas, "Chen Wei")
    assert set(table["painter"]) == {"Chen Wei"}
    assert len(table) == 10
    assert table["affinity"].is_monotonic_decreasing
    assert table["affinity"].between(0, 1).all()


def test_the_table_of_styles_has_one_row_a_style(atlas: StyleAtlas) -> None:
    table = style_table(atlas, n=3)
    assert table["style"].tolist() == list(range(atlas.n_styles))
    assert table["top_painters"].map(len).tolist() == [3] * atlas.n_styles
    assert table["top_paintings"].iloc[2] == top_paintings(atlas, 2, 3)["id"].tolist()


def test_what_is_not_there_is_said(atlas: StyleAtlas) -> None:
    with pytest.raises(UnknownIdError, match="styles 0 to 4"):
        top_paintings(atlas, 5)
    with pytest.raises(UnknownIdError, match="no style -1"):
        top_painters(atlas, -1)
    with pytest.raises(UnknownIdError, match="Nobody"):
        typical_paintings(atlas, "Nobody")
    with pytest.raises(InputError, match="n must be at least 1, not 0"):
        top_paintings(atlas, 0, 0)
    with pytest.raises(InputError, match="max_per_painter"):
        top_paintings(atlas, 0, max_per_painter=0)
