"""Networks in ONNX files, run by ONNX Runtime."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from artstylenet.backbones.features import RawFeatures, features_from_maps, to_int8
from artstylenet.errors import BackboneError

METADATA_KEY = "artstylenet"


@dataclass(frozen=True)
class InputSpec:
    """How pixels enter a network.

    Attributes
    ----------
    name : str
        Name of the graph's input.
    size : int
        Height and width, pixels.
    layout : {"NCHW", "NHWC"}
    dtype : {"float32", "uint8"}
        uint8 networks do their own normalising.
    channels : {"RGB", "BGR"}
    mean, scale : tuple of three floats
        A float network sees ``(pixel - mean) * scale``, pixels in 0..255, in `channels` order.
    """

    name: str
    size: int
    layout: str = "NCHW"
    dtype: str = "float32"
    channels: str = "RGB"
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    scale: tuple[float, ...] = (1.0, 1.0, 1.0)

    def prepare(self, images: np.ndarray) -> np.ndarray:
        """Turn uint8 RGB pictures (n, size, size, 3) into the network's input."""
        if self.channels == "BGR":
            images = images[..., ::-1]
        if self.dtype == "float32":
            mean, scale = (np.asarray(part, np.float32) for part in (self.mean, self.scale))
            images = (images - mean) * scale
        if self.layout == "NCHW":
            images = images.transpose(0, 3, 1, 2)
        return np.ascontiguousarray(images, dtype=self.dtype)


class OnnxBackbone:
    """A network in an ONNX file; made by :meth:`open`.

    Its description is ``model.json`` beside ``model.onnx``, or the same JSON under the key
    ``artstylenet`` in the file's metadata: ``input`` as :class:`InputSpec`, and ``outputs``. These
    name ``statistics``, ``local`` and either ``windows`` or, for a network that has learnt a
    metric, ``descriptor`` and ``part_descriptors``; or ``stages`` alone, a list of feature maps
    from which the first three are computed.
    """

    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        description: Mapping[str, Any],
        *,
        key: str,
    ) -> None:
        self.session = session
        self.key = key
        self.name = str(description["name"])
        self.licence = str(description.get("licence", "unknown"))
        self.input = InputSpec(**description["input"])
        self.outputs = dict(description["outputs"])
        self.stage_channels = tuple(description["stages"])
        self.input_size = self.input.size
        self.has_descriptor = "descriptor" in self.outputs

    @classmethod
    def open(cls, path: Path, *, n_threads: int = 1) -> OnnxBackbone:
        """Read and check a model file.

        Parameters
        ----------
        path : Path
            An ``.onnx`` file.
        n_threads : int, default=1
            Threads of one forward pass.

        Raises
        ------
        BackboneError
            If the file is missing, is not the one that its description names by SHA-256, cannot
            be run, or lacks an input or output.
        """
        if not path.is_file():
            raise BackboneError(f"There is no model file {path}.")
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        beside = path.with_suffix(".json")
        description = _read_description(beside) if beside.is_file() else None
        if description and description.get("sha256", sha256) != sha256:
            raise BackboneError(
                f"{path} is not the file that {beside.name} describes: its SHA-256 is {sha256}, "
                f"expected {description['sha256']}."
            )
        session = _open_session(path, content, n_threads)
        if description is None:
            embedded = session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
            if embedded is None:
                raise BackboneError(
                    f"{path} has no description: put {beside.name} beside it that names its "
                    "'input' and 'outputs'."
                )
            description = _parse_description(embedded, path)
        description.setdefault("name", path.stem)
        problems = _check_description(description, session)
        if problems:
            raise BackboneError(f"{path} cannot be used: {'; '.join(problems)}.")
        if "stages" in description["outputs"]:
            shapes = {output.name: output.shape for output in session.get_outputs()}
            description["stages"] = [shapes[name][1] for name in description["outputs"]["stages"]]
        canonical = json.dumps(
            {part: description[part] for part in ("input", "outputs")}, sort_keys=True
        )
        key = hashlib.sha256((sha256 + canonical).encode()).hexdigest()[:16]
        return cls(session, description, key=key)

    def extract(self, images: np.ndarray) -> RawFeatures:
        """Return features of uint8 RGB pictures of shape (n, input_size, input_size, 3)."""
        feed = {self.input.name: self.input.prepare(images)}
        if "stages" in self.outputs:
            return features_from_maps(self.session.run(self.outputs["stages"], feed))
        roles = _roles(self.outputs)
        arrays = self.session.run([self.outputs[role] for role in roles], feed)
        named = dict(zip(roles, arrays, strict=True))
        named["local"] = to_int8(named["local"])
        return RawFeatures(**named)


