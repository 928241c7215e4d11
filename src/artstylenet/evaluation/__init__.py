"""Whether styles are worth believing: measured beside everything simpler."""

from artstylenet.evaluation.collages import CollageResult
from artstylenet.evaluation.comparison import GROUPINGS, compare, comparison_rows
from artstylenet.evaluation.judgements import JudgementResult, measure_judgements, read_judgements
from artstylenet.evaluation.labels import find_labels
from artstylenet.evaluation.own_features import read_features
from artstylenet.evaluation.scores import Evaluation
from artstylenet.evaluation.tables import (
    Material,
    evaluate,
    evaluate_collages,
    material_of_atlas,
)

__all__ = [
    "GROUPINGS",
    "CollageResult",
    "Evaluation",
    "JudgementResult",
    "Material",
    "compare",
    "comparison_rows",
    "evaluate",
    "evaluate_collages",
    "find_labels",
    "material_of_atlas",
    "measure_judgements",
    "read_features",
    "read_judgements",
]
