from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artstylenet.collection.years import LATEST_YEAR, parse_years


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("1650", (1650, 1650)),
        ("1889.0", (1889, 1889)),
        ("c. 1650", (1650, 1650)),
        ("Ca.1650(?)", (1650, 1650)),
        ("before 1650", (1650, 1650)),
        ("1650-60", (1650, 1660)),
        ("1650 \N{EN DASH} 60", (1650, 1660)),
        ("1888-9", (1888, 1889)),
        ("1484/85-1545", (1484, 1545)),
        ("1471 - 1528", (1471, 1528)),
        ("1848 \N{EN DASH} 1903", (1848, 1903)),
        ("1848—1903", (1848, 1903)),
        ("1901-05", (1901, 1905)),
        ("1898-05", (1898, 1898)),
        ("1889-05-12", (1889, 1889)),
        ("12 May 1889", (1889, 1889)),
        ("1520s", (1520, 1529)),
        ("1800s", (1800, 1899)),
        ("1884, reworked 1890", (1884, 1890)),
        ("0742", (742, 742)),
        ("16th century", (1501, 1600)),
        ("first half of the 14th Century", (1301, 1400)),
        ("15th-16th century", (1401, 1600)),
        ("1st century", (1, 100)),
        ("5th century BC", (-500, -401)),
        ("1st century B.C. - 2nd century A.D.", (-100, 200)),
        ("500 BC", (-500, -500)),
        ("79 AD", (79, 79)),
        ("300-200 BCE", (-300, -200)),
        ("30 BC - 14 AD", (-30, 14)),
        ("inv. 90417", None),
        ("year 3000", None),
        ("0000", None),
        ("0th century", None),
        ("undated", None),
        ("n.d.", None),
        ("", None),
    ],
)
def test_years_as_people_write_them(text: str, years: tuple[int, int] | None) -> None:
    assert parse_years(text) == years


@given(st.text() | st.from_regex(r"(c\. )?[0-9]{1,5}( ?[-\u2013/] ?[0-9]{1,4})?s?( BC| AD| cent)?"))
def test_any_text_gives_an_ordered_span_or_nothing(text: str) -> None:
    years = parse_years(text)
    if years is not None:
        first, last = years
        assert first <= last <= LATEST_YEAR
        assert first != 0
        assert last != 0


@given(st.integers(100, LATEST_YEAR), st.integers(100, LATEST_YEAR))
def test_two_years_span_what_is_between(one: int, other: int) -> None:
    assert parse_years(f"{one} - {other}") == (min(one, other), max(one, other))
