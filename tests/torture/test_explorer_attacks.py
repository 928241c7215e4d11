"""A real explorer under visitors who mean no good: it refuses them and answers the others."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from artstylenet.storage import save_atlas
from tests.test_explorer_curating import exploring, names_kept
from tests.test_storage import whole_atlas

pytestmark = pytest.mark.torture

N_SLOW = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    atlas = whole_atlas()
    atlas = replace(atlas, run={**atlas.run, "inputs": "a build"})
    return save_atlas(atlas, tmp_path_factory.mktemp("atlas"))


@pytest.fixture(scope="module")
def host(folder) -> Iterator[str]:
    with exploring(folder) as (server, host):
        yield host
        assert server.poll() is None


def connect(host: str) -> socket.socket:
    name, port = host.split(":")
    return socket.create_connection((name, int(port)), timeout=60)


def answer_to(host: str, request: bytes) -> bytes:
    """Send bytes as they are; return what is answered until the end, or the first of it."""
    with connect(host) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        try:
            return connection.recv(65536)
        except ConnectionError:
            return b""


def assert_answers(host: str) -> None:
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.request("GET", "/")
    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.parametrize(
    "name",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "localhost.",
        "0x7f.1",
        "2130706433",
        "0",
        "[::ffff:127.0.0.1]",
        "evil.example, 127.0.0.1",
        "127.0.0.1@evil.example",
    ],
)
def test_a_name_that_was_bound_to_this_machine_is_refused(name, host, folder):
    saying = b'{"action": "name", "style": 0, "text": "mine"}'
    for line in (
        b"GET / HTTP/1.1",
        b"GET http://127.0.0.1/ HTTP/1.1",
        b"POST /api/v1/curation HTTP/1.1",
    ):
        head = line + b"\r\nHost: " + name.encode() + b"\r\nContent-Type: application/json\r\n"
        answer = answer_to(host, head + b"Content-Length: %d\r\n\r\n" % len(saying) + saying)
        assert answer.split()[1] in (b"421", b"400"), answer[:300]
    assert names_kept(folder) == []


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /../../etc/passwd",
        b"GET /thumbs/../../run.json",
        b"GET /%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        b"GET /thumbs/%2e%2e%2f%2e%2e%2frun.json",
        b"GET /pictures/..%5c..%5crun.json",
        b"GET /static//etc/passwd",
        b"GET /pictures/00/%00.jpg",
        b"GET file:///etc/passwd",
        b"GET //etc/passwd",
    ],
)
def test_no_path_leads_out_of_the_pages(request_line, host):
    own = b"Host: " + host.encode()
    answer = answer_to(host, request_line + b" HTTP/1.1\r\n" + own + b"\r\n\r\n")
    assert answer.split()[1] in (b"404", b"400", b"421"), answer[:300]
    assert b"root:" not in answer
    assert b"image_root" not in answer


PLACE = b"POST /api/v1/place HTTP/1.1\r\nHost: {host}\r\n"
CHUNKED = PLACE + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"",
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: {host}\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: {host}\r\n\r\n",
        PLACE + b"Content-Length: -1\r\n\r\n",
        PLACE + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
        PLACE + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        CHUNKED + b"ffffffffff\r\n",
        CHUNKED + (b"100000\r\n" + b"x" * 0x100000 + b"\r\n") * 40 + b"0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: {host}\r\n\r\n",
    ],
    ids=range(12),
)
def test_requests_that_are_none_harm_nobody_else(request_bytes, host):
    try:
        answer = answer_to(host, request_bytes.replace(b"{host}", host.encode()))
    except ConnectionError:
        answer = b""
    assert b" 500 " not in answer[:40]
    assert b"Traceback" not in answer
    assert_answers(host)


def test_slow_visitors_keep_nobody_else_waiting(host):
    """Half a request, half a head, half a body: by dozens, and never more of them."""
    head = b"POST /api/v1/place HTTP/1.1\r\nHost: " + host.encode()
    halves = (b"GET / HT", head, head + b"\r\nContent-Length: 1000000\r\n\r\nhalf")
    with ExitStack() as visitors:
        for number in range(N_SLOW):
            visitor = visitors.enter_context(connect(host))
            visitor.sendall(halves[number % 3])
        assert_answers(host)
        connection = http.client.HTTPConnection(host, timeout=60)
        for path in ("/map.html", "/api/v1/styles"):
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
        # Pictures of others are looked at, too: this one is none, and is told so.
        connection.request("POST", "/api/v1/place", b"no picture")
        answer = connection.getresponse()
        assert answer.status in (409, 415, 422), answer.read()
        connection.close()
    assert_answers(host)
