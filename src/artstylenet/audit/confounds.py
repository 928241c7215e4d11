"""Whether a style is really greyscale reproductions, frames, a tint, small files, or one painter.

Each suspicion is a question that every painting answers with yes or no. A style is suspect if
more of its paintings say yes than of all others, by more than chance and by enough to matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import hypergeom

from artstylenet.looks import Looks, looks_of

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

ERROR_RATE = 0.05
"""Chance that an audit of a collection without confounds finds any at all (Holm)."""

LEAST_DIFFERENCE = 0.15
"""Share of paintings by which a style must exceed the others to get a badge."""

SMALL = 0.5
"""A file is small if it has less than this fraction of the pixels of the collection's median."""

LONG = 2.0
"""A picture is long if one side is more than so many times the other."""

CONFOUNDS: dict[str, str] = {
    "grey": "greyscale or one-colour reproductions",
    "framed": "frames or margins around the picture",
    "tinted": "one tint over the whole picture",
    "small": "small files",
    "long": "long, narrow formats",
    "duplicates": "several copies of the same picture",
    "one painter": "the work of one painter",
}
"""Name of each suspicion, and what its badge says."""


def audit_styles(atlas: StyleAtlas, *, looks: Looks | None = None) -> pd.DataFrame:
    """Test every style for every confound.

    Parameters
    ----------
    atlas : StyleAtlas
    looks : Looks or None, default=None
        Measurements of the paintings; None measures them, once for an open atlas.

    Returns
    -------
    DataFrame
        One row a style and confound that the collection can show at all: ``style``, ``confound``,
        ``n_paintings`` (whose largest style it is), ``share`` (of those with the confound),
        ``elsewhere`` (share of all other paintings, but those of styles that have the badge
        already: they are found in rounds, the plainest first), ``difference`` (the effect size:
        `share` less `elsewhere`), ``p_value`` (one-sided, Fisher's exact test), ``p_corrected``
        (for all rows, Holm), ``badge`` (bool: corrected p below 0.05 and a difference of 0.15 or
        more) and ``detail`` (the painter's name). For ``one painter`` the share must also be half
        or more, since that painters have styles is what an atlas is for.
    """
    looks = looks_of(atlas) if looks is None else looks
    styles = atlas.painting_styles.to_numpy().argmax(axis=1)
    answers = {
        confound: yes
        for confound, yes in _answers(atlas, looks).items()
        if 0 < yes.sum() < len(yes)
    }
    accused: set[tuple[int, str]] = set()
    kept: list[tuple[object, ...]] = []
    # Whoever is found no longer counts among "the others", or one style of drawings would hide
    # the grey reproductions of the next. The error rate holds: without confounds no round follows
    # the first.
    while True:
        rows = list(kept)
        for confound, yes in answers.items():
            out = [style for style, found in accused if found == confound]
            kept_styles = {row[0] for row in kept if row[1] == confound}
            rows += [
                row
                for row in _compare(styles, yes, atlas.n_styles, confound, without=out)
                if row[0] not in kept_styles
            ]
        rows += _painters(atlas, styles)
        table = _judged(rows)
        found = table[table["badge"] & (table["confound"] != "one painter")]
        now = set(zip(found["style"].tolist(), found["confound"].tolist(), strict=True))
        if now <= accused:
            break
        kept += [row for row in rows if (row[0], row[1]) in now - accused]
        accused |= now
    table = table.sort_values(["style", "confound"], kind="stable", ignore_index=True)
    return table[[*_COLUMNS, "p_value", "p_corrected", "badge", "detail"]]


def _judged(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=[*_COLUMNS, "p_value", "detail"])
    table["p_corrected"] = holm(table["p_value"].to_numpy(dtype=float))
    table["badge"] = (table["p_corrected"] < ERROR_RATE) & (table["difference"] >= LEAST_DIFFERENCE)
    table["badge"] &= (table["confound"] != "one painter") | (table["share"] >= 0.5)
    return table


_COLUMNS = ["style", "confound", "n_paintings", "share", "elsewhere", "difference"]


def holm(p_values: np.ndarray) -> np.ndarray:
    """Correct p-values so that the chance of any false finding stays below the level (Holm 1979).

    Parameters
    ----------
    p_values : ndarray of shape (n,), float64

    Returns
    -------
    ndarray of shape (n,), float64
        In the same order, at most 1.
    """
    order = np.argsort(p_values, kind="stable")
    stepped = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty_like(stepped)
    corrected[order] = np.minimum(np.maximum.accumulate(stepped), 1.0)
    return corrected


def _answers(atlas: StyleAtlas, looks: Looks) -> dict[str, np.ndarray]:
    """Return yes or no of every painting to each suspicion."""
    paintings = atlas.paintings
    width, height = (paintings[side].to_numpy(dtype=float) for side in ("width", "height"))
    area = width * height
    # Of a group of copies each counts: the style would lose them all but one.
    return {
        "grey": looks.fact("monochrome") > 0,
        "framed": looks.fact("framed") > 0,
        # One-colour pictures too: a tint over a drawing leaves one hue, so that a style of many
        # drawings would hide it. Black ink on buff paper is not tinted, its darks being neutral.
        "tinted": looks.fact("tinted") > 0,
        "small": area < SMALL * np.median(area),
        "long": np.abs(looks.fact("aspect_ratio")) > np.log(LONG),
        "duplicates": paintings["id"].isin(atlas.duplicates["id"]).to_numpy(),
    }


def _compare(
    styles: np.ndarray,
    answers: np.ndarray,
    n_styles: int,
    confound: str,
    *,
    without: Sequence[int] = (),
) -> list[tuple[object, ...]]:
    """Compare each style with all other paintings but those of the styles named in `without`."""
    rows: list[tuple[object, ...]] = []
    counted = ~np.isin(styles, np.array(without, dtype=int))
    for style in range(n_styles):
        inside = styles == style
        outside = counted & ~inside
        n_inside, n_outside = int(inside.sum()), int(outside.sum())
        if not n_inside or not n_outside:
            continue
        yes_inside, yes_outside = int(answers[inside].sum()), int(answers[outside].sum())
        share, elsewhere = yes_inside / n_inside, yes_outside / n_outside
        p_value = float(
            hypergeom.sf(yes_inside - 1, n_inside + n_outside, yes_inside + yes_outside, n_inside)
        )
        rows.append((style, confound, n_inside, share, elsewhere, share - elsewhere, p_value, ""))
    return rows


def _painters(atlas: StyleAtlas, styles: np.ndarray) -> list[tuple[object, ...]]:
    """Test the largest painter of each style; p is corrected for the choice of the largest."""
    painters = atlas.paintings["painter"]
    rows = []
    for style in range(atlas.n_styles):
        counts = painters[styles == style].value_counts()
        if not len(counts) or atlas.n_painters < 2:
            continue
        largest = min(counts[counts == counts.iloc[0]].index)
        answers = painters.eq(largest).fillna(value=False).to_numpy(dtype=bool)
        # A style of all paintings has none to be compared with, and so no row.
        for row in _compare(styles, answers, atlas.n_styles, "one painter"):
            if row[0] == style:
                p_value = min(1.0, float(row[6]) * atlas.n_painters)  # type: ignore[arg-type]
                rows.append((*row[:6], p_value, largest))
    return rows
