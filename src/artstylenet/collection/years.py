"""Years out of what people write in a date column."""

from __future__ import annotations

import re

LATEST_YEAR = 2100
"""Larger numbers are not years (inventory numbers, sizes)."""

_ISO_DATE = re.compile(r"\s*([0-9]{4})-[0-9]{2}-[0-9]{2}(?![0-9])")
_CENTURY = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)\b")
_YEAR = re.compile(
    r"(?<![0-9])([0-9]{3,4})(s)?(?![0-9])"  # 1650, 1650s
    r"(?:\s*[-/]\s*([0-9]{1,2})(?![0-9]))?"  # the short end of 1650-60
)
_SMALL_YEAR = re.compile(r"(?<![0-9])([0-9]{1,4})(?![0-9])")
_BC = re.compile(r"\bb\.?\s?c\b|\bbce\b")
_AD = re.compile(r"\ba\.?\s?d\b|\bce\b")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))


def parse_years(text: str) -> tuple[int, int] | None:
    """Return the first and the last year that a date names, or None if it names none.

    The span covers every year in the text. Words that qualify a year ("c.", "before",
    "early", "(?)") do not move it: what was written stays in the ``year`` column.

    Parameters
    ----------
    text : str
        A date as people write it, in any case, with any kind of dash.

    Returns
    -------
    tuple of two ints or None
        ``(first, last)`` with ``first <= last``; years before Christ are negative, there is no
        year 0, and no year is after 2100.

    Examples
    --------
    >>> parse_years("c. 1650"), parse_years("1650-60"), parse_years("1520s")
    ((1650, 1650), (1650, 1660), (1520, 1529))
    >>> parse_years("16th century"), parse_years("5th century BC"), parse_years("undated")
    ((1501, 1600), (-500, -401), None)
    """
    text = text.casefold().translate(_DASHES)
    iso_date = _ISO_DATE.match(text)
    if iso_date:
        spans = [(int(iso_date[1]), int(iso_date[1]))]
    elif "cent" in text:
        spans = _centuries(text)
    elif _BC.search(text) or _AD.search(text):
        spans = _years_with_era(text)
    else:
        spans = _years(text)
    spans = [span for span in spans if span[0] and span[1] <= LATEST_YEAR]
    if not spans:
        return None
    return min(first for first, _ in spans), max(last for _, last in spans)


def _centuries(text: str) -> list[tuple[int, int]]:
    spans = []
    for match in _CENTURY.finditer(text):
        century = int(match[1])
        if century and _is_before_christ(text, match.end()):
            spans.append((-100 * century, -100 * century + 99))
        elif century:
            spans.append((100 * century - 99, 100 * century))
    return spans


def _years_with_era(text: str) -> list[tuple[int, int]]:
    years = [
        -int(match[1]) if _is_before_christ(text, match.end()) else int(match[1])
        for match in _SMALL_YEAR.finditer(text)
    ]
    return [(year, year) for year in years]


def _is_before_christ(text: str, end: int) -> bool:
    """Tell whether the era that follows a number is BC; "300-200 BC" dates both numbers."""
    era = _BC.search(text, end)
    other_era = _AD.search(text, end)
    return era is not None and (other_era is None or era.start() < other_era.start())


def _years(text: str) -> list[tuple[int, int]]:
    spans = []
    for match in _YEAR.finditer(text):
        year, is_decade, short_end = int(match[1]), match[2], match[3]
        last = year
        if is_decade:
            # "1800s" is the century, "1810s" the decade.
            last = year + (99 if year % 100 == 0 else 9 if year % 10 == 0 else 0)
        elif short_end:
            end = int(match[1][: -len(short_end)] + short_end)
            # "1898-05" is no span of years, so it is read as 1898.
            last = max(year, end)
        spans.append((year, last))
    return spans
