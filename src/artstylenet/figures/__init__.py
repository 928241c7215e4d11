"""Figures of an atlas, one definition each: functions from an atlas to an Altair chart.

Altair takes a second to import, which pages that only need the palette should not wait for: a
figure's module is imported when the figure is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from artstylenet.figures.comparison import comparison_plot as comparison_plot
    from artstylenet.figures.counts import painters_per_style as painters_per_style
    from artstylenet.figures.explanation import explanation_figure as explanation_figure
    from artstylenet.figures.explanation import likeness_figure as likeness_figure
    from artstylenet.figures.gallery import style_gallery as style_gallery
    from artstylenet.figures.heatmaps import painter_style_heatmap as painter_style_heatmap
    from artstylenet.figures.heatmaps import painting_style_heatmap as painting_style_heatmap
    from artstylenet.figures.mixture import painting_mixture as painting_mixture
    from artstylenet.figures.number import elbow_plot as elbow_plot
    from artstylenet.figures.number import stability_plot as stability_plot
    from artstylenet.figures.saving import save_figure as save_figure
    from artstylenet.figures.saving import write_figures as write_figures
    from artstylenet.figures.splits import splits_plot as splits_plot
    from artstylenet.figures.style_map import style_map as style_map

_HOMES = {
    "comparison_plot": "comparison",
    "elbow_plot": "number",
    "explanation_figure": "explanation",
    "likeness_figure": "explanation",
    "painter_style_heatmap": "heatmaps",
    "painters_per_style": "counts",
    "painting_mixture": "mixture",
    "painting_style_heatmap": "heatmaps",
    "save_figure": "saving",
    "splits_plot": "splits",
    "stability_plot": "number",
    "style_gallery": "gallery",
    "style_map": "style_map",
    "write_figures": "saving",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"artstylenet.figures.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'artstylenet.figures' has no attribute {name!r}")
