"""Pages as plain dicts: everything that a template shows, and nothing that it would compute.

Every page is a dict with ``schema``, ``kind`` (which names its template), ``path`` (where it lies
in the site), ``root`` (the way from there to the site's top), ``heading``, ``site`` and what its
kind adds. Paths inside a page are relative to the top, so that the exported site and the live
explorer, which serves the same paths, share the templates.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from artstylenet.figures.heatmaps import order_by_similarity
from artstylenet.figures.palette import VIRIDIS
from artstylenet.ranking import top_painters, top_paintings, typical_paintings
from artstylenet.site.catalogue import (
    CORE_COLUMNS,
    Catalogue,
    large_path,
    mixture,
    style_chip,
    style_page_path,
    texts,
)
from artstylenet.site.words import count, listing, percent

Page = dict[str, Any]

SCHEMA = 1
STRIP_ASPECT = 6.0
STRIP_LENGTH = 16
STRIP_PER_PAINTER = 2
WALL_LENGTH = 36
WALL_PER_PAINTER = 3
WALL_WEIGHT = 0.2
NEIGHBOURS = 8
TYPICAL = 12
UNTYPICAL = 4
NEAR_PAINTERS = 5
HEATMAP_ROWS = 50
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


def pages(catalogue: Catalogue) -> Iterator[Page]:
    """Yield every page of the site except those with charts, which need drawing first."""
    atlas = catalogue.atlas
    yield home_page(catalogue)
    for style in range(atlas.n_styles):
        yield style_page(catalogue, style)
    if atlas.n_painters:
        yield painters_page(catalogue)
        for painter in catalogue.painter_names:
            yield painter_page(catalogue, painter)
        yield painter_heatmap_page(catalogue)
    for row in range(atlas.n_paintings):
        yield painting_page(catalogue, row)
    for number in range(1, heatmap_count(catalogue) + 1):
        yield heatmap_page(catalogue, number)
    yield map_page(catalogue)
    yield method_page(catalogue)
    yield search_page(catalogue)


def home_page(catalogue: Catalogue) -> Page:
    """Return the first screen: every style as a strip of its best paintings."""
    atlas = catalogue.atlas
    page = _page(catalogue, "home", "index.html", catalogue.title)
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
            "share": percent(atlas.styles["share"].iloc[style]),
            "bar": _share_bar(catalogue, style),
            "painters": _ranked_painters(catalogue, style, 3),
            "works": _strip(catalogue, style),
        }
        for style in range(atlas.n_styles)
    ]
    return page


def style_page(catalogue: Catalogue, style: int) -> Page:
    """Return the page of a style: its wall, its painters and what is known of it."""
    atlas = catalogue.atlas
    chip = style_chip(style)
    page = _page(catalogue, "style", chip["page"], chip["name"])
    ranked = top_paintings(
        atlas,
        style,
        WALL_LENGTH,
        max_per_painter=_per_painter(catalogue, WALL_PER_PAINTER, WALL_LENGTH),
    )
    strong = max(int((ranked["weight"] >= WALL_WEIGHT).sum()), 5)
    page |= chip
    page["share"] = percent(atlas.styles["share"].iloc[style])
    page["bar"] = _share_bar(catalogue, style)
    page["sentences"] = _style_sentences(catalogue, style)
    page["labels"] = _label_evidence(catalogue, style)
    page["painters"] = _ranked_painters(catalogue, style, 10)
    page["works"] = _weighted_cards(catalogue, ranked.iloc[:strong])
    page["previous"] = style_chip(style - 1) if style > 0 else None
    page["next"] = style_chip(style + 1) if style + 1 < atlas.n_styles else None
    return page


def painters_page(catalogue: Catalogue) -> Page:
    """Return the list of painters, by name, each with a picture and a mixture."""
    page = _page(catalogue, "painters", "painters/index.html", "Painters")
    page["painters"] = [_painter_card(catalogue, painter) for painter in catalogue.painter_names]
    return page


def painter_page(catalogue: Catalogue, painter: str) -> Page:
    """Return the page of a painter: mixture, typical and untypical works, nearest painters."""
    atlas = catalogue.atlas
    path = f"painters/{catalogue.painter_names[painter]}.html"
    page = _page(catalogue, "painter", path, painter)
    works = [catalogue.cards[row] for row in typical_paintings(atlas, painter).index]
    facts = atlas.painters[atlas.painters["painter"] == painter].iloc[0].drop("painter")
    page["facts"] = [
        {"name": _fact_name(str(name)), "value": value}
        for name, value in zip(facts.index, texts(facts), strict=True)
        if value and name != "n_paintings"
    ]
    page["n_works"] = count(len(works), "painting")
    page["mixture"] = mixture(atlas.painter_styles.loc[painter].to_numpy(dtype=float))
    page["typical"] = works[:TYPICAL]
    page["typical_heading"] = (
        "Most typical: nearest to the mixture of all works together"
        if len(works) > TYPICAL
        else "Works in this collection, the most typical first"
    )
    page["untypical"] = works[-UNTYPICAL:] if len(works) >= 2 * UNTYPICAL + TYPICAL else []
    page["others"] = sorted(works[TYPICAL:], key=lambda card: card["row"])
    page["near"] = [_painter_card(catalogue, name) for name in _near_painters(catalogue, painter)]
    return page


def painting_page(catalogue: Catalogue, row: int) -> Page:
    """Return the page of a painting: the picture, its mixture, its relatives and its credit."""
    atlas = catalogue.atlas
    card = catalogue.cards[row]
    page = _page(catalogue, "painting", card["page"], card["title"])
    page["work"] = card
    page["large"] = None
    if row in catalogue.large:
        width, height = catalogue.large[row]
        page["large"] = {"src": large_path(card["name"]), "width": width, "height": height}
    page["is_fallback"] = catalogue.pictures == "full" and row not in catalogue.large
    page["mixture"] = mixture(atlas.painting_styles.to_numpy()[row])
    page["facts"] = _painting_facts(catalogue, row)
    page["by_styles"] = _neighbour_cards(catalogue, "styles", row)
    page["by_features"] = _neighbour_cards(catalogue, "features", row)
    page["heatmap"] = f"heatmaps/paintings-{row // HEATMAP_ROWS + 1}.html#{card['name']}"
    return page


def heatmap_count(catalogue: Catalogue) -> int:
    """Return how many pages the painting x style heatmap has."""
    return math.ceil(catalogue.atlas.n_paintings / HEATMAP_ROWS)


def heatmap_page(catalogue: Catalogue, number: int) -> Page:
    """Return one page of the painting x style heatmap, in the order of the collection."""
    atlas = catalogue.atlas
    rows = range(HEATMAP_ROWS * (number - 1), min(HEATMAP_ROWS * number, atlas.n_paintings))
    page = _page(
        catalogue, "heatmap", f"heatmaps/paintings-{number}.html", "Paintings and their styles"
    )
    mixtures = atlas.painting_styles.to_numpy()
    page["what"] = "painting"
    page["range"] = f"{rows.start + 1:,} to {rows.stop:,} of {atlas.n_paintings:,}"
    page["styles"] = [style_chip(style) for style in range(atlas.n_styles)]
    page["rows"] = [
        {
            "anchor": catalogue.cards[row]["name"],
            "label": catalogue.cards[row]["title"],
            "sublabel": catalogue.cards[row]["painter"],
            "page": catalogue.cards[row]["page"],
            "thumb": _source(catalogue.cards[row]),
            "cells": [
                {"level": level, "percent": f"{100 * weight:.0f}", "work": None}
                for level, weight in zip(
                    _levels(mixtures[row], mixtures.max()), mixtures[row], strict=True
                )
            ],
        }
        for row in rows
    ]
    page["high"] = percent(float(mixtures.max()))
    page["pages"] = _heatmap_links(catalogue)
    page["number"] = number
    page["previous"] = f"heatmaps/paintings-{number - 1}.html" if number > 1 else ""
    is_last = number == heatmap_count(catalogue)
    page["next"] = "" if is_last else f"heatmaps/paintings-{number + 1}.html"
    page["figure"] = "figures/painting-style-heatmap.svg" if number == 1 else ""
    return page


def painter_heatmap_page(catalogue: Catalogue) -> Page:
    """Return the painter x style heatmap, like beside like; each cell knows its best painting."""
    atlas = catalogue.atlas
    page = _page(catalogue, "heatmap", "heatmaps/painters.html", "Painters and their styles")
    mixtures = atlas.painter_styles.to_numpy(dtype=float)
    order = order_by_similarity(mixtures)
    names = list(catalogue.painter_names)
    best = _best_works(catalogue)
    page["what"] = "painter"
    page["range"] = f"{count(atlas.n_painters, 'painter')}, like beside like"
    page["styles"] = [style_chip(style) for style in range(atlas.n_styles)]
    page["rows"] = [
        {
            "anchor": catalogue.painter_names[names[i]],
            "label": names[i],
            "sublabel": "",
            "page": f"painters/{catalogue.painter_names[names[i]]}.html",
            "thumb": "",
            "cells": [
                {
                    "level": level,
                    "percent": f"{100 * weight:.0f}",
                    "work": best.get((names[i], style)),
                }
                for style, (level, weight) in enumerate(
                    zip(_levels(mixtures[i], mixtures.max()), mixtures[i], strict=True)
                )
            ],
        }
        for i in order
    ]
    page["high"] = percent(float(mixtures.max()))
    page |= {"pages": [], "number": 0, "previous": "", "next": ""}
    page["figure"] = "figures/painter-style-heatmap.svg"
    return page


def number_page(catalogue: Catalogue, charts: Sequence[dict[str, Any]]) -> Page:
    """Return why this number of styles; `charts` are drawn by the caller."""
    selection = catalogue.atlas.selection
    page = _page(catalogue, "number", "how-many.html", f"Why {count(selection.n_styles, 'style')}?")
    page["reason"] = selection.reason
    page["charts"] = list(charts)
    page["baseline"] = f"{selection.unigram_perplexity:.1f}"
    page["candidates"] = _candidates(catalogue)
    columns = ["n_styles", "perplexity", "perplexity_low", "perplexity_high", "stability"]
    page["rows"] = [
        {
            "n_styles": int(number),
            "perplexity": _decimal(mean, 1),
            "low": _decimal(low, 1),
            "high": _decimal(high, 1),
            "stability": _decimal(stability, 2),
            "is_chosen": int(number) == selection.n_styles,
        }
        for number, mean, low, high, stability in selection.table[columns].to_numpy(dtype=float)
    ]
    return page


def map_page(catalogue: Catalogue) -> Page:
    """Return the frame of the map; the points are in :func:`map_data`."""
    page = _page(catalogue, "map", "map.html", "Map")
    page["styles"] = [style_chip(style) for style in range(catalogue.atlas.n_styles)]
    page["has_pictures"] = catalogue.pictures != "none"
    page["figure"] = "figures/style-map.svg"
    return page


def method_page(catalogue: Catalogue) -> Page:
    """Return how it was done: method, provenance, what was left out, how to cite."""
    atlas = catalogue.atlas
    page = _page(catalogue, "method", "method.html", "Method and provenance")
    page["citation"] = _citation(catalogue)
    page["settings"] = _settings(atlas.run)
    page["notes"] = [str(note) for note in atlas.run.get("notes", [])]
    page["skipped"] = [
        {"path": path, "reason": reason}
        for path, reason in zip(
            texts(atlas.skipped["path"]), texts(atlas.skipped["reason"]), strict=True
        )
    ]
    page["n_skipped"] = count(len(atlas.skipped), "file")
    page["duplicates"] = _duplicates(catalogue)
    page["rights"] = _rights(catalogue)
    page["pictures"] = catalogue.pictures
    page["n_missing"] = (
        count(atlas.n_paintings - len(catalogue.large), "original")
        if catalogue.pictures == "full" and len(catalogue.large) < atlas.n_paintings
        else ""
    )
    return page


def search_page(catalogue: Catalogue) -> Page:
    """Return the frame of the search; what is searched is in :func:`search_data`."""
    page = _page(catalogue, "search", "search.html", "Search")
    page["browse"] = _heatmap_links(catalogue)
    return page


def search_data(catalogue: Catalogue) -> dict[str, Any]:
    """Return what the search and the map's captions need, one list a column."""
    cards = catalogue.cards
    painters = list(catalogue.painter_names)
    place = {name: i for i, name in enumerate(painters)}
    return {
        "schema": SCHEMA,
        "painters": painters,
        "painterPages": [f"painters/{catalogue.painter_names[name]}.html" for name in painters],
        "names": [card["name"] for card in cards],
        "titles": [card["title"] for card in cards],
        "painter": [place.get(card["painter"], -1) for card in cards],
        "years": [card["year"] for card in cards],
        "thumbs": [_source(card).removeprefix("thumbs/")[:2] for card in cards],
    }


