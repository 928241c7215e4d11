"""Whether styles go with what is known of the paintings: movement, nationality, medium, century.

Evidence beside the visual model, never inside it. Everything is tested by shuffling labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from scipy import sparse

from artstylenet.errors import InputError
from artstylenet.metadata import column_names, labels_in, painting_values

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

Shuffle = Literal["auto", "paintings", "painters", "within painters"]
N_PERMUTATIONS = 4999
FEWEST_WORKS = 5
MOST_LABELS = 50
_NOT_ASKED = ("painter", "title", "rights", "credit")
_PERMUTATIONS_AT_ONCE = 20


def style_associations(
    atlas: StyleAtlas,
    column: str | None = None,
    *,
    shuffle: Shuffle = "auto",
    n_permutations: int = N_PERMUTATIONS,
) -> pd.DataFrame:
    """Return how much more of each style there is where a label is.

    Parameters
    ----------
    atlas : StyleAtlas
    column : str or None, default=None
        A column of the paintings or of their painters, or ``century``. None is all that have 2
        to 50 labels of at least five works each, the painters' names and free text left out.
    shuffle : {"auto", "paintings", "painters", "within painters"}, default="auto"
        What chance is. ``paintings`` deals the labels out among all paintings. ``painters`` deals
        them out among painters, all works of one together: a painter with a manner of their own
        must not pass for the movement or the country. ``within painters`` deals them out among
        each painter's own works: what remains is not the painter. ``auto`` is ``painters`` for a
        column that says the same of all works of each painter, else ``paintings``.
    n_permutations : int, default=4999

    Returns
    -------
    DataFrame
        Columns ``column``, ``label``, ``n_paintings``, ``style``, ``weight`` (mean over paintings
        with the label), ``lift`` (that, over what is expected by chance: the mean of all labelled
        paintings or, within painters, of the same painters), ``p_value`` (two-sided),
        ``q_value`` (Benjamini and Hochberg [1]_, over all rows) and ``shuffle``; by column, then
        the surest and strongest first. A cell of several labels (``French,British``) counts for
        each; labels of fewer than five works are left out.

    Raises
    ------
    InputError
        If there is no such column, it has fewer than two labels of five works, painters are to be
        shuffled in a collection that names none, or labels of painters where works of one differ.

    References
    ----------
    .. [1] Benjamini and Hochberg, "Controlling the false discovery rate", JRSS B 1995.
    """
    tables = [test.labels for test in _tests(atlas, column, shuffle, n_permutations)]
    table = pd.concat(tables, ignore_index=True) if tables else _no_labels()
    table["q_value"] = adjusted(table["p_value"].to_numpy(dtype=float))
    far = np.abs(np.log(table["lift"].to_numpy(dtype=float).clip(min=1e-6)))
    order = table.assign(far=-far, place=pd.factorize(table["column"])[0])
    order = order.sort_values(["place", "q_value", "far", "label", "style"], kind="stable")
    return table.loc[order.index, [*_LABEL_COLUMNS]].reset_index(drop=True)


def column_associations(
    atlas: StyleAtlas,
    column: str | None = None,
    *,
    shuffle: Shuffle = "auto",
    n_permutations: int = N_PERMUTATIONS,
) -> pd.DataFrame:
    """Return how much each column has to do with the styles as a whole.

    Parameters
    ----------
    atlas, column, shuffle, n_permutations
        As for :func:`style_associations`.

    Returns
    -------
    DataFrame
        Columns ``column``, ``n_labels``, ``n_paintings`` (with one of them), ``cramers_v`` (of
        label and largest style, in [0, 1], corrected for bias [1]_), ``mutual_information`` (of
        label and mixture, in bits), ``p_value`` (of that), ``q_value`` (Benjamini and Hochberg,
        over the columns) and ``shuffle``; the surest and strongest first.

    References
    ----------
    .. [1] Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", J. Korean Stat. Soc.
       2013.
    """
    rows = [test.column for test in _tests(atlas, column, shuffle, n_permutations)]
    table = pd.DataFrame(rows, columns=[name for name in _COLUMN_COLUMNS if name != "q_value"])
    table["q_value"] = adjusted(table["p_value"].to_numpy(dtype=float))
    table = table.sort_values(["q_value", "cramers_v", "column"], ascending=[True, False, True])
    return table[[*_COLUMN_COLUMNS]].reset_index(drop=True)


_LABEL_COLUMNS = (
    "column",
    "label",
    "n_paintings",
    "style",
    "weight",
    "lift",
    "p_value",
    "q_value",
    "shuffle",
)
_COLUMN_COLUMNS = (
    "column",
    "n_labels",
    "n_paintings",
    "cramers_v",
    "mutual_information",
    "p_value",
    "q_value",
    "shuffle",
)


def adjusted(p_values: np.ndarray) -> np.ndarray:
    """Return p-values of many tests, adjusted after Benjamini and Hochberg.

    Parameters
    ----------
    p_values : ndarray of shape (n_tests,), float64

    Returns
    -------
    ndarray of shape (n_tests,), float64
        The least rate of false discoveries at which each would be one.
    """
    n = len(p_values)
    order = np.argsort(p_values)[::-1]
    smallest = np.minimum.accumulate(p_values[order] * n / np.arange(n, 0, -1))
    q_values = np.empty(n)
    q_values[order] = np.minimum(smallest, 1)
    return q_values


def cramers_v(table: np.ndarray) -> float:
    """Return Cramér's V of a table of counts, corrected for bias; in [0, 1]."""
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    n_rows, n_columns = table.shape
    total = table.sum()
    if min(n_rows, n_columns) < 2 or total < 2:
        return 0.0
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / total
    phi = ((table - expected) ** 2 / expected).sum() / total
    phi = max(0.0, phi - (n_rows - 1) * (n_columns - 1) / (total - 1))
    rows = n_rows - (n_rows - 1) ** 2 / (total - 1)
    columns = n_columns - (n_columns - 1) ** 2 / (total - 1)
    return float(np.sqrt(phi / (min(rows, columns) - 1)))


