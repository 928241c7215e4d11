"""The search and the data behind it."""

from __future__ import annotations

from typing import Any

from artstylenet.site.catalogue import Catalogue
from artstylenet.site.payload.frame import SCHEMA, Page, drawn_words, new_page
from artstylenet.site.payload.heatmap_pages import heatmap_links, heatmap_links_every


def search_page(catalogue: Catalogue) -> Page:
    """Return the frame of the search; what is searched is in :func:`search_data`."""
    page = new_page(catalogue, "search", "search.html", "Search")
    page["asks_server"] = catalogue.live and bool(drawn_words(catalogue))
    page["browse"] = heatmap_links(catalogue)
    page["browse_every"] = heatmap_links_every(catalogue)
    return page


def search_data(catalogue: Catalogue) -> dict[str, Any]:
    """Return what the search and other captions need, one list a column.

    Of a large collection it is what pages draw from; ``total`` tells how many there are in all.
    """
    cards, rows = catalogue.cards, catalogue.drawn
    painters = list(catalogue.painter_names)
    return {
        "schema": SCHEMA,
        "painters": painters,
        "painterPages": [f"painters/{catalogue.painter_names[name]}.html" for name in painters],
        "names": [cards.names[row] for row in rows.tolist()],
        "titles": cards.titles(rows),
        "painter": catalogue.painters[rows].tolist(),
        "years": cards.years(rows),
        "thumbs": cards.thumbnail_folders(rows),
        "total": catalogue.atlas.n_paintings,
    }
