"""Why a painting has the styles that it has: where in the picture, and by which words."""

from artstylenet.explaining.explanation import (
    DecidingWord,
    Explanation,
    Patch,
    explain_painting,
)
from artstylenet.explaining.region_maps import region_maps
from artstylenet.explaining.shared_regions import SharedRegions, SharedWord, shared_regions

__all__ = [
    "DecidingWord",
    "Explanation",
    "Patch",
    "SharedRegions",
    "SharedWord",
    "explain_painting",
    "region_maps",
    "shared_regions",
]
