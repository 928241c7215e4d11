"""Tables about styles and painters, checked by hand on tiny numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from artstylenet.coherence import style_coherence
from artstylenet.results import distinctiveness, mixtures_table, painter_tables, styles_table
from tests.planted_counts import as_csr, plant

MIXTURES = np.array([[0.7, 0.3], [0.5, 0.5], [0.08, 0.92], [1.0, 0.0]])
PAINTERS = pd.Series(["Bo", "Ada", "Bo", None])
NOBODY = pd.DataFrame({"painter": pd.Series(dtype=str)})


def test_mixtures_keep_their_ids_and_get_names():
    table = mixtures_table(MIXTURES, pd.Index(list("wxyz"), name="id"))
    assert list(table.columns) == ["style_00", "style_01"]
    assert table.loc["y", "style_01"] == 0.92


def test_painters_are_means_of_their_works_sorted_by_name():
    known = pd.DataFrame({"painter": ["Zoe", "Bo"], "years": ["1900", "1850"]})
    mixtures = mixtures_table(MIXTURES, pd.Index(list("wxyz")))
    painters, painter_styles = painter_tables(mixtures, PAINTERS, known)
    assert painters["painter"].tolist() == list(painter_styles.index) == ["Ada", "Bo"]
    assert painters["n_paintings"].tolist() == [1, 2]
    assert painters["years"].tolist()[1] == "1850"
    np.testing.assert_allclose(painter_styles, [[0.5, 0.5], [0.39, 0.61]])


def test_without_painters_the_tables_are_empty_and_keep_their_columns():
    mixtures = mixtures_table(MIXTURES, pd.Index(list("wxyz")))
    painters, painter_styles = painter_tables(mixtures, pd.Series([None] * 4), NOBODY)
    assert painters.shape == (0, 2)
    assert painter_styles.shape == (0, 2)


def test_what_is_known_of_painters_neither_clashes_nor_repeats_rows():
    known = pd.DataFrame(
        {"painter": ["Bo", "Bo"], "n_paintings": ["many", "few"], "style": ["Dada", "Pop"]}
    )
    mixtures = mixtures_table(MIXTURES, pd.Index(list("wxyz")))
    painters, painter_styles = painter_tables(mixtures, PAINTERS, known)
    assert len(painters) == len(painter_styles) == 2
    assert painters["n_paintings"].tolist() == [1, 2]
    assert painters["given_n_paintings"].tolist()[1] == "many"
    assert painters["given_style"].tolist()[1] == "Dada"


def test_styles_count_paintings_and_painters():
    words = np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]])
    totals = np.full(3, 4.0)
    painter_styles = np.array([[0.95, 0.05], [0.39, 0.61]])
    table = styles_table(MIXTURES, painter_styles, words, totals, np.array([0.9, 0.8]))
    assert table["n_paintings_dominant"].tolist() == [3, 1]
    assert table["n_painters_dominant"].tolist() == [1, 1]
    assert table["n_painters_tenth"].tolist() == [2, 1]
    np.testing.assert_allclose(table["share"], MIXTURES.mean(axis=0))
    np.testing.assert_array_equal(table["stability"], [0.9, 0.8])


def test_distinctiveness_is_the_jensen_shannon_divergence_in_bits():
    totals = np.array([2, 2, 0, 0])
    words = np.array([[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5], [0.5, 0, 0.5, 0]])
    np.testing.assert_allclose(distinctiveness(words, totals), [0, 1, 0.5], atol=1e-9)


def test_coherence_is_npmi_of_words_within_paintings():
    together = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    words = np.array([[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]])
    found = style_coherence(words, as_csr(together), n_top_words=2)
    np.testing.assert_allclose(found, [1, -1])


def test_words_that_meet_by_chance_or_always():
    rng = np.random.default_rng(0)
    chance = rng.random((4000, 2)) < 0.5
    words = np.array([[0.5, 0.5]])
    assert style_coherence(words, as_csr(chance))[0] == pytest.approx(0, abs=0.03)
    assert style_coherence(words, as_csr(np.ones((9, 2))))[0] == 1


def test_planted_styles_are_more_coherent_and_distinct_than_shuffled_ones():
    planted = plant(300, 4, n_words=60, n_tokens=40, prior=0.1)
    shuffled = np.random.default_rng(0).permuted(planted.topics, axis=1)
    counts = as_csr(planted.counts)
    ours = style_coherence(planted.topics, counts, 8)
    assert ours.min() > style_coherence(shuffled, counts, 8).max()


def test_a_vocabulary_that_is_hardly_used_has_a_coherence():
    # Words that no painting has, and fewer words than are asked for.
    counts = as_csr(np.array([[1, 1, 0], [1, 0, 0]]))
    found = style_coherence(np.array([[0.4, 0.3, 0.3], [1, 0, 0]]), counts)
    assert ((found >= -1) & (found <= 1)).all()


def test_a_style_of_one_word_has_no_pairs_to_measure():
    assert np.isnan(style_coherence(np.array([[1.0]]), as_csr(np.ones((5, 1)))))[0]
