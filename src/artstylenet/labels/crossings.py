"""What a style crosses: painters, years, movements, nationalities."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from artstylenet.labels.lifts import weighted_lifts

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

FIELDS: dict[str, tuple[str, ...]] = {
    "movement": ("movement", "genre", "period"),
    "nationality": ("nationality", "culture"),
}
"""Columns, of paintings or else of painters, that may tell it; the first that is there counts."""

FEWEST = 8
"""Paintings that a movement or nationality must have to be compared."""

_KNOWN_ENOUGH = 0.5
_MANY_VALUES = re.compile(r"\s*[,;|]\s*")
_LIFETIME = re.compile(r"\s*(\d{3,4})\s*[-\u2013\u2014]\s*(\d{3,4})\s*$")


def painter_shares(atlas: StyleAtlas) -> pd.DataFrame:
    """Return each painter's share of each style.

    Returns
    -------
    DataFrame of shape (n_painters, n_styles)
        Columns sum to 1 over the painters that are named.
    """
    names = atlas.paintings["painter"]
    named = names.notna().to_numpy()
    table = atlas.painting_styles[named].groupby(names[named].to_numpy()).sum()
    return table / table.sum().clip(lower=1e-12)


def effective_number(shares: np.ndarray) -> float:
    """Return how many equal shares would be as even as these: exp of their entropy.

    Parameters
    ----------
    shares : ndarray of shape (n,), float64
        Sum to 1, or empty: then 0.
    """
    present = shares[shares > 0]
    return float(np.exp(-(present * np.log(present)).sum())) if len(present) else 0.0


def crossed(atlas: StyleAtlas) -> pd.DataFrame:
    """Compare the share of each movement and nationality in each style with the collection's.

    Returns
    -------
    DataFrame
        Columns ``style``, ``field``, ``value``, ``share`` (of the style's weight), ``collection``
        (of the paintings), ``standard_error``, ``q_value`` (corrected for all rows of a field),
        ``significant``. Several values in one cell, divided by commas, share the painting.
        Values of fewer than eight paintings are left out, and fields that fewer than half of the
        paintings have.
    """
    tables = []
    for field in FIELDS:
        values = field_values(atlas, field)
        known = values.notna()
        if known.mean() < _KNOWN_ENOUGH:
            continue
        indicators = _share_out(values[known])
        indicators = indicators.loc[:, (indicators > 0).sum() >= FEWEST]
        if not len(indicators.columns):
            continue
        lifts = weighted_lifts(
            indicators.to_numpy(),
            list(indicators.columns),
            atlas.painting_styles.to_numpy()[known.to_numpy()],
        )
        lifts = lifts.rename(columns={"fact": "value", "mean": "share"}).drop(columns="lift")
        lifts.insert(1, "field", field)
        tables.append(lifts)
    columns = ["style", "field", "value", "share", "collection", "standard_error", "q_value"]
    if not tables:
        return pd.DataFrame(columns=[*columns, "significant"])
    return pd.concat(tables, ignore_index=True)[[*columns, "significant"]]


def field_values(atlas: StyleAtlas, field: str) -> pd.Series:
    """Return the movement or nationality of every painting, missing where unknown."""
    for column in FIELDS[field]:
        if column in atlas.paintings:
            return atlas.paintings[column].reset_index(drop=True).astype(object)
        if column in atlas.painters:
            known = atlas.painters.set_index("painter")[column]
            return atlas.paintings["painter"].map(known).reset_index(drop=True).astype(object)
    return pd.Series([None] * atlas.n_paintings, dtype=object)


def years_of(atlas: StyleAtlas) -> tuple[np.ndarray, str] | None:
    """Return a year for every painting, NaN where unknown, and what the years are.

    Returns
    -------
    (ndarray of shape (n_paintings,), float64, str) or None
        ``dates`` if at least half of the paintings have one (the middle of its span), else
        ``lifetimes``: the middle of the painter's life; None if those are not known either.
    """
    paintings = atlas.paintings
    if {"year_from", "year_to"} <= set(paintings.columns):
        ends = paintings[["year_from", "year_to"]].apply(pd.to_numeric, errors="coerce")
        middle = ends.astype(float).mean(axis=1).to_numpy()
        if np.isfinite(middle).mean() >= _KNOWN_ENOUGH:
            return middle, "dates"
    if "years" in atlas.painters:
        lives = atlas.painters.set_index("painter")["years"].map(_middle_of_life)
        middle = paintings["painter"].map(lives).astype(float).to_numpy()
        if np.isfinite(middle).mean() >= _KNOWN_ENOUGH:
            return middle, "lifetimes"
    return None


def weighted_quantiles(
    values: np.ndarray, weights: np.ndarray, levels: tuple[float, ...]
) -> list[float]:
    """Return quantiles of values that count by weight; those that are NaN do not count."""
    known = np.isfinite(values)
    order = np.argsort(values[known], kind="stable")
    ranked, heights = values[known][order], np.cumsum(weights[known][order])
    places = np.searchsorted(heights, np.array(levels) * heights[-1])
    return [float(value) for value in ranked[np.minimum(places, len(ranked) - 1)]]


def _share_out(values: pd.Series) -> pd.DataFrame:
    """Return indicators, (n, n_values): 1, or 1 / m for each of m values in a cell."""
    cells = [
        list(dict.fromkeys(part for part in _MANY_VALUES.split(str(value).strip()) if part))
        for value in values
    ]
    names = sorted({part for parts in cells for part in parts})
    column = {name: i for i, name in enumerate(names)}
    shares = np.zeros((len(cells), len(names)))
    for row, parts in enumerate(cells):
        shares[row, [column[part] for part in parts]] = 1 / max(len(parts), 1)
    return pd.DataFrame(shares, columns=names)


def _middle_of_life(years: object) -> float:
    match = _LIFETIME.match(str(years))
    return (int(match[1]) + int(match[2])) / 2 if match else np.nan
