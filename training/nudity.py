"""What the start inherited: it had been tuned to recognise nudity.

The head that was cut off is linear in the channel means of the last stage. Its answer, the
*inherited score*, still tells nudes from other pictures very well in paintings. It serves twice:
to measure how much bare skin rather than style makes two paintings neighbours, and to teach the
metric that the difference between a painter's nudes and the same painter's other works is not one
of style.
"""

from __future__ import annotations

import numpy as np
from onnx import numpy_helper

from training.graph import N_STATISTICS, STAGE_CHANNELS, load_start
from training.metric import BARE_ABOVE

HEAD_WEIGHTS = "fc_nsfw/MatMul/ReadVariableOp:0"
HEAD_BIAS = "fc_nsfw/BiasAdd/ReadVariableOp:0"


def inherited_scores(statistics: np.ndarray) -> np.ndarray:
    """Return the log-odds of "nude" that the start's own head gives.

    Parameters
    ----------
    statistics : ndarray of shape (n, N_STATISTICS), float32
        Statistics of the start, not of a network that was taught.

    Returns
    -------
    ndarray of shape (n,), float32
    """
    arrays = {t.name: numpy_helper.to_array(t) for t in load_start().graph.initializer}
    first = N_STATISTICS - 2 * STAGE_CHANNELS[-1]
    means = np.asarray(statistics[:, first : first + STAGE_CHANNELS[-1]], np.float32)
    both = means @ arrays[HEAD_WEIGHTS] + arrays[HEAD_BIAS]
    return both[:, 1] - both[:, 0]


def bare_neighbour_lift(
    descriptors: np.ndarray, painters: np.ndarray, scores: np.ndarray, n_neighbours: int = 10
) -> float:
    """Return how many times more often than by chance a nude's neighbours are nudes.

    Only neighbours by other painters count, so that a painter of nudes is not held against the
    space. 1 means that bare skin plays no part.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d), float32, unit rows
        Descriptors.
    painters : ndarray of shape (n,), str
        Who painted them.
    scores : ndarray of shape (n,), float
        Inherited scores.
    n_neighbours : int
        Neighbours asked of each nude.
    """
    bare = np.flatnonzero(scores > BARE_ABOVE)
    cosine = descriptors[bare] @ descriptors.T
    cosine[painters[bare][:, None] == painters[None, :]] = -np.inf
    nearest = np.argpartition(-cosine, n_neighbours, axis=1)[:, :n_neighbours]
    return float((scores[nearest] > BARE_ABOVE).mean() / (scores > BARE_ABOVE).mean())
