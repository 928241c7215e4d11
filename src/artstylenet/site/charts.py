"""Figures inside pages, as SVG that a strict content security policy lets through."""

from __future__ import annotations

import re

from markupsafe import Markup


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
