"""The list of backbones."""

from __future__ import annotations

import json

import pytest

from artstylenet.backbones import load_backbone
from artstylenet.cli.backbones import backbones


def test_the_list_names_every_kind_of_backbone(capsys: pytest.CaptureFixture[str]) -> None:
    backbones(as_json=False)
    shown = capsys.readouterr().out
    assert load_backbone().name in shown
    assert "path/to/model.onnx" in shown
    assert "timm/" in shown


def test_the_default_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    backbones(as_json=True)
    default, *others = json.loads(capsys.readouterr().out)
    assert default["backbone"] == "default"
    assert 0 < default["megabytes"] < 12
    assert default["milliseconds"] > 0
    assert all("milliseconds" not in row for row in others)
