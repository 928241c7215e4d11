"""Paintings and painters by words, for collections that no page can hold whole."""

from __future__ import annotations

import threading
import unicodedata
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from artstylenet.site.catalogue import Catalogue

ROWS_AT_ONCE = 50_000


@dataclass(frozen=True, eq=False)
class Found:
    """What words find.

    Attributes
    ----------
    rows : ndarray of int64
        Paintings in the order of the collection.
    painters : list of str
    """

    rows: np.ndarray
    painters: list[str]


class Finder:
    """Finds what has all words of a question in it, as the search of a small site does.

    Upper and lower case and accents make no difference. What is searched is put together when
    the first question comes, half a hundred bytes a painting.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._making = threading.Lock()
        self._texts: pa.ChunkedArray | None = None
        self._painters = pa.chunked_array([_plain_texts(list(catalogue.painter_names))])

    def find(self, question: str) -> Found:
        """Return the paintings and painters in which all words stand; none if there is no word."""
        words = plain(question).split()
        if not words:
            return Found(np.empty(0, np.int64), [])
        names = list(self._catalogue.painter_names)
        painters = [names[place] for place in _with_all(self._painters, words).tolist()]
        return Found(_with_all(self._searched(), words), painters)

    def _searched(self) -> pa.ChunkedArray:
        """Return title, painter, year and file name of every painting in one text each."""
        with self._making:
            if self._texts is None:
                cards = self._catalogue.cards
                blocks = []
                for start in range(0, len(cards), ROWS_AT_ONCE):
                    rows = np.arange(start, min(start + ROWS_AT_ONCE, len(cards)))
                    columns = (
                        cards.titles(rows),
                        cards.painters(rows),
                        cards.years(rows),
                        [cards.names[row] for row in rows.tolist()],
                    )
                    blocks.append(
                        _plain_texts([" ".join(parts) for parts in zip(*columns, strict=True)])
                    )
                self._texts = pa.chunked_array(blocks)
            return self._texts


def plain(text: str) -> str:
    """Return a text without case and accents."""
    apart = unicodedata.normalize("NFD", text)
    return "".join(c for c in apart if not unicodedata.category(c).startswith("M")).lower()


def _plain_texts(texts: list[str]) -> pa.Array:
    """Return many texts as :func:`plain` does; half characters from odd file names become '?'."""
    safe = [text.encode("utf-8", "replace") for text in texts]
    apart = pc.utf8_normalize(pa.array(safe, pa.binary()).cast(pa.string()), form="NFD")
    return pc.utf8_lower(pc.replace_substring_regex(apart, r"\p{M}+", ""))


def _with_all(texts: pa.ChunkedArray, words: list[str]) -> np.ndarray:
    """Return the places of the texts in which all words stand."""
    found = np.ones(len(texts), bool)
    for word in words:
        safe = word.encode("utf-8", "replace").decode()
        found &= pc.match_substring(texts, safe).to_numpy()
    return np.flatnonzero(found)
