"""Choosing the number of styles with evidence.

Held-out perplexity is measured by document completion: styles are learnt on some paintings; of
each other painting some families of words are shown, its mixture is inferred from them, and the
words not shown are scored (Wallach, Murray, Salakhutdinov, Mimno 2009). Words shown and words
scored come from different stages of the network, since both would hold the same information if
one family were split at random.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from sklearn.base import clone

from artstylenet.evidence import STABLE, TRANSITION_COLUMNS, Selection, typed_transitions
from artstylenet.progress import Progress, silent
from artstylenet.topics import CollapsedTopics
from artstylenet.topics.estimator import as_counts, document_log_likelihoods

Rule = Literal["auto", "elbow", "one-se", "minimum", "stable"]
RULES: tuple[Rule, ...] = ("auto", "elbow", "one-se", "minimum", "stable")

ELBOW_AGREEMENT = 0.8
"""An elbow speaks if at least this fraction of resamples put it within one of the same number."""

ELBOW_ITSELF = 0.25
"""Of numbers that could speak, those that are themselves the elbow of so many resamples count."""

CLEARLY_MORE_STABLE = 0.05
"""An elbow whose styles are more stable by this much wins over the one-standard-error rule."""

UNSEEN_WORD = 0.05
"""Pseudo-count of every word in the baseline of word frequencies."""

N_SEEDS = 5
N_RESAMPLES = 200
HELD_OUT = 0.2
FEWEST_HELD_OUT = 5
# Stability is judged on at most so many paintings; its error is then below 0.01.
MOST_COMPARED = 2000


@dataclass(frozen=True, eq=False)
class Documents:
    """Counts of words of all paintings, whole and in two independent parts.

    Attributes
    ----------
    words : csr_array of shape (n_paintings, n_words), float32
        All words: what styles are learnt from.
    shown, scored : csr_array of the same shape, float32
        Words from which the mixture of a held-out painting is inferred, and words that score it.
    """

    words: sparse.csr_array
    shown: sparse.csr_array
    scored: sparse.csr_array


def choose_n_styles(
    documents: Documents,
    numbers: Sequence[int],
    *,
    rule: Rule = "auto",
    n_seeds: int = N_SEEDS,
    topics: Any = None,
    random_state: int = 0,
    n_jobs: int = 1,
    progress: Progress = silent,
) -> Selection:
    """Fit every number of styles with several seeds and choose one.

    Parameters
    ----------
    documents : Documents
    numbers : sequence of int
        Candidates; at most the number of paintings learnt from.
    rule : {"auto", "elbow", "one-se", "minimum", "stable"}, default="auto"
        ``auto``: if the curve has a minimum inside the range or flattens there, the smallest
        number within one standard error of the minimum; if it only falls, or the styles at the
        elbow come back clearly better with other seeds, the elbow, if it returns in at least
        80 % of resamples; else the largest number that is stable.
    n_seeds : int, default=5
        At least 2. Each seed draws its own paintings to hold out and its own start.
    topics : estimator or None, default=None
        None means :class:`CollapsedTopics` with few sweeps.
    random_state : int, default=0
    n_jobs : int, default=1
        Threads; the result does not depend on it.
    progress : callable, optional

    Returns
    -------
    Selection

    Raises
    ------
    ValueError
        If there are no candidates, too few paintings to hold any out, too few seeds, or no words
        that could score the paintings held out.
    """
    numbers = sorted({int(number) for number in numbers})
    n_paintings = documents.words.shape[0]
    n_held_out = max(FEWEST_HELD_OUT, round(HELD_OUT * n_paintings))
    if not numbers or numbers[0] < 2:
        raise ValueError(f"numbers of styles to try must be 2 or more, got {numbers}")
    if numbers[-1] > n_paintings - n_held_out:
        raise ValueError(
            f"{numbers[-1]} styles cannot be told apart in {n_paintings} paintings, of which "
            f"{n_held_out} are held out"
        )
    if n_seeds < 2:
        raise ValueError(f"n_seeds must be 2 or more, to compare their styles; got {n_seeds}")
    if rule not in RULES:
        raise ValueError(f"rule must be one of {', '.join(RULES)}; got {rule!r}")
    topics = CollapsedTopics(max_iter=60, init="clusters") if topics is None else topics
    fits = [(seed, number) for seed in range(n_seeds) for number in numbers]
    # The rank of each painting in a random order: the lowest are held out.
    splits = [
        np.random.default_rng(random_state + seed).permutation(n_paintings)
        for seed in range(n_seeds)
    ]
    tokens = np.stack([documents.scored[split < n_held_out].sum(axis=1) for split in splits])
    if not tokens.any(axis=1).all():
        raise ValueError(
            f"words that score held-out paintings are needed, but the {n_held_out} held out of "
            f"{n_paintings} have none in `scored`"
        )
    compared = splits[0].argsort()[:MOST_COMPARED] if n_paintings > MOST_COMPARED else slice(None)

    def fit(seed: int, number: int) -> tuple[np.ndarray, np.ndarray]:
        held_out = splits[seed] < n_held_out
        model = clone(topics).set_params(n_components=number, random_state=random_state + seed)
        model.fit(documents.words[~held_out])
        likelihoods = completion_log_likelihoods(
            model, documents.shown[held_out], documents.scored[held_out]
        )
        return likelihoods, model.transform(documents.words[compared])

    likelihoods = np.empty((n_seeds, len(numbers), n_held_out))
    mixtures: dict[tuple[int, int], np.ndarray] = {}
    with ThreadPoolExecutor(n_jobs) as pool:
        done = pool.map(lambda pair: fit(*pair), fits)
        for i, ((seed, number), (row, mixture)) in enumerate(zip(fits, done, strict=True)):
            likelihoods[seed, numbers.index(number)] = row
            mixtures[seed, number] = mixture
            progress("Trying numbers of styles", i + 1, len(fits))

    perplexities = np.exp(-likelihoods.sum(axis=2) / tokens.sum(axis=1)[:, None])
    table = pd.DataFrame(
        {
            "n_styles": numbers,
            "perplexity": perplexities.mean(axis=0),
            "perplexity_low": perplexities.min(axis=0),
            "perplexity_high": perplexities.max(axis=0),
            "stability": [
                mean_stability([mixtures[seed, number] for seed in range(n_seeds)])
                for number in numbers
            ],
        }
    )
    resampled = _resampled_curves(likelihoods, tokens, random_state)
    lowest = resampled[:, [int(table["perplexity"].argmin())]]
    table.insert(4, "standard_error", (resampled - lowest).std(axis=0))
    unigram = np.mean([_unigram_perplexity(documents, split < n_held_out) for split in splits])
    chosen = conclude(table, perplexities, resampled, rule, float(unigram))
    first_fits = {number: mixtures[0, number] for number in numbers}
    return replace(chosen, transitions=style_transitions(first_fits))


def given_number(documents: Documents, number: int, **options: Any) -> Selection:
    """Return the evidence for one number of styles that the user gave; see `choose_n_styles`."""
    evidence = choose_n_styles(documents, [number], rule="minimum", **options)
    reason = f"{number} styles, as asked for."
    return Selection(**{**vars(evidence), "rule": "given", "reason": reason})


def completion_log_likelihoods(
    model: Any,
    shown: sparse.csr_array,
    scored: sparse.csr_array,
    possible: np.ndarray | None = None,
) -> np.ndarray:
    """Infer mixtures from the words shown; return each painting's log probability of the rest.

    `possible` tells which words can be scored at all, (n_words,) bool; None means those that are.
    """
    mixtures = np.asarray(model.transform(shown), dtype=np.float64)
    mixtures /= mixtures.sum(axis=1, keepdims=True)
    topic_words = model.components_ / model.components_.sum(axis=1, keepdims=True)
    return document_log_likelihoods(
        as_counts(scored), _within(topic_words, scored, possible), mixtures
    )


def held_out_perplexity(model: Any, shown: sparse.csr_array, scored: sparse.csr_array) -> float:
    """Return the perplexity per scored word of unseen paintings; at least 1, lower is better."""
    likelihoods = completion_log_likelihoods(model, shown, scored)
    return float(np.exp(-likelihoods.sum() / scored.sum()))


def unigram_log_likelihoods(learnt: sparse.csr_array, scored: sparse.csr_array) -> np.ndarray:
    """Return each painting's log probability by word frequencies alone: the baseline.

    Parameters
    ----------
    learnt : csr_array of shape (n_learnt, n_words)
        Words that can be scored, of the paintings learnt from.
    scored : csr_array of shape (n_paintings, n_words)

    Returns
    -------
    ndarray of shape (n_paintings,), float64
        Natural logarithm, at most 0.
    """
    frequencies = np.asarray(learnt.sum(axis=0), dtype=np.float64).ravel() + UNSEEN_WORD
    frequencies /= frequencies.sum()
    likelihoods: np.ndarray = scored.astype(np.float64) @ np.log(frequencies)
    return likelihoods


def match_styles(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Match the styles of two models by the correlation of their columns over paintings.

    Parameters
    ----------
    first, second : ndarray of shape (n_paintings, n_styles), float64
        Mixtures of the same paintings.

    Returns
    -------
    order : ndarray of shape (n_styles,), int
        ``second[:, order]`` matches `first` column by column (Hungarian method).
    correlations : ndarray of shape (n_styles,), float64
        Correlation of each matched pair, in [-1, 1].
    """
    n_styles = first.shape[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.nan_to_num(np.corrcoef(first.T, second.T)[:n_styles, n_styles:])
    rows, order = linear_sum_assignment(-correlation)
    return order, correlation[rows, order]


def mean_stability(mixtures: Sequence[np.ndarray]) -> float:
    """Return the mean correlation of matched styles over all pairs of models; NaN for one."""
    pairs = [(i, j) for i in range(len(mixtures)) for j in range(i)]
    matched = [match_styles(mixtures[i], mixtures[j])[1].mean() for i, j in pairs]
    return float(np.mean(matched)) if matched else float("nan")


def style_transitions(mixtures: Mapping[int, np.ndarray]) -> pd.DataFrame:
    """Return which style's paintings go to which when one more style is allowed.

    Parameters
    ----------
    mixtures : mapping of int to ndarray of shape (n_paintings, n_styles)
        Mixtures of the same paintings by number of styles; numbers that do not follow each other
        have no transition between them.

    Returns
    -------
    DataFrame
        Columns ``n_styles``, ``style``, ``next_style`` and ``share``: of all paintings, the
        fraction whose largest style is ``style`` of ``n_styles`` and ``next_style`` of one more.
        For every number the shares sum to 1. At each number, style 0 is the largest style of most
        paintings.
    """
    rows = []
    for number in sorted(mixtures):
        if number + 1 not in mixtures:
            continue
        before, after = (_ranked_dominant(mixtures[n]) for n in (number, number + 1))
        counts = np.zeros((number, number + 1), int)
        np.add.at(counts, (before, after), 1)
        rows += [
            (number, style, next_style, counts[style, next_style] / len(before))
            for style, next_style in np.argwhere(counts).tolist()
        ]
    return typed_transitions(pd.DataFrame(rows, columns=TRANSITION_COLUMNS))


def _ranked_dominant(mixtures: np.ndarray) -> np.ndarray:
    """Return the largest style of every painting, styles numbered by how often they are."""
    dominant = mixtures.argmax(axis=1)
    order = np.argsort(-np.bincount(dominant, minlength=mixtures.shape[1]), kind="stable")
    return order.argsort()[dominant]


def find_elbow(numbers: Iterable[int], curve: np.ndarray) -> int | None:
    """Return the elbow of a falling curve by Kneedle (Satopaa et al. 2011), or None."""
    numbers = np.asarray(list(numbers))
    if len(numbers) < 4 or curve[-1] >= curve[0]:
        return None
    # Imported here: it takes all of scipy.signal along, a second that few commands need.
    from kneed import KneeLocator

    locator = KneeLocator(numbers, curve, curve="convex", direction="decreasing")
    # An end of the range is no elbow: nothing is known of what lies beyond it.
    if locator.knee is None or locator.knee in (numbers[0], numbers[-1]):
        return None
    return int(locator.knee)


def agreed_elbow(numbers: np.ndarray, resampled: np.ndarray) -> tuple[int | None, float]:
    """Return the number that is, within one, the elbow of most resampled curves.

    One noisy point moves the elbow of a single curve by two or three; what most resamples agree on
    stays. If they are split between neighbours, it is the larger: one style too many is a style in
    two parts, one too few is a style lost.

    Parameters
    ----------
    numbers : ndarray of shape (n_numbers,), int
        Ascending.
    resampled : ndarray of shape (n_resamples, n_numbers), float64

    Returns
    -------
    elbow : int or None
        The largest that is itself the elbow of a quarter of the resamples and within one of it
        in enough to speak; if there is none, the one within one of most. None if no resample has
        an elbow.
    agreement : float
        Fraction of the resamples that have an elbow within one of it, in [0, 1].
    """
    found = np.array([e for e in (find_elbow(numbers, row) for row in resampled) if e is not None])
    if not len(found):
        return None, 0.0
    inner = numbers[1:-1]
    near = (np.abs(found - inner[:, None]) <= 1).sum(axis=1)
    exact = (found == inner[:, None]).sum(axis=1)
    speaks = (near >= ELBOW_AGREEMENT * len(resampled)) & (exact >= ELBOW_ITSELF * len(resampled))
    best = np.flatnonzero(speaks)[-1] if speaks.any() else np.lexsort((inner, -exact, -near))[0]
    return int(inner[best]), float(near[best] / len(resampled))


def conclude(
    table: pd.DataFrame,
    perplexities: np.ndarray,
    resampled: np.ndarray,
    rule: Rule,
    unigram_perplexity: float,
) -> Selection:
    """Choose a number from the evidence and say why; parameters as in :class:`Selection`.

    `resampled`, of shape (n_resamples, n_numbers), holds curves over resampled paintings.
    """
    numbers = table["n_styles"].to_numpy()
    curve = table["perplexity"].to_numpy()
    lowest = int(curve.argmin())
    # Both curves come from the same paintings, so it is the error of their difference that counts.
    excess = curve - curve[lowest]
    one_se = int(numbers[np.flatnonzero(excess <= table["standard_error"].to_numpy())[0]])
    elbow, agreement = agreed_elbow(numbers, resampled)
    stability = table["stability"].to_numpy()
    steady = numbers[stability >= STABLE]
    stable = int(steady.max() if len(steady) else numbers[stability.argmax()])

    stability_of = dict(zip(numbers.tolist(), stability.tolist(), strict=True))

    overruled = False
    if rule == "auto":
        # Next to the end of the range a minimum is chance: two larger numbers have to be no better.
        flattens = (numbers > one_se).sum() >= min(2, len(numbers) - 1)
        elbow_speaks = elbow is not None and agreement >= ELBOW_AGREEMENT
        # Real pictures are never quite what LDA assumes, and the curve may creep down long after
        # its bend: what is beyond the bend has to come back with other seeds as well as the bend.
        overruled = (
            flattens
            and elbow_speaks
            and stability_of[elbow] > stability_of[one_se] + CLEARLY_MORE_STABLE
        )
        rule = (
            "elbow"
            if overruled or (elbow_speaks and not flattens)
            else "one-se"
            if flattens
            else "stable"
        )
    reasons = {
        "one-se": f"{one_se} is the smallest number whose held-out perplexity is within one "
        f"standard error of the lowest (at {numbers[lowest]}).",
        "minimum": f"Held-out perplexity is lowest at {numbers[lowest]}.",
        "stable": f"{stable} is the largest number whose styles come back with other seeds "
        f"(correlation {stability_of[stable]:.2f})."
        if len(steady)
        else f"No number gives stable styles; {stable} comes nearest.",
        "elbow": f"The curve bends most at {elbow}, and does so (within one) in "
        f"{100 * agreement:.0f} % of resamples.",
    }
    chosen = {"one-se": one_se, "minimum": int(numbers[lowest]), "stable": stable, "elbow": elbow}
    reason = reasons[rule]
    if overruled:
        reason += (
            f" {reasons['one-se'].removesuffix('.')}, but its styles come back less well with "
            f"other seeds (correlation {stability_of[one_se]:.2f}, not {stability_of[elbow]:.2f})."
        )
    if rule == "elbow" and elbow is None:
        chosen["elbow"] = stable
        reason = f"The curve has no elbow. {reasons['stable']}"
        rule = "stable"
    if lowest == len(numbers) - 1 and len(numbers) > 1 and rule != "minimum":
        reason = (
            f"Perplexity still falls at {numbers[-1]}, so the number is a choice of resolution. "
            + reason
        )
    return Selection(
        table=table,
        perplexities=perplexities,
        elbow=elbow,
        elbow_agreement=agreement,
        one_standard_error=one_se,
        minimum=int(numbers[lowest]),
        stable=stable,
        n_styles=int(chosen[rule] or stable),
        rule=rule,
        reason=reason,
        unigram_perplexity=unigram_perplexity,
    )


def _within(
    topic_words: np.ndarray, scored: sparse.csr_array, possible: np.ndarray | None
) -> np.ndarray:
    """Condition topics on the words that can be scored, so that a perfect guess gets 1."""
    if possible is None:
        possible = np.asarray(scored.sum(axis=0)).ravel() > 0
    inside = topic_words * possible
    return inside / np.maximum(inside.sum(axis=1, keepdims=True), 1e-30)


def _unigram_perplexity(documents: Documents, held_out: np.ndarray) -> float:
    scored = documents.scored[held_out]
    likelihoods = unigram_log_likelihoods(documents.scored[~held_out], scored)
    return float(np.exp(-likelihoods.sum() / scored.sum()))


def _resampled_curves(likelihoods: np.ndarray, tokens: np.ndarray, random_state: int) -> np.ndarray:
    """Return curves of (n_resamples, n_numbers) over seeds and paintings drawn with replacement."""
    rng = np.random.default_rng(random_state)
    n_seeds, n_numbers, n_held_out = likelihoods.shape
    curves = np.empty((N_RESAMPLES, n_numbers))
    for i in range(N_RESAMPLES):
        totals, words = np.zeros(n_numbers), 0.0
        seeds: Any = rng.integers(n_seeds, size=n_seeds)
        for seed in seeds:
            weights = np.bincount(rng.integers(n_held_out, size=n_held_out), minlength=n_held_out)
            totals += likelihoods[seed] @ weights
            words += float(tokens[seed] @ weights)
        curves[i] = np.exp(-totals / words)
    return curves
