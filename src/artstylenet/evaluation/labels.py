"""What is known of paintings and can be compared with their styles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from artstylenet.errors import InputError

NO_LABELS = ("id", "path", "hash", "title", "year", "years", "width", "height")
FEWEST_A_LABEL = 4
"""A column whose values come back less often than this on average names paintings, not kinds."""
MOST_OF_PAINTERS = 0.75
"""A column with almost as many values as there are painters says the same as the painter."""


def find_labels(
    paintings: pd.DataFrame, painters: pd.DataFrame, wanted: Sequence[str] = ()
) -> dict[str, pd.Series]:
    """Return the labels of paintings: painter, movement, whatever else comes back.

    Parameters
    ----------
    paintings : DataFrame of n_paintings rows
        With a column ``painter``.
    painters : DataFrame
        What is known of painters; its columns count for all of a painter's paintings.
    wanted : sequence of str, default=()
        Columns to take; none means all text columns whose values come back.

    Returns
    -------
    dict of str to Series of n_paintings values
        Missing where unknown; ``painter`` first.

    Raises
    ------
    InputError
        If there is no such column, or it holds fewer than two values.
    """
    of_painters = painters.set_index("painter").drop(columns="n_paintings", errors="ignore")
    spread = of_painters.reindex(paintings["painter"]).reset_index(drop=True)
    spread = spread.drop(columns=[c for c in spread if c in paintings])
    table = pd.concat([paintings.reset_index(drop=True), spread], axis=1)
    if wanted:
        return {name: _wanted(table, name) for name in wanted}
    n_painters = table["painter"].nunique()
    labels = {}
    for name in ["painter", *table.columns.drop("painter")]:
        values = table[name]
        if name in NO_LABELS or not pd.api.types.is_string_dtype(values.dropna()):
            continue
        n_values = values.nunique()
        repeats = n_values >= 2 and values.notna().sum() >= FEWEST_A_LABEL * n_values
        own = name == "painter" or not n_painters or n_values < MOST_OF_PAINTERS * n_painters
        if repeats and own:
            labels[name] = values
    return labels


def known_rows(labels: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows whose label is known, and their labels as whole numbers."""
    codes, _ = pd.factorize(labels)
    rows = np.flatnonzero(codes >= 0)
    return rows, codes[rows]


def _wanted(table: pd.DataFrame, name: str) -> pd.Series:
    if name not in table:
        raise InputError(
            f"There is no column {name!r}; the paintings have {', '.join(table.columns)}."
        )
    if table[name].nunique() < 2:
        raise InputError(f"The column {name!r} needs two values or more to be compared with.")
    return table[name]
