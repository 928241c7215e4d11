"""Figures as files, without a browser or a network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import altair as alt
import vl_convert

from artstylenet.errors import InputError
from artstylenet.figures.counts import painters_per_style
from artstylenet.figures.gallery import style_gallery
from artstylenet.figures.heatmaps import painter_style_heatmap, painting_style_heatmap
from artstylenet.figures.number import elbow_plot, stability_plot
from artstylenet.figures.splits import splits_plot
from artstylenet.figures.style_map import style_map

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

FORMATS = ("svg", "png", "pdf")
PIXELS_PER_POINT = 2.0

ATLAS_FIGURES: dict[str, Callable[[StyleAtlas], alt.Chart]] = {
    "elbow": elbow_plot,
    "stability": stability_plot,
    "painting-style-heatmap": painting_style_heatmap,
    "style-gallery": style_gallery,
    "style-map": style_map,
}
"""Figures of any atlas, by file name."""

PAINTER_FIGURES: dict[str, Callable[[StyleAtlas], alt.Chart]] = {
    "painter-style-heatmap": painter_style_heatmap,
    "painters-per-style": painters_per_style,
}
"""Figures of an atlas that names painters, by file name."""

SWEEP_FIGURES: dict[str, Callable[[StyleAtlas], alt.Chart]] = {"splits": splits_plot}
"""Figures of an atlas for which numbers of styles that follow each other were tried."""


def chart_svg(chart: alt.Chart) -> str:
    """Return a chart as SVG text; the same chart gives the same text.

    Vega numbers gradients and clip paths from a counter that never returns to zero within a
    process, so they are numbered anew here. To a screen reader the whole is one image that bears
    the chart's description.
    """
    spec = chart.to_dict()
    svg: str = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    description = quoteattr(spec.get("description", ""))
    svg = svg.replace(' class="marks"', f' class="marks" role="img" aria-label={description}', 1)
    numbers: dict[str, str] = {}
    for name in re.findall(r'\bid="((?:gradient_|clip)\d+)"', svg):
        numbers.setdefault(name, re.sub(r"\d+$", str(len(numbers)), name))
    return re.sub(
        r'(id="|url\(#|href="#)((?:gradient_|clip)\d+)(?=["\)])',
        lambda found: found[1] + numbers[found[2]],
        svg,
    )


def save_figure(chart: alt.Chart, path: str | Path) -> Path:
    """Write a figure in the format that the file's name asks for.

    Parameters
    ----------
    chart : altair chart
        What a function of :mod:`artstylenet.figures` returned, or any other.
    path : path-like
        Ends in ``.svg``, ``.png`` or ``.pdf``. Missing folders are made.

    Returns
    -------
    Path
        The file written. The same chart gives the same SVG and PNG bytes.

    Raises
    ------
    InputError
        The name has another ending.
    """
    path = Path(path)
    if _format_of(path) not in FORMATS:
        raise InputError(f"cannot save a figure as {path.name!r}: use .svg, .png or .pdf")
    return _write(chart_svg(chart), path)


def write_figures(
    atlas: StyleAtlas, folder: str | Path, formats: Iterable[str] = FORMATS
) -> list[Path]:
    """Write every figure of an atlas.

    Parameters
    ----------
    atlas : StyleAtlas
        The atlas to draw.
    folder : path-like
        Where to; made if missing.
    formats : iterable of {'svg', 'png', 'pdf'}
        File formats; all three by default.

    Returns
    -------
    list of Path
        The files written. Without painters, the figures about painters are absent.

    Raises
    ------
    InputError
        A format is unknown.
    """
    wanted = list(formats)
    unknown = [form for form in wanted if form not in FORMATS]
    if unknown:
        raise InputError(f"unknown figure formats {unknown}: use some of {', '.join(FORMATS)}")
    figures = ATLAS_FIGURES | (PAINTER_FIGURES if atlas.n_painters else {})
    if len(atlas.selection.transitions):
        figures |= SWEEP_FIGURES
    written = []
    for name, draw in figures.items():
        svg = chart_svg(draw(atlas))
        written += [_write(svg, Path(folder) / f"{name}.{form}") for form in wanted]
    return written


def _format_of(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")


def _write(svg: str, path: Path) -> Path:
    """Write a drawn figure in the format that the file's name asks for."""
    contents: dict[str, Callable[[], bytes]] = {
        "svg": svg.encode,
        "png": partial(vl_convert.svg_to_png, svg, scale=PIXELS_PER_POINT),
        "pdf": partial(vl_convert.svg_to_pdf, svg),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(contents[_format_of(path)]())
    return path
