"""Topic inference beside other libraries: time, memory, and how well unseen words are predicted.

``python -m benchmarks.topics [--seeds 3] [--large] [--stream N]``

Documents are drawn from 12 topics as LDA assumes (document prior 0.2 a topic, word prior 0.1):
5,910 of 49 words from 256, or with ``--large`` of 196 words from 1,024. A fifth is held out. Every
library learns from the rest, in a process of its own, with one thread. What is compared are its
topics: of every held-out document half of the tokens are shown, a mixture is inferred from them in
the same way for all, and the other half is scored. ``true topics`` is what can be reached.

Printed is every fit, then the means over seeds: CPU seconds of the fit, held-out perplexity (and
that of the worst seed), the growth of the process's peak memory during the fit (0 where making the
data took more), and that as a multiple of the counts.

``--stream N`` feeds N documents of 200 words from 1,024 through ``partial_fit``, 10,000 at a time.

tomotopy comes with the extra ``dev``; gensim stands in the table if it is installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import multiprocessing
import resource
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from threadpoolctl import threadpool_limits

from artstylenet.selection import held_out_perplexity
from artstylenet.topics import CollapsedTopics

N_TOPICS, N_DOCUMENTS, HELD_OUT = 12, 5910, 0.2
DOCUMENT_PRIOR, WORD_PRIOR = 0.2, 0.1
SIZES = {"small": (256, 49), "large": (1024, 196)}
STREAM_WORDS, STREAM_TOKENS, STREAM_BATCH = 1024, 200, 10_000
MEGABYTE = 2**20


@dataclass(frozen=True, eq=False)
class Simulation:
    """Counts to learn from, counts to predict, and the topics that they were drawn from."""

    topics: np.ndarray
    learnt: sparse.csr_array
    shown: sparse.csr_array
    scored: sparse.csr_array


def simulate(n_words: int, n_tokens: int, seed: int) -> Simulation:
    rng = np.random.default_rng(seed)
    topics = rng.dirichlet(np.full(n_words, WORD_PRIOR), N_TOPICS)
    counts = draw(topics, N_DOCUMENTS, n_tokens, rng)
    n_held_out = round(HELD_OUT * N_DOCUMENTS)
    unseen = counts[:n_held_out].toarray().astype(int)
    shown = rng.binomial(unseen, 0.5)
    return Simulation(topics, counts[n_held_out:], *(as_csr(c) for c in (shown, unseen - shown)))


def draw(
    topics: np.ndarray, n_documents: int, n_tokens: int, rng: np.random.Generator
) -> sparse.csr_array:
    """Draw documents as LDA assumes: token by token, its topic and then its word."""
    n_topics, n_words = topics.shape
    mixtures = rng.dirichlet(np.full(n_topics, DOCUMENT_PRIOR), n_documents)
    in_topics = rng.multinomial(n_tokens, mixtures)
    documents, words = [], []
    for topic in range(n_topics):
        documents.append(np.repeat(np.arange(n_documents), in_topics[:, topic]))
        drawn = np.searchsorted(np.cumsum(topics[topic]), rng.random(len(documents[-1])))
        words.append(np.minimum(drawn, n_words - 1))
    rows, columns = np.concatenate(documents), np.concatenate(words)
    ones = np.ones(len(rows), np.float32)
    return as_csr(sparse.coo_array((ones, (rows, columns)), shape=(n_documents, n_words)))


def as_csr(counts: Any) -> sparse.csr_array:
    return sparse.csr_array(counts, dtype=np.float32)


# Each takes counts and a seed and returns topics, (n_topics, n_words), rows summing to 1.


def by_cvb0(counts: sparse.csr_array, seed: int) -> np.ndarray:
    topics = CollapsedTopics(N_TOPICS, word_prior=WORD_PRIOR, init="clusters", random_state=seed)
    return topics.fit(counts).components_


def by_sklearn(counts: sparse.csr_array, seed: int, max_iter: int = 10) -> np.ndarray:
    from sklearn.decomposition import LatentDirichletAllocation

    model = LatentDirichletAllocation(
        N_TOPICS,
        doc_topic_prior=DOCUMENT_PRIOR,
        topic_word_prior=WORD_PRIOR,
        learning_method="batch",
        max_iter=max_iter,
        random_state=seed,
    ).fit(sparse.csr_matrix(counts))
    return model.components_ / model.components_.sum(axis=1, keepdims=True)


def by_tomotopy(counts: sparse.csr_array, seed: int) -> np.ndarray:
    import tomotopy

    model = tomotopy.LDAModel(k=N_TOPICS, alpha=DOCUMENT_PRIOR, eta=WORD_PRIOR, seed=seed)
    model.optim_interval = 0
    for words in _tokens(counts):
        model.add_doc([str(word) for word in words])
    model.train(200, workers=1)
    topics = np.zeros((N_TOPICS, counts.shape[1]))
    known = [int(word) for word in model.used_vocabs]
    topics[:, known] = [model.get_topic_word_dist(k) for k in range(N_TOPICS)]
    return topics


def by_gensim(counts: sparse.csr_array, seed: int) -> np.ndarray:
    from gensim.models import LdaModel

    ends = counts.indptr
    documents = [
        list(zip(counts.indices[a:b].tolist(), counts.data[a:b].tolist(), strict=True))
        for a, b in itertools.pairwise(ends)
    ]
    model = LdaModel(
        documents,
        num_topics=N_TOPICS,
        id2word={i: str(i) for i in range(counts.shape[1])},
        alpha=[DOCUMENT_PRIOR] * N_TOPICS,
        eta=WORD_PRIOR,
        passes=10,
        random_state=seed,
    )
    return model.get_topics()


LIBRARIES: dict[str, Callable[[sparse.csr_array, int], np.ndarray]] = {
    "CVB0, from clusters": by_cvb0,
    "tomotopy, 200 sweeps": by_tomotopy,
    "scikit-learn, 10 sweeps": by_sklearn,
    "gensim, 10 passes": by_gensim,
    "scikit-learn, 50 sweeps": partial(by_sklearn, max_iter=50),
}


def _tokens(counts: sparse.csr_array) -> list[np.ndarray]:
    return [
        np.repeat(counts.indices[a:b], counts.data[a:b].astype(int))
        for a, b in itertools.pairwise(counts.indptr)
    ]


def peak() -> int:
    """Return the most memory that this process ever had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measure(name: str, size: str, seed: int) -> dict[str, float]:
    """Fit once; what has to be loaded and compiled is loaded and compiled before."""
    simulation = simulate(*SIZES[size], seed)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        LIBRARIES[name](simulation.learnt[:200], seed)
        before, start = peak(), time.process_time()
        topics = LIBRARIES[name](simulation.learnt, seed)
        seconds, memory = time.process_time() - start, peak() - before
    counts = simulation.learnt
    n_bytes = counts.data.nbytes + counts.indices.nbytes + counts.indptr.nbytes
    return {
        "cpu_s": seconds,
        "perplexity": perplexity_of(topics, simulation),
        "true": perplexity_of(simulation.topics, simulation),
        "mb": memory / MEGABYTE,
        "times_counts": memory / n_bytes,
    }


