"""What is installed, what works, how fast this machine is, and what is wrong."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import platform
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import numpy as np

from artstylenet.backbones import DEFAULT_MODEL, load_backbone
from artstylenet.cpus import usable_cpus
from artstylenet.errors import ArtStyleNetError

PICTURE_SIZE = (1600, 1250)  # two megapixels
SECONDS_A_MEASUREMENT = 0.4
LEAST_MEMORY = 2e9
LEAST_DISK = 1e9
REQUIREMENT = re.compile(
    r"^(?P<name>[A-Za-z0-9_.-]+)\s*(?:\[[^]]*\])?\s*(?P<bounds>[^;]*)(?P<rest>.*)$"
)


@dataclass(frozen=True)
class Package:
    """A package that is needed, or would add something.

    Attributes
    ----------
    name : str
    needed : str
        As in ``>=1.2``; empty if any version does.
    found : str or None
        Installed version.
    extra : str or None
        The extra that it belongs to; None if it is always needed.
    """

    name: str
    needed: str
    found: str | None
    extra: str | None

    @property
    def is_good(self) -> bool:
        """Tell whether it is installed and new enough."""
        if self.found is None:
            return False
        lowest = re.search(r">=\s*([\d.]+)", self.needed)
        return lowest is None or _numbers(self.found) >= _numbers(lowest[1])


@dataclass(frozen=True)
class Provider:
    """One way in which ONNX Runtime can run the network.

    Attributes
    ----------
    name : str
    works : bool
        It ran the shipped model, and its features are those of the CPU.
    milliseconds : float or None
        Wall time of one picture on one thread.
    problem : str
    """

    name: str
    works: bool
    milliseconds: float | None = None
    problem: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """Everything that was found out.

    Attributes
    ----------
    machine : dict
        ``system``, ``processor``, ``cpus`` (that this process may use), ``memory_gb`` (free;
        None where unknown), ``load`` (of the last minute).
    packages : tuple of Package
    providers : tuple of Provider
    speed : dict of str to float
        ``decode_ms`` (a JPEG of two megapixels), ``network_ms`` (one picture), ``gflops`` (matrix
        products in single precision), each on one thread; ``paintings_a_minute``: what follows
        for extraction on all CPUs.
    cache : dict
        ``folder`` of the feature store, ``free_gb``, ``used_gb``.
    problems : tuple of str
        Sentences; none if all is well.
    """

    machine: dict[str, object]
    packages: tuple[Package, ...]
    providers: tuple[Provider, ...]
    speed: dict[str, float]
    cache: dict[str, object]
    problems: tuple[str, ...] = field(default=())


def diagnose() -> Diagnosis:
    """Look at the installation and the machine; takes a few seconds, and no network.

    Returns
    -------
    Diagnosis
    """
    problems: list[str] = []
    packages = find_packages()
    problems += [
        f"{package.name} {package.needed} is needed, {package.found or 'nothing'} is installed."
        for package in packages
        if package.extra is None and not package.is_good
    ]
    machine = _machine()
    memory = machine["memory_gb"]
    if isinstance(memory, float) and memory * 1e9 < LEAST_MEMORY:
        problems.append(f"Only {memory:.1f} GB of memory are free; a build needs about 2 GB.")
    cache, in_cache = _cache_folder()
    problems += in_cache
    providers, in_providers = _providers()
    problems += in_providers
    speed = _speed(problems, int(str(machine["cpus"])))
    return Diagnosis(machine, packages, providers, speed, cache, tuple(problems))


def find_packages() -> tuple[Package, ...]:
    """Return every package that this one needs or knows of, and which version is installed."""
    packages = []
    try:
        needed = requires("artstylenet") or []
    except PackageNotFoundError:
        needed = []
    for requirement in needed:
        found = REQUIREMENT.match(requirement)
        if found is None:
            continue
        extra = re.search(r"extra\s*==\s*['\"](\w+)['\"]", found["rest"])
        if extra is not None and extra[1] == "dev":
            continue
        bounds = found["bounds"].strip().strip("()")
        packages.append(Package(found["name"], bounds, _version(found["name"]), extra and extra[1]))
    return tuple(packages)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _numbers(text: str) -> tuple[int, ...]:
    """Return the numbers of a version up to the first that is none: 1.24.0rc1 -> (1, 24)."""
    numbers = []
    for part in text.split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)


def _machine() -> dict[str, object]:
    return {
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "processor": _processor(),
        "cpus": usable_cpus(),
        "memory_gb": _free_memory(),
        "load": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _free_memory() -> float | None:
    """Return the memory that is free, in GB, as far as the system tells."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable"):
                return round(int(line.split()[1]) * 1024 / 1e9, 2)
    return None


