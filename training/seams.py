"""Paintings beside foreign ones: what a part of a picture owes to what lies next to it.

The network sees further than a part: beside a foreign painting the same half has other statistics.
Every teaching painting lends its halves to collages with another one, drawn at random, side by side
and one above the other; row i of what is returned is always painting i.
"""

from __future__ import annotations

import numpy as np

SIDES = ((0, 2, 4), (1, 3, 5), (0, 1, 6), (2, 3, 7))
"""Parts, as they are numbered everywhere, whose inner border is the seam: those to the left of it,
to the right, above and below."""

SEAMED_PARTS = tuple(part for side in SIDES for part in side)


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


def beside_foreign(side_by_side: np.ndarray, above: np.ndarray, partners: np.ndarray) -> np.ndarray:
    """Gather parts by the painting that they are of, not by the collage that they are in.

    Parameters
    ----------
    side_by_side, above : ndarray of shape (n_paintings, n_parts, n_statistics), float
        Parts of the collages in which row i is the first half of painting i before the second half
        of its partner.
    partners : ndarray of shape (n_paintings,), int

    Returns
    -------
    ndarray of shape (n_paintings, len(SEAMED_PARTS), n_statistics), float
        Row i: parts :data:`SEAMED_PARTS` of painting i.
    """
    lent = np.argsort(partners)  # collage that holds the second half of a painting
    left, right, upper, lower = map(list, SIDES)
    return np.concatenate(
        [
            side_by_side[:, left],
            side_by_side[:, right][lent],
            above[:, upper],
            above[:, lower][lent],
        ],
        axis=1,
    )
