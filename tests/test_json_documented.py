"""What --json prints is on docs/json.md, key by key."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import typer

from artstylenet import cli
from artstylenet.cli.app import app
from artstylenet.diagnosis import Diagnosis, Package, Provider
from artstylenet.looks import looks_of
from tests.planted_atlas import planted_atlas

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "json.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))
BY_NAME = {"confounds", "known", "names", "merged", "notes"}
"""Objects whose keys are data."""

ASKED = (
    ("styles", "A"),
    ("styles", "A", "--facet", "colour", "--n-styles", "2"),
    ("style", "A", "1"),
    ("style", "A", "1", "--name", "Ink"),
    ("explain", "A", "toy-003"),
    ("explain", "A", "toy-003", "--like", "toy-005"),
    ("similar", "A", "toy-003", "--by", "facets"),
    ("recommend", "A", "toy-003", "--dislike", "toy-004"),
    ("path", "A", "toy-003", "toy-040", "--steps", "2"),
    ("painter", "A", "Ada Müller"),
    ("painter", "A", "--work", "toy-003"),
    ("associations", "A", "--permutations", "9"),
    ("audit", "A"),
    ("backbones",),
)


@pytest.fixture(scope="module")
def loaded():
    atlas, _ = planted_atlas()
    looks_of(atlas)
    return replace(atlas, run={**atlas.run, "inputs": "one", "n_styles": atlas.n_styles})


def keys_of(document: Any) -> Iterator[str]:
    """Yield the keys at any depth, but those that are data."""
    if isinstance(document, list):
        for entry in document:
            yield from keys_of(entry)
    elif isinstance(document, dict):
        for key, value in document.items():
            yield key
            if key not in BY_NAME:
                yield from keys_of(value)


def undocumented(command: str, keys: set[str]) -> list[str]:
    return sorted(key for key in keys if f"`{key}`" not in SECTIONS[command])


def test_every_command_with_json_has_a_section():
    commands = typer.main.get_command(app).commands
    with_json = {
        name
        for name, command in commands.items()
        if any("--json" in option.opts for option in command.params)
    }
    assert set(SECTIONS) == with_json


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_every_key_that_is_printed_is_documented(asked, loaded, monkeypatch, capsys, tmp_path):
    (tmp_path / "run.json").write_text(json.dumps(loaded.run))
    arguments = [str(tmp_path) if argument == "A" else argument for argument in asked]
    monkeypatch.setattr("artstylenet.storage.load_atlas", lambda folder, whole=True: loaded)
    monkeypatch.setattr(sys, "argv", ["artstylenet", *arguments, "--json"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    assert undocumented(asked[0], set(keys_of(json.loads(capsys.readouterr().out)))) == []


@pytest.mark.parametrize(
    ("command", "function"), [("add", "_added_document"), ("evaluate", "tree")]
)
def test_keys_of_commands_that_take_long_are_documented(command, function):
    source = (ROOT / "src" / "artstylenet" / "cli" / f"{command}.py").read_text("utf-8")
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        name = getattr(node, "name", None) or getattr(
            (getattr(node, "targets", None) or [None])[0], "id", None
        )
        if name == function:
            dicts = [part for part in ast.walk(node) if isinstance(part, ast.Dict)]
            found |= {key.value for part in dicts for key in part.keys if key is not None}
    assert found
    assert undocumented(command, found) == []


def test_keys_of_the_doctor_are_documented():
    found = {field.name for kind in (Diagnosis, Package, Provider) for field in fields(kind)}
    assert undocumented("doctor", found) == []
