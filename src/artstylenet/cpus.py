"""How many CPUs there are to work with."""

from __future__ import annotations


def usable_cpus() -> int:
    """Return how many CPUs this process may keep busy, at least 1.

    A container or a batch system may grant fewer than the machine has, by an affinity mask or by
    a quota of time (``docker run --cpus 2``): workers beyond that would only take memory.
    """
    # Here, because it takes as long to import as `artstylenet --help` may take.
    from joblib import cpu_count

    return int(cpu_count())
