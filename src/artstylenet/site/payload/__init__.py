"""Pages as plain dicts: everything that a template shows, and nothing that it would compute.

Every page is a dict with ``schema``, ``kind`` (which names its template), ``path`` (where it lies
in the site), ``root`` (the way from there to the site's top), ``heading``, ``site`` and what its
kind adds. Paths inside a page are relative to the top, so that the exported site and the live
explorer, which serves the same paths, share the templates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from artstylenet.site.cards import painting_page_path
from artstylenet.site.catalogue import Catalogue, style_page_path
from artstylenet.site.payload.evidence_pages import method_page, number_page
from artstylenet.site.payload.exhibition_pages import exhibition_of, exhibition_page
from artstylenet.site.payload.finding_pages import search_data, search_page
from artstylenet.site.payload.frame import SCHEMA, Page
from artstylenet.site.payload.heatmap_pages import (
    heatmap_count,
    heatmap_page,
    heatmap_page_path,
    painter_heatmap_page,
)
from artstylenet.site.payload.map_pages import map_data, map_page
from artstylenet.site.payload.painter_pages import painter_page, painters_page
from artstylenet.site.payload.painting_pages import painting_page
from artstylenet.site.payload.style_pages import STRIP_PER_PAINTER, home_page, style_page
from artstylenet.site.payload.visitor_pages import (
    bring_page,
    feel_page,
    for_you_page,
    mixtures_data,
)
from artstylenet.site.prepared import NEIGHBOURS

__all__ = [
    "DATA",
    "NEIGHBOURS",
    "SCHEMA",
    "STRIP_PER_PAINTER",
    "Page",
    "exhibition_of",
    "find_page_maker",
    "heatmap_page",
    "home_page",
    "number_page",
    "own_page_makers",
    "page_makers",
    "pages",
]


MOST_DIGITS = 10

DATA: dict[str, Callable[[Catalogue], dict[str, Any]]] = {
    "search": search_data,
    "map": map_data,
    "mixtures": mixtures_data,
}
"""What scripts read, by the name of its file in ``data/``."""


def page_makers(catalogue: Catalogue) -> Iterator[tuple[str, Callable[[], Page]]]:
    """Yield the path of every page with what makes it, but for that with charts.

    Charts need drawing first; see :func:`number_page`.
    """
    yield from own_page_makers(catalogue)
    for row, name in enumerate(catalogue.cards.names):
        yield painting_page_path(name), partial(painting_page, catalogue, row)
    for number in range(1, heatmap_count(catalogue) + 1):
        yield heatmap_page_path(number), partial(heatmap_page, catalogue, number)


def find_page_maker(catalogue: Catalogue, path: str) -> Callable[[], Page] | None:
    """Return what makes the page of a painting or a page of their heatmap; None for others."""
    kind, _, rest = path.partition("/")
    name = rest.removesuffix(".html")
    if kind == "paintings" and name in catalogue.rows and path == painting_page_path(name):
        return partial(painting_page, catalogue, catalogue.rows[name])
    number = name.removeprefix("paintings-")
    # What has more digits than any number of pages is not even read.
    if number.isdecimal() and number.isascii() and len(number) < MOST_DIGITS:
        exists = 1 <= int(number) <= heatmap_count(catalogue)
        if exists and path == heatmap_page_path(int(number)):
            return partial(heatmap_page, catalogue, int(number))
    return None


def own_page_makers(catalogue: Catalogue) -> Iterator[tuple[str, Callable[[], Page]]]:
    """Yield the pages of :func:`page_makers` that :func:`find_page_maker` does not find."""
    atlas = catalogue.atlas
    yield "index.html", partial(home_page, catalogue)
    for style in range(atlas.n_styles):
        yield style_page_path(style), partial(style_page, catalogue, style)
    if atlas.n_painters:
        yield "painters/index.html", partial(painters_page, catalogue)
        for painter, name in catalogue.painter_names.items():
            yield f"painters/{name}.html", partial(painter_page, catalogue, painter)
        yield "heatmaps/painters.html", partial(painter_heatmap_page, catalogue)
    for path, make_page in {
        "map.html": map_page,
        "bring.html": bring_page,
        "for-you.html": for_you_page,
        "exhibition.html": exhibition_page,
        "feel.html": feel_page,
        "method.html": method_page,
        "search.html": search_page,
    }.items():
        yield path, partial(make_page, catalogue)


def pages(catalogue: Catalogue) -> Iterator[Page]:
    """Yield every page that :func:`page_makers` can make."""
    for _, make_page in page_makers(catalogue):
        yield make_page()
