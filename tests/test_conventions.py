"""What CONTRIBUTING.md asks of the code, asked by a machine; see also test_imports.py."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import artstylenet

SOURCE = Path(artstylenet.__file__).parent
SECTIONS = re.compile(r"^( *)(Parameters|Returns|Yields|Raises)\n\1-+$", re.M)
# Needs the extra [torch].
OPTIONAL = {"artstylenet.backbones.timm"}


@cache
def modules() -> tuple[Any, ...]:
    """All modules of the package."""
    found = pkgutil.walk_packages([str(SOURCE)], "artstylenet.")
    names = [info.name for info in found if not info.name.endswith("__main__")]
    return tuple(importlib.import_module(name) for name in names if name not in OPTIONAL)


@pytest.mark.parametrize("name", artstylenet.__all__)
def test_public_functions_say_what_goes_in_and_what_comes_out(name):
    member = getattr(artstylenet, name)
    if not inspect.isfunction(member):
        assert inspect.getdoc(member)
        return
    sections = {match[2] for match in SECTIONS.finditer(inspect.getdoc(member) or "")}
    assert {"Parameters", "Returns"} <= sections
    described = (inspect.getdoc(member) or "").split("Returns\n---")[0]
    for parameter in inspect.signature(member).parameters:
        assert re.search(rf"^(.*, )?{parameter}\b", described, re.M), parameter


def test_public_names_are_sorted_and_there():
    assert artstylenet.__all__ == sorted(artstylenet.__all__)
    assert set(artstylenet.__all__) <= set(dir(artstylenet))
    for name in artstylenet.__all__:
        assert getattr(artstylenet, name).__name__ == name


def test_names_that_packages_export_are_there():
    missing = [
        f"{module.__name__}.{name}"
        for module in modules()
        for name in getattr(module, "__all__", ())
        if not hasattr(module, name)
    ]
    assert missing == []


def source_files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_the_command_line_prints(path):
    if path.is_relative_to(SOURCE / "cli"):
        return
    tree = ast.parse(path.read_text("utf-8"))
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert not [call for call in calls if isinstance(call, ast.Name) and call.id == "print"]


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_modules_are_named_for_what_they_hold(path):
    assert path.stem not in ("utils", "util", "helpers", "common", "misc", "tools", "base")


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_is_unpickled_but_messages_between_own_processes(path):
    if path.parent.name == "extraction":
        return
    text = path.read_text("utf-8")
    assert not re.search(
        r"\b(import|from) (pickle|joblib(?! import cpu_count\n)|shelve|dill)\b", text
    )
    assert "allow_pickle=True" not in text


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_pictures_are_opened_by_the_decoders_that_are_named(path):
    # Pillow's own way in also tries formats that start other programs.
    assert not re.search(r"\bImage\.open\(", path.read_text("utf-8"))
