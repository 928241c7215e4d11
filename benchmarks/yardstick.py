"""Ours against what one writes by hand, on the same pictures, in turns.

::

    python -m benchmarks.yardstick PAINTINGS [--by-hand-python VENV/bin/python]

(a) by hand: Pillow decodes the whole picture, torchvision's transforms written out (resize to 256,
centre crop of 224, normalise), eager ResNet-50 in torch, a DataLoader with two workers.
(b) ours: the workers of a build, two processes, into an empty feature store; the configuration
whose quality ``evaluate`` reports, with all it stores beyond (a): descriptors of windows and of a
grid, thumbnails, hashes.

Both run A B A B in processes of their own; medians are compared. CPU time is that of the process
and all its children. Both are also run on six of the pictures, and what these take is subtracted,
so that starting up does not count. Memory is the largest sum over the processes, as in
``benchmarks.build_speed``. Weights of (a) are random, which costs the same.

``--whole`` compares everything from files to figures on all of PAINTINGS, once: (a) goes on to PCA,
LDA for 5 to 20 styles and matplotlib, (b) is ``artstylenet build --styles 5..20``.

Pictures: a sample of PAINTINGS, and made paintings of 2.7 and 4 megapixels, drawn here once as
baseline and once as progressive JPEG files.

The floor is what cannot be left out: reading the bytes; undoing the entropy coding, as a decode at
1/8 does; the multiply-adds of the network at the speed of a large matrix product here.
"""

from __future__ import annotations

import argparse
import io
import math
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from PIL import Image

from artstylenet.backbones import DEFAULT_MODEL, load_backbone
from artstylenet.datasets import make_paintings
from artstylenet.extraction import extract
from artstylenet.feature_store import open_store
from artstylenet.imaging import content_hash, decode_picture, read_file
from benchmarks.build_speed import COMMAND, machine, run

HERE = Path(__file__).resolve()
BY_HAND = HERE.with_name("by_hand.py")
SIZES = ((1900, 1400), (2200, 1800))  # 2.7 and 4.0 megapixels
FEW = 6
WHOLE_BAR = 5.0
BARS = {"256 px": 12.0, "2-4 MP baseline": 6.0, "2-4 MP progressive": 2.0}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.yardstick", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("paintings", type=Path, help="folder of small pictures")
    parser.add_argument("--by-hand-python", default=sys.executable, help="a Python with torch")
    parser.add_argument("--small", type=int, default=200, help="pictures of PAINTINGS")
    parser.add_argument("--large", type=int, default=40, help="made pictures of each kind")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--whole", action="store_true", help="compare whole builds instead")
    parser.add_argument("--ours", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.ours:
        extract_ours(Path(options.ours))
        return
    if options.whole:
        compare_whole(options.paintings, options.by_hand_python)
        return
    with tempfile.TemporaryDirectory(prefix="artstylenet-yardstick-") as scratch:
        sets = write_sets(options, Path(scratch))
        print(f"{machine()}; medians of {options.rounds} rounds, A B A B\n")
        print("| pictures | | CPU ms a picture | wall ms a picture | peak MB | CPU ratio | bar |")
        print("|---|---|---|---|---|---|---|")
        for name, folder in sets.items():
            for line in compare(name, folder, options.by_hand_python, options.rounds):
                print(line, flush=True)
        print("\n| one picture, one thread, ms | " + " | ".join(sets) + " |")
        print("|---|" + "---|" * len(sets))
        columns = [stages(folder) for folder in sets.values()]
        for stage in columns[0]:
            print(f"| {stage} | " + " | ".join(f"{c[stage]:.2f}" for c in columns) + " |")
    print(f"\n{machine()}")


def write_sets(options: argparse.Namespace, scratch: Path) -> dict[str, Path]:
    """Write the three sets of pictures, each to a folder of its own."""
    everything = sorted(p for p in options.paintings.rglob("*") if p.suffix.lower() == ".jpg")
    chosen = random.Random(0).sample(everything, min(options.small, len(everything)))
    sets = {name: scratch / name.replace(" ", "-") for name in BARS}
    for folder in sets.values():
        folder.mkdir()
    for i, path in enumerate(chosen):
        (sets["256 px"] / f"{i:04d}.jpg").write_bytes(path.read_bytes())
    made = make_paintings(options.large, 4, size=512, random_state=0).images
    for i, pixels in enumerate(made):
        # Drawn at 512 and enlarged, with grain: as many details as a photograph of a canvas has.
        size = SIZES[i % len(SIZES)]
        image = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))
        grain = np.random.default_rng(i).normal(0, 6, image.shape[:2])[..., None]
        noisy = Image.fromarray(np.clip(image + grain, 0, 255).astype(np.uint8))
        for name, progressive in (("baseline", False), ("progressive", True)):
            path = sets[f"2-4 MP {name}"] / f"{i:04d}.jpg"
            noisy.save(path, quality=90, progressive=progressive)
    return sets


