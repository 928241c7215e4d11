"""Counts and lists in the sentences that users read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def counted(n_things: int, thing: str) -> str:
    """Return ``1 picture`` or ``5,910 pictures``."""
    return f"{n_things:,} {thing}{'' if n_things == 1 else 's'}"


def listed(items: Sequence[object], *, most: int = 5) -> str:
    """Return the first few items in words: ``a, b and 3 more``."""
    shown = [str(item) for item in items[:most]]
    if len(items) > most:
        shown.append(f"{len(items) - most} more")
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def rows_in_words(rows: Iterable[int]) -> str:
    """Return ``row 3`` or ``rows 3, 4 and 2 more``."""
    rows = list(rows)
    return f"row{'s' if len(rows) > 1 else ''} {listed(rows)}"
