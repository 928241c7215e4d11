"""Novelty: how far a painting is from every style of its collection.

After Elgammal, Liu, Elhoseiny, Mazzone (2018), who call a work novel if it departs from the
styles that are known, and ambiguous if it fits several of them equally.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas


def novelty(atlas: StyleAtlas) -> pd.DataFrame:
    """Rank paintings by how far they are from every style.

    Parameters
    ----------
    atlas : StyleAtlas

    Returns
    -------
    DataFrame of n_paintings rows, index ``id``
        ``novelty`` (fraction of the paintings that are nearer to some style, in [0, 1)),
        ``distance`` (cosine distance of the features to the middle of the nearest style, in
        [0, 2]), ``nearest_style`` and ``ambiguity`` (entropy of the mixture over that of an even
        one, in [0, 1]). The most novel first, ties in the order of the atlas.

    Notes
    -----
    The middle of a style is the mean of the features of all paintings, weighted by the style,
    without the painting itself: else a painting alone in its corner would be its own style.
    """
    mixtures = atlas.painting_styles.to_numpy()
    vectors = atlas.descriptors.astype(np.float64)
    middles = mixtures.T @ vectors
    products = vectors @ middles.T - mixtures
    squares = (middles**2).sum(axis=1) - 2 * mixtures * (vectors @ middles.T) + mixtures**2
    distances = 1 - products / np.sqrt(np.maximum(squares, 1e-12))
    nearest = distances.argmin(axis=1)
    distance = distances.min(axis=1)
    logs = np.log(np.where(mixtures > 0, mixtures, 1.0))
    entropy = -(mixtures * logs).sum(axis=1)
    table = pd.DataFrame(
        {
            "novelty": np.searchsorted(np.sort(distance), distance) / len(distance),
            "distance": distance,
            "nearest_style": nearest,
            "ambiguity": entropy / max(float(np.log(atlas.n_styles)), 1e-12),
        },
        index=atlas.painting_styles.index,
    )
    return table.sort_values("distance", ascending=False, kind="stable")
