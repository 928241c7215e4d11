"""Where a style is in a picture, and which words say so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

from artstylenet.errors import AtlasError, InputError, UnknownIdError
from artstylenet.explaining import explain_painting, region_maps, shared_regions
from artstylenet.explaining.region_maps import grid_word_probabilities, maps_of_row
from artstylenet.figures.explanation import cut_patch, explanation_figure, veil
from artstylenet.figures.saving import chart_svg
from artstylenet.results import mixtures_table
from artstylenet.visual_words import Block
from tests.planted_atlas import planted_atlas

SEEDS = (0, 1, 2)


@pytest.fixture(scope="module")
def planted():
    return planted_atlas()


def areas_under_curve(atlas, style_maps, maps) -> float:
    """Return the mean AUC over paintings of telling its two largest styles apart by cells."""
    areas = []
    for truth, found in zip(style_maps, maps, strict=True):
        shares = np.bincount(truth.ravel(), minlength=atlas.n_styles)
        first, second = np.argsort(-shares)[:2]
        if shares[second] < 20:
            continue
        cells = np.isin(truth, (first, second))
        odds = np.log(found[first] + 1e-12) - np.log(found[second] + 1e-12)
        areas.append(roc_auc_score((truth == first)[cells], odds[cells]))
    return float(np.mean(areas))


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_regions_are_found_and_better_than_from_single_cells(seed):
    atlas, style_maps = planted_atlas(seed)
    word_styles = grid_word_probabilities(atlas.model)
    maps = [maps_of_row(atlas, row) for row in range(atlas.n_paintings)]
    alone = word_styles[:, atlas.grid_words].swapaxes(0, 1).reshape(len(maps), -1, 14, 14)
    found = areas_under_curve(atlas, style_maps, maps)
    assert found >= 0.95
    assert found > areas_under_curve(atlas, style_maps, alone)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cell_that_is_half_sure_is_right_about_half_the_time(seed):
    atlas, style_maps = planted_atlas(seed)
    maps = np.stack([maps_of_row(atlas, row) for row in range(atlas.n_paintings)])
    surest = maps.max(axis=1)
    right = maps.argmax(axis=1) == style_maps
    unsure = (surest > 0.5) & (surest < 0.8)
    assert right[surest > 0.95].mean() > 0.85
    assert 0.4 < right[unsure].mean() < 0.95


def test_cells_sum_to_one_and_styles_that_are_absent_are_nowhere(planted):
    atlas, _ = planted
    mixture = np.array([0.5, 0.5, 0.0, 0.0, 0.0])
    maps = region_maps(mixture, atlas.grid_words[0], grid_word_probabilities(atlas.model))
    np.testing.assert_allclose(maps.sum(axis=0), 1)
    assert maps[2:].max() == 0


def test_by_default_the_largest_style_is_explained_by_words_of_its_region(planted):
    atlas, style_maps = planted
    for row in range(20):
        painting_id = atlas.paintings["id"][row]
        explanation = explain_painting(atlas, painting_id)
        assert explanation.style == explanation.mixture.argmax()
        strengths = [word.evidence for word in explanation.words]
        assert strengths == sorted(strengths, reverse=True)
        assert min(strengths) > 0
        for word in explanation.words:
            at = [14 * cell.row + cell.column for cell in word.cells]
            assert (atlas.grid_words[row, at] == word.word).all()
        surest = explanation.words[0].cells[0]
        if explanation.mixture.max() > 0.6:
            assert style_maps[row, surest.row, surest.column] == explanation.style


def test_examples_are_the_same_word_in_other_paintings_of_the_style(planted):
    atlas, _ = planted
    explanation = explain_painting(atlas, "toy-004", style=1)
    ids = atlas.painting_styles.index
    weights = atlas.painting_styles["style_01"]
    for word in explanation.words:
        others = [example.painting_id for example in word.examples]
        assert "toy-004" not in others
        assert len(set(others)) == len(others)
        for example in word.examples:
            row = ids.get_loc(example.painting_id)
            assert atlas.grid_words[row, 14 * example.row + example.column] == word.word
        assert weights[others].mean() > weights.mean()
    painters = atlas.paintings.set_index("id")["painter"]
    first = explanation.words[0].examples
    assert painters[[example.painting_id for example in first]].nunique() == len(first)


def test_families_of_words_share_out_the_weight(planted):
    atlas, _ = planted
    families = explain_painting(atlas, "toy-010").families
    assert families["family"].tolist() == ["metric", "grid"]
    assert families["sees"].tolist() == ["the whole picture", "its 14 x 14 cells"]
    assert families["tokens"].sum() == pytest.approx(1)
    assert families["weight"].between(0, 1).all()


def test_unknown_ids_and_styles_are_refused_with_near_ones(planted):
    atlas, _ = planted
    with pytest.raises(UnknownIdError, match="did you mean toy-0"):
        explain_painting(atlas, "toy-09")
    for style in (-1, 5):
        with pytest.raises(UnknownIdError, match="0 to 4"):
            explain_painting(atlas, "toy-001", style)


def test_an_atlas_without_words_of_parts_says_so(planted):
    atlas, _ = planted
    model = planted_atlas()[0].model
    model.block_words_[1].block = Block("last_stage", 8, 16)
    with pytest.raises(InputError, match="no words of parts"):
        explain_painting(replace(atlas, model=model), "toy-001")


def test_the_veil_is_thin_where_the_map_is_high():
    picture = Image.new("RGB", (140, 140), (0, 0, 0))
    style_map = np.zeros((14, 14))
    style_map[:, :7] = 1.0
    shown = np.asarray(veil(picture, style_map))
    assert shown[70, 20].max() < 20
    assert shown[70, 120].min() > 130
    even = np.asarray(veil(picture, np.full((14, 14), 0.5)))
    assert even.max() == 0


def test_patches_at_the_border_are_whole(planted):
    picture = Image.new("RGB", (100, 60))
    explanation = explain_painting(planted[0], "toy-001")
    for cell in explanation.words[0].cells:
        assert cut_patch(picture, cell).size == (208, 208)
    assert explanation.words[0].cells[0].painting_id == "toy-001"


def test_the_figure_shows_the_painting_the_map_and_every_example(planted):
    atlas, _ = planted
    explanation = explain_painting(atlas, "toy-003")
    svg = chart_svg(explanation_figure(atlas, explanation))
    n_pictures = 2 + sum(1 + len(word.examples) for word in explanation.words)
    assert svg.count("data:image/jpeg") == n_pictures
    assert "<script>alert" not in svg


def test_regions_of_a_shared_style_are_shared_and_others_are_not(planted):
    atlas, style_maps = planted
    mixtures = atlas.painting_styles.to_numpy().copy()
    first, second = 0, 1
    # All of the second is what is most of the first.
    common = mixtures[first].argmax()
    mixtures[second] = np.eye(atlas.n_styles)[common]
    atlas = replace(atlas, painting_styles=mixtures_table(mixtures, atlas.painting_styles.index))
    shared = shared_regions(atlas, "toy-000", "toy-001")
    assert shared.styles["style"][0] == common
    assert shared.styles["shared"].sum() == pytest.approx(mixtures[first, common])
    of_both = style_maps[first] == common
    assert shared.first_map[of_both].mean() > shared.first_map[~of_both].mean() + 0.3
    for word in shared.words:
        for patch, row in ((word.first, first), (word.second, second)):
            assert atlas.grid_words[row, 14 * patch.row + patch.column] == word.word


def test_a_painting_shares_all_of_itself_and_likeness_is_symmetric(planted):
    atlas, _ = planted
    itself = shared_regions(atlas, "toy-004", "toy-004")
    np.testing.assert_allclose(itself.first_map, 1)
    one, other = (
        shared_regions(atlas, *pair) for pair in (("toy-004", "toy-007"), ("toy-007", "toy-004"))
    )
    np.testing.assert_array_equal(one.first_map, other.second_map)
    assert [word.word for word in one.words] == [word.word for word in other.words]
    with pytest.raises(UnknownIdError, match="did you mean toy-0"):
        shared_regions(atlas, "toy-004", "toy-07")


def test_a_cell_with_a_word_that_there_is_not_is_named():
    words = np.zeros(196, np.uint16)
    words[7] = 600
    with pytest.raises(AtlasError, match="word 600, but there are 9"):
        region_maps(np.full(2, 0.5), words, np.full((2, 9), 1 / 9))
