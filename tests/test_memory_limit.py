"""Allocations beyond a limit fail, and the limit ends with its block."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from artstylenet.memory_limit import memory_limited

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts data so")


def limits() -> tuple[int, int]:
    import resource

    return resource.getrlimit(resource.RLIMIT_DATA)


def test_too_much_fails_within_and_not_after() -> None:
    before = limits()
    with memory_limited(64 << 20):
        np.ones(1 << 20, np.uint8)
        with pytest.raises(MemoryError):
            np.ones(1 << 28, np.uint8)
        with memory_limited(1 << 40), pytest.raises(MemoryError):  # no way out of a limit
            np.ones(1 << 28, np.uint8)
    assert limits() == before
    assert np.ones(1 << 28, np.uint8).all()


def test_the_limit_ends_with_an_error_too() -> None:
    before = limits()
    with pytest.raises(KeyError), memory_limited(1 << 30):
        raise KeyError
    assert limits() == before


def test_limits_of_many_threads_all_end() -> None:
    before = limits()

    def read() -> None:
        for _ in range(50):
            with memory_limited(1 << 30):
                Path("/proc/self/statm").read_text()

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert limits() == before
