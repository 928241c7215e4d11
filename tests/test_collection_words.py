from __future__ import annotations

from artstylenet.collection.words import counted, listed, rows_in_words


def test_lists() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed("abcdefg", most=2) == "a, b and 5 more"


def test_counts() -> None:
    assert counted(1, "picture") == "1 picture"
    assert counted(5910, "picture") == "5,910 pictures"


def test_rows() -> None:
    assert rows_in_words([2]) == "row 2"
    assert rows_in_words(iter(range(2, 9))) == "rows 2, 3, 4, 5, 6 and 2 more"
