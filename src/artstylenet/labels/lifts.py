"""Whether a style is above or below the collection in what is measured of every painting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

FALSE_DISCOVERIES = 0.01
"""Share of the facts called significant that may be chance (Benjamini-Hochberg)."""

NOTICEABLE = 0.25
"""Standard deviations: what is smaller may be real, but nobody would see it."""


def weighted_lifts(values: np.ndarray, names: Sequence[str], mixtures: np.ndarray) -> pd.DataFrame:
    """Compare the mean of measurements in each style with that of the collection.

    Parameters
    ----------
    values : ndarray of shape (n_paintings, n_measurements), float64
    names : sequence of str
        Of the measurements.
    mixtures : ndarray of shape (n_paintings, n_styles), float64
        A painting counts for a style as much as its weight.

    Returns
    -------
    DataFrame
        One row a style and measurement: ``style``, ``fact``, ``mean`` and ``collection`` (in the
        measurement's own unit), ``standard_error`` (of the mean), ``lift`` (of the mean over the
        collection's, in standard deviations of the collection), ``q_value`` (corrected for all
        rows) and ``significant`` (corrected and noticeable).

    Notes
    -----
    Tested against paintings dealt to mixtures at random: the sum of weight times value then has
    a known mean and variance and is about normal. A measurement that never varies has a lift of
    0 and a q-value of 1.
    """
    n_paintings, n_styles = mixtures.shape
    totals = mixtures.sum(axis=0)
    centred = values - values.mean(axis=0)
    deviations = centred.std(axis=0)
    varies = deviations > 1e-9 * (1 + np.abs(values).max(axis=0))
    scale = np.where(varies, deviations, 1.0)
    sums = mixtures.T @ centred
    means = sums / totals[:, None]
    spread_of_weights = ((mixtures - mixtures.mean(axis=0)) ** 2).sum(axis=0)
    chance = np.sqrt(
        spread_of_weights[:, None] * (centred**2).sum(axis=0) / max(n_paintings - 1, 1)
    )
    scores = np.where(varies, np.abs(sums) / np.where(chance > 0, chance, 1.0), 0.0)
    # Sum of (weight * (value - mean))**2, multiplied out so that no cube is made.
    squares = mixtures.T**2 @ centred**2
    cross = mixtures.T**2 @ centred
    variance = squares - 2 * means * cross + means**2 * (mixtures**2).sum(axis=0)[:, None]
    errors = np.sqrt(np.maximum(variance, 0)) / totals[:, None]
    from scipy.stats import false_discovery_control, norm  # takes a second to import

    p_values = np.where(varies, 2 * norm.sf(scores), 1.0)
    table = pd.DataFrame(
        {
            "style": np.repeat(np.arange(n_styles), len(names)),
            "fact": np.tile(np.array(names, dtype=object), n_styles),
            "mean": (means + values.mean(axis=0)).ravel(),
            "collection": np.tile(values.mean(axis=0), n_styles),
            "standard_error": errors.ravel(),
            "lift": np.where(varies, means / scale, 0.0).ravel(),
            "q_value": false_discovery_control(p_values.ravel()),
        }
    )
    table["significant"] = (table["q_value"] < FALSE_DISCOVERIES) & (
        table["lift"].abs() >= NOTICEABLE
    )
    return table
