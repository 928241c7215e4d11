"""What ``--json`` prints: one document, numbers of six digits, null where nothing is known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    import pandas as pd


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain dicts."""
    text = table.to_json(orient="records", force_ascii=False, double_precision=6)
    rows: list[dict[str, Any]] = json.loads(text)
    return rows


def rounded(number: float | None) -> float | None:
    """Return a number of six digits."""
    return None if number is None else round(float(number), 6)


def print_document(document: Any) -> None:
    """Print one JSON document."""
    typer.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
