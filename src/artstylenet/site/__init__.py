"""The site of an atlas: pages for people, exported as files or served live.

``payload`` turns an atlas into plain dicts, one a page; ``render`` turns a dict into HTML;
``export`` writes files. The live explorer renders the same dicts with the same templates.
"""

from __future__ import annotations

from artstylenet.site.export import export_site

__all__ = ["export_site"]
