from __future__ import annotations

from pathlib import Path

import pytest

from artstylenet.collection import LAYOUTS
from artstylenet.collection.columns import PATH_HEADERS
from artstylenet.collection.files import PICTURE_EXTENSIONS, TABLE_EXTENSIONS
from artstylenet.collection.layouts import FOLDER_LAYOUTS
from artstylenet.collection.layouts.met import PUBLIC_DOMAIN

PAGE = Path(__file__).resolve().parents[1] / "docs" / "formats.md"


@pytest.mark.parametrize(
    "name",
    [
        *(f"| `{word}` |" for word in LAYOUTS if word != "auto"),
        *(layout.title for layout in FOLDER_LAYOUTS.values()),
        *(f"`{header}`" for header in PATH_HEADERS),
        *PICTURE_EXTENSIONS,
        *(kind for kind in TABLE_EXTENSIONS if kind not in (".csv", ".tsv", ".parquet")),
        PUBLIC_DOMAIN,
    ],
)
def test_the_page_on_formats_names_everything_that_is_read(name: str) -> None:
    assert name in " ".join(PAGE.read_text(encoding="utf-8").split())