def compare(name: str, folder: Path, python: str, rounds: int) -> Iterable[str]:
    """Measure both ways on one set, in turns; yield the two lines of the table."""
    ways = {
        "by hand": (python, str(BY_HAND), str(folder)),
        "ours": (sys.executable, "-m", "benchmarks.yardstick", "-", "--ours", str(folder)),
    }
    pictures = sorted(folder.iterdir())
    few = folder.with_name(f"few-{folder.name}")
    few.mkdir()
    for path in pictures[:FEW]:
        (few / path.name).write_bytes(path.read_bytes())
    n_more = len(pictures) - FEW
    runs: dict[str, list[tuple[float, float, float]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, command in ways.items():
            # What the pictures beyond a few cost: starting up is no matter of pictures.
            start = run((*command[:-1], str(few)))
            done = run(command)
            runs[way].append(
                (
                    1000 * (done.cpu_seconds - start.cpu_seconds) / n_more,
                    1000 * (done.seconds - start.seconds) / n_more,
                    done.peak_bytes / 1e6,
                )
            )
    cpu, wall, peak = (
        {way: statistics.median(one[i] for one in runs[way]) for way in ways} for i in range(3)
    )
    ratio = cpu["by hand"] / cpu["ours"]
    for way in ways:
        last = f"{ratio:.1f} | {BARS[name]:g} {'met' if ratio >= BARS[name] else '**missed**'}"
        yield (
            f"| {name} | {way} | {cpu[way]:.1f} | {wall[way]:.1f} | {peak[way]:.0f} | "
            f"{last if way == 'ours' else ' |'} |"
        )


def compare_whole(paintings: Path, python: str) -> None:
    """Measure everything from files to figures, one run each, and print a table."""
    print(f"{machine()}; one run each\n")
    with tempfile.TemporaryDirectory(prefix="artstylenet-yardstick-") as folder:
        scratch = Path(folder)
        flat, figures = scratch / "flat", scratch / "figures"
        flat.mkdir()
        figures.mkdir()
        pictures = sorted(p for p in paintings.rglob("*") if p.suffix.lower() == ".jpg")
        for i, path in enumerate(pictures):
            (flat / f"{i:06d}.jpg").symlink_to(path.resolve())
        by_hand = run((python, str(BY_HAND), str(flat), str(figures)))
        store, atlas = scratch / "store", scratch / "atlas"
        build = ("build", str(paintings), "-o", str(atlas), "--styles", "5..20")
        ours = run((*COMMAND, *build, "--store", str(store)))
    print(f"| {len(pictures)} paintings | CPU s | wall s | peak MB |\n|---|---|---|---|")
    for name, one in (("by hand", by_hand), ("ours", ours)):
        peak = one.peak_bytes / 1e6
        print(f"| {name} | {one.cpu_seconds:.0f} | {one.seconds:.0f} | {peak:.0f} |")
    ratios = (
        by_hand.cpu_seconds / ours.cpu_seconds,
        by_hand.seconds / ours.seconds,
        by_hand.peak_bytes / ours.peak_bytes,
    )
    print("| by hand / ours | " + " | ".join(f"{ratio:.1f}" for ratio in ratios) + " |")
    print(f"\nBars: CPU {WHOLE_BAR:g}, memory 3. {machine()}")


def extract_ours(folder: Path) -> None:
    """Extract a folder into a new store."""
    paths = [path.name for path in sorted(folder.iterdir())]
    with tempfile.TemporaryDirectory() as store:
        done = extract(
            folder, paths, partial(load_backbone, "default"), open_store(Path(store)), n_jobs=2
        )
    if done.n_extracted != len(paths):
        raise SystemExit(f"only {done.n_extracted} of {len(paths)} pictures were extracted")


def stages(folder: Path, n_pictures: int = 20) -> dict[str, float]:
    """Return milliseconds a picture of each stage and of its floor, medians on one thread."""
    backbone = load_backbone()
    size = backbone.input_size
    paths = sorted(folder.iterdir())[:n_pictures]
    files = [read_file(path) for path in paths]
    pixels = [decode_picture(data, size).pixels[np.newaxis] for data in files]
    work = multiply_adds()
    return {
        "reading and hashing": _median(lambda i: content_hash(read_file(paths[i])), len(paths)),
        "... floor: reading": _median(lambda i: paths[i].read_bytes(), len(paths)),
        "decoding, thumbnail, perceptual hash": _median(
            lambda i: decode_picture(files[i], size), len(paths)
        ),
        "... floor: a decode at 1/8": _median(lambda i: decode_eighth(files[i]), len(paths)),
        "network and its statistics": _median(lambda i: backbone.extract(pixels[i]), len(paths)),
        **{
            f"... floor: its multiply-adds in {kind}": 1e3 * work / peak_multiply_adds(kind)
            for kind in ("float32", "int8")
        },
    }


def decode_eighth(data: bytes) -> None:
    """Undo the entropy coding and little else."""
    image = Image.open(io.BytesIO(data))
    image.draft("RGB", (image.width // 8, image.height // 8))
    image.load()


def multiply_adds() -> float:
    """Return the multiply-adds of the convolutions of the shipped network for one picture."""
    model = onnx.load(DEFAULT_MODEL)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    graph = onnx.shape_inference.infer_shapes(model).graph
    shapes = {
        value.name: [size.dim_value for size in value.type.tensor_type.shape.dim]
        for value in (*graph.value_info, *graph.output, *graph.input)
    }
    shapes |= {constant.name: list(constant.dims) for constant in graph.initializer}
    return float(
        sum(
            math.prod(shapes[node.output[0]]) * math.prod(shapes[node.input[1]][1:])
            for node in graph.node
            if node.op_type == "Conv"
        )
    )


def peak_multiply_adds(kind: str) -> float:
    """Return multiply-adds a second of a matrix product in ONNX Runtime, on one thread."""
    n = 1024
    rng = np.random.default_rng(0)
    left, right, result, product = {
        "int8": (np.uint8, np.int8, TensorProto.INT32, "MatMulInteger"),
        "float32": (np.float32, np.float32, TensorProto.FLOAT, "MatMul"),
    }[kind]
    graph = helper.make_graph(
        [helper.make_node(product, ["a", "b"], ["c"])],
        "product",
        [
            helper.make_tensor_value_info(
                "a", helper.np_dtype_to_tensor_dtype(np.dtype(left)), [n, n]
            )
        ],
        [helper.make_tensor_value_info("c", result, [n, n])],
        [onnx.numpy_helper.from_array(rng.integers(-64, 64, (n, n)).astype(right), "b")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, ["CPUExecutionProvider"]
    )
    a = rng.integers(0, 128, (n, n)).astype(left)
    return n**3 / (_median(lambda _: session.run(None, {"a": a}), 10) / 1000)


def _median(call: Callable[[int], object], n: int) -> float:
    """Return the median CPU milliseconds of a call, the first of all left out."""
    call(0)
    times = []
    for i in range(n):
        start = time.process_time()
        call(i)
        times.append(time.process_time() - start)
    return 1000 * statistics.median(times)


if __name__ == "__main__":
    main()
