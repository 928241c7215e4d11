"""Fixtures shared by the tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from artstylenet.atlas import StyleAtlas
from tests.toy_atlas import toy_atlas


@pytest.fixture(scope="session")
def atlas() -> StyleAtlas:
    """A hand-made atlas: 60 paintings, 6 painters, 5 styles."""
    return toy_atlas()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder that holds the real data sets ``paintings`` and ``wikiart``."""
    default = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("ARTSTYLENET_DATA", default))
    if not (folder / "paintings" / "train.csv").exists():
        pytest.skip(f"the shared data sets are not in {folder}; set ARTSTYLENET_DATA")
    return folder
