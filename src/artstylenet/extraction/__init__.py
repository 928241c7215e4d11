"""Picture files -> feature store, in worker processes that may die without harm.

====================  ===========================================================
``engine``            what a build calls: this machine, or a cluster
``run``               extraction on this machine
``ray_engine``        extraction on the machines of a Ray cluster
``fragments``         features that are written by many and committed by one
``worker_pool``       worker processes, replaced when they die
``pace``              how many of them pay
``books``             which files are new, who has which, what became of them
``worker_process``    the caller's end of one worker: start it, talk to it, end it
``messages``          what the two ends say to each other
``worker``            the worker's end: read, decode, run the network
====================  ===========================================================
"""

from __future__ import annotations

from artstylenet.extraction.books import Extraction
from artstylenet.extraction.engine import Engine, LocalEngine
from artstylenet.extraction.run import extract

__all__ = ["Engine", "Extraction", "LocalEngine", "extract"]
