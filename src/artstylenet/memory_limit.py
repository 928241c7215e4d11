"""Allocations that fail, instead of a machine that dies of what a stranger sent."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ONE_AT_A_TIME = threading.RLock()


def limit_memory(n_bytes: int) -> tuple[int, int] | None:
    """Make allocations fail once this process has so much more than now.

    The limit is on data, not on address space, of which ONNX Runtime and NumPy reserve much more
    than they use. Only Linux counts data so; elsewhere nothing is limited.

    Parameters
    ----------
    n_bytes : int
        What may be allocated from now on.

    Returns
    -------
    (int, int) or None
        The limits before, for :func:`resource.setrlimit`; None if nothing was changed.
    """
    if sys.platform != "linux":
        return None
    import resource

    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    used = int(fields[5]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    allowed = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min([used + n_bytes, *allowed]), hard))
    return soft, hard


@contextmanager
def memory_limited(n_bytes: int) -> Iterator[None]:
    """Limit memory within a block, which one thread enters at a time; see :func:`limit_memory`."""
    # The limit is the process': of two that overlap, the second would put back that of the first.
    with _ONE_AT_A_TIME:
        before = limit_memory(n_bytes)
        try:
            yield
        finally:
            if before is not None:
                import resource

                resource.setrlimit(resource.RLIMIT_DATA, before)
