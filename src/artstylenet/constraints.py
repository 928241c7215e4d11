"""Which paintings an answer may name: by label, by year, by painter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from artstylenet.collection.words import counted
from artstylenet.errors import InputError
from artstylenet.metadata import labels_in, painting_values, suggestion, year_spans

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas


@dataclass(frozen=True)
class Constraints:
    """What the paintings of an answer must have in common.

    Parameters
    ----------
    where : mapping of str to sequence of str, default={}
        By column, the labels that will do; case does not count. Columns are those of the
        paintings and of their painters, and ``century``.
    before : int or None, default=None
        Only paintings that were surely made before this year: their last year is earlier.
    after : int or None, default=None
        Only paintings that were surely made after this year: their first year is later.
    other_painters : bool, default=False
        Only works of named painters other than those of the paintings asked about.

    Raises
    ------
    InputError
        If no year is both before and after.
    """

    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    before: int | None = None
    after: int | None = None
    other_painters: bool = False

    def __post_init__(self) -> None:
        if self.before is not None and self.after is not None and self.before - self.after < 2:
            raise InputError(
                f"'after {self.after}' and 'before {self.before}' contradict each other: "
                "there is no year between."
            )


def parse_where(texts: Sequence[str]) -> dict[str, list[str]]:
    """Read ``column=label`` texts; several labels of one column are alternatives.

    Raises
    ------
    InputError
        If a text has no column or no label.
    """
    where: dict[str, list[str]] = {}
    for text in texts:
        column, _, label = (part.strip() for part in text.partition("="))
        if not column or not label:
            raise InputError(f"A condition is written COLUMN=LABEL, not {text!r}.")
        where.setdefault(column, []).append(label)
    return where


def allowed_paintings(
    atlas: StyleAtlas, constraints: Constraints, asked: Sequence[int] = ()
) -> np.ndarray:
    """Tell which paintings meet all constraints.

    Parameters
    ----------
    atlas : StyleAtlas
    constraints : Constraints
    asked : sequence of int, default=()
        Rows of the paintings that were asked about; they are never allowed.

    Returns
    -------
    ndarray of shape (n_paintings,), bool
        At least one is True.

    Raises
    ------
    InputError
        If a column or label does not exist, if years are asked of a collection without any, or
        if no painting is left; the text says how many each constraint leaves by itself.
    """
    met = _met_by_each(atlas, constraints, asked)
    others = np.ones(atlas.n_paintings, dtype=bool)
    others[list(asked)] = False
    allowed: np.ndarray = np.logical_and.reduce([others, *met.values()])
    if not allowed.any():
        raise InputError(_nothing_left({said: int((m & others).sum()) for said, m in met.items()}))
    return allowed


def _met_by_each(
    atlas: StyleAtlas, constraints: Constraints, asked: Sequence[int]
) -> dict[str, np.ndarray]:
    """Return which paintings meet each constraint, by its words."""
    met = {}
    for column, labels in constraints.where.items():
        wanted = [labels] if isinstance(labels, str) else list(labels)
        met[f"{column}={' or '.join(wanted)}"] = _has_label(atlas, column, wanted)
    first, last = year_spans(atlas).T
    if (constraints.before, constraints.after) != (None, None) and np.isnan(first).all():
        raise InputError("No painting of this atlas is dated: it cannot be asked for years.")
    # Comparisons with NaN are False: what is not dated is surely neither before nor after.
    if constraints.before is not None:
        met[f"before {constraints.before}"] = last < constraints.before
    if constraints.after is not None:
        met[f"after {constraints.after}"] = first > constraints.after
    if constraints.other_painters:
        painters = atlas.paintings["painter"]
        met["other painters"] = (
            painters.notna() & ~painters.isin(_painters(atlas, asked))
        ).to_numpy()
    return met


def _painters(atlas: StyleAtlas, rows: Sequence[int]) -> list[str]:
    names = list(atlas.paintings["painter"].iloc[list(rows)].dropna().unique())
    if not names:
        raise InputError("'other painters' needs a painting whose painter is known.")
    return names


def _has_label(atlas: StyleAtlas, column: str, wanted: Sequence[str]) -> np.ndarray:
    values = painting_values(atlas, column)
    # A whole cell will do as well as one of its labels.
    labels = [{*map(str.casefold, labels_in(v)), str(v).casefold()} for v in values]
    known = {label for value in values for label in labels_in(value)}
    met = np.zeros(len(labels), dtype=bool)
    for label in wanted:
        has = np.array([label.casefold() in of_one for of_one in labels])
        if not has.any():
            raise InputError(f"No painting has {column} {label!r}{suggestion(label, known)}")
        met |= has
    return met


def _nothing_left(n_left: Mapping[str, int]) -> str:
    if not n_left:
        return "No other painting is left in this atlas."
    each = ", ".join(f"'{said}' leaves {counted(n, 'painting')}" for said, n in n_left.items())
    if len(n_left) == 1:
        return f"Nothing is left to choose from: {each}."
    return f"Nothing is left to choose from: {each}, and none meets all of them."
