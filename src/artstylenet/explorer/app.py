"""The explorer as a web application."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from artstylenet.explorer.documentation import documentation_page
from artstylenet.explorer.pages import HTML, JPEG, File, Pages
from artstylenet.explorer.security import Access, Guard
from artstylenet.site.render import render_page

if TYPE_CHECKING:
    from fastapi import FastAPI

    from artstylenet.atlas import StyleAtlas


def make_app(
    atlas: StyleAtlas,
    *,
    folder: Path | None = None,
    title: str | None = None,
    access: Access | None = None,
) -> ASGIApp:
    """Return the explorer of an atlas.

    Parameters
    ----------
    atlas : StyleAtlas
    folder : Path or None, default=None
        Folder of the atlas, where what visitors say is kept; None keeps nothing.
    title : str or None, default=None
        Name of the site.
    access : Access or None, default=None
        Who may ask; None is this machine alone.

    Returns
    -------
    ASGI application
        Serves the paths of the exported site, and a JSON API under ``/api/v1``.
    """
    return make_app_of_pages(atlas, Pages(atlas, title, folder), folder=folder, access=access)


def make_app_of_pages(
    atlas: StyleAtlas, pages: Pages, *, folder: Path | None = None, access: Access | None = None
) -> ASGIApp:
    """Return the explorer of an atlas whose pages the caller keeps; see :func:`make_app`."""
    api = LaterApi(atlas, pages, folder)

    async def page(request: Request) -> Response:
        path = request.path_params["path"]
        if not path or path.endswith("/"):
            path += "index.html"
        if path not in pages:
            return PlainTextResponse("There is no such page.\n", 404)
        file = pages.kept(path)
        if file is None:
            file = await run_in_threadpool(pages.make, path)
        return _response(file)

    def documentation(_: Request) -> Response:
        return Response(
            render_page(documentation_page(pages.catalogue, api.made().openapi())),
            headers={"Content-Type": HTML},
        )

    app = Starlette(
        routes=[
            Mount("/api/v1", api),
            Route("/api.html", documentation),
            Route("/{path:path}", page),
        ]
    )
    return Guard(app, access or Access())


class LaterApi:
    """The API, made when it is first asked something: pages do not wait for what it is made of."""

    def __init__(self, atlas: StyleAtlas, pages: Pages, folder: Path | None) -> None:
        self._parts = atlas, pages, folder
        self._making = threading.Lock()
        self._api: FastAPI | None = None

    def made(self) -> FastAPI:
        """Return the API."""
        from artstylenet.explorer.api import make_api

        with self._making:
            if self._api is None:
                atlas, pages, folder = self._parts
                self._api = make_api(atlas, pages.catalogue, folder, curated=pages.curate)
            return self._api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a question."""
        api = self._api
        if api is None:
            api = await run_in_threadpool(self.made)
        await api(scope, receive, send)


def _response(file: File) -> Response:
    # Pictures are the same as long as the server runs; a page may change while one curates.
    keep = "private, max-age=600" if file.kind == JPEG else "no-cache"
    return Response(file.content, headers={"Content-Type": file.kind, "Cache-Control": keep})
