"""The first screen and the pages of styles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from artstylenet.ranking import top_painters, top_paintings
from artstylenet.site.cards import texts
from artstylenet.site.catalogue import Catalogue, style_chip
from artstylenet.site.payload.frame import Page, fact_name, new_page
from artstylenet.site.words import count, listing, percent

STRIP_ASPECT = 6.0
STRIP_LENGTH = 16
STRIP_PER_PAINTER = 2
WALL_LENGTH = 36
WALL_PER_PAINTER = 3
WALL_WEIGHT = 0.2
LABEL_COLUMNS = (
    "movement",
    "style",
    "genre",
    "school",
    "period",
    "culture",
    "department",
    "medium",
)
LABELS_SHOWN = 3
LABELLED = 0.5


def home_page(catalogue: Catalogue) -> Page:
    """Return the first screen: every style as a strip of its best paintings."""
    atlas = catalogue.atlas
    page = new_page(catalogue, "home", "index.html", catalogue.title)
    page["heading"] = catalogue.title
    page["lead"] = (
        f"{count(atlas.n_paintings, 'painting')}"
        + (f" by {count(atlas.n_painters, 'painter')}" if atlas.n_painters else "")
        + f", seen as mixtures of {count(atlas.n_styles, 'style')} that were found by looking"
        " alone, without names or dates."
    )
    page["styles"] = [
        style_chip(style)
        | {
            "share": percent(_shown_shares(catalogue)[style]),
            "bar": _share_bar(catalogue, style),
            "painters": _ranked_painters(catalogue, style, 3),
            "label": _wall_label(catalogue, style),
            "works": _strip(catalogue, style),
        }
        for style in catalogue.curation.shown(atlas.n_styles)
    ]
    page["not_shown"] = [
        style_chip(style)
        for style in range(atlas.n_styles)
        if style in catalogue.curation.hidden or style in catalogue.curation.merged
    ]
    return page


def style_page(catalogue: Catalogue, style: int) -> Page:
    """Return the page of a style: its wall, its painters and what is known of it."""
    atlas = catalogue.atlas
    chip = style_chip(style)
    page = new_page(catalogue, "style", chip["page"], chip["name"])
    ranked = top_paintings(
        atlas,
        style,
        WALL_LENGTH,
        max_per_painter=_per_painter(catalogue, WALL_PER_PAINTER, WALL_LENGTH),
    )
    strong = max(int((ranked["weight"] >= WALL_WEIGHT).sum()), 5)
    page |= chip
    page["share"] = percent(_shown_shares(catalogue)[style])
    page["bar"] = _share_bar(catalogue, style)
    page["label"] = _wall_label(catalogue, style)
    page["sentences"] = _style_sentences(catalogue, style)
    page["notes"] = list(catalogue.curation.notes.get(style, ()))
    page["badges"] = list(catalogue.labels[style].badges) if catalogue.labels else []
    page["curating"] = _curating(catalogue, style)
    page["labels"] = _label_evidence(catalogue, style)
    page["painters"] = _ranked_painters(catalogue, style, 10)
    page["works"] = _weighted_cards(catalogue, ranked.iloc[:strong])
    page["previous"] = style_chip(style - 1) if style > 0 else None
    page["next"] = style_chip(style + 1) if style + 1 < atlas.n_styles else None
    return page


def _wall_label(catalogue: Catalogue, style: int) -> dict[str, Any] | None:
    """Return what is typical of a style in words and colours, if it is known."""
    if not catalogue.labels:
        return None
    label = catalogue.labels[style]
    edges = np.cumsum([0.0, *(colour.share for colour in label.palette)])
    return {
        "text": label.text,
        "palette": [
            {
                "rgb": colour.rgb,
                "name": colour.name,
                "x": f"{100 * edges[i] / edges[-1]:.2f}",
                "width": f"{100 * colour.share / edges[-1]:.2f}",
            }
            for i, colour in enumerate(label.palette)
        ],
        "colours": listing([colour.name for colour in label.palette]),
    }


def _curating(catalogue: Catalogue, style: int) -> dict[str, Any]:
    """Return what the form for names and notes begins with."""
    said = catalogue.curation
    return {
        "name": said.names.get(style, ""),
        "is_shown": style not in said.hidden and style not in said.merged,
        "others": [
            style_chip(other)
            for other in range(catalogue.atlas.n_styles)
            if other != style and other not in said.merged
        ],
    }


def _per_painter(catalogue: Catalogue, usual: int, wanted: int) -> int:
    """Return how many works of one painter a wall may show: more where painters are few."""
    return max(usual, math.ceil(wanted / max(catalogue.atlas.n_painters, 1)))


def _strip(catalogue: Catalogue, style: int) -> list[dict[str, Any]]:
    """Return the best paintings of a style, as many as fill one row."""
    ranked = top_paintings(
        catalogue.atlas,
        style,
        STRIP_LENGTH,
        max_per_painter=_per_painter(catalogue, STRIP_PER_PAINTER, STRIP_LENGTH // 2),
    )
    works: list[dict[str, Any]] = []
    aspect = 0.0
    for card in _weighted_cards(catalogue, ranked):
        works.append(card)
        aspect += card["picture"]["ratio"] if card["picture"] else 1.0
        if aspect >= STRIP_ASPECT:
            break
    return works


def _weighted_cards(catalogue: Catalogue, ranked: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the cards of ranked paintings with the weight that ranked them."""
    return [
        catalogue.cards[row] | {"weight": percent(weight)}
        for row, weight in zip(ranked.index, ranked["weight"], strict=True)
    ]


