"""Pictures of the explorer: thumbnails from the atlas, originals re-encoded when asked for."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from artstylenet.errors import ImageError
from artstylenet.imaging import THUMBNAIL_SIZE, open_image, read_file
from artstylenet.site.cards import Texts
from artstylenet.site.pictures import LARGE_QUALITY, LARGE_SIDE, is_within

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas

KEPT = 24
AT_ONCE = 2


class LargeSizes(Mapping[int, tuple[int, int]]):
    """Width and height of the large pictures that exist, by row, worked out one by one.

    Parameters
    ----------
    original_sizes : ndarray of shape (n_paintings, 2), float
        Width and height, pixels; NaN where they are not known.
    """

    def __init__(self, original_sizes: np.ndarray) -> None:
        self._sizes = original_sizes
        # NaN is larger than nothing.
        self._is_large: np.ndarray = np.any(original_sizes > THUMBNAIL_SIZE, axis=1)

    def __len__(self) -> int:
        return int(self._is_large.sum())

    def __iter__(self) -> Iterator[int]:
        return iter(np.flatnonzero(self._is_large).tolist())

    def __contains__(self, row: object) -> bool:
        return isinstance(row, int) and 0 <= row < len(self._sizes) and bool(self._is_large[row])

    def __getitem__(self, row: int) -> tuple[int, int]:
        if row not in self:
            raise KeyError(row)
        width, height = self._sizes[row].tolist()
        scale = min(1.0, LARGE_SIDE / max(width, height))
        return round(width * scale), round(height * scale)


class LargePictures:
    """Originals of an atlas as JPEG, at most 1,600 pixels wide and high.

    Only rows of the atlas can be asked for, and only files inside its folder of pictures are
    opened. Few are decoded at once, because an original may take much memory.
    """

    def __init__(self, atlas: StyleAtlas) -> None:
        self._root = None if atlas.image_root is None else atlas.image_root.resolve()
        self._paths = Texts(atlas.paintings["path"])
        self._original_sizes = atlas.paintings[["width", "height"]].to_numpy(dtype=float)
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._lock = threading.Lock()
        self._places = threading.Semaphore(AT_ONCE)

    def sizes(self) -> Mapping[int, tuple[int, int]]:
        """Return width and height of every picture that shows more than its thumbnail."""
        if self._root is None or not self._root.is_dir():
            return {}
        return LargeSizes(self._original_sizes)

    def __getitem__(self, row: int) -> bytes | None:
        """Return the picture of a painting; None if it is not at hand or cannot be read."""
        with self._lock:
            if row in self._kept:
                self._kept.move_to_end(row)
                return self._kept[row]
        path = self._path(row)
        if path is None:
            return None
        try:
            with self._places:
                image = open_image(read_file(path), LARGE_SIDE)
                buffer = io.BytesIO()
                image.save(buffer, "JPEG", quality=LARGE_QUALITY, progressive=True)
        except ImageError:
            return None
        with self._lock:
            self._kept[row] = buffer.getvalue()
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return buffer.getvalue()

    def _path(self, row: int) -> Path | None:
        if self._root is None or not is_within(self._root, self._paths[row]):
            return None
        return self._root / self._paths[row]
