"""The exhibition: a room for each style that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artstylenet.exhibition import make_exhibition
from artstylenet.site.catalogue import Catalogue, style_chip
from artstylenet.site.payload.frame import Page, new_page
from artstylenet.site.words import count, percent

if TYPE_CHECKING:
    import pandas as pd


def exhibition_of(catalogue: Catalogue, per_style: int | None = None) -> pd.DataFrame:
    """Return the exhibition of the styles that are shown: neither hidden nor merged."""
    shown = catalogue.curation.shown(catalogue.atlas.n_styles)
    options = {} if per_style is None else {"per_style": per_style}
    # Whoever hides all styles sees all: an exhibition without rooms is none.
    return make_exhibition(catalogue.atlas, styles=shown or None, **options)


def exhibition_page(catalogue: Catalogue) -> Page:
    """Return the rooms of the exhibition, each a style with its works."""
    page = new_page(catalogue, "exhibition", "exhibition.html", "Exhibition")
    table = exhibition_of(catalogue)
    page["rooms"] = [
        style_chip(style)
        | {
            "works": [
                catalogue.cards[row] | {"weight": percent(weight)}
                for row, weight in zip(room.index.tolist(), room["weight"], strict=True)
            ]
        }
        for style in table["style"].unique().tolist()
        for room in [table[table["style"] == style]]
    ]
    page["n_works"] = count(len(table), "painting")
    page["n_painters"] = (
        count(table["painter"].nunique(), "painter") if catalogue.atlas.n_painters else ""
    )
    return page
