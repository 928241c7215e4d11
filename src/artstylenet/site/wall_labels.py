"""What is typical of each style, for all styles at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artstylenet.labels import WallLabel, style_label
from artstylenet.looks import looks_of
from artstylenet.progress import Progress

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas
    from artstylenet.stage_cache import StageCache


def wall_labels(atlas: StyleAtlas, cache: StageCache | None, progress: Progress) -> list[WallLabel]:
    """Return the wall label of every style.

    Parameters
    ----------
    atlas : StyleAtlas
    cache : StageCache or None
        Where measurements are kept; None keeps none.
    progress : callable
    """
    looks = looks_of(atlas, cache, progress=progress)
    return [style_label(atlas, style, looks=looks) for style in range(atlas.n_styles)]
