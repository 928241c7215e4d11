"""An atlas -> a folder of pages that opens by double click."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from artstylenet.curation import Curation
from artstylenet.errors import InputError
from artstylenet.progress import Progress, silent
from artstylenet.site.cards import MOST_DRAWN, Pictures, is_large
from artstylenet.site.catalogue import Catalogue, make_catalogue
from artstylenet.site.charts import draw_figures, number_charts
from artstylenet.site.payload import DATA, number_page, pages
from artstylenet.site.pictures import write_large_pictures, write_sheets, write_thumbnails
from artstylenet.site.prepared import map_sheets, nearest, wall_labels
from artstylenet.site.render import render_page
from artstylenet.site.scripts import data_script
from artstylenet.site.stylesheet import palette_css
from artstylenet.site.swap import replace_site
from artstylenet.stage_cache import StageCache

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

REPORT_EVERY = 200


def export_site(
    atlas: StyleAtlas,
    folder: str | Path,
    pictures: Pictures = "thumb",
    *,
    title: str | None = None,
    cache: StageCache | None = None,
    curation: Curation | None = None,
    progress: Progress = silent,
) -> Path:
    """Write an atlas as a site of plain files.

    The pages need no server and no network; they can be opened by double click, sent as a folder
    or put on any web space. The same atlas gives the same files.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas to show.
    folder : path-like
        Where to: a folder that is missing, empty, or an earlier export, which is replaced.
    pictures : {'thumb', 'none', 'full'}, default 'thumb'
        Thumbnails; no pictures at all; or thumbnails and the originals at most 1,600 pixels wide
        and high. An original that is not at hand falls back to its thumbnail.
    title : str or None, default None
        Name of the site.
    cache : StageCache or None, default None
        Where measurements of the paintings are kept from one export to the next.
    curation : Curation or None, default None
        What people have said of the styles.
    progress : callable, default `silent`
        Told how far it is.

    Returns
    -------
    Path
        The first page, ``index.html``.

    Raises
    ------
    InputError
        `pictures` is none of the three, `folder` holds something else than an exported site, or
        the atlas has more than 100,000 paintings.
    """
    if pictures not in get_args(Pictures):
        raise InputError(f"pictures must be 'thumb', 'none' or 'full', not {pictures!r}")
    if is_large(atlas.n_paintings):
        raise InputError(
            f"A site of plain files holds at most {MOST_DRAWN:,} paintings, not "
            f"{atlas.n_paintings:,}: its pages would be too many to copy and too large to open. "
            "Serve the collection with artstylenet explore."
        )
    folder = Path(folder)
    cache = cache or StageCache(None)
    with replace_site(folder) as fresh:
        if pictures != "none":
            write_thumbnails(atlas, fresh, progress)
            write_sheets(map_sheets(atlas, cache), fresh, progress)
        large = write_large_pictures(atlas, fresh, progress) if pictures == "full" else {}
        near = nearest(atlas, cache)
        catalogue = make_catalogue(
            atlas,
            near=lambda by, row: near[by][row],
            title=title,
            pictures=pictures,
            large=large,
            labels=wall_labels(atlas, cache, progress),
            cache=cache,
            curation=curation,
        )
        _write_static(fresh)
        figures = draw_figures(atlas, progress)
        for name, svg in figures.items():
            _write_text(fresh / "figures" / f"{name}.svg", svg)
        for name, make_data in DATA.items():
            script = data_script(name, make_data(catalogue))
            _write_text(fresh / "data" / f"{name}.js", script)
        _write_pages(catalogue, figures, fresh, progress)
    return folder / "index.html"


def _write_pages(
    catalogue: Catalogue, figures: Mapping[str, str], folder: Path, progress: Progress
) -> None:
    """Write every page."""
    n_pages = catalogue.atlas.n_paintings
    _write_page(folder, number_page(catalogue, number_charts(catalogue.atlas, figures.__getitem__)))
    for done, page in enumerate(pages(catalogue), start=1):
        _write_page(folder, page)
        if done % REPORT_EVERY == 0:
            progress("pages", min(done, n_pages), n_pages)
    progress("pages", n_pages, n_pages)


def _write_page(folder: Path, page: dict[str, Any]) -> None:
    _write_text(folder / page["path"], render_page(page))


def _write_static(folder: Path) -> None:
    """Copy the style sheet, the scripts and the icon."""
    for source in files("artstylenet.site").joinpath("static").iterdir():
        _write_text(folder / "static" / source.name, source.read_text(encoding="utf-8"))
    _write_text(folder / "static" / "palette.css", palette_css())


def _write_text(path: Path, text: str) -> None:
    """Write UTF-8 with Unix line ends; half characters from odd file names become '?'."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", errors="replace"))
