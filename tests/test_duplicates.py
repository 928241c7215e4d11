from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from artstylenet.duplicates import MAX_DISTANCE, NEAR_DUPLICATE, SAME_BYTES, find_duplicates
from artstylenet.imaging.perceptual_hash import FLAT


def find(hashes: str, looks: list[int]) -> list[tuple[int, str, str]]:
    names = [f"painting-{i}" for i in range(len(hashes))]
    table = find_duplicates(names, [f"{n}.jpg" for n in names], list(hashes), np.uint64(looks))
    assert table.columns.tolist() == ["group", "id", "path", "kind"]
    assert (table["path"] == table["id"] + ".jpg").all()
    return list(zip(table["group"], table["id"].str[9:], table["kind"], strict=True))


def with_flipped_bits(look: int, bits: list[int]) -> int:
    for bit in bits:
        look ^= 1 << bit
    return look


def test_no_paintings_and_no_duplicates() -> None:
    assert find("", []) == []
    assert find("abc", [0x0F0F, 0xFFFF0000FFFF, 0x123456789ABCDEF0]) == []


def test_groups_are_numbered_by_their_first_painting() -> None:
    a, b, c = 0x0F0F0F0F0F0F0F0F, 0x00FF00FF00FF00FF, 0x0000FFFF0000FFFF
    found = find("xyzxuv", [c, a, b, c, a ^ 1, b])
    assert found == [
        (0, "0", SAME_BYTES),
        (0, "3", SAME_BYTES),
        (1, "1", NEAR_DUPLICATE),
        (1, "4", NEAR_DUPLICATE),
        (2, "2", NEAR_DUPLICATE),
        (2, "5", NEAR_DUPLICATE),
    ]


def test_a_group_may_hold_both_kinds() -> None:
    look = 0x0F0F0F0F0F0F0F0F
    kinds = [kind for _, _, kind in find("xyx", [look, look ^ 7, look])]
    assert kinds == [SAME_BYTES, NEAR_DUPLICATE, SAME_BYTES]


def test_flat_pictures_are_the_same_only_by_their_bytes() -> None:
    assert find("abca", [FLAT] * 4) == [(0, "0", SAME_BYTES), (0, "3", SAME_BYTES)]
    assert find("ab", [FLAT, 1]) == []


def test_every_near_pair_is_found_and_no_other() -> None:
    rng = np.random.default_rng(0)
    looks = [int(look) for look in rng.integers(1, 2**64, 60, dtype=np.uint64)]
    for look in looks[:40]:
        n_bits = int(rng.integers(1, MAX_DISTANCE + 4))
        looks.append(with_flipped_bits(look, rng.permutation(64)[:n_bits].tolist()))
    linked = {
        (i, j)
        for i, j in itertools.combinations(range(len(looks)), 2)
        if (looks[i] ^ looks[j]).bit_count() <= MAX_DISTANCE
    }
    assert linked
    names = [str(i) for i in range(len(looks))]
    table = find_duplicates(names, names, names, np.array(looks, np.uint64))
    found = {
        (int(a), int(b))
        for _, group in table.groupby("group")["id"]
        for a, b in itertools.combinations(group, 2)
    }
    assert found == linked


def test_the_result_is_the_same_every_time() -> None:
    rng = np.random.default_rng(1)
    looks = rng.integers(0, 2**20, 300, dtype=np.uint64)
    names = [str(i) for i in range(300)]
    first = find_duplicates(names, names, names, looks)
    pd.testing.assert_frame_equal(first, find_duplicates(names, names, names, looks))


def test_many_copies_are_no_burden() -> None:
    n = 50_000
    names = [str(i) for i in range(n)]
    looks = np.random.default_rng(2).integers(1, 2**64, n, dtype=np.uint64)
    looks[: n // 2] = looks[0]
    table = find_duplicates(names, names, names, looks)
    assert len(table) == n // 2
    assert set(table["kind"]) == {NEAR_DUPLICATE}
