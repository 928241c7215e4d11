"""Who is let in, what may be changed, and what every answer carries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from artstylenet.atlas import StyleAtlas
from artstylenet.explorer import make_app
from artstylenet.explorer.pages import Pages
from artstylenet.explorer.security import Access
from artstylenet.site import export_site

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


@pytest.mark.parametrize(
    "path", ["/", "/map.html", "/api.html", "/api/v1/styles", "/api/v1/styles/99", "/none"]
)
def test_every_answer_carries_the_policy(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_refusals_carry_the_policy_too(client: TestClient) -> None:
    answer = client.get("/", headers={"Host": "evil.example"})
    assert "Content-Security-Policy" in answer.headers


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
