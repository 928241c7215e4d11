"""Made collections: synthetic paintings whose styles are known, for tests and teaching."""

from artstylenet.datasets.made_paintings import MadePaintings, make_paintings, write_paintings

__all__ = ["MadePaintings", "make_paintings", "write_paintings"]
