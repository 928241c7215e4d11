"""Workers are as many as the CPUs that are granted, not as many as the machine has."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from artstylenet.cpus import usable_cpus

ONE_CPU = """
import os
from artstylenet.cpus import usable_cpus
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
print(usable_cpus())
"""


def test_it_is_no_more_than_the_machine_has():
    assert 1 <= usable_cpus() <= (os.cpu_count() or 1)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity masks here")
def test_an_affinity_mask_is_heeded():
    found = subprocess.run(
        [sys.executable, "-c", ONE_CPU], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "1"