@dataclass(frozen=True, eq=False)
class _Tested:
    """Results for one column."""

    column: dict[str, object]
    labels: pd.DataFrame


def _tests(
    atlas: StyleAtlas, column: str | None, shuffle: Shuffle, n_permutations: int
) -> list[_Tested]:
    if shuffle not in get_args(Shuffle):
        raise InputError(f"shuffle must be one of {', '.join(get_args(Shuffle))}, not {shuffle!r}.")
    if n_permutations < 1:
        raise InputError(f"n_permutations must be at least 1, got {n_permutations}.")
    if shuffle in ("painters", "within painters") and not atlas.n_painters:
        raise InputError(f"The atlas names no painters: it cannot shuffle {shuffle}.")
    if column is not None:
        labelled, labels = _labelled(atlas, column)
        if len(labels) < 2:
            raise InputError(
                f"Column {column!r} has {len(labels)} labels of at least {FEWEST_WORKS} works; "
                "it takes two to compare."
            )
        return [_test(atlas, column, labelled, labels, shuffle, n_permutations)]
    found = []
    for name in column_names(atlas):
        labelled, labels = _labelled(atlas, name)
        if name not in _NOT_ASKED and 2 <= len(labels) <= MOST_LABELS:
            found.append(_test(atlas, name, labelled, labels, shuffle, n_permutations))
    return found


def _labelled(atlas: StyleAtlas, column: str) -> tuple[sparse.csr_array, list[str]]:
    """Return which painting has which label, of shape (n_paintings, n_labels), and the labels."""
    cells = [labels_in(value) for value in painting_values(atlas, column)]
    counts = pd.Series([label for cell in cells for label in cell], dtype=object).value_counts()
    labels = sorted(counts.index[counts >= FEWEST_WORKS])
    place = {label: i for i, label in enumerate(labels)}
    pairs = [(row, place[one]) for row, cell in enumerate(cells) for one in cell if one in place]
    rows, columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    shape = (len(cells), len(labels))
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape), labels


def _test(
    atlas: StyleAtlas,
    column: str,
    labelled: sparse.csr_array,
    labels: list[str],
    shuffle: Shuffle,
    n_permutations: int,
) -> _Tested:
    painters = pd.factorize(atlas.paintings["painter"])[0]
    is_known = np.asarray(labelled.sum(axis=1)) > 0
    if shuffle == "within painters":
        is_known &= painters >= 0
    known = np.flatnonzero(is_known)
    labelled, painters = labelled[known], painters[known]
    mixtures = atlas.painting_styles.to_numpy()[known]
    of_painters = _says_the_same_of_each(painters, labelled)
    if shuffle == "auto":
        shuffle = "painters" if of_painters else "paintings"
    elif shuffle == "painters" and not of_painters:
        raise InputError(
            f"Column {column!r} differs between works of one painter: it cannot be dealt out among "
            "painters; shuffle paintings, or within painters."
        )
    counts = np.asarray(labelled.sum(axis=0))
    sums = labelled.T @ mixtures
    weights = sums / counts[:, None]
    expected = _expected(labelled, mixtures, painters, shuffle) / counts[:, None]
    information = _information(sums)
    farther = np.zeros(weights.shape)
    as_informed = 0
    for by_chance, sizes in _shuffled_sums(labelled, mixtures, painters, shuffle, n_permutations):
        deviation = np.abs(by_chance / sizes[..., None] - expected)
        # A hair of leeway: equal sums in another order must count as equal.
        farther += (deviation >= np.abs(weights - expected) - 1e-12).sum(axis=0)
        as_informed += int((_information(by_chance) >= information - 1e-12).sum())
    p_values = (1 + farther) / (1 + n_permutations)
    n_labels, n_styles = weights.shape
    dominant = np.zeros((len(known), n_styles))
    dominant[np.arange(len(known)), mixtures.argmax(axis=1)] = 1
    table = pd.DataFrame(
        {
            "column": column,
            "label": np.repeat(labels, n_styles),
            "n_paintings": np.repeat(counts.astype(int), n_styles),
            "style": np.tile(np.arange(n_styles), n_labels),
            "weight": weights.ravel(),
            "lift": (weights / np.maximum(expected, 1e-12)).ravel(),
            "p_value": p_values.ravel(),
            "shuffle": shuffle,
        }
    )
    summary: dict[str, object] = {
        "column": column,
        "n_labels": n_labels,
        "n_paintings": len(known),
        "cramers_v": cramers_v(labelled.T @ dominant),
        "mutual_information": float(information),
        "p_value": (1 + as_informed) / (1 + n_permutations),
        "shuffle": shuffle,
    }
    return _Tested(summary, table)


