"""Who may ask, and what a page may do.

A server on one's own machine can be reached by every web page that one has open. So: a request
that names another host is refused (DNS rebinding), a change must come from a page of ours, a body
may not be large, and every answer carries a content security policy.
"""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 32 << 20
COOKIE = "artstylenet"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; "
    # Notebooks on the same machine may show a page in a frame.
    "frame-ancestors 'self' http://127.0.0.1:* http://localhost:*"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class Access:
    """From where the explorer may be reached.

    Attributes
    ----------
    hosts : frozenset of str
        Names, in lower case, that a request may address it by. Empty: any address made of
        numbers, which no foreign name server can hand out.
    token : str or None
        What visitors must know; None lets everybody in who can connect.
    """

    hosts: frozenset[str] = _LOOPBACK
    token: str | None = None

    def knows_host(self, host: str) -> bool:
        """Tell whether the Host header of a request names this server."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self.hosts or (self.token is not None and _is_address(name))


class BodyTooLargeError(Exception):
    """More bytes are being sent than anybody needs."""


class Guard:
    """Refuses what should not come in and marks what goes out.

    Parameters
    ----------
    app : ASGI application
    access : Access
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or hand it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send_marked)
            return
        try:
            await self.app(scope, _bounded(receive), send_marked)
        except BodyTooLargeError:
            await _too_large()(scope, receive, send_marked)

    def _refusal(self, scope: Scope) -> Response | None:
        """Return why a request is not answered; None if it is."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self.access.knows_host(host):
            return PlainTextResponse(
                "This explorer does not answer to that name. Open the address it printed.\n", 421
            )
        if self.access.token is not None:
            challenge = _challenge(scope, headers, self.access.token)
            if challenge is not None:
                return challenge
        if scope["method"] not in _SAFE_METHODS and not _is_same_origin(headers, host):
            return PlainTextResponse("Changes must come from a page of this explorer.\n", 403)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            return _too_large()
        return None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_same_origin(headers: Headers, host: str) -> bool:
    """Tell whether a change comes from a page of ours, or from no page at all.

    Browsers always say where a change comes from; programs such as curl do not.
    """
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == host.lower()


def _challenge(scope: Scope, headers: Headers, token: str) -> Response | None:
    """Return what a visitor without the token gets; a visitor who brings it gets a cookie."""
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    given = dict(query).get("token")
    if given is not None and _same(given, token) and scope["method"] == "GET":
        rest = urlencode([pair for pair in query if pair[0] != "token"])
        # Two slashes would name another host.
        path = "/" + scope["path"].lstrip("/\\")
        answer = RedirectResponse(f"{path}?{rest}" if rest else path, 303)
        answer.set_cookie(COOKIE, token, httponly=True, samesite="strict")
        return answer
    bearer = headers.get("authorization", "").removeprefix("Bearer ")
    if _same(bearer, token) or _same(_cookie(headers), token):
        return None
    return PlainTextResponse(
        "This explorer asks for a token. Whoever started it has been told the address that "
        "holds it.\n",
        401,
        {"WWW-Authenticate": "Bearer"},
    )


def _cookie(headers: Headers) -> str:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _same(given: str, token: str) -> bool:
    """Compare in a time that does not tell how much is right."""
    return hmac.compare_digest(given.encode(), token.encode())


def _bounded(receive: Receive) -> Receive:
    """Stop a body that is longer than it said."""
    received = 0

    async def receive_bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > LARGEST_BODY:
            raise BodyTooLargeError
        return message

    return receive_bounded


def _too_large() -> Response:
    return PlainTextResponse(f"At most {LARGEST_BODY >> 20} MB at a time.\n", 413)
