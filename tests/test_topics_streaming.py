"""Topics from a stream: as good as from all at once, in memory that does not grow."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from artstylenet.selection import match_styles
from artstylenet.topics import CollapsedTopics
from tests.planted_counts import plant

SEEDS = (0, 1, 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_stream_finds_the_planted_topics_as_well_as_all_at_once(seed):
    planted = plant(2000, 6, seed=seed)
    seen, unseen = planted.counts[:1600], planted.counts[1600:]
    streamed = CollapsedTopics(6, n_init=4, random_state=seed)
    for batch in np.split(seen, 8):
        streamed.partial_fit(batch)
    at_once = CollapsedTopics(6, n_init=4, random_state=seed).fit(seen)
    assert streamed.perplexity(unseen) < 1.01 * at_once.perplexity(unseen)
    found = streamed.transform(unseen)
    assert match_styles(planted.mixtures[1600:], found)[1].min() > 0.9
    assert (streamed.n_batches_, streamed.n_tokens_) == (8, seen.sum())


@pytest.mark.parametrize("seed", SEEDS)
def test_more_of_the_stream_is_better_than_its_first_batch(seed):
    planted = plant(3000, 6, n_words=200, word_prior=0.3, seed=seed)
    unseen = planted.counts[2500:]
    first, *rest = np.split(planted.counts[:2500], 25)
    topics = CollapsedTopics(6, n_init=4, random_state=seed).partial_fit(first)
    before = topics.perplexity(unseen)
    for batch in rest:
        topics.partial_fit(batch)
    assert topics.perplexity(unseen) < before


def test_topics_stay_distributions_and_the_same_stream_gives_the_same():
    batches = np.split(plant(400, 4).counts, 4)
    first, again = CollapsedTopics(4, random_state=0), CollapsedTopics(4, random_state=0)
    for batch in batches:
        first.partial_fit(batch)
        again.partial_fit(batch)
    np.testing.assert_array_equal(first.components_, again.components_)
    np.testing.assert_allclose(first.components_.sum(axis=1), 1)
    np.testing.assert_allclose(first.topic_shares_.sum(), 1)
    assert (first.components_ > 0).all()


def test_an_empty_batch_changes_nothing_and_another_width_is_refused():
    topics = CollapsedTopics(3, random_state=0).partial_fit(plant(100, 3).counts)
    before = topics.components_
    assert topics.partial_fit(np.zeros((5, 60))).components_ is before
    with pytest.raises(ValueError, match="7 features"):
        topics.partial_fit(np.ones((5, 7)))


def test_memory_does_not_grow_with_the_stream():
    batch = plant(200, 4).counts
    topics = CollapsedTopics(4, max_iter=5, random_state=0).partial_fit(batch).partial_fit(batch)
    peaks = []
    tracemalloc.start()
    for _ in range(2):
        tracemalloc.reset_peak()
        for _ in range(5):
            topics.partial_fit(batch)
        peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
