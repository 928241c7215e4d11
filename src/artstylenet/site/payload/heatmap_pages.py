"""Heatmaps of paintings and of painters, page by page."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from artstylenet.figures.ordering import order_by_similarity
from artstylenet.figures.palette import VIRIDIS, style_label
from artstylenet.site.catalogue import Catalogue, style_chip
from artstylenet.site.payload.frame import Page, new_page, thumbnail_source
from artstylenet.site.words import count, percent

HEATMAP_ROWS = 50
MOST_LINKS = 400
"""Pages of the heatmap that every page of it links to: of 20,000 paintings these are all."""


def heatmap_count(catalogue: Catalogue) -> int:
    """Return how many pages the painting x style heatmap has."""
    return math.ceil(catalogue.atlas.n_paintings / HEATMAP_ROWS)


def heatmap_page_path(number: int) -> str:
    """Return where a page of the painting x style heatmap lies in the site."""
    return f"heatmaps/paintings-{number}.html"


def heatmap_page(catalogue: Catalogue, number: int) -> Page:
    """Return one page of the painting x style heatmap, like beside like."""
    atlas = catalogue.atlas
    places = range(HEATMAP_ROWS * (number - 1), min(HEATMAP_ROWS * number, atlas.n_paintings))
    page = new_page(catalogue, "heatmap", heatmap_page_path(number), "Paintings and their styles")
    mixtures = atlas.painting_styles.to_numpy()
    high = float(mixtures.max())
    page["what"] = "painting"
    page["range"] = (
        f"{places.start + 1:,} to {places.stop:,} of {count(atlas.n_paintings, 'painting')}, "
        "like beside like"
    )
    page["styles"] = [style_chip(style) for style in range(atlas.n_styles)]
    page["rows"] = [
        {
            "anchor": catalogue.cards[row]["name"],
            "label": catalogue.cards[row]["title"],
            "sublabel": catalogue.cards[row]["painter"],
            "page": catalogue.cards[row]["page"],
            "thumb": thumbnail_source(catalogue.cards[row]),
            "cells": [
                {"level": level, "percent": f"{100 * weight:.0f}", "work": None}
                for level, weight in zip(_levels(mixtures[row], high), mixtures[row], strict=True)
            ],
        }
        for row in catalogue.like_beside_like[places.start : places.stop].tolist()
    ]
    page["high"] = percent(high)
    page["pages"] = heatmap_links(catalogue)
    page["n_pages"] = heatmap_count(catalogue)
    page["pages_every"] = heatmap_links_every(catalogue)
    page["number"] = number
    page["previous"] = heatmap_page_path(number - 1) if number > 1 else ""
    is_last = number == heatmap_count(catalogue)
    page["next"] = "" if is_last else heatmap_page_path(number + 1)
    page["figure"] = "figures/painting-style-heatmap.svg" if number == 1 else ""
    return page


def heatmap_page_of(catalogue: Catalogue, card: dict[str, Any]) -> str:
    """Return where the row of a painting stands in the heatmap."""
    number = int(catalogue.places[card["row"]]) // HEATMAP_ROWS + 1
    return f"{heatmap_page_path(number)}#{card['name']}"


def painter_heatmap_page(catalogue: Catalogue) -> Page:
    """Return the painter x style heatmap, like beside like; each cell knows its best painting."""
    atlas = catalogue.atlas
    page = new_page(catalogue, "heatmap", "heatmaps/painters.html", "Painters and their styles")
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
    page |= {"pages": [], "n_pages": 0, "pages_every": 1, "number": 0, "previous": "", "next": ""}
    page["figure"] = "figures/painter-style-heatmap.svg"
    return page


def heatmap_links(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return the pages of the painting x style heatmap, each with what it begins and ends with.

    Of very many, they are every so many: see :func:`heatmap_links_every`.
    """
    mixtures = catalogue.atlas.painting_styles.to_numpy()
    links = []
    for number in range(1, heatmap_count(catalogue) + 1, heatmap_links_every(catalogue)):
        first = HEATMAP_ROWS * (number - 1)
        last = min(HEATMAP_ROWS * number, catalogue.atlas.n_paintings) - 1
        names = [
            style_label(int(mixtures[catalogue.like_beside_like[place]].argmax()))
            for place in (first, last)
        ]
        links.append(
            {
                "page": heatmap_page_path(number),
                "range": f"{first + 1:,}-{last + 1:,}",
                "label": names[0] if names[0] == names[1] else f"{names[0]} to {names[1]}",
                "number": number,
            }
        )
    return links


def heatmap_links_every(catalogue: Catalogue) -> int:
    """Return of how many pages of the heatmap one is linked to from every page of it."""
    return math.ceil(heatmap_count(catalogue) / MOST_LINKS)


def _best_works(catalogue: Catalogue) -> dict[tuple[str, int], dict[str, Any]]:
    """Return the painting with most of a style among each painter's works."""
    atlas = catalogue.atlas
    mixtures = atlas.painting_styles.to_numpy()
    best = {}
    for painter in catalogue.painter_names:
        rows = catalogue.works_of(painter)
        for style in range(atlas.n_styles):
            card = catalogue.cards[int(rows[mixtures[rows, style].argmax()])]
            best[painter, style] = {
                "page": card["page"],
                "title": card["alt"],
                "thumb": thumbnail_source(card),
            }
    return best


def _levels(weights: np.ndarray, high: float) -> list[int]:
    """Return the step of viridis of each weight."""
    steps = len(VIRIDIS) - 1
    return [int(level) for level in np.rint(steps * weights / max(high, 1e-12))]
