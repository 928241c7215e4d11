"""Learn the metric: from the statistics of a network to a style descriptor.

The square roots of the statistics are standardised and reduced by PCA. There the differences
between works of one painter, between a picture and its changed copies, between parts and their
whole, between a part at home and the same part beside a foreign painting, and between a painter's
nudes and other works are what does not matter; they are whitened away. The differences between
painters are what matters; directions that hold more of them are stretched. All painters weigh the
same, however many works they left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg
from threadpoolctl import threadpool_limits

from training.seams import SEAMED_PARTS

BARE_ABOVE = 0.0  # inherited score: more likely a nude than not
COVERED_BELOW = -3.0
LEAST_VARIANCE = 1e-3  # of the mean; below it, painters do not differ
TIE_BREAK = 1e-9  # share of the works' covariance beside that between painters
LEAST_DEVIATION = 0.01  # of a root; a channel that hardly ever speaks must not shout


@dataclass(frozen=True)
class MetricSettings:
    """What was chosen on painters held apart from those that taught.

    Attributes
    ----------
    n_components : int
        Dimensions kept by the first PCA.
    n_descriptor : int
        Dimensions of the descriptor.
    shrinkage : float
        Share of the identity in the within-painter covariance, in [0, 1].
    change_weight : float
        Weight of the covariance of changed copies beside the within-painter covariance.
    part_weight : float
        The same of the parts of a picture, less the whole: what is different from one place of a
        painting to another is no style.
    seam_weight : float
        The same of parts beside a foreign painting, less the same parts at home: what a part owes
        to its neighbours is not its own style.
    bare_weight : float
        Weight of the second moments of :func:`bare_differences` in the same sum.
    floor : float
        Added to the variance between painters in each whitened direction, in units of its mean:
        the larger, the less any direction is preferred.
    power : float
        Each whitened direction is multiplied by its variance to this power.
    rest : float
        Factor, in [0, 1], of directions in which the means of the painters do not differ: there
        are some where painters are fewer than dimensions. Nothing was learnt of them.
    """

    n_components: int = 768
    n_descriptor: int = 256
    shrinkage: float = 0.3
    change_weight: float = 0.5
    part_weight: float = 0.7
    seam_weight: float = 1.2
    bare_weight: float = 0.1
    floor: float = 30.0
    power: float = 0.25
    rest: float = 0.5


@dataclass(frozen=True)
class MetricLesson:
    """What a metric is learnt from, row i the same painting but in copies.

    Attributes
    ----------
    statistics : ndarray of shape (n, n_statistics), float32
        Statistics of the teaching paintings.
    painters : ndarray of shape (n,), str
        Who painted them.
    inherited : ndarray of shape (n,), float32
        What the start's own head makes of them (:mod:`training.nudity`).
    changed : ndarray of shape (n_copies, n_statistics), float32
        Statistics of changed copies of some of them.
    origin : ndarray of shape (n_copies,), int
        Row of the painting that each copy was made from.
    parts : ndarray of shape (n, n_parts, n_statistics), float, or None
        Statistics of parts of the teaching paintings, if parts are to be described.
    beside : ndarray of shape (n, n_seamed, n_statistics), float, or None
        Statistics of the parts :data:`training.seams.SEAMED_PARTS` where a foreign painting lies
        beyond their inner border; only with ``parts``.
    """

    statistics: np.ndarray
    painters: np.ndarray
    inherited: np.ndarray
    changed: np.ndarray
    origin: np.ndarray
    parts: np.ndarray | None = None
    beside: np.ndarray | None = None


def roots(statistics: np.ndarray) -> np.ndarray:
    """Return the square roots of statistics, float32 of the same shape."""
    return np.sqrt(np.maximum(np.asarray(statistics, np.float32), 0))


@dataclass(frozen=True)
class StyleMetric:
    """Map from the statistics to the style descriptor, up to its length.

    Attributes
    ----------
    weights : ndarray of shape (n_statistics, n_descriptor), float32
        Applied to the square roots of the statistics.
    offset : ndarray of shape (n_descriptor,), float32
        Added afterwards.
    part_offsets : ndarray of shape (n_parts, n_descriptor), float32, or None
        The same for each part of a picture. A part is compared with what is usual at its place:
        skies are above and tables below, whoever paints.
    """

    weights: np.ndarray
    offset: np.ndarray
    part_offsets: np.ndarray | None = None

    def describe(self, statistics: np.ndarray) -> np.ndarray:
        """Return unit descriptors (n, n_descriptor) of statistics (n, n_statistics), float32."""
        rows = roots(statistics) @ self.weights + self.offset
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def bare_differences(rows: np.ndarray, painters: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return what sets a painter's nudes apart from the same painter's other works.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float
        Paintings in some space.
    painters : ndarray of shape (n,), str
        Who painted them.
    scores : ndarray of shape (n,), float
        Inherited scores.

    Returns
    -------
    ndarray of shape (n_painters, d)
        One difference of means for each painter with two nudes and two other works at least,
        multiplied by the root of the number of nudes.
    """
    differences = []
    for painter in np.unique(painters):
        own = painters == painter
        bare, covered = rows[own & (scores > BARE_ABOVE)], rows[own & (scores < COVERED_BELOW)]
        if min(len(bare), len(covered)) >= 2:
            difference = bare.mean(axis=0) - covered.mean(axis=0)
            differences.append(difference * np.sqrt(len(bare)))
    return np.array(differences).reshape(-1, rows.shape[1])


