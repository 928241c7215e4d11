"""Picture files -> feature store, in worker processes that may die without harm.

====================  ===========================================================
``run``               what a build calls: which files are new, who does which
``worker_process``    the caller's end of one worker: start it, talk to it, end it
``messages``          what the two ends say to each other
``worker``            the worker's end: read, decode, run the network
====================  ===========================================================
"""

from __future__ import annotations

from artstylenet.extraction.run import Extraction, extract

__all__ = ["Extraction", "extract"]
