"""The documentation is complete, up to date, and its code runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer

import artstylenet
from artstylenet.cli.app import app
from docs.reference import pages

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("*/README.md")])
COMMANDS = sorted(typer.main.get_command(app).commands)


def code_blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)


@pytest.fixture(scope="session")
def taught(tmp_path_factory) -> Path:
    """The folder in which the tutorial was followed, block after block."""
    folder = tmp_path_factory.mktemp("tutorial")
    program = "\n".join(code_blocks(DOCS / "tutorial.md", "python"))
    (folder / "tutorial.py").write_text(program, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-W", "error", "tutorial.py"], cwd=folder, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    return folder


def test_the_tutorial_runs_and_leaves_what_it_says(taught):
    assert {"paintings", "store", "elbow.svg", "site", "atlas", "new.png"} <= {
        path.name for path in taught.iterdir()
    }


def test_every_file_of_an_atlas_is_documented(taught):
    page = (DOCS / "atlas-format.md").read_text("utf-8")
    for path in (taught / "atlas").iterdir():
        assert f"`{path.name}" in page, path.name


def test_every_column_of_an_atlas_is_documented(taught):
    page = (DOCS / "atlas-format.md").read_text("utf-8")
    for path in (taught / "atlas").glob("*.csv"):
        for column in pd.read_csv(path).columns:
            assert f"`{column}`" in page or re.fullmatch(r"style_\d\d", column), (path.name, column)


@pytest.mark.parametrize("name", ["run.json", "selection.json"])
def test_every_key_of_an_atlas_is_documented(taught, name):
    page = (DOCS / "atlas-format.md").read_text("utf-8")
    for key in json.loads((taught / "atlas" / name).read_text("utf-8")):
        assert f"`{key}`" in page, key


@pytest.mark.parametrize("name", ["words.npz", "arrays.npz"])
def test_every_array_of_an_atlas_is_documented(taught, name):
    page = (DOCS / "atlas-format.md").read_text("utf-8")
    with np.load(taught / "atlas" / name) as arrays:
        assert [array for array in arrays if f"`{array}`" not in page] == []


@pytest.mark.parametrize("name", pages())
def test_computed_pages_are_up_to_date(name):
    assert (DOCS / name).read_text("utf-8") == pages()[name], "run: make docs"


def test_every_public_name_is_documented():
    page = (DOCS / "api.md").read_text("utf-8")
    for name in artstylenet.__all__:
        assert re.search(rf"\| `{name}\b.*\| \S.* \|", page), name


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command):
    assert f"\n## {command}\n" in (DOCS / "commands.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if not re.match(r"[a-z]+:|#", target):
            assert (page.parent / target.split("#")[0]).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_are_written_exist(page):
    for name in re.findall(r"^(?:`{0}|.*`)artstylenet ([a-z]+)\b", page.read_text("utf-8"), re.M):
        assert name in COMMANDS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_python_that_is_shown_can_be_read(page):
    for block in code_blocks(page, "python"):
        compile(textwrap.dedent(block), str(page), "exec")


def test_names_of_modules_in_the_architecture_exist():
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    layers = text.split("## Layers")[1].split("## The flow")[0]
    for row in re.findall(r"^\| (`.*?) \|", layers, re.M):
        for name in re.findall(r"`(\w+)`", row):
            package = ROOT / "src" / "artstylenet" / name
            assert package.is_dir() or package.with_suffix(".py").exists(), name