def _roles(outputs: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the fields of :class:`RawFeatures` that outputs must fill."""
    if "descriptor" in outputs:
        return ("statistics", "local", "descriptor", "part_descriptors")
    return ("statistics", "local", "windows")


def _open_session(path: Path, content: bytes, n_threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(
            content, options, providers=onnxruntime.get_available_providers()
        )
    # ONNX Runtime raises classes of its C++ core that share no public base.
    except Exception as error:
        first_line = str(error).strip().splitlines()[0]
        raise BackboneError(f"{path} is not an ONNX model that can be run: {first_line}") from error


def _read_description(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BackboneError(f"{path} cannot be read: {error}.") from error
    return _parse_description(text, path)


def _parse_description(text: str, path: Path) -> dict[str, Any]:
    try:
        description = json.loads(text)
    except json.JSONDecodeError as error:
        raise BackboneError(f"The description of {path} is not JSON: {error}.") from error
    if not isinstance(description, dict):
        raise BackboneError(f"The description of {path} is not a JSON object.")
    return description


def _check_description(
    description: Mapping[str, Any], session: onnxruntime.InferenceSession
) -> list[str]:
    """Return every problem of a description, in words."""
    inputs = [node.name for node in session.get_inputs()]
    outputs = {node.name for node in session.get_outputs()}
    given, wanted = description.get("input"), description.get("outputs")
    if not isinstance(given, dict) or not isinstance(wanted, dict):
        return ["its description needs the objects 'input' and 'outputs'"]
    problems = []
    unknown = set(given) - set(InputSpec.__dataclass_fields__)
    if unknown:
        problems.append(f"'input' has unknown fields {sorted(unknown)}")
    if given.get("name") not in inputs:
        problems.append(f"it has no input {given.get('name')!r} (it has {inputs})")
    else:
        shape = session.get_inputs()[inputs.index(given["name"])].shape
        side = shape[2] if len(shape) == 4 else None
        if not isinstance(given.get("size"), int):
            problems.append("'input' needs a 'size' in pixels")
        elif isinstance(side, int) and side != given["size"]:
            problems.append(f"its input is {side} pixels, the description says {given['size']}")
    if given.get("dtype", "float32") not in ("float32", "uint8"):
        problems.append("'dtype' is neither float32 nor uint8")
    if given.get("channels", "RGB") not in ("RGB", "BGR"):
        problems.append("'channels' is neither RGB nor BGR")
    if given.get("layout", "NCHW") not in ("NCHW", "NHWC"):
        problems.append("'layout' is neither NCHW nor NHWC")
    names = wanted.get("stages")
    if not names:
        if not isinstance(description.get("stages"), list):
            problems.append("'stages' must list the channels of each stage")
        if unnamed := [role for role in _roles(wanted) if role not in wanted]:
            problems.append(f"'outputs' names no {' and no '.join(unnamed)}")
        names = [wanted[role] for role in _roles(wanted) if role in wanted]
    missing = [name for name in names if name not in outputs]
    if missing:
        problems.append(f"it has no outputs {missing} (it has {sorted(outputs)})")
    return problems
