from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artstylenet.collection.painter_names import common_spellings, painter_key, shown_name


def shown(*names: str | None) -> list[str | None]:
    spellings = common_spellings(names)
    return [shown_name(name, spellings) for name in names]


@pytest.mark.parametrize(
    "other",
    [
        unicodedata.normalize("NFD", "Albrecht Dürer"),
        "ALBRECHT DÜRER",
        "Albrecht_Dürer",
        " Albrecht \N{NO-BREAK SPACE} Dürer\n",
    ],
)
def test_spellings_of_one_painter_are_one(other: str) -> None:
    assert shown("Albrecht Dürer", other) == ["Albrecht Dürer"] * 2


def test_accents_tell_painters_apart() -> None:
    assert shown("Albrecht Dürer", "Albrecht Durer") == ["Albrecht Dürer", "Albrecht Durer"]


def test_the_most_frequent_spelling_is_shown() -> None:
    assert set(shown("van gogh", "van gogh", "Van Gogh")) == {"van gogh"}


def test_mixed_case_is_shown_among_equals() -> None:
    assert set(shown("CLAUDE MONET", "Claude Monet", "claude monet")) == {"Claude Monet"}


@pytest.mark.parametrize("name", [None, "", "  ", "Unknown", "unknown_artist", "ANONYMOUS", "?"])
def test_nobody_is_no_painter(name: str | None) -> None:
    assert shown(name, "Monet") == [None, "Monet"]


@given(st.lists(st.text()))
def test_equal_keys_and_only_these_share_a_spelling(names: list[str]) -> None:
    spellings = common_spellings(names)
    assert len(set(spellings.values())) == len(spellings)
    for key, spelling in spellings.items():
        assert painter_key(spelling) == key


@given(st.lists(st.sampled_from(["Monet", "MONET", "monet", "Manet"])), st.randoms())
def test_the_order_of_names_does_not_matter(names: list[str], random) -> None:
    shuffled = names.copy()
    random.shuffle(shuffled)
    assert common_spellings(shuffled) == common_spellings(names)
