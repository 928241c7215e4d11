"""A collection changes: paintings come and go, and styles are fitted again without a new start.

===============  ==========================================================================
``adding``       new paintings among old styles
``removing``     paintings that leave
``refitting``    styles of what is there now, numbered and named as the old ones where they match
``explained``    how well old styles explain new paintings, and when to refit
===============  ==========================================================================
"""

from __future__ import annotations

from artstylenet.growing.adding import Added, add_paintings, extract_new
from artstylenet.growing.explained import Explained, explain_new
from artstylenet.growing.refitting import Refitted, is_fitted, refit_all, refit_warm
from artstylenet.growing.removing import remove_paintings

__all__ = [
    "Added",
    "Explained",
    "Refitted",
    "add_paintings",
    "explain_new",
    "extract_new",
    "is_fitted",
    "refit_all",
    "refit_warm",
    "remove_paintings",
]
