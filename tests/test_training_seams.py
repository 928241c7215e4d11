"""Halves of paintings beside foreign halves."""

import numpy as np
import pytest

from artstylenet.evaluation.collages import paste_halves
from training.seams import SEAMED_PARTS, beside_foreign, draw_partners

SIZE = 8
# The quarters that each part is made of.
QUARTERS = {0: {0}, 1: {1}, 2: {2}, 3: {3}, 4: {0, 2}, 5: {1, 3}, 6: {0, 1}, 7: {2, 3}}


def plain(colour):
    return np.full((SIZE, SIZE, 3), colour, np.uint8)


def parts_of(picture):
    """The mean colour of the eight parts, (8, 1); NaN for a part that is of two paintings."""
    half = SIZE // 2
    quarters = [picture[i : i + half, j : j + half] for i in (0, half) for j in (0, half)]
    found = []
    for part in range(8):
        pixels = np.concatenate([quarters[quarter].ravel() for quarter in sorted(QUARTERS[part])])
        found.append([pixels.mean() if np.ptp(pixels) == 0 else np.nan])
    return np.array(found)


@pytest.mark.parametrize("n_paintings", [2, 3, 17])
def test_everyone_has_another_partner_and_is_one(n_paintings):
    partners = draw_partners(n_paintings, np.random.default_rng(0))
    assert sorted(partners) == list(range(n_paintings))
    assert (partners != np.arange(n_paintings)).all()


def test_one_painting_alone_has_no_partner():
    with pytest.raises(ValueError, match="there are 1"):
        draw_partners(1, np.random.default_rng(0))


def test_halves_are_side_by_side_or_one_above_the_other():
    one, other = (np.full((4, 4, 3), value, np.uint8) for value in (1, 2))
    assert paste_halves(one, other, 1)[..., 0].tolist() == [[1, 1, 2, 2]] * 4
    assert paste_halves(one, other, 0)[..., 0].tolist() == [[1] * 4] * 2 + [[2] * 4] * 2


def test_parts_come_back_to_the_painting_they_are_of():
    colours = [10, 60, 110, 160, 210]
    partners = draw_partners(len(colours), np.random.default_rng(3))
    above, side_by_side = (
        np.stack(
            [
                parts_of(paste_halves(plain(colour), plain(colours[partner]), axis))
                for colour, partner in zip(colours, partners, strict=True)
            ]
        )
        for axis in (0, 1)
    )
    found = beside_foreign(side_by_side, above, partners)
    assert found.shape == (len(colours), len(SEAMED_PARTS), 1)
    assert (found[..., 0] == np.array(colours)[:, None]).all()


def test_every_part_has_its_seams():
    # A quarter has two inner borders, a half has one.
    assert np.bincount(SEAMED_PARTS).tolist() == [2, 2, 2, 2, 1, 1, 1, 1]
