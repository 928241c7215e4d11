"""Descriptors -> places on a 2-D map, near where pictures look alike."""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.neighbors import NearestNeighbors

from artstylenet.sampling import sample_rows

N_COMPONENTS = 50
N_PLACERS = 5


def lay_out_map(descriptors: np.ndarray, *, random_state: int = 0) -> np.ndarray:
    """Return a place for every painting, whatever the number of styles.

    t-SNE (van der Maaten and Hinton 2008) of the leading principal components. Above 20,000
    paintings a sample is laid out and each other painting goes to the mean place of its nearest
    five of the sample.

    Parameters
    ----------
    descriptors : ndarray of shape (n_paintings, n_dimensions), float16 or float32
    random_state : int, default=0

    Returns
    -------
    ndarray of shape (n_paintings, 2), float32
        In [0, 1], the aspect ratio of the map kept.
    """
    n_paintings = len(descriptors)
    if n_paintings < 4:
        return np.linspace(0, 1, n_paintings, dtype=np.float32)[:, None].repeat(2, axis=1)
    sample = sample_rows(n_paintings, random_state)
    rows = descriptors[sample].astype(np.float32)
    pca = PCA(min(N_COMPONENTS, *rows.shape), svd_solver="randomized", random_state=random_state)
    # Paintings that are all alike have no variance to explain: 0 / 0 in the ratios.
    with np.errstate(invalid="ignore"):
        reduced = pca.fit_transform(rows)
    perplexity = min(30.0, (len(rows) - 1) / 3)
    start = reduced[:, :2] / max(float(reduced[:, 0].std()), 1e-12) * 1e-4
    places = TSNE(
        perplexity=perplexity, init=start, random_state=random_state, max_iter=500
    ).fit_transform(reduced)
    positions = np.empty((n_paintings, 2), np.float32)
    positions[sample] = places
    others = np.setdiff1d(np.arange(n_paintings), sample)
    if len(others):
        finder = NearestNeighbors(n_neighbors=N_PLACERS).fit(reduced)
        for rows_at_once in np.array_split(others, -(-len(others) // 10_000)):
            new = pca.transform(descriptors[rows_at_once].astype(np.float32))
            positions[rows_at_once] = places[finder.kneighbors(new)[1]].mean(axis=1)
    positions -= positions.min(axis=0)
    extent: np.ndarray = positions / max(float(positions.max()), 1e-12)
    return extent


def place_on_map(
    descriptors: np.ndarray, positions: np.ndarray, new: np.ndarray, *, random_state: int = 0
) -> np.ndarray:
    """Return places of new paintings on a map that is laid out already.

    Each goes to the mean place of the five paintings that are most like it.

    Parameters
    ----------
    descriptors : ndarray of shape (n_paintings, n_dimensions), float16 or float32
    positions : ndarray of shape (n_paintings, 2), float32
    new : ndarray of shape (n_new, n_dimensions), float16 or float32
    random_state : int, default=0
        Draws the 20,000 paintings that are looked at where there are more.

    Returns
    -------
    ndarray of shape (n_new, 2), float32
    """
    sample = sample_rows(len(descriptors), random_state)
    finder = NearestNeighbors(n_neighbors=min(N_PLACERS, len(sample)), algorithm="brute")
    finder.fit(descriptors[sample].astype(np.float32))
    places = positions[sample]
    placed = [
        places[finder.kneighbors(rows.astype(np.float32))[1]].mean(axis=1)
        for rows in np.array_split(new, max(1, -(-len(new) // 10_000)))
    ]
    return np.concatenate(placed).astype(np.float32)
