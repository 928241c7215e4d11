"""An exhibition as a IIIF Presentation 3 manifest, which viewers of many museums open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from artstylenet.site.cards import thumbnail_path
from artstylenet.site.catalogue import Catalogue, large_path, style_chip

if TYPE_CHECKING:
    import pandas as pd

CONTEXT = "http://iiif.io/api/presentation/3/context.json"


def iiif_manifest(
    catalogue: Catalogue, exhibition: pd.DataFrame, site: str, path: str
) -> dict[str, Any]:
    """Return an exhibition as a manifest: a canvas a work, a range a style.

    Parameters
    ----------
    catalogue : Catalogue
        Of the atlas.
    exhibition : DataFrame
        From :func:`artstylenet.exhibition.make_exhibition`.
    site : str
        Address of the site whose pictures are shown, such as ``https://example.org/styles``.
    path : str
        Where in the site the manifest lies: its identity.

    Returns
    -------
    dict
        What becomes JSON.
    """
    site = site.rstrip("/")
    top = f"{site}/{path}"
    # The name of a canvas may hold no "#": viewers add one of their own to name a part of it.
    names = top.removesuffix(".json")
    canvases = {row: _canvas(catalogue, row, site, names) for row in exhibition.index.tolist()}
    rooms = []
    for style in exhibition["style"].unique().tolist():
        room = exhibition[exhibition["style"] == style]
        name = style_chip(style)["name"]
        rooms.append(
            {
                "id": f"{names}/room/{style}",
                "type": "Range",
                "label": _text(name),
                "items": [
                    {"id": canvases[row]["id"], "type": "Canvas"} for row in room.index.tolist()
                ],
            }
        )
    return {
        "@context": CONTEXT,
        "id": top,
        "type": "Manifest",
        "label": _text(catalogue.title),
        "summary": _text("A room for each style, balanced by painter and date."),
        "items": list(canvases.values()),
        "structures": rooms,
    }


def _canvas(catalogue: Catalogue, row: int, site: str, names: str) -> dict[str, Any]:
    card = catalogue.cards[row]
    thumbnail = {
        "id": f"{site}/{thumbnail_path(card['name'])}",
        "type": "Image",
        "format": "image/jpeg",
    } | _size(catalogue.thumbnail_size(row))
    picture = thumbnail
    if row in catalogue.large:
        picture = {
            "id": f"{site}/{large_path(card['name'])}",
            "type": "Image",
            "format": "image/jpeg",
        } | _size(catalogue.large[row])
    canvas_id = f"{names}/canvas/{card['name']}"
    said = {"Painter": card["painter"], "Date": card["year"], "Identifier": card["id"]}
    canvas: dict[str, Any] = {
        "id": canvas_id,
        "type": "Canvas",
        "label": _text(card["title"]),
        "height": picture["height"],
        "width": picture["width"],
        "metadata": [
            {"label": _text(name), "value": _text(value)} for name, value in said.items() if value
        ],
        "thumbnail": [thumbnail],
        "homepage": [
            {
                "id": f"{site}/{card['page']}",
                "type": "Text",
                "label": _text(card["title"]),
                "format": "text/html",
            }
        ],
        "items": [
            {
                "id": f"{canvas_id}/page",
                "type": "AnnotationPage",
                "items": [
                    {
                        "id": f"{canvas_id}/painting",
                        "type": "Annotation",
                        "motivation": "painting",
                        "body": picture,
                        "target": canvas_id,
                    }
                ],
            }
        ],
    }
    stated = " · ".join(part for part in (card["credit"], card["rights"]) if part)
    if stated:
        # "rights" takes only the addresses of known licences; a collection's own words go here.
        canvas["requiredStatement"] = {"label": _text("Credit"), "value": _text(stated)}
    return canvas


def _size(size: tuple[int, int]) -> dict[str, int]:
    return {"height": int(size[1]), "width": int(size[0])}


def _text(value: str) -> dict[str, list[str]]:
    """Return a text of no stated language; half characters from odd file names become '?'."""
    return {"none": [value.encode("utf-8", errors="replace").decode()]}
