"""One facet at a time: colour, texture or composition; their likeness, styles and share."""

from artstylenet.facets.contributions import facet_contributions
from artstylenet.facets.likeness import (
    DEFAULT_WEIGHTS,
    FacetSpace,
    compare_by_facets,
    facet_space,
    similar_by_facets,
    similar_to_picture,
)
from artstylenet.facets.styles import FacetStyles, facet_style_table, facet_styles

__all__ = [
    "DEFAULT_WEIGHTS",
    "FacetSpace",
    "FacetStyles",
    "compare_by_facets",
    "facet_contributions",
    "facet_space",
    "facet_style_table",
    "facet_styles",
    "similar_by_facets",
    "similar_to_picture",
]
