"""Styles of one facet: the same words and topics, of colours, of texture or of composition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from artstylenet.errors import InputError
from artstylenet.facets.likeness import reduce_facet
from artstylenet.looks import Looks, looks_of
from artstylenet.looks.facets import FACETS
from artstylenet.results import mixtures_table
from artstylenet.topics import CollapsedTopics
from artstylenet.visual_words import SoftWords

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas


@dataclass(frozen=True, eq=False)
class FacetStyles:
    """Every painting as a mixture of the styles of one facet.

    Attributes
    ----------
    facet : str
    painting_styles : DataFrame of shape (n_paintings, n_styles), float64
        Rows sum to 1; style 0 is the most prevalent.
    """

    facet: str
    painting_styles: pd.DataFrame


def facet_styles(
    atlas: StyleAtlas,
    facet: str,
    n_styles: int = 8,
    *,
    random_state: int = 0,
    looks: Looks | None = None,
) -> FacetStyles:
    """Find the styles of one facet of the paintings of an atlas.

    Parameters
    ----------
    atlas : StyleAtlas
    facet : {"colour", "texture", "composition"}
    n_styles : int, default=8
    random_state : int, default=0
    looks : Looks or None, default=None
        Measurements of the paintings; None measures them, once for an open atlas.

    Returns
    -------
    FacetStyles

    Raises
    ------
    InputError
        If there is no such facet, or there are fewer paintings than styles.
    """
    if facet not in FACETS:
        raise InputError(f"There is no facet {facet!r}; there are {', '.join(FACETS)}.")
    if not 2 <= n_styles <= atlas.n_paintings:
        raise InputError(
            f"n_styles must be from 2 to the number of paintings, {atlas.n_paintings}; "
            f"got {n_styles}."
        )
    looks = looks_of(atlas) if looks is None else looks
    features = reduce_facet(looks, facet)
    # Not StyleModel, which would standardise: the components' lengths say what matters.
    counts = SoftWords(random_state=random_state).fit_transform(features)
    topics = CollapsedTopics(n_styles, init="clusters", random_state=random_state)
    mixtures = topics.fit_transform(counts)
    order = np.argsort(-mixtures.sum(axis=0), kind="stable")
    return FacetStyles(facet, mixtures_table(mixtures[:, order], atlas.painting_styles.index))


def facet_style_table(atlas: StyleAtlas, found: FacetStyles, n: int = 10) -> pd.DataFrame:
    """Return the styles of a facet with the paintings and painters that have most of them.

    Parameters
    ----------
    atlas : StyleAtlas
    found : FacetStyles
        From :func:`facet_styles`.
    n : int, default=10
        How many painters and paintings per style at most.

    Returns
    -------
    DataFrame
        One row a style: ``style``, ``share`` (mean weight), ``n_paintings_dominant`` (whose
        largest it is), ``top_painters`` (lists of names, by the mean over their works) and
        ``top_paintings`` (lists of ids); best first.
    """
    mixtures = found.painting_styles
    painters = mixtures.groupby(atlas.paintings["painter"].to_numpy()).mean()
    largest = mixtures.to_numpy().argmax(axis=1)
    return pd.DataFrame(
        {
            "style": range(mixtures.shape[1]),
            "share": mixtures.mean().to_numpy(),
            "n_paintings_dominant": np.bincount(largest, minlength=mixtures.shape[1]),
            "top_painters": [_best(painters[column], n) for column in mixtures],
            "top_paintings": [_best(mixtures[column], n) for column in mixtures],
        }
    )


def _best(weights: pd.Series, n: int) -> list[str]:
    return weights.sort_values(ascending=False, kind="stable").index[:n].tolist()
