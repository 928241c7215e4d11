"""The search and the data behind it."""

from __future__ import annotations

from typing import Any

from artstylenet.site.catalogue import Catalogue
from artstylenet.site.payload.frame import SCHEMA, Page, new_page, thumbnail_source
from artstylenet.site.payload.heatmap_pages import heatmap_links


def search_page(catalogue: Catalogue) -> Page:
    """Return the frame of the search; what is searched is in :func:`search_data`."""
    page = new_page(catalogue, "search", "search.html", "Search")
    page["browse"] = heatmap_links(catalogue)
    return page


def search_data(catalogue: Catalogue) -> dict[str, Any]:
    """Return what the search and other captions need, one list a column."""
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
