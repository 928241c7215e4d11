"""What every page has, and words that several need."""

from __future__ import annotations

import re
from typing import Any

from artstylenet.site.catalogue import Catalogue

Page = dict[str, Any]
SCHEMA = 1


def new_page(catalogue: Catalogue, kind: str, path: str, heading: str) -> Page:
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
            "live": catalogue.live,
        },
    }


def drawn_words(catalogue: Catalogue) -> str:
    """Return how many of the paintings a page draws from; empty if it is all."""
    drawn, n = len(catalogue.drawn), catalogue.atlas.n_paintings
    return "" if drawn == n else f"{drawn:,} of {n:,} paintings"


def fact_name(column: str) -> str:
    """Return a column's name as a person would write it."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", column)
    words = [word if word.isupper() else word.lower() for word in spaced.split()]
    if words[:1] == ["n"]:
        words[:1] = ["number", "of"]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def thumbnail_source(card: dict[str, Any]) -> str:
    """Return where a card's thumbnail lies; empty without pictures."""
    return card["picture"]["src"] if card["picture"] else ""
