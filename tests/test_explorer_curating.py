"""Names and notes in the explorer: kept, shown, taken back, from its own pages alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from artstylenet.curation import read_curation
from artstylenet.explorer import make_app
from artstylenet.figures.palette import named_styles
from artstylenet.site.words import percent
from artstylenet.storage import load_atlas, save_atlas
from tests.test_storage import whole_atlas

CURATION = "/api/v1/curation"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    atlas = whole_atlas()
    return save_atlas(replace(atlas, run={**atlas.run, "inputs": "a build"}), tmp_path / "atlas")


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    app = make_app(load_atlas(folder, whole=False), folder=folder)
    with named_styles({}), TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def say(client: TestClient, **saying: object) -> dict:
    answer = client.post(CURATION, json=saying)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_what_is_said_is_shown_at_once_and_kept(client: TestClient, folder: Path) -> None:
    assert ">Style 1<" in client.get("/index.html").text
    say(client, action="name", style=1, text="Night <b>")
    say(client, action="note", style=1, text="Look at the sky & the moon.")
    home = client.get("/index.html").text
    assert "Night &lt;b&gt;" in home
    assert "Look at the sky &amp; the moon." in client.get("/styles/style-01.html").text
    assert client.get("/api/v1/styles/1").json()["name"] == "Night <b>"
    assert "Night" in client.get("/data/map.js").text
    assert read_curation(folder).names == {1: "Night <b>"}
    assert client.get(CURATION).json()["names"] == {"1": "Night <b>"}


def test_hidden_and_merged_styles_leave_the_home_page_and_come_back(
    client: TestClient, folder: Path
) -> None:
    strip = 'id="style-{}"'
    say(client, action="hide", style=2)
    say(client, action="merge", style=4, into=0)
    home = client.get("/").text
    assert [strip.format(k) in home for k in range(5)] == [True, True, False, True, False]
    assert "Style 0 (style 4)" in home
    shares = load_atlas(folder, whole=False).styles["share"]
    both = percent(shares.iloc[0] + shares.iloc[4])
    assert f"{both} of the collection" in home
    assert f"Style 0 (style 4), it makes up {both}." in client.get("/styles/style-00.html").text
    assert f"{percent(shares.iloc[1])} of the collection" in home
    rooms = {work["style"] for work in client.get("/api/v1/exhibition").json()}
    assert rooms == {0, 1, 3}
    say(client, action="undo")
    say(client, action="show", style=2)
    assert all(strip.format(k) in client.get("/").text for k in range(5))


@pytest.mark.parametrize(
    ("saying", "status"),
    [
        ({"action": "name", "style": 1, "text": "  "}, 422),
        ({"action": "name", "style": 77, "text": "x"}, 404),
        ({"action": "name", "text": "x"}, 422),
        ({"action": "merge", "style": 1}, 422),
        ({"action": "merge", "style": 1, "into": 1}, 422),
        ({"action": "undo"}, 422),
        ({"action": "burn", "style": 1}, 422),
        ({"action": "name", "style": 1, "text": "x" * 2001}, 422),
    ],
)
def test_what_cannot_be_said_is_refused(
    client: TestClient, folder: Path, saying: dict, status: int
) -> None:
    assert client.post(CURATION, json=saying).status_code == status
    assert read_curation(folder).names == {}


def test_other_sites_say_nothing(client: TestClient, folder: Path) -> None:
    saying = {"action": "name", "style": 1, "text": "mine"}
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post(CURATION, json=saying, headers=headers).status_code == 403
    assert read_curation(folder).names == {}


def test_without_a_folder_nothing_is_kept() -> None:
    with TestClient(make_app(whole_atlas()), base_url="http://127.0.0.1") as client:
        answer = client.post(CURATION, json={"action": "hide", "style": 1})
    assert answer.status_code == 422
    assert "keeps nothing" in answer.json()["detail"]


def test_a_killed_server_loses_no_name_that_it_confirmed(folder: Path) -> None:
    command = [sys.executable, "-m", "artstylenet", "explore", str(folder), "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        found = re.search(r"http://[^/]+/", server.stdout.readline())
        assert found is not None
        for number in range(12):
            saying = {"action": "name", "style": number % 5, "text": f"Name {number}"}
            request = urllib.request.Request(
                f"{found[0]}api/v1/curation",
                json.dumps(saying).encode(),
                {"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                confirmed = json.load(answer)["names"]
        server.kill()
    # It died while it wrote the next: half a line.
    with (folder / "curation.jsonl").open("ab") as file:
        file.write(b'{"action": "name", "style": 0, "te')
    kept = read_curation(folder).names
    assert {str(style): name for style, name in kept.items()} == confirmed
    assert kept[11 % 5] == "Name 11"
