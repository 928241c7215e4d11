"""Where the looks of an atlas are kept: beside it, if that folder can be written."""

from __future__ import annotations

import os
from pathlib import Path

from artstylenet.stage_cache import StageCache
from artstylenet.storage.folder import CACHE_FOLDER


def looks_cache(folder: Path) -> StageCache:
    """Return the cache of the atlas in a folder; it keeps nothing where nothing can be written."""
    return StageCache(folder / CACHE_FOLDER if os.access(folder, os.W_OK) else None)
