"""Fixtures shared by the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

from artstylenet.atlas import StyleAtlas
from tests.browsing import widths_of
from tests.toy_atlas import toy_atlas


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let tests in a browser see screens of different widths."""
    chosen = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "width" in metafunc.fixturenames and "width" not in chosen:
        metafunc.parametrize("width", widths_of(metafunc.function.__name__))


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Keep the threads of linear algebra from spinning: all that is tested here is small."""
    import sklearn.cluster  # noqa: F401 - only libraries that are loaded can be limited

    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def atlas() -> StyleAtlas:
    """A hand-made atlas: 60 paintings, 6 painters, 5 styles."""
    return toy_atlas()


@pytest.fixture(scope="session")
def exported(atlas: StyleAtlas, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of the exported site of the hand-made atlas."""
    from artstylenet.site import export_site

    folder = tmp_path_factory.mktemp("exported") / "a site with spaces"
    return export_site(atlas, folder).parent.as_uri()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder that holds the real data sets ``paintings`` and ``wikiart``."""
    default = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("ARTSTYLENET_DATA", default))
    if not (folder / "paintings" / "train.csv").exists():
        pytest.skip(f"the shared data sets are not in {folder}; set ARTSTYLENET_DATA")
    return folder
