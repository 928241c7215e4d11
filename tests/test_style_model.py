"""The style model: planted mixtures, slots that can be swapped, and no silence about bad input."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.decomposition import NMF, PCA, LatentDirichletAllocation
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from artstylenet.style_model import StyleModel
from artstylenet.topics import CollapsedTopics
from artstylenet.visual_words import Block, ShiftedScores, SoftWords
from tests.planted_counts import recovery

SEEDS = (0, 1, 2)
N_PARTS = 12
PARTS = Block("parts", 0, 6 * N_PARTS, n_parts=N_PARTS, n_words=40, n_neighbors=2, n_tokens=5)


def make_features(n_paintings: int = 150, n_styles: int = 3, *, seed: int = 0):
    """Return features and mixtures: each of 12 parts of a painting is in one of the styles."""
    rng = np.random.default_rng(seed)
    centres = 3 * rng.normal(size=(n_styles, 6))
    mixtures = rng.dirichlet(np.linspace(0.8, 0.3, n_styles), n_paintings)
    styles = np.stack([rng.choice(n_styles, N_PARTS, p=mixture) for mixture in mixtures])
    features = centres[styles] + rng.normal(size=(n_paintings, N_PARTS, 6))
    shares = (styles[..., None] == np.arange(n_styles)).mean(axis=1)
    return features.reshape(n_paintings, -1), shares


@pytest.fixture(scope="module")
def features() -> np.ndarray:
    """Features of 150 paintings, three styles planted."""
    return make_features()[0]


@pytest.fixture(scope="module")
def fitted(features) -> StyleModel:
    """A model of them."""
    return StyleModel(3, blocks=[PARTS], random_state=0).fit(features)


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_mixtures_are_recovered_up_to_their_order(seed):
    features, shares = make_features(seed=seed)
    found = StyleModel(3, blocks=[PARTS], random_state=seed).fit_transform(features)
    assert recovery(shares, found) > 0.95


def test_styles_are_numbered_by_their_share_of_the_collection(features, fitted):
    shares = fitted.transform(features).mean(axis=0)
    assert (np.diff(shares) < 0).all()
    np.testing.assert_allclose(fitted.style_words_.sum(axis=1), 1)
    np.testing.assert_allclose(
        fitted.style_words_, fitted.topics_.components_[fitted.style_order_], rtol=1e-9
    )


def test_mixtures_sum_to_one_also_of_paintings_never_seen(fitted):
    unseen = make_features(40, seed=9)[0]
    np.testing.assert_allclose(fitted.transform(unseen).sum(axis=1), 1)


def test_learning_and_inferring_at_once_is_the_same_as_one_after_the_other(features, fitted):
    model = StyleModel(3, blocks=[PARTS], random_state=0)
    np.testing.assert_array_equal(model.fit_transform(features), fitted.transform(features))


def test_paintings_in_another_order_have_the_same_mixtures(features, fitted):
    order = np.random.default_rng(0).permutation(len(features))
    np.testing.assert_allclose(
        fitted.transform(features[order]), fitted.transform(features)[order], atol=1e-6
    )


def test_half_precision_is_precise_enough(features, fitted):
    half = features.astype(np.float16)
    difference = np.abs(fitted.transform(half) - fitted.transform(features))
    assert difference.mean() < 0.01


def test_a_fitted_model_can_be_cloned_and_fitted_again(features, fitted):
    again = clone(fitted).fit(features)
    np.testing.assert_array_equal(again.style_words_, fitted.style_words_)


class Unchanged(TransformerMixin, BaseEstimator):
    """A reducer that reduces nothing."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X


@pytest.mark.parametrize(
    "slots",
    [
        {"reducer": PCA(2)},
        {"reducer": PCA(0.9)},
        {"reducer": Unchanged()},
        {"words": SoftWords(20)},
        {"words": ShiftedScores()},
        {"topics": NMF(init="nndsvda", max_iter=1000, tol=1e-2)},
        {"topics": LatentDirichletAllocation(max_iter=3)},
        {"topics": CollapsedTopics(learn_prior=True)},
    ],
    ids=str,
)
def test_every_slot_takes_another_part(features, slots):
    model = StyleModel(3, blocks=[PARTS], random_state=0, **slots)
    mixtures = model.fit_transform(features)
    assert mixtures.shape == (150, 3)
    np.testing.assert_allclose(mixtures.sum(axis=1), 1)
    np.testing.assert_allclose(model.style_words_.sum(axis=1), 1)
    for role, given in slots.items():
        assert getattr(model, role) is given, "what was given is cloned, not fitted"


