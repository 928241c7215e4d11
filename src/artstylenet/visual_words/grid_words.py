"""Words of the cells of a 14 x 14 grid; they carry the region maps."""

from __future__ import annotations

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.cluster import MiniBatchKMeans
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from artstylenet.parameters import problems_with

MOST_EXAMPLES = 60_000


class GridWords(BaseEstimator):  # type: ignore[misc]
    """A vocabulary of local descriptors: each cell of a picture's grid is one word.

    Parameters
    ----------
    n_words : int, default=512
        Prototypes; at most a tenth of the training cells are made.
    random_state : int, RandomState or None, default=None

    Attributes
    ----------
    prototypes_ : ndarray of shape (n_words_, n_local), float32
    """

    def __init__(
        self, n_words: int = 512, *, random_state: int | np.random.RandomState | None = None
    ) -> None:
        self.n_words = n_words
        self.random_state = random_state

    def fit(self, cells: np.ndarray) -> Self:
        """Learn the vocabulary.

        Parameters
        ----------
        cells : ndarray of shape (n_cells, n_local), int8 or float32
            Local descriptors of a sample of pictures.

        Returns
        -------
        self
        """
        if problems := problems_with(self, whole=["n_words"]):
            raise ValueError(problems[0])
        rng = check_random_state(self.random_state)
        if len(cells) > MOST_EXAMPLES:
            cells = cells[rng.choice(len(cells), MOST_EXAMPLES, replace=False)]
        n_words = int(np.clip(len(cells) // 10, 1, self.n_words))
        kmeans = MiniBatchKMeans(
            n_words, batch_size=4096, n_init=1, max_iter=20, random_state=rng
        ).fit(cells.astype(np.float32))
        self.prototypes_ = kmeans.cluster_centers_.astype(np.float32)
        return self

    def assign(self, local: np.ndarray) -> np.ndarray:
        """Return the word of every cell.

        Parameters
        ----------
        local : ndarray of shape (n_paintings, n_cells, n_local), int8

        Returns
        -------
        ndarray of shape (n_paintings, n_cells), uint16

        Raises
        ------
        ValueError
            If descriptors are not as wide as those that the words were learnt from.
        """
        check_is_fitted(self)
        if local.ndim != 3 or local.shape[2] != self.prototypes_.shape[1]:
            raise ValueError(
                f"local descriptors must be of shape (n_paintings, n_cells, "
                f"{self.prototypes_.shape[1]}), as wide as what the words were learnt from; got "
                f"{local.shape}"
            )
        squares = (self.prototypes_**2).sum(axis=1)
        words = np.empty(local.shape[:2], np.uint16)
        for i, cells in enumerate(local):
            products = cells.astype(np.float32) @ self.prototypes_.T
            words[i] = (squares - 2 * products).argmin(axis=1)
        return words


def count_quarters(grid_words: np.ndarray, n_words: int) -> np.ndarray:
    """Count grid words in each quarter of the picture.

    Parameters
    ----------
    grid_words : ndarray of shape (n_paintings, side * side), uint16
        `side` is even.
    n_words : int

    Returns
    -------
    ndarray of shape (n_paintings, 4 * n_words), uint8
        Counts of the top left quarter, then top right, bottom left, bottom right.
    """
    n_paintings, n_cells = grid_words.shape
    side = int(np.sqrt(n_cells))
    half = side // 2
    squares = grid_words.reshape(n_paintings, side, side)
    counts = np.zeros((n_paintings, 4, n_words), np.uint8)
    for quarter in range(4):
        row, column = half * (quarter // 2), half * (quarter % 2)
        cells = squares[:, row : row + half, column : column + half].reshape(n_paintings, -1)
        for cell in cells.T:
            counts[np.arange(n_paintings), quarter, cell] += 1
    return counts.reshape(n_paintings, 4 * n_words)
