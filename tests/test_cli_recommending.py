"""The commands that ask an atlas: one JSON document, readable tables, exit code 2 for bad input."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from artstylenet.atlas import StyleAtlas
from artstylenet.looks import looks_of
from tests.command_line import Run, commands_on
from tests.test_constraints import dated
from tests.toy_atlas import toy_atlas


@pytest.fixture(scope="module")
def loaded() -> StyleAtlas:
    atlas = toy_atlas()
    atlas = dated(atlas, ["c. 1650", "1700-10", "1801", None, "1850", "1903"])
    atlas = replace(atlas, run={**atlas.run, "inputs": "one"})
    looks_of(atlas)  # once: on a slow machine its progress would be shown
    return atlas


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], loaded: StyleAtlas
) -> Run:
    """Run a command on the toy atlas; return its exit code and what it printed."""
    return commands_on(loaded, monkeypatch, capsys)


def document(run: Run, *arguments: object) -> Any:
    """Return the one JSON document that a command prints."""
    code, out, err = run(*arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_similar_with_constraints(run: Run) -> None:
    found = document(run, "similar", "A", "toy-000", "--other-painters", "--before", 1800)
    assert found
    assert {row["year"] for row in found} == {"1700-10"}  # of Bo, the only others before 1800
    found = document(run, "similar", "A", "toy-000", "--where", "movement=Cubism", "-n", 3)
    assert [set(row) for row in found] == [{"id", "painter", "title", "year", "similarity"}] * 3


def test_similar_by_facets(run: Run) -> None:
    found = document(run, "similar", "A", "toy-000", "--by", "colour", "-n", 3)
    assert [row["colour"] for row in found] == [row["similarity"] for row in found]
    weighted = ["--by", "facets", "--weights", "colour=1,texture=0.5"]
    (best,) = document(run, "similar", "A", "toy-000", *weighted, "-n", 1)
    assert best["colour"] + best["texture"] == pytest.approx(best["similarity"], abs=2e-6)
    code, out, _ = run("similar", "A", "toy-000", "--by", "facets", "--other-painters")
    assert code == 0
    assert "colour" in out


def test_recommend(run: Run) -> None:
    found = document(run, "recommend", "A", "toy-001:0.6", "toy-002:0.4", "--dislike", "toy-009")
    assert found["liked"] == [
        {"id": "toy-001", "weight": 0.6},
        {"id": "toy-002", "weight": 0.4},
    ]
    assert found["disliked"] == ["toy-009"]
    assert len(found["paintings"]) == 20
    assert {"id", "score", "like", "style", "shared", "reason"} <= set(found["paintings"][0])
    code, out, _ = run("recommend", "A", "toy-001", "-n", 3)
    assert code == 0
    assert "Like your" in out


def test_a_profile_is_kept_and_used(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "me.json"
    document(run, "recommend", "A", "toy-001", "--profile", file, "--keep")
    both = document(run, "recommend", "A", "toy-002:2", "--profile", file)
    assert [like["id"] for like in both["liked"]] == ["toy-001", "toy-002"]
    alone = document(run, "recommend", "A", "--profile", file)
    assert [like["id"] for like in alone["liked"]] == ["toy-001"]  # without --keep nothing is


def test_path(run: Run) -> None:
    found = document(run, "path", "A", "toy-003", "toy-040", "--steps", 3, "--by", "styles")
    assert [row["id"] for row in found["paintings"]][::3] == ["toy-003", "toy-040"]
    assert found["paintings"][0]["step"] is None
    assert found["steps"] == 3
    code, out, _ = run("path", "A", "toy-003", "toy-040", "--steps", 1)
    assert code == 0
    assert "toy-040" in out


def test_painter(run: Run) -> None:
    found = document(run, "painter", "A", "chen wei")
    assert found["painter"] == "Chen Wei"
    assert sum(found["mixture"]) == pytest.approx(1, abs=1e-4)
    assert len(found["works"]) == found["n_paintings"] == 10
    assert len(found["nearest"]) == 5
    assert found["drift"] is None  # all of one year
    code, out, _ = run("painter", "A", "Ada Müller")
    assert code == 0
    assert out.startswith("Ada Müller, 10 works")
    assert "most typical: toy-" in out


def test_the_painter_of_a_work(run: Run) -> None:
    found = document(run, "painter", "A", "--work", "toy-003")
    assert set(found) == {
        "work",
        "is_close",
        "known_share",
        "stranger_share",
        "summary",
        "painters",
    }
    code, out, _ = run("painter", "A", "--work", "toy-003")
    assert code == 0
    assert out.startswith(f"toy-003: {found['summary']}")


def test_associations(run: Run) -> None:
    found = document(run, "associations", "A", "--permutations", 99)
    assert [row["column"] for row in found["columns"]] != []
    assert {"column", "label", "style", "lift", "q_value"} <= set(found["labels"][0])
    code, out, _ = run("associations", "A", "--column", "movement", "--permutations", 99)
    assert code == 0
    assert "movement" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["similar", "A", "toy000"], "did you mean toy-000"),
        (["similar", "A", "toy-000", "--where", "movement"], "COLUMN=LABEL"),
        (["similar", "A", "toy-000", "--before", "1500", "--after", "1600"], "contradict"),
        (["similar", "A", "toy-000", "--where", "movement=Barok"], "did you mean Baroque"),
        (["similar", "A", "toy000", "--by", "colour"], "did you mean toy-000"),
        (["similar", "A", "toy-000", "--by", "mood"], "not 'mood'"),
        (["similar", "A", "toy-000", "--weights", "colour=1"], "of --by facets"),
        (["similar", "A", "toy-000", "--by", "facets", "--weights", "colour"], "FACET=NUMBER"),
        (["similar", "A", "toy-000", "--by", "facets", "--weights", "mood=1"], "no facet mood"),
        (["similar", "A", "toy-000", "--by", "facets", "--weights", "colour=0"], "above 0"),
        (["recommend", "A"], "Nothing is liked"),
        (["recommend", "A", "toy000"], "did you mean toy-000"),
        (["recommend", "A", "toy-000:-1"], "must be 0 or more"),
        (["recommend", "A", "toy-000:much"], "must be a number, not 'much'"),
        (["recommend", "A", "toy-000", "--dislike", "toy-000"], "both liked and disliked"),
        (["recommend", "A", "toy-000", "--keep"], "--keep needs --profile"),
        (["recommend", "A", "--profile", "none.json"], "cannot be read"),
        (["path", "A", "toy-000", "toy000"], "did you mean toy-000"),
        (["path", "A", "toy-000", "toy-000"], "has no steps"),
        (["painter", "A", "Ada Mueller"], "did you mean Ada Müller"),
        (["painter", "A"], "either the name of a painter or --work"),
        (["painter", "A", "--work", "toy000"], "did you mean toy-000"),
        (["associations", "A", "--column", "mood"], "no column 'mood'"),
        (["associations", "A", "--shuffle", "styles"], "shuffle must be one of"),
    ],
)
def test_bad_input_is_exit_2_and_says_what(run: Run, arguments: list[str], said: str) -> None:
    code, out, err = run(*arguments, "--json")
    assert (code, out) == (2, "")
    assert said in err