def _cache_folder() -> tuple[dict[str, object], list[str]]:
    import platformdirs

    folder = platformdirs.user_cache_path("artstylenet") / "features"
    there = next(path for path in (folder, *folder.parents) if path.exists())
    problems = []
    if not os.access(there, os.W_OK):
        problems.append(f"The cache folder {folder} cannot be written; use --store FOLDER.")
    free = shutil.disk_usage(there).free
    if free < LEAST_DISK:
        problems.append(
            f"Only {free / 1e9:.1f} GB are free for the cache {folder}; 6,000 paintings need about "
            "0.4 GB. Use --store FOLDER."
        )
    problems += _without_locks()
    used = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return (
        {
            "folder": str(folder),
            "free_gb": round(free / 1e9, 2),
            "used_gb": round(used / 1e9, 3),
        },
        problems,
    )


def _without_locks() -> list[str]:
    try:
        with tempfile.TemporaryFile() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        where = tempfile.gettempdir()
        return [f"Files in {where} cannot be locked ({error.strerror}); set TMPDIR to another."]
    return []


def _providers() -> tuple[tuple[Provider, ...], list[str]]:
    """Run the shipped model with every provider that ONNX Runtime says it has."""
    import onnxruntime

    if not DEFAULT_MODEL.exists():
        return (), [f"The shipped model {DEFAULT_MODEL} is missing; install ArtStyleNet again."]
    reference: list[np.ndarray] | None = None
    providers = []
    # The CPU first: the others are compared with it.
    for name in sorted(onnxruntime.get_available_providers(), key=lambda name: "CPU" not in name):
        try:
            outputs, seconds = _run_model(name)
        # Every provider raises errors of its own.
        except Exception as error:  # noqa: BLE001
            first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
            providers.append(Provider(name, works=False, problem=first_line[:200]))
            continue
        reference = reference or outputs
        alike = all(
            np.allclose(one.astype(float), other.astype(float), rtol=0.05, atol=0.05)
            for one, other in zip(outputs, reference, strict=True)
        )
        problem = "" if alike else "its features differ from those of the CPU"
        providers.append(Provider(name, alike, round(1000 * seconds, 1), problem))
    if any(provider.works for provider in providers):
        return tuple(providers), []
    return tuple(providers), [
        "ONNX Runtime cannot run the shipped model; install onnxruntime again."
    ]


def _run_model(provider: str) -> tuple[list[np.ndarray], float]:
    """Run the shipped model on one random picture; return its outputs and the seconds it takes."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(DEFAULT_MODEL.read_bytes(), options, [provider])
    if provider not in session.get_providers():
        raise RuntimeError("it does not start here")
    given = session.get_inputs()[0]
    shape = [size if isinstance(size, int) else 1 for size in given.shape]
    noise = np.random.default_rng(0).integers(0, 256, shape)
    picture = {given.name: noise.astype(np.uint8 if "uint8" in given.type else np.float32)}
    return session.run(None, picture), _seconds(lambda: session.run(None, picture))


def _speed(problems: list[str], n_cpus: int) -> dict[str, float]:
    from PIL import Image

    from artstylenet.imaging import decode_picture

    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (60, 80, 3), dtype=np.uint8))
    buffer = io.BytesIO()
    coarse.resize(PICTURE_SIZE, Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=90)
    data = buffer.getvalue()
    matrix = rng.random((512, 512), dtype=np.float32)
    speed: dict[str, float] = {}
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        speed["gflops"] = round(2 * 512**3 / _seconds(lambda: matrix @ matrix) / 1e9, 1)
    try:
        backbone = load_backbone()
        size = backbone.input_size
        picture = rng.integers(0, 256, (1, size, size, 3), dtype=np.uint8)
        network = _seconds(lambda: backbone.extract(picture))
        decoding = _seconds(lambda: decode_picture(data, size))
    except ArtStyleNetError as error:
        problems.append(str(error))
        return speed
    speed["decode_ms"] = round(1000 * decoding, 1)
    speed["network_ms"] = round(1000 * network, 1)
    speed["paintings_a_minute"] = round(60 * n_cpus / (network + decoding))
    return speed


def _seconds(call: Callable[[], object]) -> float:
    """Return the median wall time of a call, warmed up, over a fraction of a second."""
    call()
    return float(np.median(list(_times(call))))


def _times(call: Callable[[], object]) -> Iterator[float]:
    end = time.perf_counter() + SECONDS_A_MEASUREMENT
    while (start := time.perf_counter()) < end:
        call()
        yield time.perf_counter() - start