def _covariance(rows: np.ndarray) -> np.ndarray:
    """Second moments (d, d) of rows (n, d)."""
    return rows.T @ rows / len(rows)


def _within_and_between(scores: np.ndarray, painters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Covariances (d, d) inside and between painters, each painter weighing the same."""
    names, codes = np.unique(painters, return_inverse=True)
    counts = np.bincount(codes)
    means = np.zeros((len(names), scores.shape[1]), scores.dtype)
    np.add.at(means, codes, scores)
    means /= counts[:, None]
    weights = 1 / counts[codes]
    residuals = (scores - means[codes]) * np.sqrt(weights)[:, None]
    within = residuals.T @ residuals / (weights.sum() - weights @ weights)
    # A mean of one or two works says little about the painter.
    settled = means[counts >= 3] - scores.mean(axis=0)
    return within, _covariance(settled)


@dataclass(frozen=True)
class Reduced:
    """A lesson in the first PCA's space.

    Attributes
    ----------
    axes : ndarray of shape (n_statistics, k), float32
        From roots of statistics, less ``centre``, to scores.
    centre : ndarray of shape (n_statistics,), float32
        Mean roots.
    scores : ndarray of shape (n, k), float64
        The paintings.
    changes : ndarray of shape (n_copies, k), float64
        Changed copies less what they were made from.
    parts : ndarray of shape (n_parts, n, k), float32
        Parts, each less what is usual at its place, less the whole.
    seams : ndarray of shape (n_seamed, n, k), float32
        Parts beside a foreign painting, less the same parts at home. Of what is not known there
        are none.
    """

    axes: np.ndarray
    centre: np.ndarray
    scores: np.ndarray
    changes: np.ndarray
    parts: np.ndarray
    seams: np.ndarray


def reduce(lesson: MetricLesson, n_components: int) -> Reduced:
    """Standardise the roots of a lesson's statistics and reduce them by PCA."""
    rows = roots(lesson.statistics)
    centre, deviation = rows.mean(axis=0), np.maximum(rows.std(axis=0), LEAST_DEVIATION)
    rows = (rows - centre) / deviation
    last = rows.shape[1] - 1
    _, axes = scipy.linalg.eigh(
        _covariance(rows), subset_by_index=[max(0, last + 1 - n_components), last]
    )
    scores = (rows @ axes).astype(np.float64)
    changes = (roots(lesson.changed) - centre) / deviation @ axes - scores[lesson.origin]

    def reduced_places(statistics: np.ndarray | None) -> list[np.ndarray]:
        places = () if statistics is None else np.moveaxis(statistics, 1, 0)
        return [(roots(place) / deviation) @ axes for place in places]

    at_home, beside = reduced_places(lesson.parts), reduced_places(lesson.beside)
    parts = [place - place.mean(axis=0) - scores for place in at_home]
    seams = [place - at_home[part] for place, part in zip(beside, SEAMED_PARTS, strict=False)]
    return Reduced(
        axes / deviation[:, None],
        centre,
        scores,
        changes,
        parts=np.array(parts, np.float32).reshape(-1, *scores.shape),
        seams=np.array(seams, np.float32).reshape(-1, *scores.shape),
    )


def discriminate(
    reduced: Reduced, painters: np.ndarray, inherited: np.ndarray, settings: MetricSettings
) -> np.ndarray:
    """Return the linear map (k, n_descriptor) from scores to descriptors, up to their length.

    Parameters
    ----------
    reduced : Reduced
    painters, inherited
        As in :class:`MetricLesson`.
    settings : MetricSettings
        How much what does not matter is taken away.
    """
    scores = reduced.scores
    within, between = _within_and_between(scores, painters)
    noise = within + settings.change_weight * _covariance(reduced.changes)
    noises = ((reduced.parts, settings.part_weight), (reduced.seams, settings.seam_weight))
    for places, weight in noises:
        if len(places):
            noise += weight * sum(map(_covariance, places)) / len(places)
    bare = bare_differences(scores, painters, inherited)
    if len(bare):
        noise = noise + settings.bare_weight * _covariance(bare)
    level = np.trace(noise) / len(noise)
    noise = (1 - settings.shrinkage) * noise + settings.shrinkage * level * np.eye(len(noise))
    variance, directions = np.linalg.eigh(noise)
    whiten = (directions / np.sqrt(variance)) @ directions.T
    variance, directions = _ranked(whiten @ between @ whiten, whiten @ _covariance(scores) @ whiten)
    told = variance > LEAST_VARIANCE * variance.mean()
    stretch = (variance + settings.floor * variance.mean()) ** settings.power
    stretch *= np.where(told, 1, settings.rest)
    descriptor = whiten @ (directions * stretch)[:, : settings.n_descriptor]
    # Any common factor is lost when the descriptor gets unit length; this one suits float16.
    return descriptor / np.sqrt((descriptor**2).sum() / descriptor.shape[1])


def _ranked(between: np.ndarray, works: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rank directions by the variance between painters; by that of works where there is none.

    Without the second, rounding would rank the directions that painters do not differ in.

    Returns
    -------
    variance : ndarray of shape (k,), float64
        Between painters, in descending order, not negative.
    directions : ndarray of shape (k, k), float64
        In its columns.
    """
    hint = TIE_BREAK * np.trace(between) / np.trace(works)
    _, directions = np.linalg.eigh(between + hint * works)
    directions = directions[:, ::-1]
    variance = np.einsum("ij,ij->j", directions, between @ directions)
    return np.maximum(variance, 0), directions


def learn_metric(lesson: MetricLesson, settings: MetricSettings | None = None) -> StyleMetric:
    """Learn a style metric from paintings with known painters.

    Parameters
    ----------
    lesson : MetricLesson
        The teaching paintings and their changed copies.
    settings : MetricSettings or None
        By default those that were chosen.

    Returns
    -------
    StyleMetric
        Its ``weights`` take the roots of the statistics straight to the descriptor. The same
        lesson gives the same bits on any number of cores (of one kind, with one build of BLAS).
    """
    # How a sum is shared among threads decides how it is rounded.
    with threadpool_limits(1):
        return _learn(lesson, settings or MetricSettings())


def _with_settled_signs(axes: np.ndarray) -> np.ndarray:
    """Turn columns (d, k) so that the largest entry of each is positive."""
    largest = np.abs(axes).argmax(axis=0)
    return axes * np.sign(axes[largest, np.arange(axes.shape[1])])


def _learn(lesson: MetricLesson, chosen: MetricSettings) -> StyleMetric:
    """Do what :func:`learn_metric` says."""
    reduced = reduce(lesson, chosen.n_components)
    descriptor = discriminate(reduced, lesson.painters, lesson.inherited, chosen)
    weights = _with_settled_signs(reduced.axes @ descriptor).astype(np.float32)
    part_offsets = None
    if lesson.parts is not None:
        places = range(lesson.parts.shape[1])
        part_offsets = np.stack([-_usual(lesson.parts[:, place]) @ weights for place in places])
    return StyleMetric(weights, -reduced.centre @ weights, part_offsets)


def _usual(statistics: np.ndarray) -> np.ndarray:
    """Return the mean roots (n_statistics,) of statistics."""
    mean: np.ndarray = roots(statistics).mean(axis=0)
    return mean