def test_the_number_of_styles_wins_over_what_the_grouping_says(features):
    topics = CollapsedTopics(9)
    model = StyleModel(4, topics=topics, random_state=0).fit(features)
    assert model.transform(features).shape == (150, 4)
    assert topics.n_components == 9


def test_a_painting_that_no_component_knows_still_has_a_mixture():
    # NMF gives such paintings a weight of zero everywhere.
    words = sparse.csr_array(np.kron(np.eye(2), np.ones((5, 4))).astype(np.float32))
    model = StyleModel(2, topics=NMF(init="nndsvda")).fit_styles(words, 0)
    np.testing.assert_allclose(model.mixtures(sparse.csr_array((1, 8), dtype=np.float32)), 0.5)


def test_all_columns_are_one_block_unless_told_otherwise(features):
    model = StyleModel(3, random_state=0).fit(features)
    assert [words.block.stop for words in model.block_words_] == [features.shape[1]]


def test_words_of_all_blocks_stand_side_by_side(features):
    blocks = [PARTS, Block("first", 0, 6, n_words=7, n_tokens=4)]
    model = StyleModel(3, blocks=blocks, random_state=0).fit(features)
    counts = model.count_words(features)
    assert counts.shape == (150, 47)
    np.testing.assert_allclose(counts[:, :40].sum(axis=1), 60, rtol=1e-5)
    np.testing.assert_allclose(counts[:, 40:].sum(axis=1), 4, rtol=1e-5)


def test_where_no_block_has_parts_to_score_every_other_word_is(features):
    model = StyleModel(3, random_state=0).fit(features)
    shown, scored = model.split_words(features)
    counts = model.count_words(features).toarray()
    np.testing.assert_array_equal(shown.toarray()[:, ::2], counts[:, ::2])
    np.testing.assert_array_equal(scored.toarray()[:, 1::2], counts[:, 1::2])
    np.testing.assert_array_equal((shown + scored).toarray(), counts)


def test_blocks_that_are_scored_are_held_back(features):
    blocks = [
        Block("shown", 0, 24, n_words=5),
        Block("scored", 24, 48, n_words=6, scored_parts=(0,)),
        Block("neither", 48, 72, n_words=7, left_out=(0,)),
    ]
    model = StyleModel(3, blocks=blocks, random_state=0).fit(features)
    shown, scored = model.split_words(features)
    counts = model.count_words(features).toarray()
    np.testing.assert_array_equal(shown.toarray()[:, :5], counts[:, :5])
    np.testing.assert_array_equal(scored.toarray()[:, 5:11], counts[:, 5:11])
    assert not shown.toarray()[:, 5:].any()
    assert not scored.toarray()[:, [*range(5), *range(11, 18)]].any()


def test_it_works_inside_a_pipeline(features):
    pipeline = make_pipeline(StandardScaler(), StyleModel(3, random_state=0))
    assert pipeline.fit_transform(features).shape == (150, 3)
    assert list(pipeline.get_feature_names_out()) == ["stylemodel0", "stylemodel1", "stylemodel2"]


def _with(value: float, features: np.ndarray) -> np.ndarray:
    spoilt = features.copy()
    spoilt[1, 1] = value
    return spoilt


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda X: _with(np.nan, X), "NaN"),
        (lambda X: _with(np.inf, X), "infinity"),
        (lambda X: X[:2], "n_styles=3 .* n_samples=2"),
        (lambda X: X[:1], "constant over n_samples=1"),
        (lambda X: np.ones_like(X), "all 72 features are constant"),
        (lambda X: X[:, :60], "60 features.*72 features"),
    ],
    ids=["nan", "infinite", "too few", "one", "constant", "narrow"],
)
def test_features_that_cannot_be_used_are_refused(features, spoil, named):
    with pytest.raises(ValueError, match=named):
        StyleModel(3, blocks=[PARTS]).fit(spoil(features))


@pytest.mark.parametrize("n_styles", [0, -1, 2.5, 151])
def test_numbers_of_styles_that_cannot_be_are_refused(features, n_styles):
    with pytest.raises(ValueError, match=f"n_styles={n_styles}"):
        StyleModel(n_styles).fit(features)


def test_features_of_another_width_are_refused(features, fitted):
    with pytest.raises(ValueError, match=r"71 features.*expecting 72"):
        fitted.transform(features[:, :71])


def test_a_model_that_has_learnt_nothing_says_so(features):
    with pytest.raises(NotFittedError):
        StyleModel(3).transform(features)
