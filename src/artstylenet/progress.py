"""How long work tells its caller how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called as ``progress(stage, n_done, n_total)``; ``stage`` is a short phrase for people."""


def silent(stage: str, n_done: int, n_total: int) -> None:
    """Report nothing."""
