"""What a painting costs, and how much memory every stage takes, from 10,000 to 1,000,000 of them.

::

    python -m benchmarks.scale                          # 10,000 and 100,000
    python -m benchmarks.scale --rows 10000 1000000     # a quarter of an hour and more

Features are simulated block by block, as a feature store would give them: a low-rank mixture of
planted styles and noise. Each stage runs in a process of its own, so that its peak memory is its
own. The stages are those that can be streamed: learning words from a sample, counting words block
by block, topics by stochastic CVB0, mixtures block by block, places on the map for what is beyond
its sample, rankings by partial sorting.

What a build itself does above 20,000 paintings is told in ``docs/performance.md``.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

import numpy as np
from scipy import sparse

BLOCK = 5000
N_DIMENSIONS = 256
N_STYLES = 12
SAMPLE = 20_000


def block(number: int, n_rows: int) -> np.ndarray:
    """Return simulated descriptors of one block, (n_rows, 256), float32, unit rows."""
    styles = np.random.default_rng(0).normal(size=(N_STYLES, N_DIMENSIONS))
    rng = np.random.default_rng([1, number])
    mixtures = rng.dirichlet(np.full(N_STYLES, 0.2), n_rows)
    rows = mixtures @ styles + rng.normal(0, 0.3, (n_rows, N_DIMENSIONS))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32)


def blocks(n_rows: int) -> Iterator[np.ndarray]:
    """Yield all descriptors block by block."""
    for number, start in enumerate(range(0, n_rows, BLOCK)):
        yield block(number, min(BLOCK, n_rows - start))


def sample(n_rows: int) -> np.ndarray:
    """Return as many blocks as the sample takes."""
    return np.concatenate(list(blocks(min(n_rows, SAMPLE))))


def word_model(n_rows: int):  # type: ignore[no-untyped-def]
    """Learn words from a sample, as a build does."""
    from artstylenet.style_model import StyleModel
    from artstylenet.visual_words import Block

    families = [Block(f"metric_{g}", 64 * g, 64 * g + 64, n_tokens=40.0) for g in range(4)]
    return StyleModel(N_STYLES, blocks=families).fit_words(sample(n_rows), 0)


def words(n_rows: int) -> Iterator[sparse.csr_array]:
    """Yield counts of words block by block."""
    model = word_model(n_rows)
    for rows in blocks(n_rows):
        yield model.count_words(rows)


def random_words(n_rows: int) -> Iterator[sparse.csr_array]:
    """Yield simulated counts of 60 words a painting out of 1,500."""
    topics = np.random.default_rng(0).dirichlet(np.full(1500, 0.05), N_STYLES)
    for number, start in enumerate(range(0, n_rows, BLOCK)):
        n = min(BLOCK, n_rows - start)
        rng = np.random.default_rng([2, number])
        styles = rng.integers(N_STYLES, size=n)
        drawn = np.empty((n, 60), np.int64)
        for style in range(N_STYLES):
            of_style = styles == style
            drawn[of_style] = rng.choice(1500, (int(of_style.sum()), 60), p=topics[style])
        indptr = np.arange(n + 1) * 60
        counts = sparse.csr_array(
            (np.ones(n * 60, np.float32), drawn.ravel(), indptr), shape=(n, 1500)
        )
        counts.sum_duplicates()
        yield counts


def learn_words(n_rows: int) -> None:
    word_model(n_rows)


def count_words(n_rows: int) -> None:
    for _ in words(n_rows):
        pass


def learn_topics(n_rows: int) -> None:
    from artstylenet.topics import CollapsedTopics

    topics = CollapsedTopics(N_STYLES, max_iter=60, random_state=0)
    mixtures = 0
    for counts in random_words(n_rows):
        topics.partial_fit(counts)
        mixtures += len(topics.transform(counts))


def place(n_rows: int) -> None:
    from artstylenet.map_layout import place_on_map

    known = sample(n_rows).astype(np.float16)
    positions = np.random.default_rng(0).random((len(known), 2)).astype(np.float32)
    for rows in blocks(n_rows):
        place_on_map(known, positions, rows)


def rank(n_rows: int) -> None:
    from artstylenet.neighbours import best_columns

    mixtures = np.concatenate(
        [
            np.random.default_rng([3, number]).dirichlet(np.full(N_STYLES, 0.2), len(rows))
            for number, rows in enumerate(_sizes(n_rows))
        ]
    ).astype(np.float32)
    best_columns(mixtures.T, 100)


def _sizes(n_rows: int) -> Iterator[range]:
    for start in range(0, n_rows, BLOCK):
        yield range(min(BLOCK, n_rows - start))


STAGES = {
    "simulation alone, features": lambda n: [len(rows) for rows in blocks(n)],
    "simulation alone, words": lambda n: [rows.nnz for rows in random_words(n)],
    "words learnt from a sample": learn_words,
    "words counted (learning included)": count_words,
    "topics and mixtures": learn_topics,
    "places on the map": place,
    "rankings": rank,
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--stage", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.stage:
        start = time.process_time()
        STAGES[options.stage](options.rows[0])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        print(f"{time.process_time() - start:.3f} {peak:.0f}")
        return
    numbers = options.rows
    titles = [f"{n:,}: CPU ms each | peak MB" for n in numbers]
    print("| stage | " + " | ".join(titles) + " |")
    print("|---|" + "---|---|" * len(numbers))
    for stage in STAGES:
        cells = []
        for n in numbers:
            command = [sys.executable, "-m", "benchmarks.scale", "--stage", stage, "--rows", str(n)]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            seconds, peak = map(float, told.split())
            cells.append(f"{1000 * seconds / n:.3f} | {peak:.0f}")
        print(f"| {stage} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
