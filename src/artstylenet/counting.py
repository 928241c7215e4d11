"""Features in the store -> what words are learnt from, and the words of every painting.

Small collections are looked at all at once. Of large ones (see :mod:`artstylenet.sampling`) the
features are read twice, block by block: first for the moments of all and the features of a sample,
from which words are learnt, then to count the words of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from artstylenet.features import FeatureSpace
from artstylenet.moments import Moments
from artstylenet.row_files import Rows
from artstylenet.sampling import MOST_AT_ONCE
from artstylenet.style_model import StyleModel, parts_of
from artstylenet.visual_words import Block

WORD_SCALE = 64
"""Counts of words are kept in units of one token divided by this."""

RawBlocks = Iterable[dict[str, np.ndarray]]
"""Raw features of paintings, block by block, as :meth:`FeatureTable.read` of the store yields."""


@dataclass(frozen=True, eq=False)
class Tabulated:
    """Features of a collection.

    Attributes
    ----------
    features : ndarray of shape (n_sample, n_features), float16
        Of the paintings that stand for all.
    moments : tuple of (Moments or None), one a family of words that was asked for
        Of all paintings; None for counts.
    grid_words : ndarray of shape (n_paintings, 196), uint16
    descriptors : ndarray of shape (n_paintings, n_dimensions), float16
    """

    features: np.ndarray
    moments: tuple[Moments | None, ...]
    grid_words: np.ndarray
    descriptors: np.ndarray


def tabulate(
    raw_blocks: RawBlocks,
    space: FeatureSpace,
    sample: np.ndarray | None = None,
    families: Sequence[Block] | None = None,
    *,
    folder: Path | None = None,
) -> Tabulated:
    """Make the feature table of a collection, or of a sample of it.

    Parameters
    ----------
    raw_blocks : iterable of dict of str to ndarray
        With ``local``.
    space : FeatureSpace
    sample : ndarray of int or None, default=None
        Ascending rows whose features are wanted; None is all.
    families : sequence of Block or None, default=None
        Families of words that moments are wanted of.
    folder : Path or None, default=None
        Where rows are kept meanwhile; None is in memory.

    Returns
    -------
    Tabulated
    """

    def tables() -> Iterator[Tabulated]:
        start = 0
        for raw in raw_blocks:
            stop = start + len(raw["local"])
            inside = None if sample is None else np.isin(np.arange(start, stop), sample)
            yield tabulate_block(raw, inside, space=space, families=families or ())
            start = stop

    return gather_tables(tables(), folder=folder)


def tabulate_block(
    raw: dict[str, np.ndarray],
    wanted: np.ndarray | None,
    *,
    space: FeatureSpace,
    families: Sequence[Block] = (),
) -> Tabulated:
    """Make the feature table of a block of paintings, or of some of them.

    Parameters
    ----------
    raw : dict of str to ndarray
        With ``local``.
    wanted : ndarray of shape (n_paintings,), bool, or None
        Paintings whose features are wanted; None is all.
    space : FeatureSpace
    families : sequence of Block, optional
        Families of words that moments are wanted of.

    Returns
    -------
    Tabulated
    """
    grid_words = space.grid_words.assign(raw["local"])
    features = space.tabulate(raw, grid_words)
    moments = [None if family.counted else Moments(family.part_width) for family in families]
    for family, moment in zip(families, moments, strict=True):
        if moment is not None:
            moment.add(parts_of(features, family))
    descriptors = space.describe(raw).astype(np.float16)
    return Tabulated(
        features if wanted is None else features[wanted], tuple(moments), grid_words, descriptors
    )


def gather_tables(blocks: Iterable[Tabulated], *, folder: Path | None = None) -> Tabulated:
    """Put blocks of paintings together.

    Parameters
    ----------
    blocks : iterable of Tabulated
        In the order of the paintings.
    folder : Path or None, default=None
        Where rows are kept meanwhile; None is in memory.
    """
    grid_words, features, descriptors = Rows(folder), Rows(folder), Rows(folder)
    moments: tuple[Moments | None, ...] = ()
    for block in blocks:
        features.add(block.features)
        grid_words.add(block.grid_words)
        descriptors.add(block.descriptors)
        for so_far, more in zip(moments, block.moments, strict=bool(moments)):
            if so_far is not None and more is not None:
                so_far.add_moments(more)
        moments = moments or block.moments
    return Tabulated(features.whole(), moments, grid_words.whole(), descriptors.whole())


def count_block(
    raw: dict[str, np.ndarray], grid_words: np.ndarray, *, space: FeatureSpace, model: StyleModel
) -> sparse.csr_array:
    """Count the words of a block of paintings.

    Parameters
    ----------
    raw : dict of str to ndarray
        ``local`` is not needed.
    grid_words : ndarray of shape (n_paintings, 196), uint16
    space : FeatureSpace
    model : StyleModel
        With fitted words.

    Returns
    -------
    csr_array of shape (n_paintings, n_words), uint16
        In units of 1 / WORD_SCALE tokens.
    """
    return as_whole_numbers(model.count_words(space.tabulate(raw, grid_words)))


def gather_counts(
    blocks: Iterable[sparse.csr_array], *, folder: Path | None = None
) -> sparse.csr_array:
    """Put counts of blocks of paintings together.

    Parameters
    ----------
    blocks : iterable of csr_array
        In the order of the paintings.
    folder : Path or None, default=None
        Where rows are kept meanwhile; None is in memory.
    """
    data, indices, lengths = Rows(folder), Rows(folder), Rows(None)
    for counts in blocks:
        data.add(counts.data)
        indices.add(counts.indices.astype(np.int32))
        lengths.add(np.diff(counts.indptr))
    indptr = np.concatenate([[0], np.cumsum(lengths.whole())])
    # Two thousand million entries, of some twenty million paintings, are numbered in 32 bits.
    kind = np.int32 if indptr[-1] < 2**31 else np.int64
    return sparse.csr_array(
        (data.whole(), indices.whole().astype(kind, copy=False), indptr.astype(kind)),
        shape=(len(indptr) - 1, counts.shape[1]),
    )


def as_whole_numbers(word_counts: sparse.csr_array) -> sparse.csr_array:
    """Round counts to 1 / WORD_SCALE tokens, uint16."""
    scaled = np.rint(word_counts.data * WORD_SCALE).clip(0, 2**16 - 1).astype(np.uint16)
    return sparse.csr_array(
        (scaled, word_counts.indices, word_counts.indptr), shape=word_counts.shape
    )


def as_tokens(word_counts: sparse.csr_array, word_scale: float = WORD_SCALE) -> sparse.csr_array:
    """Return counts that are kept as whole numbers in tokens, float32."""
    tokens: sparse.csr_array = word_counts.astype(np.float32) / np.float32(word_scale)
    return sparse.csr_array(tokens)


def word_totals(word_counts: sparse.csr_array, word_scale: float = WORD_SCALE) -> np.ndarray:
    """Return how often each word occurs in all paintings, in tokens: (n_words,), float64."""
    total = np.zeros(word_counts.shape[1])
    for start in range(0, word_counts.shape[0], MOST_AT_ONCE):
        tokens = as_tokens(word_counts[start : start + MOST_AT_ONCE], word_scale)
        total += np.asarray(tokens.sum(axis=0)).ravel()
    return total
