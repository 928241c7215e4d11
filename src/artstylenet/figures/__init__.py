"""Figures of an atlas, one definition each: functions from an atlas to an Altair chart."""

from __future__ import annotations

from artstylenet.figures.counts import painters_per_style
from artstylenet.figures.gallery import style_gallery
from artstylenet.figures.heatmaps import painter_style_heatmap, painting_style_heatmap
from artstylenet.figures.mixture import painting_mixture
from artstylenet.figures.number import elbow_plot, stability_plot
from artstylenet.figures.saving import save_figure, write_figures
from artstylenet.figures.style_map import style_map

__all__ = [
    "elbow_plot",
    "painter_style_heatmap",
    "painters_per_style",
    "painting_mixture",
    "painting_style_heatmap",
    "save_figure",
    "stability_plot",
    "style_gallery",
    "style_map",
    "write_figures",
]
