"""Scores of contenders: one value a contender, measure and seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from artstylenet.evaluation.labels import known_rows
from artstylenet.evaluation.measures import (
    effective_styles,
    label_agreement,
    precision_at,
    probe_accuracy,
)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What was measured.

    Attributes
    ----------
    scores : DataFrame
        One row a contender, measure and seed; columns ``contender``, ``measure``, ``seed``,
        ``value``. What takes all seeds together (stability) has one row, of seed -1.
    """

    scores: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return mean and spread over seeds: ``contender, measure, mean, spread, n_seeds``.

        The spread is a standard deviation, NaN for a single value; rows keep their order.
        """
        groups = self.scores.groupby(["contender", "measure"], sort=False)["value"]
        table = groups.agg(mean="mean", spread="std", n_seeds="size")
        return table.reset_index()


class Scores:
    """Rows of an evaluation, in the making."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, int, float]] = []

    def add(self, name: str, measure: str, seed: int, value: float) -> None:
        """Add one value of a contender."""
        self.rows.append((name, measure, seed, float(value)))

    def add_agreement(
        self,
        name: str,
        seed: int,
        weights: np.ndarray,
        labels: Mapping[str, pd.Series],
        suffix: str = "",
    ) -> None:
        """Compare the largest styles of paintings with their labels."""
        dominant = weights.argmax(axis=1)
        for label, values in labels.items():
            rows, codes = known_rows(values)
            if len(rows):
                agreement = label_agreement(dominant[rows], codes)
                for measure, value in agreement.items():
                    self.add(name, f"{label}_{measure}{suffix}", seed, value)

    def add_mixtures(
        self, name: str, seed: int, weights: np.ndarray, labels: Mapping[str, pd.Series]
    ) -> None:
        """Add all that is measured of mixtures."""
        self.add_agreement(name, seed, weights, labels)
        self.add_vectors(name, seed, np.sqrt(weights), labels)
        self.add(name, "effective_styles", seed, float(np.median(effective_styles(weights))))

    def add_vectors(
        self, name: str, seed: int, vectors: np.ndarray, labels: Mapping[str, pd.Series]
    ) -> None:
        """Add what vectors tell of the labels: by their neighbours, and to a classifier."""
        vectors = vectors.astype(np.float32)
        unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        for label, values in labels.items():
            rows, codes = known_rows(values)
            near = precision_at(unit[rows], codes, random_state=seed)
            self.add(name, f"{label}_precision_at_10", seed, near)
            # What a painter's name gives away must not help to tell the movement.
            groups = None
            if label != "painter" and "painter" in labels:
                groups = pd.factorize(labels["painter"].iloc[rows])[0]
            probe = probe_accuracy(vectors[rows], codes, groups, random_state=seed)
            self.add(name, f"{label}_probe", seed, probe)

    def finish(self) -> Evaluation:
        """Return all that was added."""
        columns = ["contender", "measure", "seed", "value"]
        return Evaluation(pd.DataFrame(self.rows, columns=columns))
