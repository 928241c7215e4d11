"""Who is let in, what may be changed, and what every answer carries."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

from artstylenet.atlas import StyleAtlas
from artstylenet.cli.explore import _tell
from artstylenet.explorer import make_app, serve
from artstylenet.explorer.pages import Pages
from artstylenet.explorer.security import Access
from artstylenet.explorer.server import Address
from artstylenet.site import export_site, payload
from artstylenet.site.cards import thumbnail_path

JUDGEMENT = {"anchor": "toy-001", "more": "toy-002", "less": "toy-003"}
TOKEN = "a-token-of-some-length"


@pytest.fixture
def client(atlas: StyleAtlas, tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(make_app(atlas, folder=tmp_path), base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture
def guarded(atlas: StyleAtlas, tmp_path: Path) -> Iterator[TestClient]:
    """Return a client of an explorer that asks for a token."""
    app = make_app(atlas, folder=tmp_path, access=Access(frozenset({"studio"}), TOKEN))
    with TestClient(app, base_url="http://studio:8000") as client:
        yield client


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "localhost@evil.example:80"]
)
def test_a_foreign_host_is_refused(client: TestClient, host: str) -> None:
    for path in ("/", "/api/v1/styles", "/thumbs/x.jpg"):
        assert client.get(path, headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "localhost:1234", "127.0.0.1:80", "[::1]:80"])
def test_the_own_machine_is_let_in(client: TestClient, host: str) -> None:
    assert client.get("/api/v1/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8000"},
    ],
)
def test_changes_from_elsewhere_are_refused(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post("/api/v1/judgements", json=JUDGEMENT, headers=headers)
    assert answer.status_code == 403


def test_changes_from_own_pages_and_programs_are_taken(client: TestClient) -> None:
    own = {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}
    for headers in (own, {}):
        answer = client.post("/api/v1/judgements", json=JUDGEMENT, headers=headers)
        assert answer.status_code == 201


def assert_marked(answer: Any) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_every_answer_carries_the_policy(client: TestClient, atlas: StyleAtlas) -> None:
    pages = [path for path, _ in payload.page_makers(Pages(atlas).catalogue)]
    of_each_kind = {path.partition("/")[0]: path for path in pages}
    files = ["static/site.css", "static/map.js", "data/map.js", "figures/style-map.svg"]
    files += ["sprites/sheet-0.jpg", thumbnail_path("toy-001"), "none", "painters", "painters/"]
    api = ["", "styles", "styles/99", "styles/one", "nothing", "openapi.json", "exhibition.csv"]
    questions = [f"api/v1/{question}" for question in api]
    for path in ["", "api.html", "how-many.html", *of_each_kind.values(), *files, *questions]:
        assert_marked(client.get(f"/{path}"))


def test_refusals_and_failures_carry_the_policy_too(
    client: TestClient, atlas: StyleAtlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = {"Host": "evil.example"}
    other = {"Origin": "http://evil.example"}
    for code, answer in {
        421: client.get("/", headers=foreign),
        403: client.post("/api/v1/judgements", json=JUDGEMENT, headers=other),
        405: client.delete("/index.html"),
        413: client.post("/api/v1/place", content=bytes(33 << 20)),
        422: client.post("/api/v1/recommend", content=b"{"),
    }.items():
        assert answer.status_code == code
        assert_marked(answer)

    def fail(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("artstylenet.explorer.pages.render_page", fail)
    app = make_app(atlas)
    with TestClient(app, "http://127.0.0.1", raise_server_exceptions=False) as failing:
        answer = failing.get("/map.html")
    assert answer.status_code == 500
    assert "fault of ours" not in answer.text
    assert_marked(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/../pyproject.toml",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/static/../app.py",
        "/static/%2e%2e/render.py",
        "//etc/passwd",
        "/run.json",
        "/thumbs/00/toy-000.jpg%00.html",
        "/pictures/aa/toy-001.jpg",
    ],
)
def test_no_path_reaches_the_file_system(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("host", "is_open"), [("127.0.0.1", False), ("localhost", False), ("0.0.0.0", True)]
)
def test_only_a_host_that_was_asked_for_opens_the_explorer_and_asks_a_token(
    atlas: StyleAtlas, monkeypatch: pytest.MonkeyPatch, host: str, is_open: bool
) -> None:
    told: list[Address] = []

    def ask(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        assert sockets[0].getsockname()[0] == ("0.0.0.0" if is_open else "127.0.0.1")
        visitor = TestClient(server.config.app, base_url="http://127.0.0.1")
        for path in ("/", "/api/v1/styles", "/static/site.css", "/none"):
            assert (visitor.get(path).status_code == 401) == is_open
        token = told[0].url.partition("?token=")[2]
        assert visitor.get("/", params={"token": token}).status_code == 200

    monkeypatch.setattr(uvicorn.Server, "run", ask)
    serve(atlas, host=host, ready=told.append)
    assert told[0].is_open == is_open
    assert (len(told[0].url.partition("?token=")[2]) > 20) == is_open


def test_who_opens_the_explorer_is_told_what_that_means(capsys: pytest.CaptureFixture[str]) -> None:
    _tell(Address("http://studio:8000/?token=abc", is_open=True))
    printed = capsys.readouterr()
    assert "http://studio:8000/?token=abc" in printed.out
    assert "not encrypted" in printed.err
    _tell(Address("http://127.0.0.1:8000/", is_open=False))
    assert capsys.readouterr().err == ""


def test_without_the_token_nothing_is_shown(guarded: TestClient) -> None:
    for path in ("/", "/api/v1/styles", "/static/site.css", "/?token=wrong", "/?token="):
        assert guarded.get(path).status_code == 401
    assert guarded.get("/", headers={"Cookie": "artstylenet=wrong; ;=\x01"}).status_code == 401


def test_the_token_is_taken_from_the_address_once(guarded: TestClient) -> None:
    answer = guarded.get(f"/map.html?ui=0&token={TOKEN}", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/map.html?ui=0"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=strict" in answer.headers["set-cookie"]
    assert guarded.get("/map.html").status_code == 200


def test_the_way_on_stays_on_this_server(guarded: TestClient) -> None:
    answer = guarded.get(f"/%2Fevil.example/?token={TOKEN}", follow_redirects=False)
    assert answer.headers["location"].startswith("/evil.example")


def test_programs_bring_the_token_in_a_header(guarded: TestClient) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert guarded.get("/api/v1/", headers=headers).status_code == 200
    assert guarded.get("/api/v1/", headers=headers | {"Host": "evil.example"}).status_code == 421
    assert guarded.get("/api/v1/", headers=headers | {"Host": "192.168.1.5:80"}).status_code == 200


_ASKING = re.compile(
    rb'<section aria-labelledby="(?:curate|by-facets)">.*?</section>\n'
    rb'|<p class="quiet" id="take">.*?</p>\n'
    rb'|<script defer src="../static/(?:curate|facets).js"></script>\n',
    re.DOTALL,
)
"""What pages say of questions that only a server answers."""


def test_pages_are_those_of_the_exported_site(atlas: StyleAtlas, tmp_path: Path) -> None:
    site = export_site(atlas, tmp_path / "site").parent
    pages = Pages(atlas)
    pages.warm_up()
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if not path.is_file() or name == "artstylenet-site.json":
            continue
        assert name in pages, name
        served, exported = pages.make(name).content, path.read_bytes()
        if path.suffix == ".html":
            # Live pages may ask the server, and say that it can be asked.
            served = served.replace(b" connect-src 'self';", b"").replace(
                b"<html data-live", b"<html"
            )
            served = re.sub(rb' \xc2\xb7 <a href="(../)?api.html">API</a>', b"", served)
            served, exported = (_ASKING.sub(b"", page) for page in (served, exported))
        if name not in ("bring.html", "feel.html"):
            assert served == exported, name
