"""The page that documents the API: its OpenAPI document, made readable by our own template."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from artstylenet.site.catalogue import Catalogue
from artstylenet.site.payload.frame import Page, new_page


def documentation_page(catalogue: Catalogue, document: dict[str, Any]) -> Page:
    """Return the page of the API.

    Parameters
    ----------
    catalogue : Catalogue
    document : dict
        OpenAPI 3.
    """
    page = new_page(catalogue, "api", "api.html", "API")
    page["description"] = document["info"]["description"]
    page["questions"] = [
        {
            "method": method.upper(),
            "path": f"/api/v1{path}",
            "what": question.get("description") or question.get("summary", ""),
            "example": _example(catalogue, path) if method == "get" else "",
            "parameters": [
                {
                    "name": parameter["name"],
                    "required": parameter.get("required", False),
                    "what": parameter.get("description", ""),
                    "default": parameter["schema"].get("default", ""),
                }
                for parameter in question.get("parameters", [])
            ],
        }
        for path, methods in document["paths"].items()
        for method, question in methods.items()
    ]
    return page


def _example(catalogue: Catalogue, path: str) -> str:
    """Return a question that can be opened as it stands, relative to the site's top."""
    painting = catalogue.cards[0]["id"]
    fills = {"{style}": "0", "{painting}": painting}
    if catalogue.painter_names:
        fills["{name}"] = next(iter(catalogue.painter_names))
    for name, value in fills.items():
        path = path.replace(name, value)
    if path == "/similar":
        path += f"?painting={painting}"
    if path == "/search":
        path += "?q=" + quote(catalogue.cards[0]["title"])
    if path == "/path":
        path += f"?start={painting}&end={catalogue.cards[-1]['id']}&steps=1"
    if path == "/similar-by-facets":  # has no answer before the pictures are measured
        return ""
    return "" if "{" in path else f"api/v1{path}"
