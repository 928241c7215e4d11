"""What pages need is worked out once, kept, and the same as asked for one by one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from artstylenet.atlas import StyleAtlas
from artstylenet.errors import AtlasError
from artstylenet.explorer.pages import Pages
from artstylenet.labels import style_label
from artstylenet.ranking import typical_paintings
from artstylenet.similarity import similar_paintings
from artstylenet.site.prepared import NEIGHBOURS, find_prepared, main, prepare
from artstylenet.stage_cache import StageCache
from artstylenet.storage import load_atlas, save_atlas
from artstylenet.storage.folder import CACHE_FOLDER
from tests.test_storage import whole_atlas


@pytest.fixture(scope="module")
def atlas() -> StyleAtlas:
    """A toy atlas with a model that can be saved."""
    return whole_atlas()


@pytest.fixture(scope="module")
def folder(atlas: StyleAtlas, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_atlas(atlas, tmp_path_factory.mktemp("prepared") / "atlas")


def test_what_is_prepared_is_what_one_would_ask_for(atlas: StyleAtlas, tmp_path: Path) -> None:
    folder = save_atlas(atlas, tmp_path / "atlas")
    opened = load_atlas(folder, whole=False)
    cache = StageCache(folder / CACHE_FOLDER)
    assert find_prepared(opened, cache) is None
    made = prepare(opened, cache)
    kept = find_prepared(opened, cache)
    assert kept is not None
    assert kept.wall_labels == made.wall_labels
    assert kept.map_sheets == made.map_sheets
    assert [label.text for label in kept.wall_labels] == [
        style_label(opened, style).text for style in range(opened.n_styles)
    ]
    for by in ("styles", "features"):
        for row, painting in enumerate(opened.paintings["id"]):
            asked = similar_paintings(opened, painting, by=by, n=NEIGHBOURS)
            np.testing.assert_array_equal(kept.nearest[by][row], asked.index)
    pages = Pages(opened, folder=folder)
    for painter in pages.catalogue.painter_names:
        rows = pages.catalogue.typical(painter)
        assert rows == typical_paintings(opened, painter).index.tolist()


def test_another_process_prepares_and_pages_of_an_opened_atlas_use_it(
    atlas: StyleAtlas, tmp_path: Path
) -> None:
    folder = save_atlas(atlas, tmp_path / "atlas")
    pages = Pages(load_atlas(folder, whole=False), folder=folder)
    without = pages.make("styles/style-00.html").content
    assert b"palette" not in without.replace(b"palette.css", b"")
    pages.warm_up()
    pages.close()
    assert b'class="palette"' in pages.make("styles/style-00.html").content
    whole = Pages(atlas)
    whole.warm_up()
    for path in ("index.html", "paintings/toy-003.html", "painters/chen-wei.html"):
        assert pages.make(path).content == whole.make(path).content


def test_a_folder_that_is_no_atlas_is_an_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[int] = []  # it steps back for others; all tests after this one would with it
    monkeypatch.setattr("artstylenet.site.prepared.os.nice", steps.append)
    assert main(str(tmp_path)) == 1
    assert steps == [15]


def test_parts_of_an_opened_atlas_are_read_when_asked_for(
    atlas: StyleAtlas, tmp_path: Path
) -> None:
    folder = save_atlas(atlas, tmp_path / "atlas")
    opened = load_atlas(folder, whole=False)
    assert "model" not in vars(opened)
    np.testing.assert_array_equal(opened.grid_words, atlas.grid_words)
    np.testing.assert_array_equal(opened.word_counts.toarray(), atlas.word_counts.toarray())
    np.testing.assert_allclose(opened.model.style_words_, atlas.model.style_words_)
    assert not hasattr(opened, "colour")
    (folder / "model.npz").write_bytes(b"cut off")
    with pytest.raises(AtlasError, match="damaged"):
        _ = load_atlas(folder, whole=False).model
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)


def test_parts_of_another_build_are_not_mixed_in(atlas: StyleAtlas, tmp_path: Path) -> None:
    folder = save_atlas(atlas, tmp_path / "atlas")
    opened = load_atlas(folder, whole=False)
    save_atlas(atlas, folder)
    with pytest.raises(AtlasError, match="built again"):
        _ = opened.model


def test_pages_are_served_without_the_libraries_of_a_build(folder: Path) -> None:
    """What takes seconds to import stays out of a start."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "import artstylenet.explorer.server\n"
        "from artstylenet.explorer.pages import Pages\n"
        "from artstylenet.storage import load_atlas\n"
        "folder = Path(sys.argv[1])\n"
        "pages = Pages(load_atlas(folder, whole=False), folder=folder)\n"
        "for path in ('index.html', 'paintings/toy-003.html', 'map.html', 'painters/index.html'):\n"
        "    pages.make(path)\n"
        "heavy = {'sklearn', 'numba', 'lancedb', 'altair', 'fastapi', 'onnxruntime', 'scipy'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    prepare(load_atlas(folder, whole=False), StageCache(folder / CACHE_FOLDER))
    command = [sys.executable, "-c", program, str(folder)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"
