"""CPU time a picture, side by side: ``python -m benchmarks.backbone_speed``.

Batches of eight at 224 px, one thread, processor time. Rows take turns, so that a busy machine
slows all of them alike; the least of all rounds counts. Compare rows of one run only.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx

from training.graph import INPUT_SIZE, MEAN_BGR, assemble, load_start, open_session

SHIPPED = Path(__file__).parents[1] / "src/artstylenet/backbones/data/style.onnx"
BATCH = 8


def onnx_row(model: onnx.ModelProto, outputs: list[str] | None) -> Callable[[np.ndarray], object]:
    """Run one model with some outputs, or all of them."""
    session = open_session(model, threads=1)
    return lambda images: session.run(outputs, {"images": images})


def packaged_start() -> Callable[[np.ndarray], object]:
    """Run the start as its package has it: preprocessed floats in, classifier out."""
    model = load_start()
    session = open_session(model, threads=1)
    name = model.graph.input[0].name
    mean = np.array(MEAN_BGR, np.float32)
    return lambda images: session.run(None, {name: images[..., ::-1].astype(np.float32) - mean})


def torch_resnet50() -> Callable[[np.ndarray], object]:
    """Run a ResNet-50 of the usual width, weights at random, in torch's eager mode."""
    import torch

    from training.network import StyleNetwork

    torch.set_num_threads(1)
    network = StyleNetwork((256, 512, 1024, 2048)).eval()

    def run(images: np.ndarray) -> object:
        with torch.no_grad():
            return network(torch.from_numpy(images))

    return run


def rows(model_path: Path) -> dict[str, Callable[[np.ndarray], object]]:
    """Everything that can be measured here."""
    found = {
        "this model, all outputs": onnx_row(onnx.load(model_path), None),
        "this model, descriptor only": onnx_row(onnx.load(model_path), ["style_descriptor"]),
        "start with our outputs, fp32": onnx_row(assemble(load_start()), None),
        "start as packaged, fp32": packaged_start(),
    }
    if importlib.util.find_spec("torch") is None:
        print("torch eager ResNet-50: not measured, torch is not installed")
    else:
        found["torch eager ResNet-50"] = torch_resnet50()
    return found


def main() -> None:
    """Take turns and print the least time of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--rounds", type=int, default=8)
    arguments = parser.parse_args()
    shape = (BATCH, INPUT_SIZE, INPUT_SIZE, 3)
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    measured = rows(arguments.model)
    least = dict.fromkeys(measured, np.inf)
    for _ in range(arguments.rounds + 1):  # the least is never the first, which warms up
        for name, run in measured.items():
            begin = time.process_time()
            run(images)
            least[name] = min(least[name], (time.process_time() - begin) / BATCH * 1e3)
    reference = least["start as packaged, fp32"]
    for name, milliseconds in least.items():
        print(f"{name:32s} {milliseconds:7.2f} ms  {milliseconds / reference:5.2f} x")


if __name__ == "__main__":
    main()
