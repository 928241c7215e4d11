"""The explorer: the pages of an atlas from a server on one's own machine, and a JSON API.

``pages`` makes the same pages, from the same templates, as the exported site; ``api`` answers the
questions of the Python API; ``security`` decides who may ask; ``server`` runs it all.
"""

from __future__ import annotations

from artstylenet.explorer.app import make_app
from artstylenet.explorer.server import serve

__all__ = ["make_app", "serve"]
