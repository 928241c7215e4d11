"""Paintings on disk, with what is known of them: any layout in, one :class:`Collection` out."""

from artstylenet.collection.reading import LAYOUTS, Collection, read_collection
from artstylenet.collection.years import parse_years

__all__ = ["LAYOUTS", "Collection", "parse_years", "read_collection"]
