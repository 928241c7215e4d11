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
    topics = CollapsedTopics(n_styles, n_init=4, random_state=random_state)
    mixtures = topics.fit_transform(counts)
    order = np.argsort(-mixtures.sum(axis=0), kind="stable")
    return FacetStyles(facet, mixtures_table(mixtures[:, order], atlas.painting_styles.index))
