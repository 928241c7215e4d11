"""What the table of a collection says of its paintings: columns, labels and years.

Evidence about styles, never a part of them: nothing here enters a model.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from artstylenet.errors import InputError

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

CENTURY = "century"
"""A column that every dated collection has: the century of the middle of a painting's years."""
MOST_COMPARED, SAME_START = 50_000, 3
"""Of more known words than these only those that begin alike are compared with a wrong one."""
_OWN_COLUMNS = ("id", "path", "hash", "width", "height", "year", "year_from", "year_to")
# Not within brackets: "India (Gujarat, Jaunpur)" is one place.
_BETWEEN_LABELS = re.compile(r"[;|,](?![^()]*\))")


def column_names(atlas: StyleAtlas) -> list[str]:
    """Return the columns that say something of the paintings or of their painters."""
    given = [name for name in atlas.paintings.columns if name not in _OWN_COLUMNS]
    of_painters = [name for name in atlas.painters.columns if name not in ("n_paintings", *given)]
    dated = [] if CENTURY in given or not is_dated(atlas).any() else [CENTURY]
    return [*given, *of_painters, *dated]


def painting_values(atlas: StyleAtlas, column: str) -> pd.Series:
    """Return what a column says of every painting.

    Parameters
    ----------
    atlas : StyleAtlas
    column : str
        Of the paintings, or else of their painters; ``century`` is told from the years. Case,
        spaces, dashes and underscores do not count.

    Returns
    -------
    Series of n_paintings str, missing where nothing is known

    Raises
    ------
    InputError
        If there is no such column; near ones are suggested.
    """
    names = {_plain(name): name for name in reversed(column_names(atlas))}
    name = names.get(_plain(column))
    if name is None:
        raise InputError(f"The atlas has no column {column!r}{suggestion(column, names.values())}")
    if name in atlas.paintings:
        values = atlas.paintings[name]
    elif name in atlas.painters:
        of_painter = atlas.painters.set_index("painter")[name]
        values = atlas.paintings["painter"].map(of_painter)
    else:
        values = _centuries(atlas)
    return values.where(values.notna(), None).astype(object).set_axis(range(atlas.n_paintings))


def labels_in(value: object) -> tuple[str, ...]:
    """Return the labels in a cell: ``French,British`` are two; nothing is none."""
    if not isinstance(value, str):
        return ()
    return tuple(dict.fromkeys(filter(None, map(str.strip, _BETWEEN_LABELS.split(value)))))


def is_dated(atlas: StyleAtlas) -> np.ndarray:
    """Tell which paintings have a year.

    Returns
    -------
    ndarray of shape (n_paintings,), bool
    """
    return np.isfinite(year_spans(atlas)).all(axis=1)


def year_spans(atlas: StyleAtlas) -> np.ndarray:
    """Return the first and the last year of every painting.

    Returns
    -------
    ndarray of shape (n_paintings, 2), float64
        NaN where the painting is not dated; "c. 1650" is 1650 to 1650, "1650-60" 1650 to 1660.
    """
    if not {"year_from", "year_to"} <= set(atlas.paintings.columns):
        return np.full((atlas.n_paintings, 2), np.nan)
    years = atlas.paintings[["year_from", "year_to"]].astype("Float64")
    return years.to_numpy(dtype=np.float64, na_value=np.nan)


def suggestion(word: str, known: object) -> str:
    """Return the end of a sentence about an unknown word: near ones, or a full stop."""
    words = [str(one) for one in known]  # type: ignore[attr-defined]
    if len(words) > MOST_COMPARED:
        # Letter by letter, a million words would take minutes.
        begins = word.casefold()[:SAME_START]
        words = [one for one in words if one.casefold().startswith(begins)][:MOST_COMPARED]
    by_key = {one.casefold(): one for one in words}
    near = get_close_matches(word.casefold(), list(by_key), n=3, cutoff=0.5)
    return f"; did you mean {', '.join(by_key[key] for key in near)}?" if near else "."


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.strip().casefold())


def _centuries(atlas: StyleAtlas) -> pd.Series:
    middle = year_spans(atlas).mean(axis=1)
    return pd.Series([_century(year) for year in middle], dtype=object)


def _century(year: float) -> str | None:
    if np.isnan(year):
        return None
    number = int(np.ceil(abs(year) / 100))
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10)
    return f"{number}{ending or 'th'} century{' BC' if year < 0 else ''}"
