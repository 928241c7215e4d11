"""The map and the search, and the data behind both."""

from __future__ import annotations

from typing import Any

from artstylenet.site.catalogue import Catalogue, style_chip
from artstylenet.site.payload.frame import SCHEMA, Page, new_page, thumbnail_source
from artstylenet.site.payload.heatmap_pages import heatmap_links


def map_page(catalogue: Catalogue) -> Page:
    """Return the frame of the map; the points are in :func:`map_data`."""
    page = new_page(catalogue, "map", "map.html", "Map")
    page["styles"] = [style_chip(style) for style in range(catalogue.atlas.n_styles)]
    page["has_pictures"] = catalogue.pictures != "none"
    page["figure"] = "figures/style-map.svg"
    return page


def search_page(catalogue: Catalogue) -> Page:
    """Return the frame of the search; what is searched is in :func:`search_data`."""
    page = new_page(catalogue, "search", "search.html", "Search")
    page["browse"] = heatmap_links(catalogue)
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
        "thumbs": [thumbnail_source(card).removeprefix("thumbs/")[:2] for card in cards],
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
