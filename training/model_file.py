"""A finished model on disk: the graph, and beside it what a reader must know."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import onnx

from training.graph import GRID, INPUT_SIZE, STAGE_CHANNELS


@dataclass(frozen=True)
class About:
    """What people are told of a model.

    Attributes
    ----------
    name, description, licence : str
    n_stages : int
        Stages of the start that it has.
    n_descriptor : int
        Dimensions of the descriptor; 0 if there is none.
    """

    name: str
    description: str
    licence: str
    n_stages: int
    n_descriptor: int = 0


def describe(about: About) -> dict[str, object]:
    """Return the description of a model as it is stored beside and inside it."""
    outputs = {"statistics": "statistics", "local": "local"}
    if about.n_descriptor:
        outputs |= {"descriptor": "style_descriptor", "part_descriptors": "part_descriptors"}
    else:
        outputs |= {"windows": "windows"}
    return {
        "name": about.name,
        "description": about.description,
        "licence": about.licence,
        "input": {
            "name": "images",
            "size": INPUT_SIZE,
            "layout": "NHWC",
            "dtype": "uint8",
            "channels": "RGB",
            "mean": [0, 0, 0],
            "scale": [1, 1, 1],
        },
        "outputs": outputs,
        "stages": list(STAGE_CHANNELS[: about.n_stages]),
        "grid": GRID,
        "n_descriptor": about.n_descriptor,
    }


def write_model(model: onnx.ModelProto, file: Path, about: About) -> None:
    """Write a graph, and a ``.json`` beside it that also holds the SHA-256 of the first."""
    described = describe(about)
    onnx.helper.set_model_props(model, {"artstylenet": json.dumps(described)})
    stored = model.SerializeToString()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(stored)
    described = {"sha256": hashlib.sha256(stored).hexdigest(), **described}
    text = json.dumps(described, indent=2) + "\n"
    file.with_suffix(".json").write_text(text, encoding="utf-8")
