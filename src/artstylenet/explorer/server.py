"""The explorer's process: a port, a browser, and an orderly end."""

from __future__ import annotations

import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from artstylenet.errors import InputError
from artstylenet.explorer.app import make_app_of_pages
from artstylenet.explorer.pages import Pages
from artstylenet.explorer.security import Access

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

LOOPBACK = "127.0.0.1"
SECONDS_ALONE = 0.5
_SECONDS_TO_FINISH = 3


@dataclass(frozen=True)
class Address:
    """Where the explorer can be opened.

    Attributes
    ----------
    url : str
        With the token, if there is one.
    is_open : bool
        Whether other machines can reach it.
    """

    url: str
    is_open: bool


def serve(
    atlas: StyleAtlas,
    *,
    folder: Path | None = None,
    title: str | None = None,
    host: str = LOOPBACK,
    port: int = 0,
    open_browser: bool = False,
    ready: Callable[[Address], object] = lambda _: None,
) -> None:
    """Serve the explorer until it is interrupted.

    Parameters
    ----------
    atlas : StyleAtlas
    folder : Path or None, default=None
        Folder of the atlas, where what visitors say is kept.
    title : str or None, default=None
        Name of the site.
    host : str, default='127.0.0.1'
        Address to listen at. Any but this machine's own loopback asks visitors for a token.
    port : int, default=0
        0 takes a free one.
    open_browser : bool, default=False
        Whether to open the first page.
    ready : callable, optional
        Told the address once it can be reached.

    Raises
    ------
    InputError
        If it cannot listen there.
    """
    listening = _listen(host, port)
    is_open = host not in (LOOPBACK, "localhost", "::1")
    token = secrets.token_urlsafe(16) if is_open else None
    hosts = Access().hosts | ({host.lower(), socket.gethostname().lower()} if is_open else set())
    pages = Pages(atlas, title, folder)
    app = make_app_of_pages(atlas, pages, folder=folder, access=Access(hosts, token))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            # What is not needed is not imported: the first page comes a fifth of a second sooner.
            http="h11",
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_SECONDS_TO_FINISH,
        )
    )
    address = Address(_url(host, listening.getsockname()[1], token), is_open)
    ready(address)
    if open_browser:
        webbrowser.open(address.url)
    # Who opens the first page at once has it before the machine is busy with others.
    warming = threading.Timer(SECONDS_ALONE, pages.warm_up)
    warming.daemon = True
    warming.start()
    try:
        with listening:
            server.run(sockets=[listening])
    finally:
        warming.cancel()
        pages.close()


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that takes connections already: who opens the page at once may wait."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise InputError(
            f"The explorer cannot listen at {host}, port {port}: {error.strerror}; leave --port "
            "out to take a free one."
        ) from error
    return listening


def _url(host: str, port: int, token: str | None) -> str:
    if host in ("0.0.0.0", "::"):  # what was asked for; here it is only shown
        host = socket.gethostname()
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/" + (f"?token={token}" if token else "")
