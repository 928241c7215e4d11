"""Everything that a wall label says of one style."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from artstylenet.errors import UnknownIdError
from artstylenet.labels.crossings import (
    crossed,
    effective_number,
    painter_shares,
    weighted_quantiles,
    years_of,
)
from artstylenet.labels.lifts import weighted_lifts
from artstylenet.labels.palettes import PaletteColour, style_palette
from artstylenet.labels.sentences import describe_company, describe_looks, whole_years
from artstylenet.looks import FACTS, Looks, looks_of
from artstylenet.ranking import top_paintings

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

N_WORKS = 6
MOST_PER_PAINTER = 2
_MIDDLE = (0.1, 0.9)


@dataclass(frozen=True, eq=False)
class WallLabel:
    """What is typical of a style.

    Attributes
    ----------
    style : int
    text : str
        One or two sentences, composed from significant facts only.
    facts : DataFrame
        One row a fact of :data:`artstylenet.looks.FACTS`: ``fact``, ``mean``, ``collection``,
        ``standard_error``, ``lift``, ``q_value``, ``significant``.
    palette : tuple of PaletteColour
        Largest share first.
    painters : Series
        Share of the style by painter, largest first; empty if the collection names none.
    n_painters : int
        Painters who give the style at least a tenth of their work.
    effective_painters : float
        As many painters in equal parts would share it as evenly; 0 without painters.
    crossed : DataFrame
        Movements and nationalities: ``field``, ``value``, ``share``, ``collection``,
        ``standard_error``, ``q_value``, ``significant``; largest share first.
    years : mapping or None
        ``kind`` (``dates`` of the paintings, or ``lifetimes``: middles of the painters' lives),
        ``early`` and ``late``, between which the middle 80 % of the style lie.
    typical, boundary, outliers : tuple of str
        Ids of paintings: with most of it; torn between it and another style; mostly of it, and
        yet the least like the others.
    """

    style: int
    text: str
    facts: pd.DataFrame
    palette: tuple[PaletteColour, ...]
    painters: pd.Series
    n_painters: int
    effective_painters: float
    crossed: pd.DataFrame
    years: Mapping[str, object] | None
    typical: tuple[str, ...]
    boundary: tuple[str, ...]
    outliers: tuple[str, ...]


def style_label(atlas: StyleAtlas, style: int, *, looks: Looks | None = None) -> WallLabel:
    """Return the wall label of a style.

    Parameters
    ----------
    atlas : StyleAtlas
    style : int
    looks : Looks or None, default=None
        Measurements of the paintings; None measures them, once for an open atlas.

    Returns
    -------
    WallLabel

    Raises
    ------
    UnknownIdError
        If the atlas has no such style.
    """
    if not 0 <= style < atlas.n_styles:
        raise UnknownIdError(
            f"The atlas has no style {style}: its styles are 0 to {atlas.n_styles - 1}."
        )
    looks = looks_of(atlas) if looks is None else looks
    mixtures = atlas.painting_styles.to_numpy()
    weights = mixtures[:, style]
    facts = _of_style(weighted_lifts(looks.facts, list(FACTS), mixtures), style)
    crossings = _of_style(crossed(atlas), style).sort_values(
        ["field", "share"], ascending=[True, False], kind="stable", ignore_index=True
    )
    shares = painter_shares(atlas).iloc[:, style].sort_values(ascending=False, kind="stable")
    effective = effective_number(shares.to_numpy())
    palette = style_palette(looks.swatches, weights)
    years = _years(atlas, weights)
    sentences = [
        describe_looks(facts, palette),
        describe_company(shares, effective, crossings, years),
    ]
    typical = top_paintings(atlas, style, N_WORKS, max_per_painter=MOST_PER_PAINTER)
    return WallLabel(
        style=style,
        text=" ".join(sentence for sentence in sentences if sentence),
        facts=facts,
        palette=palette,
        painters=shares,
        n_painters=int(atlas.styles["n_painters_tenth"].iloc[style]),
        effective_painters=effective,
        crossed=crossings,
        years=years,
        typical=tuple(typical["id"]),
        boundary=_boundary_works(atlas, style),
        outliers=_outliers(atlas, style),
    )


def _of_style(table: pd.DataFrame, style: int) -> pd.DataFrame:
    return table[table["style"] == style].drop(columns="style").reset_index(drop=True)


def _years(atlas: StyleAtlas, weights: np.ndarray) -> Mapping[str, object] | None:
    found = years_of(atlas)
    if found is None:
        return None
    early, late = whole_years(weighted_quantiles(found[0], weights, _MIDDLE))
    return {"kind": found[1], "early": early, "late": late}


def _boundary_works(atlas: StyleAtlas, style: int) -> tuple[str, ...]:
    """Return paintings of which this style and one other are the largest and nearly equal."""
    mixtures = atlas.painting_styles.to_numpy()
    others = np.delete(mixtures, style, axis=1)
    rival = others.max(axis=1)
    # The smaller of the two: large only where both are, and so nearly equal.
    shared = np.minimum(mixtures[:, style], rival)
    order = np.argsort(-shared, kind="stable")[:N_WORKS]
    return tuple(atlas.paintings["id"].iloc[order[shared[order] > 0]])


def _outliers(atlas: StyleAtlas, style: int) -> tuple[str, ...]:
    """Return paintings mostly of this style whose features are farthest from its middle."""
    mixtures = atlas.painting_styles.to_numpy()
    vectors = atlas.descriptors.astype(np.float32)
    centre = mixtures[:, style].astype(np.float32) @ vectors
    members = np.flatnonzero(mixtures.argmax(axis=1) == style)
    order = np.argsort(vectors[members] @ centre, kind="stable")[:N_WORKS]
    return tuple(atlas.paintings["id"].iloc[members[order]])
