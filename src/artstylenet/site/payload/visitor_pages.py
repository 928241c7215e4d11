"""Pages on which the visitor says something: bring a picture, mark what one likes, judge."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from artstylenet.site.catalogue import Catalogue, style_chip
from artstylenet.site.payload.frame import SCHEMA, Page, drawn_words, new_page

PICTURES_AT_ONCE = 12


def bring_page(catalogue: Catalogue) -> Page:
    """Return the page on which pictures of one's own find their place."""
    page = new_page(catalogue, "bring", "bring.html", "Bring your own")
    page["styles"] = [style_chip(style) for style in range(catalogue.atlas.n_styles)]
    page["at_once"] = PICTURES_AT_ONCE
    return page


def for_you_page(catalogue: Catalogue) -> Page:
    """Return the page that recommends paintings after those that one likes."""
    page = new_page(catalogue, "for-you", "for-you.html", "For you")
    page["styles"] = [style_chip(style) for style in range(catalogue.atlas.n_styles)]
    page["drawn"] = drawn_words(catalogue)
    return page


def feel_page(catalogue: Catalogue) -> Page:
    """Return the page that asks which of two paintings is more like a third."""
    page = new_page(catalogue, "feel", "feel.html", "Do you feel it?")
    page["has_pictures"] = catalogue.pictures != "none"
    return page


def mixtures_data(catalogue: Catalogue) -> dict[str, Any]:
    """Return mixtures of the paintings that pages draw from: a byte a weight, by row, in base 64.

    A byte holds the square root of the weight: distances between mixtures are taken between
    square roots, and small weights keep more of their digits.
    """
    rows = catalogue.drawn
    roots = np.sqrt(catalogue.atlas.painting_styles.to_numpy(dtype=float)[rows])
    rounded = np.rint(255 * roots).astype(np.uint8)
    return {
        "schema": SCHEMA,
        "nStyles": catalogue.atlas.n_styles,
        "ids": catalogue.cards.ids(rows),
        "roots": base64.b64encode(rounded.tobytes()).decode(),
    }
