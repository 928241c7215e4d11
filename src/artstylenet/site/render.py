"""A page's dict -> its HTML."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def render_page(page: dict[str, Any]) -> str:
    """Return the HTML of a page; every text in it is escaped.

    Parameters
    ----------
    page : dict
        From :mod:`artstylenet.site.payload`; ``kind`` names the template.

    Returns
    -------
    str
        A whole HTML document.
    """
    return _environment().get_template(f"{page['kind']}.html").render(page=page)


@cache
def _environment() -> Environment:
    """Return the templates, compiled once; a misspelt name in one is an error."""
    return Environment(
        loader=PackageLoader("artstylenet.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
