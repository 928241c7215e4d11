"""RGB pictures -> ResNet features, behind one interface.

============================  =====================================================
``default``                   the model inside the package; works offline
``path/to/model.onnx``        any ONNX network, described by ``model.json`` beside it
``timm/resnet50.a1_in1k``     any timm network with feature maps (extra ``[torch]``)
============================  =====================================================
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from artstylenet.backbones.features import Backbone, RawFeatures
from artstylenet.errors import BackboneError

__all__ = ["DEFAULT_MODEL", "Backbone", "RawFeatures", "default_name", "load_backbone"]

DEFAULT_MODEL = Path(__file__).parent / "data" / "style.onnx"


@cache
def default_name() -> str:
    """Return the name of the model inside the package, without opening it."""
    description = json.loads(DEFAULT_MODEL.with_suffix(".json").read_text("utf-8"))
    return str(description["name"])


def load_backbone(spec: str = "default", *, n_threads: int = 1) -> Backbone:
    """Open a backbone by its name.

    Parameters
    ----------
    spec : str, default="default"
        ``default``, the path of an ``.onnx`` file, or ``timm/`` and the name of a timm model.
    n_threads : int, default=1
        Threads of one forward pass.

    Returns
    -------
    Backbone

    Raises
    ------
    BackboneError
        If there is no such model, or the file cannot be used.
    MissingExtraError
        If a timm model is asked for and torch is not installed.
    """
    if spec == "default" or spec.endswith(".onnx"):
        from artstylenet.backbones.onnx import OnnxBackbone

        path = DEFAULT_MODEL if spec == "default" else Path(spec)
        return OnnxBackbone.open(path, n_threads=n_threads)
    if spec.startswith("timm/"):
        from artstylenet.backbones.timm import TimmBackbone

        return TimmBackbone.open(spec.removeprefix("timm/"), n_threads=n_threads)
    raise BackboneError(
        f"{spec!r} is not a backbone: expected 'default', a path that ends in .onnx, or "
        "'timm/' and the name of a timm model."
    )
