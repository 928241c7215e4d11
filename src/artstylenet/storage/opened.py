"""An atlas whose heavier parts are read when they are first asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from artstylenet.atlas import StyleAtlas


class OpenedAtlas(StyleAtlas):
    """A :class:`artstylenet.atlas.StyleAtlas` of which parts are still on disk."""

    def __getattr__(self, name: str) -> Any:
        # Called only for what has not been read yet, and for what there is not.
        readers = vars(self).get("_readers", {})
        if name not in readers:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        with vars(self)["_reading"]:
            if name not in vars(self):
                vars(self).update(readers[name]())
        return vars(self)[name]


def open_later(readers: Mapping[str, Callable[[], dict[str, Any]]], **parts: Any) -> StyleAtlas:
    """Return an atlas of parts at hand and parts that are read when they are asked for.

    Parameters
    ----------
    readers : mapping of str to callable
        For each attribute that is not at hand what reads it, and maybe others, by name.
    **parts
        All other attributes.
    """
    atlas = object.__new__(OpenedAtlas)
    vars(atlas).update(parts, _readers=dict(readers), _reading=threading.RLock())
    return atlas
