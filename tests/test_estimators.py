"""The estimators keep scikit-learn's contract."""

from __future__ import annotations

from sklearn.decomposition import NMF
from sklearn.utils.estimator_checks import parametrize_with_checks

from artstylenet.reducers import Autoencoder
from artstylenet.style_model import StyleModel
from artstylenet.topics import CollapsedTopics
from artstylenet.visual_words import ShiftedScores, SoftWords

SEEDED = {"random_state": 0}


def expected_failures(estimator: object) -> dict[str, str]:
    """Name the checks that cannot pass, and why."""
    if isinstance(getattr(estimator, "topics", None), NMF):
        return {"check_methods_subset_invariance": "NMF infers all rows until all of them rest"}
    return {}


@parametrize_with_checks(
    [
        CollapsedTopics(2, **SEEDED),
        CollapsedTopics(2, learn_prior=True, **SEEDED),
        Autoencoder(1, n_hidden=4, max_iter=5, **SEEDED),
        CollapsedTopics(2, init="clusters", **SEEDED),
        SoftWords(8, **SEEDED),
        ShiftedScores(),
        StyleModel(2, **SEEDED),
        StyleModel(2, topics=NMF(init="nndsvda", max_iter=1000), **SEEDED),
    ],
    expected_failed_checks=expected_failures,
)
def test_contract(estimator, check):
    check(estimator)
