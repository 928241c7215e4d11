"""What pictures look like, measured from their thumbnails: facts, colours, facets."""

from artstylenet.looks.facts import FACTS
from artstylenet.looks.measuring import Looks, looks_of, measure_looks

__all__ = ["FACTS", "Looks", "looks_of", "measure_looks"]
