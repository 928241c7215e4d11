"""Mixtures -> tables about styles and painters."""

from __future__ import annotations

import numpy as np
import pandas as pd

from artstylenet.atlas import style_column

TENTH = 0.1


def mixtures_table(mixtures: np.ndarray, index: pd.Index) -> pd.DataFrame:
    """Return mixtures with their names: rows of `index`, columns ``style_00``, ..."""
    return pd.DataFrame(
        mixtures, index=index, columns=[style_column(k) for k in range(mixtures.shape[1])]
    )


def painter_tables(
    painting_styles: pd.DataFrame, painters: pd.Series, known: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what is known of each painter, and each painter's mean mixture.

    Parameters
    ----------
    painting_styles : DataFrame of shape (n_paintings, n_styles)
    painters : Series of n_paintings names, missing where unknown
    known : DataFrame
        Column ``painter`` and anything else.

    Returns
    -------
    painters : DataFrame of n_painters rows
        Sorted by name; columns ``painter``, ``n_paintings``, then those of `known`, with
        ``given_`` in front where the name is taken.
    painter_styles : DataFrame of shape (n_painters, n_styles)
        Index ``painter``; rows sum to 1.
    """
    names = pd.Index(painters.to_numpy(), name="painter")
    named = ~names.isna()
    own = [*painting_styles.columns, "n_paintings", "style"]
    about = known.drop_duplicates("painter").rename(columns={name: f"given_{name}" for name in own})
    groups = painting_styles[named].groupby(names[named])
    painter_styles = groups.mean()
    counts = groups.size().rename("n_paintings").reset_index()
    return counts.merge(about, on="painter", how="left"), painter_styles


def styles_table(
    painting_styles: np.ndarray,
    painter_styles: np.ndarray,
    style_words: np.ndarray,
    totals: np.ndarray,
    style_stability: np.ndarray,
) -> pd.DataFrame:
    """Return one row a style; columns as in :class:`artstylenet.atlas.StyleAtlas`.

    `totals` tells how often each word occurs in the collection, (n_words,).
    """
    n_styles = painting_styles.shape[1]

    def count_dominant(mixtures: np.ndarray) -> np.ndarray:
        dominant = mixtures.argmax(axis=1) if len(mixtures) else np.empty(0, int)
        return np.bincount(dominant, minlength=n_styles)

    return pd.DataFrame(
        {
            "style": range(n_styles),
            "share": painting_styles.mean(axis=0),
            "n_paintings_dominant": count_dominant(painting_styles),
            "n_painters_dominant": count_dominant(painter_styles),
            "n_painters_tenth": (painter_styles >= TENTH).sum(axis=0),
            "distinctiveness": distinctiveness(style_words, totals),
            "stability": style_stability,
        }
    )


def distinctiveness(style_words: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Return how far each style's words are from the collection's.

    Parameters
    ----------
    style_words : ndarray of shape (n_styles, n_words), float64
        Rows sum to 1.
    totals : ndarray of shape (n_words,), float64
        How often each word occurs in the collection.

    Returns
    -------
    ndarray of shape (n_styles,), float64
        Jensen-Shannon divergence in bits, in [0, 1].
    """
    collection = totals / totals.sum()
    middle = (style_words + collection) / 2

    def divergence(p: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(p > 0, p * np.log2(p / middle), 0.0)
        bits: np.ndarray = terms.sum(axis=1)
        return bits

    return (divergence(style_words) + divergence(np.broadcast_to(collection, middle.shape))) / 2
