"""The pages of the explorer: the same paths, templates and data as those of the exported site.

Only paths of pages and pictures that the atlas has are served, so no path of a request ever reaches
the file system. A page is made when it is first asked for and kept.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from artstylenet.curation import Curation, read_curation
from artstylenet.errors import AtlasError
from artstylenet.explorer.picture_files import LargePictures
from artstylenet.figures.palette import call_styles
from artstylenet.progress import silent
from artstylenet.similarity import similar_paintings
from artstylenet.site import payload
from artstylenet.site.cards import thumbnail_path
from artstylenet.site.catalogue import Catalogue, large_path, make_catalogue
from artstylenet.site.charts import draw_figures, number_charts
from artstylenet.site.prepared import Prepared, find_prepared, prepare
from artstylenet.site.render import render_page
from artstylenet.site.scripts import data_script
from artstylenet.site.sprites import make_sheet, sheet_count, sheet_path
from artstylenet.site.stylesheet import palette_css
from artstylenet.stage_cache import StageCache
from artstylenet.storage.atlas_files import read_style_words
from artstylenet.storage.folder import CACHE_FOLDER

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas
    from artstylenet.similarity import By

MOST_KEPT = 64 << 20
"""Bytes of pages that are kept; above, pages are made again each time."""

FIRST_ASKED = ("index.html", "data/search.js", "data/map.js", "data/mixtures.js")

_PREPARE = "import sys; from artstylenet.site.prepared import main; sys.exit(main(sys.argv[1]))"

HTML = "text/html; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"
STYLE = "text/css; charset=utf-8"
SVG = "image/svg+xml; charset=utf-8"
JPEG = "image/jpeg"
_STATIC_TYPES = {".css": STYLE, ".js": SCRIPT, ".svg": SVG}


@dataclass(frozen=True)
class File:
    """What is sent for a path.

    Attributes
    ----------
    content : bytes
    kind : str
        Media type.
    """

    content: bytes
    kind: str


class Pages:
    """Everything of the site of an atlas, by path.

    Parameters
    ----------
    atlas : StyleAtlas
    title : str or None
        Name of the site.
    folder : Path or None
        Folder of the atlas, whose figures have been drawn already.

    Attributes
    ----------
    catalogue : Catalogue
    """

    def __init__(
        self, atlas: StyleAtlas, title: str | None = None, folder: Path | None = None
    ) -> None:
        self._atlas = atlas
        self._folder = folder
        self._large = LargePictures(atlas)
        self._cache = StageCache(None if folder is None else folder / CACHE_FOLDER)
        self._helper: subprocess.Popen[bytes] | None = None
        self._nearest: Mapping[By, np.ndarray] = {}
        self.catalogue = make_catalogue(
            atlas,
            near=self._near,
            title=title,
            large=self._large.sizes(),
            live=True,
            word_styles=None if folder is None else partial(_grid_words, folder),
            cache=self._cache,
            curation=_said_of(folder),
        )
        self._makers: dict[str, Callable[[], File]] = {}
        self._kept: dict[str, File] = {}
        self._bytes_kept = 0
        self._edition = 0
        self._lock = threading.Lock()
        self._drawing = threading.Lock()
        self._packing = threading.Lock()
        self._figures: dict[str, str] = {}
        self._add_pages(self.catalogue)
        self._add_sheets()
        prepared = find_prepared(atlas, self._cache)
        self._is_prepared = prepared is not None
        if prepared is not None:
            self._take(prepared)

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self._maker(path) is not None

    def kept(self, path: str) -> File | None:
        """Return what is sent for a path if it has been made already."""
        return self._kept.get(path)

    def make(self, path: str) -> File:
        """Return what is sent for a path that exists."""
        edition = self._edition
        make_file = self._maker(path)
        if make_file is None:
            raise KeyError(path)
        file = make_file()
        with self._lock:
            # What was said meanwhile may not be in it.
            is_current = edition == self._edition
            if file.kind != JPEG and path not in self._kept and is_current:
                self._bytes_kept += len(file.content)
                if self._bytes_kept <= MOST_KEPT:
                    self._kept[path] = file
        return file

    def warm_up(self) -> None:
        """Make what is asked for first, and work out what takes long."""
        for path in FIRST_ASKED:
            self.make(path)
        if not self._is_prepared:
            self._take(self._prepared_apart() or prepare(self._atlas, StageCache(None)))
            for path in FIRST_ASKED:
                self.make(path)

    def close(self) -> None:
        """Stop what runs on the side."""
        if self._helper is not None:
            self._helper.terminate()

    def _prepared_apart(self) -> Prepared | None:
        """Work out what takes long in a process that lets the pages go first."""
        if self._folder is None:
            return None
        self._helper = subprocess.Popen(
            [sys.executable, "-c", _PREPARE, str(self._folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._helper.wait()
        return find_prepared(self._atlas, self._cache)

    def _take(self, prepared: Prepared) -> None:
        """Use what has been worked out; pages that can say more now are made again."""
        self._nearest = prepared.nearest
        self.catalogue.labels[:] = prepared.wall_labels
        for number, sheet in enumerate(prepared.map_sheets):
            self._kept[sheet_path(number)] = File(sheet, JPEG)
        self._forget_pages()

    def curate(self, curation: Curation) -> None:
        """Show styles as people want them from now on."""
        self.catalogue.curation = curation
        call_styles(curation.labels)
        self._forget_pages()

    def _forget_pages(self) -> None:
        """Let everything but pictures be made again."""
        with self._lock:
            self._edition += 1
            for path in list(self._kept):
                if self._kept[path].kind != JPEG:
                    self._bytes_kept -= len(self._kept.pop(path).content)

    def _add_pages(self, catalogue: Catalogue) -> None:
        for page_path, make_page in payload.own_page_makers(catalogue):
            self._makers[page_path] = partial(self._html, make_page)
        self._makers["how-many.html"] = self._number_page
        for name, make_data in payload.DATA.items():
            self._makers[f"data/{name}.js"] = partial(_script, name, make_data, catalogue)
        for source in files("artstylenet.site").joinpath("static").iterdir():
            suffix = source.name[source.name.rfind(".") :]
            file = File(source.read_bytes(), _STATIC_TYPES[suffix])
            self._makers[f"static/{source.name}"] = partial(_same, file)
        palette = File(palette_css().encode(), STYLE)
        self._makers["static/palette.css"] = partial(_same, palette)
        names = ["elbow", "stability", "painting-style-heatmap", "style-map"]
        if self._atlas.n_painters:
            names += ["painter-style-heatmap", "painters-per-style"]
        if len(self._atlas.selection.transitions):
            names.append("splits")
        for name in names:
            self._makers[f"figures/{name}.svg"] = partial(self._figure, name)

    def _maker(self, path: str) -> Callable[[], File] | None:
        """Return what makes a path; None if there is no such path."""
        if path in self._makers:
            return self._makers[path]
        make_page = payload.find_page_maker(self.catalogue, path)
        return self._picture_maker(path) if make_page is None else partial(self._html, make_page)

    def _picture_maker(self, path: str) -> Callable[[], File] | None:
        name = path.rpartition("/")[2].removesuffix(".jpg")
        row = self.catalogue.rows.get(name)
        if row is None:
            return None
        if path == thumbnail_path(name):
            return partial(self._thumbnail, row)
        if path == large_path(name) and row in self.catalogue.large:
            return partial(self._large_picture, row)
        return None

    def _add_sheets(self) -> None:
        for number in range(sheet_count(self._atlas.n_paintings)):
            self._makers[sheet_path(number)] = partial(self._sheet, number)

    def _html(self, make_page: Callable[[], payload.Page]) -> File:
        return File(render_page(make_page()).encode("utf-8", errors="replace"), HTML)

    def _number_page(self) -> File:
        charts = number_charts(self._atlas, self._drawn_figure)
        return self._html(lambda: payload.number_page(self.catalogue, charts))

    def _figure(self, name: str) -> File:
        return File(self._drawn_figure(name).encode(), SVG)

    def _drawn_figure(self, name: str) -> str:
        """Return a figure that the build has drawn; draw all if it has not."""
        if self._folder is not None:
            with contextlib.suppress(OSError):
                return (self._folder / "figures" / f"{name}.svg").read_text(encoding="utf-8")
        with self._drawing:
            if not self._figures:
                self._figures = draw_figures(self._atlas, silent)
            return self._figures[name]

    def _thumbnail(self, row: int) -> File:
        return File(self._atlas.thumbnails[row].as_py(), JPEG)

    def _large_picture(self, row: int) -> File:
        # An original that has gone missing costs only its size.
        content = self._large[row]
        return self._thumbnail(row) if content is None else File(content, JPEG)

    def _sheet(self, number: int) -> File:
        path = sheet_path(number)
        with self._packing:
            if path not in self._kept:
                self._kept[path] = File(make_sheet(self._atlas.thumbnails, number), JPEG)
            return self._kept[path]

    def _near(self, by: By, row: int) -> np.ndarray:
        if by in self._nearest:
            return self._nearest[by][row]
        painting_id = str(self._atlas.paintings["id"].iloc[row])
        found = similar_paintings(self._atlas, painting_id, by=by, n=payload.NEIGHBOURS)
        return found.index.to_numpy()


def _grid_words(folder: Path) -> np.ndarray | None:
    """Return what region maps follow from, without opening the model."""
    try:
        words = read_style_words(folder).get("grid")
    except AtlasError:
        return None
    return None if words is None else words / words.sum(axis=1, keepdims=True)


def _said_of(folder: Path | None) -> Curation:
    """Return what people have said of the styles; nothing where it cannot be read."""
    try:
        return Curation() if folder is None else read_curation(folder)
    except AtlasError:
        return Curation()


def _same(file: File) -> File:
    return file


def _script(
    name: str, make_data: Callable[[Catalogue], dict[str, object]], catalogue: Catalogue
) -> File:
    return File(data_script(name, make_data(catalogue)).encode("utf-8", errors="replace"), SCRIPT)
