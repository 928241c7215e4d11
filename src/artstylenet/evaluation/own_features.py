"""Features of one's own: a table with one row a painting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from artstylenet.errors import InputError

MOST_NAMED = 5


def read_features(path: Path, ids: Sequence[str]) -> np.ndarray:
    """Read a table of features and bring it into the order of the paintings.

    Parameters
    ----------
    path : Path
        Parquet or CSV. A column ``id`` names the painting; all others are numbers.
    ids : sequence of str
        Of the paintings. Rows about others are left out.

    Returns
    -------
    ndarray of shape (n_paintings, n_features), float32

    Raises
    ------
    InputError
        If it cannot be read, a painting has no row or several, or a value is no finite number.
    """
    table = _read(path)
    if "id" not in table:
        raise InputError(f"{path.name} needs a column 'id' that names the painting of each row.")
    names = table.pop("id").astype(str)
    words = [str(name) for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    if words or not table.shape[1]:
        given = f"these hold none: {_listed(words)}" if words else "there are none"
        raise InputError(f"All columns of {path.name} but 'id' must hold numbers; {given}.")
    kept = names.isin(set(ids))
    twice = names[kept & names.duplicated()].unique().tolist()
    if twice:
        raise InputError(f"{path.name} has several rows of one painting: {_listed(twice)}.")
    missing = sorted(set(ids) - set(names))
    if missing:
        raise InputError(
            f"{path.name} has no row for {len(missing)} of {len(ids)} paintings: "
            f"{_listed(missing)}."
        )
    features = table.set_axis(names)[kept.to_numpy()].loc[list(ids)]
    with np.errstate(over="ignore"):
        values = features.to_numpy(dtype=np.float32, na_value=np.nan)
    broken = features.columns[~np.isfinite(values).all(axis=0)].astype(str).tolist()
    if broken:
        raise InputError(f"{path.name} has values that are not finite in {_listed(broken)}.")
    return values


def _read(path: Path) -> pd.DataFrame:
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, dtype={"id": str})
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()
        raise InputError(
            f"{path.name} cannot be read as a table of features (Parquet or CSV)"
            + (f": {reason[0].rstrip('.')}." if reason else ".")
        ) from None


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
