"""The doctor finds what is wrong, and nothing where all is well."""

from __future__ import annotations

import json
import sys
from importlib.metadata import requires

import pytest

from artstylenet import cli, diagnosis
from artstylenet.backbones import DEFAULT_MODEL
from artstylenet.diagnosis import Package, diagnose, find_packages

pytestmark = pytest.mark.skipif(
    not DEFAULT_MODEL.exists(), reason=f"the default backbone is not there ({DEFAULT_MODEL.name})"
)


@pytest.fixture(autouse=True)
def hurried(monkeypatch, tmp_path):
    monkeypatch.setattr(diagnosis, "SECONDS_A_MEASUREMENT", 0.02)
    # Whatever the machine that the tests run on has left.
    monkeypatch.setattr(diagnosis, "LEAST_MEMORY", 0)
    monkeypatch.setattr(diagnosis, "LEAST_DISK", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_nothing_is_wrong_here_and_the_cpu_works():
    found = diagnose()
    assert found.problems == ()
    cpu = next(one for one in found.providers if one.name == "CPUExecutionProvider")
    assert cpu.works
    assert all(value > 0 for value in found.speed.values())
    assert set(found.speed) == {"gflops", "network_ms", "decode_ms", "paintings_a_minute"}


def test_every_requirement_is_looked_at():
    listed = {package.name for package in find_packages() if package.extra is None}
    needed = {line.split(">")[0] for line in requires("artstylenet") if "extra" not in line}
    assert listed == needed


@pytest.mark.parametrize(
    ("needed", "found", "good"),
    [
        (">=1.26", "2.0", True),
        (">=1.26", "1.26.4", True),
        (">=1.26", "1.9", False),
        (">=1.26", None, False),
        ("", "0.1", True),
        (">=2.0", "2.1.0rc1", True),
    ],
)
def test_versions_are_compared_as_numbers(needed, found, good):
    assert Package("one", needed, found, None).is_good is good


def test_an_old_package_little_memory_and_a_missing_model_are_told(monkeypatch, tmp_path):
    monkeypatch.setattr(diagnosis, "find_packages", lambda: (Package("x", ">=2", "1.0", None),))
    monkeypatch.setattr(diagnosis, "LEAST_MEMORY", 1e18)
    monkeypatch.setattr(diagnosis, "LEAST_DISK", 1e18)
    monkeypatch.setattr(diagnosis, "DEFAULT_MODEL", tmp_path / "none.onnx")
    told = "\n".join(diagnose().problems)
    for expected in ("x >=2 is needed, 1.0", "GB of memory", "free for the cache", "is missing"):
        assert expected in told


@pytest.mark.parametrize("as_json", [False, True])
def test_the_command_ends_with_1_if_something_is_wrong(as_json, monkeypatch, capsys):
    monkeypatch.setattr(diagnosis, "LEAST_DISK", 1e18)
    monkeypatch.setattr(sys, "argv", ["artstylenet", "doctor", *(["--json"] if as_json else [])])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    printed = capsys.readouterr().out
    if as_json:
        assert len(json.loads(printed)["problems"]) == 1
    else:
        assert "Wrong: Only" in printed
        assert "CPUExecutionProvider" in printed
