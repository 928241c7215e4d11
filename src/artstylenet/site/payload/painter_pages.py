"""The list of painters and the page of each."""

from __future__ import annotations

from typing import Any

import numpy as np

from artstylenet.figures.palette import style_label
from artstylenet.site.cards import texts
from artstylenet.site.catalogue import Catalogue, mixture
from artstylenet.site.payload.frame import Page, fact_name, new_page
from artstylenet.site.words import count, listing, percent

TYPICAL = 12
UNTYPICAL = 4
NEAR_PAINTERS = 5
SHARED_STYLES = 2


def painters_page(catalogue: Catalogue) -> Page:
    """Return the list of painters, by name, each with a picture and a mixture."""
    page = new_page(catalogue, "painters", "painters/index.html", "Painters")
    page["painters"] = [_painter_card(catalogue, painter) for painter in catalogue.painter_names]
    return page


def painter_page(catalogue: Catalogue, painter: str) -> Page:
    """Return the page of a painter: mixture, typical and untypical works, nearest painters."""
    atlas = catalogue.atlas
    path = f"painters/{catalogue.painter_names[painter]}.html"
    page = new_page(catalogue, "painter", path, painter)
    works = [catalogue.cards[row] for row in catalogue.typical(painter)]
    facts = atlas.painters[atlas.painters["painter"] == painter].iloc[0].drop("painter")
    page["facts"] = [
        {"name": fact_name(str(name)), "value": value}
        for name, value in zip(facts.index, texts(facts), strict=True)
        if value and name != "n_paintings"
    ]
    page["n_works"] = count(len(works), "painting")
    page["mixture"] = mixture(atlas.painter_styles.loc[painter].to_numpy(dtype=float))
    page["typical"] = works[:TYPICAL]
    page["typical_heading"] = (
        "Most typical: nearest to the mixture of all works together"
        if len(works) > TYPICAL
        else "Works in this collection, the most typical first"
    )
    page["untypical"] = works[-UNTYPICAL:] if len(works) >= 2 * UNTYPICAL + TYPICAL else []
    page["others"] = sorted(works[TYPICAL:], key=lambda card: card["row"])
    page["near"] = [
        _painter_card(catalogue, name) | _what_joins(catalogue, painter, name)
        for name in near_painters(catalogue, painter)
    ]
    return page


def _painter_card(catalogue: Catalogue, painter: str) -> dict[str, Any]:
    """Return how a painter appears in lists."""
    atlas = catalogue.atlas
    works = catalogue.typical(painter)
    return {
        "name": painter,
        "page": f"painters/{catalogue.painter_names[painter]}.html",
        "n_works": count(len(works), "painting"),
        "work": catalogue.cards[works[0]] if works else None,
        "mixture": mixture(atlas.painter_styles.loc[painter].to_numpy(dtype=float)),
        "why": "",
    }


def _what_joins(catalogue: Catalogue, painter: str, other: str) -> dict[str, Any]:
    """Return why another painter is near: the styles both have most of, and the nearest work."""
    mixtures = catalogue.atlas.painter_styles
    own, theirs = (mixtures.loc[name].to_numpy(dtype=float) for name in (painter, other))
    shared = np.argsort(-own * theirs, kind="stable")[:SHARED_STYLES]
    rows = np.array(catalogue.typical(other))
    roots = np.sqrt(catalogue.atlas.painting_styles.to_numpy()[rows])
    nearest = rows[(roots @ np.sqrt(own)).argmax()]
    return {
        "work": catalogue.cards[nearest],
        "why": listing(
            [f"{style_label(k)} ({percent(own[k])} and {percent(theirs[k])})" for k in shared]
        ),
    }


def near_painters(catalogue: Catalogue, painter: str) -> list[str]:
    """Return the painters whose mixture is nearest (Hellinger), best first."""
    roots = np.sqrt(catalogue.atlas.painter_styles.to_numpy(dtype=float))
    names = np.array(list(catalogue.painter_names), dtype=object)
    own = names == painter
    affinity = (roots @ roots[own].T).ravel()
    order = np.lexsort((names.astype(str), -affinity))
    return [str(name) for name in names[order[~own[order]]][:NEAR_PAINTERS]]
