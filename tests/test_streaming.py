"""Large collections: read block by block, learnt from a sample, and as good for it."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from artstylenet.consensus import extend_consensus, fit_consensus
from artstylenet.counting import as_tokens, as_whole_numbers, tabulate, word_totals
from artstylenet.features import learn_feature_space, style_blocks
from artstylenet.moments import Moments
from artstylenet.row_files import Rows
from artstylenet.sampling import sample_rows
from artstylenet.style_model import StyleModel
from tests.planted_counts import as_csr, plant, recovery


@pytest.mark.parametrize("asked", [5, 0.9, None])
@pytest.mark.parametrize("offset", [0.0, 1e3])
def test_components_of_a_stream_are_those_of_all_rows_at_once(asked, offset):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(700, 4)) @ rng.normal(size=(4, 12)) + rng.normal(size=(700, 12)) / 4
    rows[:, 3] = 7  # never varies
    rows += offset
    moments = Moments(12)
    for block in np.split(rows, [50, 51, 400]):
        moments.add(block)
    scaled = StandardScaler().fit_transform(rows)
    np.testing.assert_allclose(moments.scaler_.transform(rows), scaled, atol=1e-9)
    found = moments.principal_components(PCA(asked))
    expected = PCA(asked, svd_solver="full").fit(scaled)
    assert found.n_components_ == expected.n_components_
    # Directions without variance are anybody's.
    n_sure = min(found.n_components_, 11)
    np.testing.assert_allclose(
        found.transform(scaled)[:, :n_sure], expected.transform(scaled)[:, :n_sure], atol=1e-4
    )
    for name in ("explained_variance_", "explained_variance_ratio_", "singular_values_"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=1e-3)


def test_rows_in_a_file_are_those_in_memory_and_leave_nothing_behind(tmp_path):
    blocks = np.split(np.arange(30, dtype=np.uint16).reshape(10, 3), [4, 4, 9])
    held, filed = Rows(None), Rows(tmp_path / "scratch")
    for block in blocks:
        held.add(block)
        filed.add(block)
    np.testing.assert_array_equal(filed.whole(), held.whole())
    assert not list((tmp_path / "scratch").iterdir())


def test_a_sample_is_all_where_there_are_few(monkeypatch):
    monkeypatch.setattr("artstylenet.sampling.MOST_AT_ONCE", 50)
    np.testing.assert_array_equal(sample_rows(50), np.arange(50))
    drawn = sample_rows(500, 3)
    assert len(np.unique(drawn)) == 50
    assert (np.diff(drawn) > 0).all()
    np.testing.assert_array_equal(sample_rows(500, 3), drawn)
    assert not np.array_equal(sample_rows(500, 4), drawn)


def raw_blocks(n_blocks: int, n: int = 40):
    """Yield random raw features, the same for the same number of the block."""
    for number in range(n_blocks):
        rng = np.random.default_rng(number)
        yield {
            "statistics": rng.normal(size=(n, 36)).astype(np.float16),
            "local": rng.integers(-127, 128, (n, 196, 5)).astype(np.int8),
            "descriptor": rng.normal(size=(n, 18)).astype(np.float16),
            "part_descriptors": rng.normal(size=(n, 8, 18)).astype(np.float16),
        }


def test_a_table_of_a_sample_holds_its_rows_and_the_moments_of_all(tmp_path):
    space = learn_feature_space(lambda: raw_blocks(3), 120, n_grid_words=12)
    families = style_blocks((4, 6, 8), n_window_statistics=0, n_grid_words=12, n_descriptor=18)
    sample = np.array([0, 3, 39, 40, 118])
    whole = tabulate(raw_blocks(3), space)
    part = tabulate(raw_blocks(3), space, sample, families, folder=tmp_path)
    np.testing.assert_array_equal(part.features, whole.features[sample])
    np.testing.assert_array_equal(part.grid_words, whole.grid_words)
    np.testing.assert_array_equal(part.descriptors, whole.descriptors)
    for family, moments in zip(families, part.moments, strict=True):
        if moments is not None:
            rows = whole.features[:, family.start : family.stop].reshape(-1, family.part_width)
            np.testing.assert_allclose(moments.scaler_.mean_, rows.mean(axis=0, dtype=float), 1e-4)
    assert whole.moments == ()


def test_memory_does_not_grow_with_the_number_of_blocks(tmp_path):
    space = learn_feature_space(lambda: raw_blocks(3), 120, n_grid_words=12)
    families = style_blocks((4, 6, 8), n_window_statistics=0, n_grid_words=12, n_descriptor=18)
    peaks = []
    tracemalloc.start()
    for n_blocks in (8, 24):
        tracemalloc.reset_peak()
        tabulate(raw_blocks(n_blocks), space, np.arange(20), families, folder=tmp_path)
        peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


@pytest.mark.parametrize("seed", [0, 1])
def test_styles_of_a_sample_taught_by_the_others_are_nearly_those_of_all(seed):
    planted = plant(1700, 5, n_words=200, n_tokens=60, word_prior=0.3, seed=seed)
    counts, unseen = as_csr(planted.counts[:1500]), as_csr(planted.counts[1500:])
    model = StyleModel(5)
    model.block_words_, model.n_features_in_ = [], counts.shape[1]
    sample = np.sort(np.random.default_rng(seed).choice(1500, 300, replace=False))
    of_sample = fit_consensus(model, counts[sample], random_state=seed)
    of_all = fit_consensus(model, counts, random_state=seed)
    kept = as_whole_numbers(counts)
    found = extend_consensus(of_sample, kept, sample, n_jobs=2)
    again = extend_consensus(of_sample, kept, sample, n_jobs=1)
    np.testing.assert_array_equal(found.painting_styles, again.painting_styles)
    perplexities = [c.model.topics_.perplexity(unseen) for c in (of_all, found, of_sample)]
    assert perplexities[0] < perplexities[1] < perplexities[2]
    whole = recovery(planted.mixtures[:1500], of_all.painting_styles)
    assert recovery(planted.mixtures[:1500], found.painting_styles) > whole - 0.05
    assert (np.diff(found.painting_styles.mean(axis=0)) <= 0).all()
    np.testing.assert_allclose(found.model.mixtures(as_tokens(kept)), found.painting_styles)
    np.testing.assert_allclose(found.model.style_words_.sum(axis=1), 1)
    spread = np.std([one.mixtures(as_tokens(kept)) for one in found.members], axis=0)
    np.testing.assert_allclose(found.uncertainty, spread, atol=1e-3)


def test_totals_of_words_are_sums_over_all_blocks(monkeypatch):
    monkeypatch.setattr("artstylenet.counting.MOST_AT_ONCE", 30)
    counts = as_csr(plant(100, 3).counts)
    np.testing.assert_allclose(word_totals(as_whole_numbers(counts)), counts.sum(axis=0))