def perplexity_of(topics: np.ndarray, simulation: Simulation) -> float:
    """Return the held-out perplexity of given topics, mixtures inferred alike for all."""
    judge = CollapsedTopics(N_TOPICS, max_iter=1, random_state=0).fit(simulation.learnt)
    judge.components_ = topics
    judge.document_prior_ = np.full(N_TOPICS, DOCUMENT_PRIOR)
    return held_out_perplexity(judge, simulation.shown, simulation.scored)


def compare(size: str, n_seeds: int) -> None:
    rows = []
    context = multiprocessing.get_context("spawn")
    for name in LIBRARIES:
        if name.startswith("gensim") and importlib.util.find_spec("gensim") is None:
            print("gensim is not installed")
            continue
        for seed in range(n_seeds):
            with context.Pool(1) as pool:
                rows.append({"library": name, **pool.apply(measure, (name, size, seed))})
            print(rows[-1], flush=True)
    table = pd.DataFrame(rows).groupby("library", sort=False)
    shown = table.mean()
    shown.insert(2, "worst", table["perplexity"].max())
    print(f"{size}: {SIZES[size][1]} words from {SIZES[size][0]}, {n_seeds} seeds")
    print(shown.round(2).to_string())


def stream(n_documents: int) -> None:
    rng = np.random.default_rng(0)
    topics = rng.dirichlet(np.full(STREAM_WORDS, WORD_PRIOR), N_TOPICS)
    unseen = draw(topics, 2000, STREAM_TOKENS, rng).toarray().astype(int)
    shown = rng.binomial(unseen, 0.5)
    test = Simulation(topics, as_csr(unseen), as_csr(shown), as_csr(unseen - shown))
    model = CollapsedTopics(N_TOPICS, word_prior=WORD_PRIOR, init="clusters", random_state=0)
    print(f"true topics: perplexity {perplexity_of(topics, test):.2f}")
    n_batches = n_documents // STREAM_BATCH
    for batch in range(1, n_batches + 1):
        counts = draw(topics, STREAM_BATCH, STREAM_TOKENS, rng)
        start = time.process_time()
        model.partial_fit(counts)
        seconds = time.process_time() - start
        if batch <= 2 or batch == n_batches or batch % 10 == 0:
            print(
                f"{batch * STREAM_BATCH:9,d} documents: "
                f"{1e6 * seconds / STREAM_BATCH:5.0f} CPU microseconds a document in this batch, "
                f"perplexity {perplexity_of(model.components_, test):.2f}, "
                f"peak memory of the process {peak() / MEGABYTE:.0f} MB",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--stream", type=int, metavar="N", default=0)
    options = parser.parse_args()
    if options.stream:
        stream(options.stream)
    else:
        compare("large" if options.large else "small", options.seeds)


if __name__ == "__main__":
    main()
