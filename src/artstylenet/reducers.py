"""Ways to fewer dimensions, for the slot ``reducer`` of a style model."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from artstylenet.errors import InputError, MissingExtraError
from artstylenet.parameters import problems_with

REDUCERS = ("pca", "autoencoder", "umap", "none")
# UMAP has no use for as many dimensions as PCA, and its layout gets slow with them.
UMAP_COMPONENTS = 16
# More rows hardly change what is learnt, and take longer.
MOST_EXAMPLES = 20_000


class Autoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A small neural network that says its input again through a narrow middle.

    Features go through one hidden layer to `n_components` numbers in (-1, 1), and through another
    back. Everything is scikit-learn's multilayer perceptron. Features should be standardised.

    Parameters
    ----------
    n_components : int, default=48
        Width of the middle.
    n_hidden : int, default=128
        Width of the layers on both sides of it.
    max_iter : int, default=30
        Passes over the data.
    random_state : int, RandomState or None, default=None

    Attributes
    ----------
    network_ : MLPRegressor
        From features to features.
    n_iter_ : int
        Passes made.
    """

    def __init__(
        self,
        n_components: int = 48,
        *,
        n_hidden: int = 128,
        max_iter: int = 30,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_components = n_components
        self.n_hidden = n_hidden
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learn to say X, (n_rows, n_features), again.

        Raises
        ------
        ValueError
            If features are not finite or a parameter is out of range.
        """
        rows: np.ndarray = validate_data(self, X, dtype=[np.float64, np.float32], reset=True)
        problems = problems_with(self, whole=["n_components", "n_hidden", "max_iter"])
        if problems:
            raise ValueError("; ".join(problems))
        rng = check_random_state(self.random_state)
        if len(rows) > MOST_EXAMPLES:
            rows = rows[rng.choice(len(rows), MOST_EXAMPLES, replace=False)]
        self.network_ = MLPRegressor(
            hidden_layer_sizes=(self.n_hidden, self.n_components, self.n_hidden),
            activation="tanh",
            max_iter=self.max_iter,
            n_iter_no_change=self.max_iter,
            random_state=rng.randint(2**31 - 1),
        )
        with warnings.catch_warnings():
            # A fixed number of passes is the plan: nothing here has to converge.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.network_.fit(rows, rows[:, 0] if rows.shape[1] == 1 else rows)
        self.n_iter_ = self.network_.n_iter_
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Return what the middle says of X, of shape (n_rows, n_components), in (-1, 1)."""
        check_is_fitted(self)
        values: np.ndarray = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        for weights, offset in zip(
            self.network_.coefs_[:2], self.network_.intercepts_, strict=False
        ):
            values = np.tanh(values @ weights + offset)
        return values

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    @property
    def _n_features_out(self) -> int:
        return int(self.network_.coefs_[1].shape[1])


def make_reducer(name: str, n_components: int) -> Any:
    """Return a reducer by its name, not fitted.

    Parameters
    ----------
    name : {"pca", "autoencoder", "umap", "none"}
    n_components : int
        UMAP gets at most 16; "none" keeps all columns.

    Raises
    ------
    InputError
        If there is none of that name.
    MissingExtraError
        If UMAP is asked for and not installed.
    """
    if name == "pca":
        return PCA(n_components)
    if name == "autoencoder":
        return Autoencoder(n_components)
    if name == "none":
        return FunctionTransformer()
    if name != "umap":
        raise InputError(f"There is no reducer {name!r}; there are {', '.join(REDUCERS)}.")
    try:
        from umap import UMAP
    except ImportError:
        raise MissingExtraError(
            "UMAP is not installed; install it with: pip install 'artstylenet[umap]'"
        ) from None
    # One job: with a seed there is no other way, and saying so avoids a warning.
    return UMAP(n_components=min(n_components, UMAP_COMPONENTS), n_jobs=1)
