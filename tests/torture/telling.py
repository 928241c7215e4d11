"""What a run of torture has to say: printed at its end."""

from __future__ import annotations

TOLD: list[str] = []


def tell(sentence: str) -> None:
    """Keep a sentence for the end of the run."""
    TOLD.append(sentence)
