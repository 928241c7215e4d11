"""Pages as plain dicts: everything that a template shows, and nothing that it would compute.

Every page is a dict with ``schema``, ``kind`` (which names its template), ``path`` (where it lies
in the site), ``root`` (the way from there to the site's top), ``heading``, ``site`` and what its
kind adds. Paths inside a page are relative to the top, so that the exported site and the live
explorer, which serves the same paths, share the templates.
"""

from __future__ import annotations

from collections.abc import Iterator

from artstylenet.site.catalogue import Catalogue
from artstylenet.site.payload.evidence_pages import method_page, number_page
from artstylenet.site.payload.finding_pages import map_data, map_page, search_data, search_page
from artstylenet.site.payload.frame import SCHEMA, Page
from artstylenet.site.payload.heatmap_pages import heatmap_count, heatmap_page, painter_heatmap_page
from artstylenet.site.payload.painter_pages import painter_page, painters_page
from artstylenet.site.payload.painting_pages import NEIGHBOURS, painting_page
from artstylenet.site.payload.style_pages import STRIP_PER_PAINTER, home_page, style_page

__all__ = [
    "NEIGHBOURS",
    "SCHEMA",
    "STRIP_PER_PAINTER",
    "Page",
    "heatmap_page",
    "home_page",
    "map_data",
    "map_page",
    "method_page",
    "number_page",
    "pages",
    "painter_heatmap_page",
    "painter_page",
    "painters_page",
    "painting_page",
    "search_data",
    "search_page",
    "style_page",
]


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
