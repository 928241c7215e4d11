"""The commands that say why: explain, style and audit, as users run them."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from artstylenet import cli
from artstylenet.atlas import StyleAtlas
from artstylenet.site.catalogue import style_chip
from tests.command_line import Run, commands_on
from tests.planted_atlas import planted_atlas


@pytest.fixture(scope="module")
def loaded() -> StyleAtlas:
    atlas, _ = planted_atlas()
    return replace(atlas, run={**atlas.run, "inputs": "one", "n_styles": atlas.n_styles})


@pytest.fixture
def folder(tmp_path: Path, loaded: StyleAtlas) -> Path:
    """The least that is the folder of that atlas."""
    (tmp_path / "run.json").write_text(json.dumps(loaded.run))
    return tmp_path


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], loaded: StyleAtlas
) -> Run:
    """Run a command on the planted atlas; return its exit code and what it printed."""
    return commands_on(loaded, monkeypatch, capsys)


def document(run: Run, *arguments: object) -> Any:
    """Return the one JSON document that a command prints."""
    code, out, _ = run(*arguments, "--json")
    assert code == 0
    return json.loads(out)


def test_explain_prints_and_draws(run: Run, folder: Path) -> None:
    found = document(run, "explain", folder, "toy-003", "--style", 1)
    assert (found["painting"], found["style"]) == ("toy-003", 1)
    assert found["weight"] == found["mixture"][1]
    assert (len(found["map"]), len(found["map"][0])) == (14, 14)
    assert sum(family["tokens"] for family in found["families"]) == pytest.approx(1)
    code, out, _ = run("explain", folder, "toy-003", "-o", folder / "why.svg")
    assert code == 0
    assert out.startswith("toy-003: ")
    assert "<svg" in (folder / "why.svg").read_text("utf-8")


def test_likeness_is_explained(run: Run, folder: Path) -> None:
    found = document(run, "explain", folder, "toy-003", "--like", "toy-005")
    assert found["paintings"] == ["toy-003", "toy-005"]
    parts = ["features", "colour", "texture", "composition"]
    assert [row["part"] for row in found["facets"]] == parts
    code, out, _ = run("explain", folder, "toy-003", "--like", "toy-005", "-o", folder / "a.svg")
    assert code == 0
    assert out.startswith("toy-003 and toy-005 overlap by ")
    assert "<svg" in (folder / "a.svg").read_text("utf-8")


def test_a_style_is_described(run: Run, folder: Path) -> None:
    found = document(run, "style", folder, 2)
    assert (found["style"], found["name"], found["hidden"]) == (2, None, False)
    assert found["text"].endswith(".")
    assert set(found["facets"]) == {"colour", "texture", "composition"}
    assert sum(colour["share"] for colour in found["palette"]) == pytest.approx(1, abs=1e-3)
    assert set(found["typical"]) <= {f"toy-{i:03d}" for i in range(60)}
    code, out, _ = run("style", folder, 2)
    assert code == 0
    assert out.startswith("Style 2\n")


def test_styles_of_a_facet(run: Run, folder: Path) -> None:
    found = document(run, "styles", folder, "--facet", "colour", "--n-styles", 3, "-n", 2)
    assert found["facet"] == "colour"
    shares = [row["share"] for row in found["styles"]]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1, abs=1e-5)
    assert [len(row["top_paintings"]) for row in found["styles"]] == [2, 2, 2]
    for options in ((), ("--csv",)):
        code, out, _ = run("styles", folder, "--facet", "texture", "--n-styles", 2, *options)
        assert (code, "toy-" in out) == (0, True)


def test_styles_are_named_hidden_and_merged_and_all_that_is_taken_back(
    run: Run, folder: Path
) -> None:
    assert document(run, "style", folder, 2, "--name", "Ink [dry]")["names"] == {"2": "Ink [dry]"}
    assert document(run, "style", folder, 3, "--hide")["hidden"] == [3]
    assert document(run, "style", folder, 4, "--merge-into", 2)["merged"] == {"4": 2}
    assert document(run, "style", folder, 2)["name"] == "Ink [dry]"
    code, out, _ = run("style", folder, 2)
    assert code == 0
    assert out.startswith("Ink [dry]\n")
    code, out, _ = run("style", folder, 2, "--undo")
    assert (code, out) == (0, "Taken back: style 4 merged into style 2.\n")
    assert document(run, "style", folder, 3, "--show")["hidden"] == []
    for _ in range(2):
        document(run, "style", folder, 2, "--undo")
    left = document(run, "style", folder, 2, "--undo")
    assert (left["names"], left["hidden"], left["merged"]) == ({}, [], {})


def test_names_appear_in_tables_figures_and_pages(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document(run, "style", folder, 2, "--name", "Ink")
    document(run, "style", folder, 4, "--merge-into", 2)
    document(run, "style", folder, 3, "--hide")
    rows = document(run, "styles", folder)
    assert [row["name"] for row in rows] == [None, None, "Ink", None, None]
    assert [row["hidden"] for row in rows] == [False, False, False, True, False]
    assert [row["merged_into"] for row in rows] == [None, None, None, None, 2]
    code, out, _ = run("styles", folder)
    assert code == 0
    assert "2  Ink" in out
    assert f"{100 * (rows[2]['share'] + rows[4]['share']):.1f} %" in out
    assert "Not shown: Style 3 (hidden), Style 4 (part of Ink)." in out
    called: list[str] = []

    def export(*_: object, **__: object) -> str:
        called.extend(style_chip(style)["name"] for style in range(5))
        return "index.html"

    monkeypatch.setattr("artstylenet.site.export_site", export)
    monkeypatch.setattr("artstylenet.storage.load_atlas", lambda folder, images: None)
    monkeypatch.setattr(sys, "argv", ["artstylenet", "export", str(folder), "site"])
    with pytest.raises(SystemExit):
        cli.main()
    assert called == ["Style 0", "Style 1", "Ink", "Style 3 (hidden)", "Ink (style 4)"]
    assert style_chip(2)["name"] == "Style 2"


def test_audit(run: Run, folder: Path) -> None:
    found = document(run, "audit", folder)
    assert set(found) == {"confounds", "tests", "novelty"}
    assert {row["confound"] for row in found["tests"]} <= set(found["confounds"])
    assert len(found["novelty"]) == 60
    for options in ((), ("--all",)):
        code, out, _ = run("audit", folder, *options)
        assert code == 0
        assert "Farthest from every style: toy-" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["explain", "A", "toy003"], "did you mean toy-003"),
        (["explain", "A", "toy-003", "--style", "9"], "no style 9: its styles are 0 to 4"),
        (["explain", "A", "toy-003", "-o", "why.gif"], "why.gif"),
        (["explain", "A", "toy-003", "--like", "toy004"], "did you mean toy-004"),
        (["explain", "A", "toy-003", "--like", "toy-004", "--style", "1"], "exclude"),
        (["styles", "A", "--facet", "mood"], "not 'mood'"),
        (["style", "A", "5"], "no style 5"),
        (["style", "A", "1", "--name", " "], "name is empty"),
        (["style", "A", "1", "--merge-into", "1"], "cannot be merged"),
        (["style", "A", "1", "--hide", "--name", "Ink"], "exclude each other"),
        (["style", "A", "1", "--undo"], "nothing to undo"),
    ],
)
def test_bad_input_is_exit_2_and_says_what(
    run: Run, folder: Path, arguments: list[str], said: str
) -> None:
    arguments[1] = str(folder)
    code, out, err = run(*arguments, "--json")
    assert (code, out) == (2, "")
    assert said in err