def _shown_shares(catalogue: Catalogue) -> np.ndarray:
    """Return the share of every style with all that is shown as part of it."""
    shares = catalogue.atlas.styles["share"].to_numpy(dtype=float)
    shown = shares.copy()
    for style, into in catalogue.curation.merged.items():
        shown[into] += shares[style]
    return shown


def _share_bar(catalogue: Catalogue, style: int) -> str:
    """Return the width of a style's share bar, the largest share being 100."""
    shares = _shown_shares(catalogue)
    return f"{100 * shares[style] / shares.max():.1f}"


def _ranked_painters(catalogue: Catalogue, style: int, n: int) -> list[dict[str, Any]]:
    """Return the painters with most of a style."""
    ranked = top_painters(catalogue.atlas, style, n)
    return [
        {
            "name": name,
            "page": f"painters/{catalogue.painter_names[name]}.html",
            "percent": percent(weight),
            "width": f"{100 * weight:.1f}",
            "n_works": count(int(works), "painting"),
        }
        for name, weight, works in zip(
            ranked["painter"], ranked["weight"], ranked["n_paintings"], strict=True
        )
    ]


def _style_sentences(catalogue: Catalogue, style: int) -> list[str]:
    """Return what is known of a style, in words."""
    atlas = catalogue.atlas
    known = atlas.styles.iloc[style].to_dict()
    first = (
        f"It makes up {percent(known['share'])} of this collection and is the largest style of "
        f"{count(int(known['n_paintings_dominant']), 'painting')}"
    )
    if atlas.n_painters:
        first += f" and of {count(int(known['n_painters_dominant']), 'painter')}"
        tenth = int(known["n_painters_tenth"])
        has = "has" if tenth == 1 else "have"
        first += f"; {count(tenth, 'painter')} {has} at least 10\u00a0% of it"
    sentences = [first + "."]
    merged = catalogue.curation.merged
    if parts := sorted(part for part, into in merged.items() if into == style):
        names = listing([style_chip(part)["name"] for part in parts])
        sentences.append(
            f"With what is shown as part of it, {names}, it makes up "
            f"{percent(_shown_shares(catalogue)[style])}."
        )
    if pd.notna(known["stability"]):
        sentences.append(
            "When the styles were found again from other random starts, it came back with a "
            f"correlation of {known['stability']:.2f} (1 would be unchanged)."
        )
    sentences.append(
        f"Its distinctiveness is {known['distinctiveness']:.2f} on a scale from 0 (like the "
        "collection as a whole) to 1 (nothing in common with it)."
    )
    return sentences


def _label_evidence(catalogue: Catalogue, style: int) -> list[dict[str, Any]]:
    """Return which given labels a style's weight lies in, against the collection."""
    atlas = catalogue.atlas
    weights = atlas.painting_styles.to_numpy()[:, style]
    evidence = []
    for column in LABEL_COLUMNS:
        if column not in atlas.paintings:
            continue
        labels = pd.Series(texts(atlas.paintings[column])).where(lambda s: s != "")
        # Labels of few works, or of one work each, say nothing about a style.
        if labels.notna().mean() < LABELLED or not 2 <= labels.nunique() <= len(labels) / 3:
            continue
        inside = pd.Series(weights).groupby(labels).sum() / weights.sum()
        overall = labels.value_counts() / len(labels)
        ranked = inside.sort_index().sort_values(ascending=False, kind="stable")
        values = [
            f"{percent(weight)} {label} ({percent(overall.loc[label])} of all)"
            for label, weight in ranked.head(LABELS_SHOWN).items()
        ]
        evidence.append({"name": fact_name(column), "value": listing(values)})
    return evidence