def _expected(
    labelled: sparse.csr_array, mixtures: np.ndarray, painters: np.ndarray, shuffle: Shuffle
) -> np.ndarray:
    """Return the sums of mixtures by label that shuffling gives on average."""
    if shuffle == "within painters":
        sums = np.zeros((painters.max() + 1, mixtures.shape[1]))
        np.add.at(sums, painters, mixtures)
        means = sums / np.maximum(np.bincount(painters), 1)[:, None]
        of_painters: np.ndarray = labelled.T @ means[painters]
        return of_painters
    everywhere: np.ndarray = np.outer(labelled.sum(axis=0), mixtures.mean(axis=0))
    return everywhere


def _says_the_same_of_each(painters: np.ndarray, labelled: sparse.csr_array) -> bool:
    """Tell whether labels are of painters: all works of each have the same, and one has several."""
    named = painters >= 0
    if len(np.unique(painters[named])) == named.sum():
        return False
    rows = labelled[np.flatnonzero(named)].toarray()
    first_of_painter = np.unique(painters[named], return_index=True)[1]
    of_first = rows[first_of_painter[np.unique(painters[named], return_inverse=True)[1]]]
    return bool((rows == of_first).all())


def _shuffled_sums(  # type: ignore[no-untyped-def]
    labelled: sparse.csr_array,
    mixtures: np.ndarray,
    painters: np.ndarray,
    shuffle: Shuffle,
    n_permutations: int,
):
    """Yield, for blocks of permutations, sums of mixtures by label and numbers of paintings.

    Yields
    ------
    sums : ndarray of shape (n_block, n_labels, n_styles)
    sizes : ndarray of shape (n_block, n_labels)
    """
    rng = np.random.default_rng(0)
    units = np.arange(len(mixtures))
    if shuffle == "painters":
        # Works of nobody known are painters of their own.
        unnamed = painters < 0
        units = np.where(unnamed, painters.max() + 1 + np.cumsum(unnamed), painters)
        units = np.unique(units, return_inverse=True)[1]
    n_units = units.max() + 1
    in_unit = sparse.csr_array((np.ones(len(units)), (units, np.arange(len(units)))))
    # What moves together is added up before: one row a unit.
    moved = np.column_stack([in_unit @ mixtures, in_unit @ np.ones(len(mixtures))])
    first_of_unit = np.unique(units, return_index=True)[1]
    labels_of_unit = labelled[first_of_unit].T.tocsr()
    groups = painters if shuffle == "within painters" else np.zeros(n_units, np.int64)
    in_groups = np.argsort(groups, kind="stable")
    for start in range(0, n_permutations, _PERMUTATIONS_AT_ONCE):
        n_block = min(_PERMUTATIONS_AT_ONCE, n_permutations - start)
        permutations = np.empty((n_block, n_units), np.int64)
        for permutation in permutations:
            permutation[in_groups] = np.lexsort((rng.random(n_units), groups))
        side_by_side = moved[permutations.T].reshape(n_units, -1)
        sums = (labels_of_unit @ side_by_side).reshape(-1, n_block, moved.shape[1])
        yield sums[..., :-1].swapaxes(0, 1), sums[..., -1].T


def _information(sums: np.ndarray) -> np.ndarray:
    """Return the mutual information, in bits, of label and style from sums of mixtures.

    Parameters
    ----------
    sums : ndarray of shape (..., n_labels, n_styles), float64
    """
    joint = sums / sums.sum(axis=(-2, -1), keepdims=True)
    expected = joint.sum(axis=-1, keepdims=True) * joint.sum(axis=-2, keepdims=True)
    ratio = np.divide(joint, expected, out=np.ones_like(joint), where=(joint > 0) & (expected > 0))
    bits: np.ndarray = (joint * np.log2(ratio)).sum(axis=(-2, -1))
    return bits


def _no_labels() -> pd.DataFrame:
    return pd.DataFrame(columns=[name for name in _LABEL_COLUMNS if name != "q_value"])
