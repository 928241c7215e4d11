"""Facts -> one or two plain sentences. Only what is significant is said, the largest first."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from artstylenet.labels.palettes import PaletteColour

ADJECTIVES: dict[str, tuple[str, str]] = {
    "lightness": ("lighter", "darker"),
    "saturation": ("more colourful", "greyer"),
    "warmth": ("warmer", "cooler"),
    "contrast": ("stronger in contrast", "softer in contrast"),
    "aspect_ratio": ("wider", "taller"),
}
"""What a style is when a fact is above, or below, that of the collection."""

POSSESSIONS: dict[str, tuple[str, str]] = {
    "edge_density": ("more edges", "fewer edges"),
    "mark_size": ("broader areas", "finer marks"),
    "colour_variety": ("more different hues", "fewer different hues"),
    "horizontal_edges": ("more level lines", "fewer level lines"),
    "vertical_edges": ("more upright lines", "fewer upright lines"),
    "slanting_edges": ("more slanting and curved lines", "fewer slanting and curved lines"),
    "symmetry": ("halves that mirror each other more", "halves that mirror each other less"),
    "balance": ("detail spread evenly to both sides", "detail on one side"),
    "central_detail": ("detail gathered in the middle", "detail reaching out to the borders"),
    "light_centre": ("a lighter middle against the border", "a darker middle against the border"),
    "light_above": (
        "a lighter upper part against the lower",
        "a darker upper part against the lower",
    ),
}
"""What a style has."""

_MOST_ADJECTIVES, _MOST_POSSESSIONS = 3, 3
_SOMEWHAT, _MUCH = 0.5, 1.0
_MOST_NAMED = 3
_WORTH_NAMING = 0.08
_RAISED = 1.5


def describe_looks(facts: pd.DataFrame, palette: tuple[PaletteColour, ...]) -> str:
    """Return a sentence on how a style looks.

    Parameters
    ----------
    facts : DataFrame
        Rows of one style as of :func:`artstylenet.labels.lifts.weighted_lifts`.
    palette : tuple of PaletteColour
        For a style whose facts stand out in nothing: its commonest colour is named instead.
    """
    told = facts[facts["significant"]].copy()
    told["size"] = told["lift"].abs()
    told = told.sort_values("size", ascending=False, kind="stable")
    lifts = dict(zip(told["fact"], told["lift"], strict=True))
    adjectives = [
        _degree(lift) + ADJECTIVES[fact][lift < 0]
        for fact, lift in lifts.items()
        if fact in ADJECTIVES
    ][:_MOST_ADJECTIVES]
    possessions = [POSSESSIONS[fact][lift < 0] for fact, lift in _without_twins(lifts).items()][
        :_MOST_POSSESSIONS
    ]
    whole = "the collection as a whole"
    if adjectives and possessions:
        text = f"{listing(adjectives)} than {whole}, with {listing(possessions)}"
    elif adjectives:
        text = f"{listing(adjectives)} than {whole}"
    elif possessions:
        text = f"Like {whole} in light and colour, but with {listing(possessions)}"
    else:
        colour = palette[0]
        return (
            f"Nothing that is measured sets its pictures apart from {whole}; its commonest colour "
            f"is {colour.name} ({colour.share:.0%})."
        )
    monochrome = facts[facts["fact"] == "monochrome"]
    if len(monochrome) and monochrome["significant"].iloc[0] and monochrome["lift"].iloc[0] > 0:
        row = monochrome.iloc[0]
        text += f"; {row['mean']:.0%} of it is in one hue or grey ({row['collection']:.0%} of all)"
    return text[0].upper() + text[1:] + "."


def describe_company(
    shares: pd.Series, effective: float, crossed: pd.DataFrame, years: Mapping[str, object] | None
) -> str:
    """Return a sentence on whose style it is.

    Parameters
    ----------
    shares : Series
        Share of the style by painter; may be empty.
    effective : float
        Effective number of painters.
    crossed : DataFrame
        Rows of one style as of :func:`artstylenet.labels.crossings.crossed`.
    years : mapping or None
        ``kind`` and the years ``early`` and ``late`` between which the middle 80 % lie.
    """
    clauses = []
    if len(shares):
        ranked = shares.sort_values(ascending=False, kind="stable")
        leading = ranked[ranked >= _WORTH_NAMING].head(_MOST_NAMED)
        if effective < 1.5:
            clauses.append(f"almost all of it is by {ranked.index[0]} ({ranked.iloc[0]:.0%})")
        else:
            spread = f"it is spread as if over {effective:.0f} painters in equal parts"
            if len(leading):
                names = [f"{name} ({share:.0%})" for name, share in leading.items()]
                spread += f", led by {listing(names)}"
            clauses.append(spread)
    raised = crossed[
        crossed["significant"]
        & (crossed["field"] == "movement")
        & (crossed["share"] >= _RAISED * crossed["collection"])
    ]
    if len(raised):
        first = raised.sort_values("share", ascending=False, kind="stable").iloc[0]
        clauses.append(
            f"{first['share']:.0%} of it is labelled {first['value']} "
            f"({first['collection']:.0%} of all)"
        )
    if years is not None and years["kind"] == "dates":
        clauses.append(f"four fifths of it date from {years['early']} to {years['late']}")
    if not clauses:
        return ""
    text = "; ".join(clauses)
    return text[0].upper() + text[1:] + "."


def listing(words: list[str]) -> str:
    """Return words as in a sentence: ``a, b and c``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _degree(lift: float) -> str:
    size = abs(lift)
    return "much " if size >= _MUCH else "" if size >= _SOMEWHAT else "somewhat "


def _without_twins(lifts: Mapping[str, float]) -> dict[str, float]:
    """Keep the facts that a style has; of the three directions of lines only the largest."""
    kept: dict[str, float] = {}
    directions = {"horizontal_edges", "vertical_edges", "slanting_edges"}
    for fact, lift in lifts.items():
        if fact in POSSESSIONS and not (fact in directions and directions & set(kept)):
            kept[fact] = lift
    return kept


def whole_years(quantiles: list[float]) -> tuple[int, int]:
    """Round the ends of a span of years outwards."""
    return int(np.floor(quantiles[0])), int(np.ceil(quantiles[-1]))
