"""Figures of a site, as SVG that a strict content security policy lets through."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from artstylenet.progress import Progress

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas


def draw_figures(atlas: StyleAtlas, progress: Progress) -> dict[str, str]:
    """Return the figures that hold no pictures, as SVG by name."""
    # Altair and its engine take a second to import.
    from artstylenet.figures.saving import (
        ATLAS_FIGURES,
        PAINTER_FIGURES,
        SWEEP_FIGURES,
        chart_svg,
    )

    known = ATLAS_FIGURES | (PAINTER_FIGURES if atlas.n_painters else {})
    if len(atlas.selection.transitions):
        known |= SWEEP_FIGURES
    names = [name for name in known if name != "style-gallery"]
    drawn = {}
    for done, name in enumerate(names, start=1):
        drawn[name] = chart_svg(known[name](atlas))
        progress("figures", done, len(names))
    return drawn


def number_charts(atlas: StyleAtlas, figure: Callable[[str], str]) -> list[dict[str, Any]]:
    """Return the charts of the page about the number of styles; `figure` gives SVG by name.

    There are none where a single number was tried: a curve of one point shows nothing.
    """
    if len(atlas.selection.table) < 2:
        return []
    names = ["elbow", "stability"] + ["splits"] * bool(len(atlas.selection.transitions))
    return [
        {"name": name, "svg": inline_chart(figure(name), name), "file": f"figures/{name}.svg"}
        for name in names
    ]


def inline_chart(svg: str, name: str) -> Markup:
    """Return a drawn figure as an ``<svg>`` element to stand inside a page.

    Parameters
    ----------
    svg : str
        From :func:`artstylenet.figures.saving.chart_svg`.
    name : str
        Distinct within the page; begins every id inside the SVG.

    Returns
    -------
    Markup
        Scales with its column and takes its ink from the page's style sheet, so that it is
        legible on dark paper too.
    """
    named = re.sub(r'(\bid="|url\(#)', rf"\g<1>{name}-", svg)
    return Markup(named.replace('class="marks"', 'class="chart"', 1))