def map_data(catalogue: Catalogue) -> dict[str, Any]:
    """Return the points of the map: place in thousandths of its side, and largest style."""
    atlas = catalogue.atlas
    places = (atlas.map_positions.astype(float) * 10_000).round().astype(int)
    return {
        "schema": SCHEMA,
        "x": places[:, 0].tolist(),
        "y": places[:, 1].tolist(),
        "style": atlas.painting_styles.to_numpy().argmax(axis=1).tolist(),
        "aspect": [
            round(card["picture"]["ratio"], 2) if card["picture"] else 1 for card in catalogue.cards
        ],
    }


def _page(catalogue: Catalogue, kind: str, path: str, heading: str) -> Page:
    """Return what every page has."""
    return {
        "schema": SCHEMA,
        "kind": kind,
        "path": path,
        "root": "../" * path.count("/"),
        "heading": heading,
        "site": {
            "title": catalogue.title,
            "has_painters": catalogue.atlas.n_painters > 0,
            "version": str(catalogue.atlas.run.get("artstylenet", "")),
            "n_styles": catalogue.atlas.n_styles,
        },
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


def _neighbour_cards(catalogue: Catalogue, by: str, row: int) -> list[dict[str, Any]]:
    return [catalogue.cards[i] for i in catalogue.near[by][row][:NEIGHBOURS]]


def _share_bar(catalogue: Catalogue, style: int) -> str:
    """Return the width of a style's share bar, the largest share being 100."""
    shares = catalogue.atlas.styles["share"]
    return f"{100 * shares.iloc[style] / shares.max():.1f}"


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
        evidence.append({"name": _fact_name(column), "value": listing(values)})
    return evidence


def _painter_card(catalogue: Catalogue, painter: str) -> dict[str, Any]:
    """Return how a painter appears in lists."""
    atlas = catalogue.atlas
    works = typical_paintings(atlas, painter)
    return {
        "name": painter,
        "page": f"painters/{catalogue.painter_names[painter]}.html",
        "n_works": count(len(works), "painting"),
        "work": catalogue.cards[works.index[0]] if len(works) else None,
        "mixture": mixture(atlas.painter_styles.loc[painter].to_numpy(dtype=float)),
    }


def _near_painters(catalogue: Catalogue, painter: str) -> list[str]:
    """Return the painters whose mixture is nearest (Hellinger), best first."""
    roots = np.sqrt(catalogue.atlas.painter_styles.to_numpy(dtype=float))
    names = np.array(list(catalogue.painter_names), dtype=object)
    own = names == painter
    affinity = (roots @ roots[own].T).ravel()
    order = np.lexsort((names.astype(str), -affinity))
    return [str(name) for name in names[order[~own[order]]][:NEAR_PAINTERS]]


def _best_works(catalogue: Catalogue) -> dict[tuple[str, int], dict[str, Any]]:
    """Return the painting with most of a style among each painter's works."""
    atlas = catalogue.atlas
    mixtures = atlas.painting_styles.to_numpy()
    best = {}
    painters = np.array([card["painter"] for card in catalogue.cards], dtype=object)
    for painter in catalogue.painter_names:
        rows = np.flatnonzero(painters == painter)
        for style in range(atlas.n_styles):
            card = catalogue.cards[int(rows[mixtures[rows, style].argmax()])]
            best[painter, style] = {
                "page": card["page"],
                "title": card["alt"],
                "thumb": _source(card),
            }
    return best


def _painting_facts(catalogue: Catalogue, row: int) -> list[dict[str, str]]:
    """Return what the collection says of a painting, as given."""
    paintings = catalogue.atlas.paintings
    given = paintings.iloc[row]
    columns = [name for name in paintings.columns if name not in CORE_COLUMNS]
    facts = [
        {"name": _fact_name(str(name)), "value": str(given[name])}
        for name in columns
        if not pd.isna(given[name]) and str(given[name]).strip()
    ]
    if not pd.isna(given["width"]):
        size = f"{int(given['width']):,} by {int(given['height']):,} pixels"
        facts.append({"name": "Reproduction", "value": size})
    facts.append({"name": "Identifier", "value": str(given["id"])})
    return facts


def _fact_name(column: str) -> str:
    """Return a column's name as a person would write it."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", column)
    words = [word if word.isupper() else word.lower() for word in spaced.split()]
    if words[:1] == ["n"]:
        words[:1] = ["number", "of"]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def _source(card: dict[str, Any]) -> str:
    """Return where a card's thumbnail lies; empty without pictures."""
    return card["picture"]["src"] if card["picture"] else ""


def _levels(weights: np.ndarray, high: float) -> list[int]:
    """Return the step of viridis of each weight."""
    steps = len(VIRIDIS) - 1
    return [int(level) for level in np.rint(steps * weights / max(high, 1e-12))]


def _heatmap_links(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return the pages of the painting x style heatmap, each with what it begins and ends with."""
    links = []
    for number in range(1, heatmap_count(catalogue) + 1):
        first = HEATMAP_ROWS * (number - 1)
        last = min(HEATMAP_ROWS * number, catalogue.atlas.n_paintings) - 1
        names = [
            catalogue.cards[row]["painter"] or catalogue.cards[row]["title"]
            for row in (first, last)
        ]
        links.append(
            {
                "page": f"heatmaps/paintings-{number}.html",
                "range": f"{first + 1:,}-{last + 1:,}",
                "label": names[0] if names[0] == names[1] else f"{names[0]} to {names[1]}",
                "number": number,
            }
        )
    return links


def _candidates(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return the numbers that the rules point at, each with its meaning."""
    selection = catalogue.atlas.selection
    elbow = (
        f"where the curve bends most; the same within one in "
        f"{percent(selection.elbow_agreement)} of resamples"
        if selection.elbow is not None
        else "the curve has no bend"
    )
    return [
        {"name": "Elbow", "number": selection.elbow, "meaning": elbow},
        {
            "name": "One standard error",
            "number": selection.one_standard_error,
            "meaning": "the smallest number that is not clearly worse than the best",
        },
        {
            "name": "Minimum",
            "number": selection.minimum,
            "meaning": "the lowest perplexity within the range tried",
        },
        {
            "name": "Stable",
            "number": selection.stable,
            "meaning": "the largest number whose styles return from other random starts",
        },
    ]


def _decimal(value: float, digits: int) -> str:
    return "" if math.isnan(value) else f"{value:.{digits}f}"


def _settings(run: Any) -> list[dict[str, Any]]:
    """Return the provenance as sections of names and values."""
    plain = {key: value for key, value in run.items() if key != "notes"}
    sections = [
        {
            "name": "Run",
            "facts": [
                {"name": _fact_name(str(key)), "value": _plain_value(value)}
                for key, value in plain.items()
                if not isinstance(value, dict)
            ],
        }
    ]
    sections += [
        {
            "name": _fact_name(str(key)),
            "facts": [
                {"name": str(name), "value": _plain_value(inner)} for name, inner in value.items()
            ],
        }
        for key, value in plain.items()
        if isinstance(value, dict) and value
    ]
    return sections


def _plain_value(value: Any) -> str:
    """Return a setting as a person would write it."""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_plain_value(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        separator = "; " if any(isinstance(inner, dict) for inner in value) else ", "
        return separator.join(_plain_value(inner) for inner in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "not set"
    return str(value)


def _duplicates(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return groups of files that show the same picture."""
    table = catalogue.atlas.duplicates
    pages = {card["id"]: card["page"] for card in catalogue.cards}
    return [
        {
            "kind": str(group["kind"].iloc[0]),
            "works": [
                {"path": path, "page": pages.get(painting_id, "")}
                for path, painting_id in zip(texts(group["path"]), texts(group["id"]), strict=True)
            ],
        }
        for _, group in table.groupby("group", sort=True)
    ]


def _rights(catalogue: Catalogue) -> list[dict[str, str]]:
    """Return the statements of rights with how many paintings bear each."""
    stated = pd.Series([card["rights"] for card in catalogue.cards], dtype=object)
    counts = stated[stated != ""].value_counts().sort_index()
    rights = [
        {"statement": str(statement), "n": count(int(n), "painting")}
        for statement, n in counts.items()
    ]
    n_unstated = int((stated == "").sum())
    if n_unstated:
        rights.append({"statement": "not stated", "n": count(n_unstated, "painting")})
    return rights


def _citation(catalogue: Catalogue) -> str:
    """Return a sentence that names what was done, with what, on what."""
    atlas = catalogue.atlas
    backbone = atlas.run.get("backbone", {})
    settings = atlas.run.get("settings", {})
    model = backbone.get("name", "") if isinstance(backbone, dict) else str(backbone)
    seed = settings.get("seed", "") if isinstance(settings, dict) else ""
    return (
        f"{catalogue.title}. ArtStyleNet {atlas.run.get('artstylenet', '')}: "
        f"{count(atlas.n_paintings, 'painting')}, {count(atlas.n_styles, 'style')}"
        + (f", backbone {model}" if model else "")
        + (f", seed {seed}" if seed != "" else "")
        + "."
    )


__all__ = [
    "SCHEMA",
    "home_page",
    "map_data",
    "number_page",
    "painter_page",
    "painting_page",
    "pages",
    "search_data",
    "style_page",
    "style_page_path",
]
