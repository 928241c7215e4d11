"""Names and notes in the explorer: kept, shown, taken back, from its own pages alone."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from artstylenet.curation import name_style, read_curation
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


EXPLORE = "import sys; from artstylenet.cli import main; sys.argv[0] = 'artstylenet'; main()"

DIES_WITHIN = """
import os, signal
whole = os.write
def half(handle, data):
    if b"the last" not in data:
        return whole(handle, data)
    whole(handle, data[: len(data) // 2])
    os.kill(os.getpid(), signal.SIGKILL)
os.write = half
"""
"""A program that is killed in the middle of the one call that writes a certain name."""


@contextmanager
def exploring(folder: Path, before: str = "") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Give the process of a real explorer, and its host and port; it is killed in the end."""
    command = [sys.executable, "-c", before + EXPLORE, "explore", str(folder), "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        found = re.search(r"http://([^/]+)/", server.stdout.readline())
        assert found is not None
        yield server, found[1]
        server.kill()


def rename_until_killed(host: str, names: Iterable[str]) -> list[str]:
    """Give one name after the other until nobody answers; return those that were acknowledged."""
    connection = http.client.HTTPConnection(host, timeout=60)
    kept = []
    try:
        for name in names:
            saying = json.dumps({"action": "name", "style": 1, "text": name})
            connection.request("POST", CURATION, saying, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            assert json.load(answer)["names"]["1"] == name
            kept.append(name)
    except (OSError, http.client.HTTPException):
        pass
    finally:
        connection.close()
    return kept


def kill_while_renaming(
    folder: Path,
    n_kills: int,
    moments: random.Random,
    exploring: Callable[[Path], AbstractContextManager[tuple[Any, str]]] = exploring,
) -> int:
    """Kill explorers at random moments while they are told names; return how many were told.

    After each kill every acknowledged name must be in the file, whole, and at most the one under
    way beside them.
    """
    n_told = 0
    for number in range(n_kills):
        before = names_kept(folder)
        with exploring(folder) as (server, host):
            rename_until_killed(host, [f"first {number}"])  # once the API has been made
            killing = threading.Timer(moments.uniform(0, 0.25), server.kill)
            killing.start()
            told = [f"first {number}"]
            told += rename_until_killed(host, (f"name {number}, {i}" for i in itertools.count()))
            killing.join()
        new = names_kept(folder)[len(before) :]
        assert new[: len(told)] == told
        assert len(new) <= len(told) + 1
        assert read_curation(folder).names[1] == new[-1]
        n_told += len(told)
    return n_told


def names_kept(folder: Path) -> list[str]:
    """Return all names in the file, in order; what is no whole line may only stand at its end."""
    path = folder / "curation.jsonl"
    if not path.exists():
        return []
    return [json.loads(line)["text"] for line in path.read_bytes().split(b"\n")[:-1]]


def test_a_server_killed_within_the_write_loses_that_name_alone(folder: Path) -> None:
    names = ["a", "b", "c", "the last", "never"]
    with exploring(folder, DIES_WITHIN) as (server, host):
        assert rename_until_killed(host, names) == names[:3]
        assert server.wait(timeout=60) == -signal.SIGKILL
    assert not (folder / "curation.jsonl").read_bytes().endswith(b"\n")  # it was in the middle
    assert names_kept(folder) == names[:3]
    assert read_curation(folder).names == {1: "c"}
    name_style(folder, 1, "and on")
    assert names_kept(folder) == [*names[:3], "and on"]


def test_killed_at_any_moment_a_server_has_kept_what_it_acknowledged(folder: Path) -> None:
    assert kill_while_renaming(folder, 3, random.Random(0)) > 3
