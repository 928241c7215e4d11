"""Whether styles are worth believing: measured beside everything simpler."""

from artstylenet.evaluation.collages import CollageResult
from artstylenet.evaluation.judgements import JudgementResult, measure_judgements, read_judgements
from artstylenet.evaluation.labels import find_labels
from artstylenet.evaluation.tables import (
    Evaluation,
    Material,
    evaluate,
    evaluate_collages,
    material_of_atlas,
)

__all__ = [
    "CollageResult",
    "Evaluation",
    "JudgementResult",
    "Material",
    "evaluate",
    "evaluate_collages",
    "find_labels",
    "material_of_atlas",
    "measure_judgements",
    "read_judgements",
]
