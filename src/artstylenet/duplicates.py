"""Which paintings of a collection are the same: by their bytes, or by what they show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
from scipy import sparse

from artstylenet.imaging.perceptual_hash import FLAT

SAME_BYTES = "same bytes"
NEAR_DUPLICATE = "near-duplicate"

MAX_DISTANCE = 8
"""Bits of 64. Of 4.4 million pairs of paintings none that differ were nearer than 12; a copy at
another size or quality is within 4."""

_N_BITS = 64
_N_PIECES = 10
_POPCOUNT = np.array([value.bit_count() for value in range(1 << 16)], dtype=np.uint8)


def find_duplicates(
    ids: Sequence[str],
    paths: Sequence[str],
    hashes: Sequence[str],
    perceptual_hashes: np.ndarray,
) -> pd.DataFrame:
    """Return groups of paintings that are the same.

    Parameters
    ----------
    ids, paths : sequence of str
        Of each painting.
    hashes : sequence of str
        Of the bytes of each file.
    perceptual_hashes : ndarray of shape (n_paintings,), uint64
        See :mod:`artstylenet.imaging.perceptual_hash`.

    Returns
    -------
    DataFrame
        Columns ``group`` (0, 1, ... in the order of each group's first painting), ``id``,
        ``path`` and ``kind``: ``same bytes`` if another painting of the group has the same bytes,
        else ``near-duplicate``. Paintings in their own order within a group. A group holds
        whatever is linked by pairs, so its ends may differ more than two of its neighbours.
    """
    byte_codes, contents = pd.factorize(np.asarray(hashes, dtype=object))
    looks, look_codes = np.unique(np.asarray(perceptual_hashes, np.uint64), return_inverse=True)
    groups = _connect(byte_codes, look_codes, looks)
    in_group = np.bincount(groups, minlength=1)[groups] > 1
    rows = np.flatnonzero(in_group)
    numbers = pd.factorize(groups[rows])[0]
    order = np.argsort(numbers, kind="stable")
    rows, numbers = rows[order], numbers[order]
    n_same_bytes = np.bincount(byte_codes, minlength=len(contents))[byte_codes[rows]]
    return pd.DataFrame(
        {
            "group": numbers,
            "id": [ids[row] for row in rows.tolist()],
            "path": [paths[row] for row in rows.tolist()],
            "kind": np.where(n_same_bytes > 1, SAME_BYTES, NEAR_DUPLICATE),
        }
    ).astype({"id": str, "path": str, "kind": str})


def _connect(byte_codes: np.ndarray, look_codes: np.ndarray, looks: np.ndarray) -> np.ndarray:
    """Return a group number for each painting: those of linked paintings are equal.

    Paintings are linked through nodes for their bytes and for their looks, so that a thousand
    copies of one picture are a thousand links and not half a million.
    """
    n_paintings = len(byte_codes)
    first_look = n_paintings
    first_content = first_look + len(looks)
    rows = np.arange(n_paintings)
    # Nothing is known of the looks of flat pictures; they are linked by their bytes alone.
    seen = looks[look_codes] != FLAT
    near_left, near_right = _near_pairs(looks[looks != FLAT])
    skipped = int(np.count_nonzero(looks == FLAT))  # the smallest number: sorted to the front
    starts = np.concatenate([rows, rows[seen], first_look + skipped + near_left])
    ends = np.concatenate(
        [
            first_content + byte_codes,
            first_look + look_codes[seen],
            first_look + skipped + near_right,
        ]
    )
    n_nodes = first_content + n_paintings
    links = sparse.coo_array((np.ones(len(starts), bool), (starts, ends)), (n_nodes, n_nodes))
    labels: np.ndarray = sparse.csgraph.connected_components(links, directed=False)[1]
    return labels[:n_paintings]


def _near_pairs(looks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of different hashes that differ in at most :data:`MAX_DISTANCE` bits.

    Parameters
    ----------
    looks : ndarray of shape (n,), uint64
        All different.

    Returns
    -------
    left, right : ndarray of shape (n_pairs,), int64
        Places in `looks`; a pair may be listed more than once.

    Notes
    -----
    Of ten pieces of a hash, 8 different bits leave at least two untouched. So two hashes that
    are near agree in one of 45 pairs of pieces, and only hashes that do are compared: a sort for
    each instead of all n (n - 1) / 2 comparisons. Memory is a few times `looks`.
    """
    edges = np.linspace(0, _N_BITS, _N_PIECES + 1).round().astype(int).tolist()
    masks = [(1 << end) - (1 << start) for start, end in pairwise(edges)]
    found = [
        pair
        for first, second in combinations(masks, 2)
        for pair in _near_pairs_that_agree(looks, np.uint64(first | second))
    ]
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    left, right = (np.concatenate(side) for side in zip(*found, strict=True))
    return left, right


def _near_pairs_that_agree(
    looks: np.ndarray, mask: np.uint64
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield near pairs among hashes whose bits under a mask are equal."""
    keys = looks & mask
    order = np.argsort(keys)
    keys, looks = keys[order], looks[order]
    # Equal keys stand together: compare each with its next, then its next but one, ...
    left = np.arange(len(keys))
    step = 1
    while True:
        left = left[: np.searchsorted(left, len(keys) - step)]
        left = left[keys[left] == keys[left + step]]
        if not len(left):
            return
        near = left[_n_different_bits(looks[left], looks[left + step]) <= MAX_DISTANCE]
        yield order[near], order[near + step]
        step += 1


def _n_different_bits(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    # numpy's own bitwise_count is new in 2.0.
    quarters = np.ascontiguousarray(left ^ right).view(np.uint16).reshape(-1, 4)
    counts: np.ndarray = _POPCOUNT[quarters].sum(axis=1)
    return counts
