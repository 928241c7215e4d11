"""The front door opens fast, and what is public is documented."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys
from types import ModuleType

import pytest

import artstylenet

HEAVY = ("sklearn", "torch", "timm", "lancedb", "onnxruntime", "numba", "altair", "scipy")

# Written for the command line (its functions' parameters are options) or run in a worker process.
NOT_SHOWN = ("artstylenet.cli", "artstylenet.site", "artstylenet.explorer")


def loaded_after(code: str) -> set[str]:
    """Run code in a fresh interpreter; return the heavy packages that it loaded."""
    report = f"import sys; print(*[n for n in {HEAVY} if n in sys.modules], file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def test_importing_the_package_loads_nothing_heavy():
    assert loaded_after("import artstylenet") == set()


def test_help_loads_nothing_heavy():
    pytest.importorskip("artstylenet.cli", reason="the command line is not there")
    code = (
        "import contextlib, sys\n"
        "from artstylenet.cli import main\n"
        "sys.argv = ['artstylenet', '--help']\n"
        "with contextlib.suppress(SystemExit): main()"
    )
    assert loaded_after(code) == set()


def modules() -> list[ModuleType]:
    """Every module of the library that can be imported with what is installed."""
    names = [m.name for m in pkgutil.walk_packages(artstylenet.__path__, "artstylenet.")]
    return [
        importlib.import_module(name)
        for name in names
        if not name.startswith(NOT_SHOWN) and not name.endswith("__main__")
    ]


def public_functions() -> list[object]:
    """Functions, and methods of classes, without an underscore, each once."""
    found = {}
    for module in modules():
        for name, thing in vars(module).items():
            if name.startswith("_") or getattr(thing, "__module__", "") != module.__name__:
                continue
            if inspect.isfunction(thing):
                found[f"{module.__name__}.{name}"] = thing
            elif inspect.isclass(thing):
                for method_name, method in vars(thing).items():
                    if inspect.isfunction(method) and not method_name.startswith("_"):
                        found[f"{module.__name__}.{name}.{method_name}"] = method
    return [pytest.param(thing, id=name) for name, thing in sorted(found.items())]


@pytest.mark.parametrize("function", public_functions())
def test_at_most_five_parameters_go_by_position(function):
    by_position = [
        parameter
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD and parameter.name != "self"
    ]
    assert len(by_position) <= 5


@pytest.mark.parametrize("function", public_functions())
def test_every_public_function_says_what_it_does_in_a_sentence(function):
    first = (inspect.getdoc(function) or "").split("\n")[0]
    assert first.endswith((".", ":", "?")), f"{function} is not documented in one line"
