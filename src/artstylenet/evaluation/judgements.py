"""People's answers to "which of two paintings is more like this one?"."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from artstylenet.errors import InputError, UnknownIdError

FIELDS = ("anchor", "more", "less", "person")
UNKNOWN_SHOWN = 5
Z_95 = 1.959964


@dataclass(frozen=True)
class JudgementResult:
    """How often something agrees with people.

    Attributes
    ----------
    name : str
    agreement : float
        In [0, 1]; 0.5 is chance. NaN if there is nothing to compare.
    low, high : float
        Ends of the 95 % confidence interval (Wilson).
    n : int
        Comparisons made.
    """

    name: str
    agreement: float
    low: float
    high: float
    n: int


def read_judgements(path: Path) -> pd.DataFrame:
    """Read judgements, one JSON object a line: anchor, more, less, person.

    Parameters
    ----------
    path : Path
        UTF-8; ``anchor``, ``more`` and ``less`` are ids of paintings, and the person found
        ``more`` to be more like the anchor than ``less``.

    Returns
    -------
    DataFrame
        Columns ``anchor``, ``more``, ``less``, ``person``, all str.

    Raises
    ------
    InputError
        If the file cannot be read, holds no judgement, or a line is not a judgement: all such
        lines are named.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The judgements {path} cannot be read: {error}.") from error
    rows: list[list[str]] = []
    bad: list[int] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
            row = [str(given[field]) for field in FIELDS]
        except (ValueError, KeyError, TypeError):
            row = []
        if len(set(row[:3])) == 3:
            rows.append(row)
        else:
            bad.append(number)
    if bad:
        raise InputError(
            f"Lines of {path} that are not judgements: {', '.join(map(str, bad))}; each is a JSON "
            f"object with {', '.join(FIELDS)}, of three different paintings."
        )
    if not rows:
        raise InputError(f"{path} holds no judgements.")
    return pd.DataFrame(rows, columns=list(FIELDS))


def measure_judgements(
    judgements: pd.DataFrame, ids: Sequence[str], vectors: Mapping[str, np.ndarray]
) -> list[JudgementResult]:
    """Compare kinds of likeness, and people with each other.

    Parameters
    ----------
    judgements : DataFrame
        From :func:`read_judgements`.
    ids : sequence of str, of length n_paintings
    vectors : mapping of str to ndarray of shape (n_paintings, n_dimensions)
        By name; likeness is their dot product (unit descriptors, roots of mixtures).

    Returns
    -------
    list of JudgementResult
        One for each of `vectors`, a tie counting half, then ``people with each other``: of two
        people who were asked the same, how often they say the same.

    Raises
    ------
    UnknownIdError
        If a judgement is about a painting that is not there; some are named.
    """
    row_of = {painting_id: row for row, painting_id in enumerate(ids)}
    named = judgements[["anchor", "more", "less"]].to_numpy()
    unknown = [name for name in dict.fromkeys(named.ravel()) if name not in row_of]
    if unknown:
        shown = ", ".join(unknown[:UNKNOWN_SHOWN])
        rest = len(unknown) - UNKNOWN_SHOWN
        raise UnknownIdError(
            f"Judgements about {len(unknown)} unknown paintings: {shown}"
            + (f" and {rest} more." if rest > 0 else ".")
        )
    anchor, more, less = np.vectorize(row_of.__getitem__)(named).T
    results = []
    for name, values in vectors.items():
        exact = values.astype(np.float64)
        margin = ((exact[more] - exact[less]) * exact[anchor]).sum(axis=1)
        results.append(_result(name, np.where(margin == 0, 0.5, margin > 0)))
    return [*results, _result("people with each other", _between_people(judgements))]


def _between_people(judgements: pd.DataFrame) -> np.ndarray:
    """Return 1 for every pair of answers by two people to the same question that agree, else 0."""
    pairs = []
    questions = [
        (anchor, *sorted((more, less)))
        for anchor, more, less in judgements[["anchor", "more", "less"]].to_numpy()
    ]
    for _, answers in judgements.groupby(pd.Index(questions), sort=False):
        given = answers.drop_duplicates("person", keep="last")["more"]
        pairs += [first == second for first, second in combinations(given, 2)]
    return np.asarray(pairs, dtype=float)


def _result(name: str, hits: np.ndarray) -> JudgementResult:
    if not len(hits):
        return JudgementResult(name, np.nan, np.nan, np.nan, 0)
    n, share = len(hits), float(hits.mean())
    middle = (share + Z_95**2 / (2 * n)) / (1 + Z_95**2 / n)
    reach = Z_95 * np.sqrt(share * (1 - share) / n + Z_95**2 / (4 * n**2)) / (1 + Z_95**2 / n)
    return JudgementResult(name, share, middle - reach, middle + reach, n)
