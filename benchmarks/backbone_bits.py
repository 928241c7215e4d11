"""Are features the same on another processor? ``python -m benchmarks.backbone_bits``.

Prints the SHA-256 of each output of the shipped model for eight drawn paintings. Run it on several
machines, or on processors that one machine can pretend to be (Debian's ``qemu-user``)::

    python -m benchmarks.backbone_bits
    qemu-x86_64 -cpu Haswell .venv/bin/python -m benchmarks.backbone_bits    # AVX2, no VNNI
"""

from __future__ import annotations

import hashlib

import numpy as np
import onnxruntime

from artstylenet.backbones import DEFAULT_MODEL, load_backbone
from artstylenet.datasets import make_paintings

FIELDS = ("statistics", "local", "descriptor", "part_descriptors")


def main() -> None:
    """Print a line for each output, in float16 as the feature store keeps it."""
    backbone = load_backbone()
    made = make_paintings(8, 4, size=backbone.input_size, random_state=0)
    seen = [backbone.extract(picture[np.newaxis]) for picture in made.images]
    print(f"{DEFAULT_MODEL.name}, key {backbone.key}, ONNX Runtime {onnxruntime.__version__}")
    for field in FIELDS:
        rows = np.concatenate([getattr(raw, field) for raw in seen])
        stored = rows if rows.dtype == np.int8 else rows.astype(np.float16)
        print(f"{field:18s} {hashlib.sha256(stored.tobytes()).hexdigest()}")


if __name__ == "__main__":
    main()
