"""Paintings beside foreign ones: what a part of a picture owes to what lies next to it.

The network sees further than a part: beside a foreign painting the same half has other statistics.
Every teaching painting lends its halves to collages with another one, drawn at random, side by side
and one above the other; row i of what is returned is always painting i.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

SEAMED_PARTS = (0, 2, 4, 1, 3, 5, 0, 1, 6, 2, 3, 7)
"""Parts, as they are numbered everywhere, whose inner border is the seam: those to the left of it,
to the right, above and below."""

_A_SIDE = 3  # two quarters and their half


def paste(first: np.ndarray, second: np.ndarray, axis: int) -> np.ndarray:
    """Put the first half of one square picture before the second half of another.

    Parameters
    ----------
    first, second : ndarray of shape (size, size, 3), uint8
    axis : {0, 1}
        0: one above the other; 1: side by side.
    """
    middle = first.shape[axis] // 2
    return np.concatenate(
        [np.split(first, [middle], axis)[0], np.split(second, [middle], axis)[1]], axis
    )


def draw_partners(n_paintings: int, rng: np.random.Generator) -> np.ndarray:
    """Return a partner for every painting, never itself, each once: (n_paintings,), int.

    Raises
    ------
    ValueError
        If there are fewer than two paintings.
    """
    if n_paintings < 2:
        message = f"a painting needs another one beside it; there are {n_paintings}"
        raise ValueError(message)
    ring = rng.permutation(n_paintings)
    partners = np.empty(n_paintings, np.int64)
    partners[ring] = np.roll(ring, 1)
    return partners


def collages(
    read: Callable[[int], np.ndarray], partners: np.ndarray, axis: int
) -> Iterator[np.ndarray]:
    """Yield for each painting its first half before the second half of its partner.

    Parameters
    ----------
    read : callable
        From the row of a painting to its square, (size, size, 3) uint8.
    partners : ndarray of shape (n_paintings,), int
    axis : {0, 1}
        As :func:`paste` takes it.
    """
    for row, partner in enumerate(partners.tolist()):
        yield paste(read(row), read(partner), axis)


def beside_foreign(side_by_side: np.ndarray, above: np.ndarray, partners: np.ndarray) -> np.ndarray:
    """Gather parts by the painting that they are of, not by the collage that they are in.

    Parameters
    ----------
    side_by_side, above : ndarray of shape (n_paintings, n_parts, n_statistics), float
        Parts of :func:`collages` along axis 1 and along axis 0.
    partners : ndarray of shape (n_paintings,), int

    Returns
    -------
    ndarray of shape (n_paintings, len(SEAMED_PARTS), n_statistics), float
        Row i: parts :data:`SEAMED_PARTS` of painting i.
    """
    lent = np.argsort(partners)  # collage that holds the second half of a painting
    sides = ((side_by_side, None), (side_by_side, lent), (above, None), (above, lent))
    gathered = []
    for number, (parts, rows) in enumerate(sides):
        wanted = list(SEAMED_PARTS[_A_SIDE * number : _A_SIDE * (number + 1)])
        found = parts[:, wanted]
        gathered.append(found if rows is None else found[rows])
    return np.concatenate(gathered, axis=1)
