"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Sequence


def percent(weight: float) -> str:
    """Return a fraction as a percentage: ``14 %``, ``under 1 %``, ``0 %``."""
    if 0 < weight < 0.005:
        return "under 1\u00a0%"
    return f"{100 * weight:.0f}\u00a0%"


def count(n: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: ``1 painter``, ``5,910 paintings``."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def listing(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]
