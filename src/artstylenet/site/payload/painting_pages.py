"""The page of a painting."""

from __future__ import annotations

import base64
from typing import Any, Literal

import numpy as np

from artstylenet.explaining import region_maps
from artstylenet.site.cards import is_large
from artstylenet.site.catalogue import Catalogue, large_path, mixture, style_chip
from artstylenet.site.payload.frame import Page, fact_name, new_page
from artstylenet.site.payload.heatmap_pages import heatmap_page_of
from artstylenet.site.prepared import NEIGHBOURS

MOST_REGIONS = 4
REGION_WEIGHT = 0.08


def painting_page(catalogue: Catalogue, row: int) -> Page:
    """Return the page of a painting: the picture, its mixture, its relatives and its credit."""
    atlas = catalogue.atlas
    card = catalogue.cards[row]
    page = new_page(catalogue, "painting", card["page"], card["title"])
    page["work"] = card
    page["large"] = None
    if row in catalogue.large:
        width, height = catalogue.large[row]
        page["large"] = {"src": large_path(card["name"]), "width": width, "height": height}
    page["is_fallback"] = catalogue.pictures == "full" and row not in catalogue.large
    page["mixture"] = mixture(
        atlas.painting_styles.to_numpy()[row], atlas.uncertainty[row].astype(float)
    )
    page["regions"] = _regions(catalogue, row)
    page["facts"] = painting_facts(catalogue, row)
    page["by_styles"] = _neighbour_cards(catalogue, "styles", row)
    page["by_features"] = _neighbour_cards(catalogue, "features", row)
    page["has_facets"] = catalogue.live and not is_large(atlas.n_paintings)
    page["heatmap"] = heatmap_page_of(catalogue, card)
    return page


def _regions(catalogue: Catalogue, row: int) -> list[dict[str, Any]]:
    """Return where in the picture its largest styles are, a byte a cell, in base 64.

    Cells are compared with each other, so each style gets the same prior: with the mixture as the
    prior, all cells of a picture that is nearly of one style would be alike.
    """
    if catalogue.word_styles is None or catalogue.pictures == "none":
        return []
    weights = catalogue.atlas.painting_styles.to_numpy()[row]
    largest, *others = [int(k) for k in np.argsort(-weights, kind="stable")[:MOST_REGIONS]]
    shown = [largest, *(k for k in others if weights[k] >= REGION_WEIGHT)]
    even = np.full(len(weights), 1 / len(weights))
    maps = region_maps(even, catalogue.atlas.grid_words[row], catalogue.word_styles)
    cells = np.rint(255 * maps).astype(np.uint8)
    return [style_chip(k) | {"cells": base64.b64encode(cells[k].tobytes()).decode()} for k in shown]


def _neighbour_cards(
    catalogue: Catalogue, by: Literal["styles", "features"], row: int
) -> list[dict[str, Any]]:
    return [catalogue.cards[i] for i in catalogue.near(by, row)[:NEIGHBOURS]]


def painting_facts(catalogue: Catalogue, row: int) -> list[dict[str, str]]:
    """Return what the collection says of a painting, as given."""
    facts = [
        {"name": fact_name(name), "value": values[row]}
        for name, values in catalogue.given
        if values[row].strip()
    ]
    width, height = catalogue.size(row)
    if width == width:  # not NaN
        size = f"{int(width):,} by {int(height):,} pixels"
        facts.append({"name": "Reproduction", "value": size})
    facts.append({"name": "Identifier", "value": catalogue.cards[row]["id"]})
    return facts
