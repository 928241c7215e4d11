"""The map and what it is drawn from."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from artstylenet.figures.palette import STYLE_COLORS, style_label
from artstylenet.site.cards import texts
from artstylenet.site.catalogue import Catalogue
from artstylenet.site.payload.frame import SCHEMA, Page, drawn_words, fact_name, new_page
from artstylenet.site.payload.style_pages import LABEL_COLUMNS, LABELLED
from artstylenet.site.sprites import CELL, COLUMNS, sheet_count

MOST_LABELS = 80
PERIOD_YEARS = 50
UNIT = 10_000
_YEAR = re.compile(r"(?<!\d)\d{3,4}(?!\d)")


def map_page(catalogue: Catalogue) -> Page:
    """Return the frame of the map; the points are in :func:`map_data`."""
    page = new_page(catalogue, "map", "map.html", "Map")
    page["has_pictures"] = catalogue.pictures != "none"
    page["has_years"] = any(year is not None for year in _years(catalogue))
    page["facets"] = [
        {"name": facet["name"], "key": facet["key"], "labels": facet["labels"]}
        for facet in _facets(catalogue)
    ]
    page["figure"] = "figures/style-map.svg"
    page["drawn"] = drawn_words(catalogue)
    return page


def map_data(catalogue: Catalogue) -> dict[str, Any]:
    """Return the points of the map, one list a column, of the paintings that pages draw from.

    ``x`` and ``y`` are ten-thousandths of the map's side; ``year`` a number or null; ``facets``
    what one may colour and filter by, each with ``labels`` and, for each of them, the place of
    its label, -1 if it has none; ``sheets`` how many sheets of tiny pictures there are.
    """
    rows = catalogue.drawn
    places = (catalogue.atlas.map_positions[rows].astype(float) * UNIT).round().astype(int)
    return {
        "schema": SCHEMA,
        "x": places[:, 0].tolist(),
        "y": places[:, 1].tolist(),
        "year": _years(catalogue),
        "aspect": catalogue.cards.aspects(rows),
        "facets": _facets(catalogue),
        "palette": list(STYLE_COLORS),
        "sheets": sheet_count(catalogue.atlas.n_paintings) if catalogue.pictures != "none" else 0,
        "cell": CELL,
        "columns": COLUMNS,
    }


def _facets(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return what one may colour and filter by."""
    atlas, rows = catalogue.atlas, catalogue.drawn
    facets = [
        {
            "key": "style",
            "name": "Style",
            "labels": [style_label(style) for style in range(atlas.n_styles)],
            "of": atlas.painting_styles.to_numpy()[rows].argmax(axis=1).tolist(),
        }
    ]
    if atlas.n_painters:
        facets.append(_facet("painter", "Painter", pd.Series(catalogue.cards.painters(rows))))
    for column in LABEL_COLUMNS:
        if column in atlas.paintings:
            labels = pd.Series(texts(atlas.paintings[column].iloc[rows]))
            n_labels = labels[labels != ""].nunique()
            if (labels != "").mean() >= LABELLED and 2 <= n_labels <= MOST_LABELS:
                # A column of labels may be called "style", as our own styles are.
                facets.append(_facet(f"given-{column}", f"{fact_name(column)} (given)", labels))
    periods = [_period(year) for year in _years(catalogue)]
    if any(periods):
        facets.append(_facet("period", "Period", pd.Series(periods)))
    return facets


def _facet(key: str, name: str, labels: pd.Series) -> dict[str, Any]:
    """Return a facet of labels in the order of the alphabet; "" is no label."""
    known = sorted(set(labels) - {""})
    place = {label: i for i, label in enumerate(known)} | {"": -1}
    return {"key": key, "name": name, "labels": known, "of": [place[label] for label in labels]}


def _years(catalogue: Catalogue) -> list[int | None]:
    """Return the year of each painting as a number, where one is known."""
    paintings, rows = catalogue.atlas.paintings, catalogue.drawn
    if "year_from" in paintings:
        given = pd.to_numeric(paintings["year_from"].iloc[rows], errors="coerce")
        return [None if pd.isna(year) else int(year) for year in given]
    found = [_YEAR.search(year) for year in catalogue.cards.years(rows)]
    return [int(match[0]) if match else None for match in found]


def _period(year: int | None) -> str:
    """Return half a century, such as ``1850-1899``; they sort as text from the year 0 on."""
    if year is None or year < 0:
        return ""
    first = year // PERIOD_YEARS * PERIOD_YEARS
    return f"{first:04d}-{first + PERIOD_YEARS - 1:04d}"
