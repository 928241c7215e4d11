"""A build of simulated paintings, stage by stage: CPU time a painting and peak memory.

::

    python -m benchmarks.scale                                            # 10,000 and 100,000
    python -m benchmarks.scale --rows 10000 100000 1000000 --plot scale.svg

What is built is what ``artstylenet build`` builds, by the same functions, from the features on:
only the store is simulated. It yields features of a mixture of planted styles and noise, block by
block, and thumbnails of a kilobyte. They are narrower than the network's (descriptors 128 instead
of 256, cells 8 numbers instead of hundreds), and styles are six: what that costs does
not depend on how many paintings there are. Of numbers of styles one is tried, where a build tries
sixteen.

Each size is built in a process of its own, written to a folder, opened from there by another and
asked for rankings, for what is similar and for recommendations. Then an explorer of it is started
and asked for pages of every kind that nobody has asked for before, one after the other, once it
rests. Memory is what belongs to the
process alone (anonymous pages): pages of files that are mapped the system takes back when it
needs them.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
from PIL import Image

N_STYLES = 6
N_DESCRIPTOR, N_PARTS, N_LOCAL, N_CELLS = 128, 8, 8, 196
STAGE_CHANNELS = (4, 4)
WORKS_A_PAINTER = 250
N_QUESTIONS = 20
# Lengths of pools that rows are put together from: without a common divisor, so that no two
# rows of a million are the same.
N_MIXTURES, N_NOISES, N_GRIDS = 4093, 4091, 509

ONCE = (
    "grid words learnt",
    "words learnt",
    "number of styles",
    "styles fitted",
    "map: sample laid out",
)
"""Stages that look at the sample alone: they cost the same for any larger collection."""
KINDS = {
    "every painting": lambda stage: stage not in ONCE,
    "the sample, once": lambda stage: stage in ONCE,
}
WARM_UP = 300
"""Paintings of a build before the one that is measured, so that libraries are loaded."""


@dataclass(frozen=True)
class SimulatedBackbone:
    """What a build asks of a backbone once features are stored."""

    key: str = "simulated"
    name: str = "simulated"
    input_size: int = 224
    stage_channels: tuple[int, ...] = STAGE_CHANNELS
    has_descriptor: bool = True
    licence: str = "none"


class SimulatedTable:
    """Stands for the table of a feature store: row i has the hash of the number i."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        mixtures = rng.dirichlet(np.full(N_STYLES, 0.2), N_MIXTURES)

        def latent(width: int, n_pool: int, spread: float) -> tuple[np.ndarray, np.ndarray]:
            styles = rng.normal(size=(N_STYLES, width))
            noise = rng.normal(0, spread, (n_pool, width))
            return (mixtures @ styles).astype(np.float32), noise.astype(np.float32)

        self._descriptors = latent(N_DESCRIPTOR, N_NOISES, 0.3)
        self._parts = latent(N_PARTS * N_DESCRIPTOR, N_NOISES, 0.3)
        styles_of_cells = rng.integers(-100, 100, (N_STYLES, N_LOCAL))
        cells = styles_of_cells[rng.integers(N_STYLES, size=(N_GRIDS, N_CELLS))]
        self._local = (cells + rng.integers(-20, 20, cells.shape)).astype(np.int8)
        self._thumbnails = [_picture(rng) for _ in range(16)]

    def read(
        self, hashes: Sequence[str], columns: Sequence[str]
    ) -> Iterator[dict[str, np.ndarray]]:
        """Yield simulated features, as :meth:`artstylenet.feature_store.FeatureTable.read`."""
        from artstylenet.feature_store import BLOCK_ROWS

        for start in range(0, len(hashes), BLOCK_ROWS):
            rows = np.array([int(text) for text in hashes[start : start + BLOCK_ROWS]])
            yield {column: getattr(self, f"_{column}_of")(rows) for column in columns}

    def _statistics_of(self, rows: np.ndarray) -> np.ndarray:
        return np.zeros((len(rows), 2 * sum(STAGE_CHANNELS)), np.float16)

    def _part_descriptors_of(self, rows: np.ndarray) -> np.ndarray:
        styles, noise = self._parts
        mixed = (styles[rows % N_MIXTURES] + noise[rows % N_NOISES]) / np.sqrt(N_DESCRIPTOR)
        return mixed.astype(np.float16).reshape(len(rows), N_PARTS, N_DESCRIPTOR)

    def _local_of(self, rows: np.ndarray) -> np.ndarray:
        return self._local[rows % N_GRIDS]

    def _descriptor_of(self, rows: np.ndarray) -> np.ndarray:
        styles, noise = self._descriptors
        mixed = styles[rows % N_MIXTURES] + noise[rows % N_NOISES]
        mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
        return mixed.astype(np.float16)

    def _thumbnail_of(self, rows: np.ndarray) -> np.ndarray:
        thumbnails = np.empty(len(rows), object)
        thumbnails[:] = [self._thumbnails[row % 16] for row in rows.tolist()]
        return thumbnails


def _picture(rng: np.random.Generator) -> bytes:
    """Return a small JPEG."""
    colours = rng.integers(0, 256, (3, 4, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(colours).resize((64, 48)).save(file, "JPEG", quality=85)
    return file.getvalue()


def simulated_collection(n_rows: int, root: Path):  # type: ignore[no-untyped-def]
    """Return a collection whose features are in a simulated store."""
    from artstylenet.build import Extracted
    from artstylenet.collection import Collection

    numbers = np.arange(n_rows)
    names = pd.Series(numbers).astype(str)
    painter = "Painter " + pd.Series(numbers // WORKS_A_PAINTER).astype(str)
    years = 1400 + numbers % 500
    paintings = pd.DataFrame(
        {
            "id": "work-" + names,
            "path": names + ".jpg",
            "painter": painter,
            "title": "Title " + names,
            "year": pd.Series(years).astype(str),
            "year_from": pd.array(years, "Int64"),
            "year_to": pd.array(years, "Int64"),
        }
    )
    nothing = pd.DataFrame({"path": [], "reason": []}, dtype=str)
    no_duplicates = pd.DataFrame({name: [] for name in ("group", "id", "path", "kind")}, dtype=str)
    collection = Collection(
        root=root,
        paintings=paintings,
        painters=pd.DataFrame({"painter": painter.unique()}),
        layout="table",
        skipped=nothing,
    )
    return Extracted(
        collection=collection,
        hashes=tuple(f"{number:064d}" for number in range(n_rows)),
        table=SimulatedTable(),  # type: ignore[arg-type]
        backbone=SimulatedBackbone(),  # type: ignore[arg-type]
        skipped=nothing,
        duplicates=no_duplicates,
        sizes=np.full((n_rows, 2), 800, np.int32),
    )


class Meter:
    """CPU seconds and peak memory of stages, one after the other."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.megabytes: dict[str, float] = {}
        self._last = time.process_time()
        self._peak = 0.0
        watch = threading.Thread(target=self._watch, daemon=True)
        watch.start()

    def note(self, stage: str) -> None:
        """Count all since the last note to a stage."""
        now = time.process_time()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        peak = max(self._peak, _own_megabytes())
        self.megabytes[stage] = max(self.megabytes.get(stage, 0.0), peak)
        self._last, self._peak = now, 0.0

    def progress(self, stage: str, done: int, total: int) -> None:
        """Note the stages of a build as it tells of them."""
        names = {
            "Learning visual words": ("", "features read", "words learnt", "words counted")[
                done if stage == "Learning visual words" else 0
            ],
            "Trying numbers of styles": "number of styles",
            "Fitting styles": "styles fitted",
            "Weighing styles": "mixtures",
            "Laying out the map": "map: others placed" if done else "",
        }
        self.note(names[stage] or "tables")

    def _watch(self) -> None:
        while True:
            self._peak = max(self._peak, _own_megabytes())
            time.sleep(0.02)


def _own_megabytes(number: int | str = "self") -> float:
    """Return the memory that belongs to a process alone."""
    for line in Path(f"/proc/{number}/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1e3
    return 0.0


def build(n_rows: int, folder: Path) -> Meter:
    """Build an atlas of simulated paintings into a folder."""
    from sklearn.manifold import TSNE

    from artstylenet.build import BuildSettings, fit_atlas, inputs_digest
    from artstylenet.stage_cache import StageCache
    from artstylenet.storage import atlas_lock
    from artstylenet.storage.atlas_files import write_atlas
    from artstylenet.visual_words import GridWords

    settings = BuildSettings(styles=(N_STYLES, N_STYLES))
    fit_atlas(simulated_collection(WARM_UP, folder), settings, n_jobs=1)
    meter = Meter()

    def note_after(kind: type, method: str, stage: str) -> None:
        original = getattr(kind, method)

        def noted(*given: object) -> object:
            result = original(*given)
            meter.note(stage)
            return result

        setattr(kind, method, noted)

    # Two stages of the sample stand within others of all paintings.
    note_after(GridWords, "fit", "grid words learnt")
    note_after(TSNE, "fit_transform", "map: sample laid out")
    with atlas_lock(folder):
        extracted = simulated_collection(n_rows, folder)
        meter.note("simulated tables")
        inputs_digest(extracted, settings)
        meter.note("tables")
        cache = StageCache(folder / ".cache")
        atlas = fit_atlas(extracted, settings, n_jobs=1, cache=cache, progress=meter.progress)
        meter.note("tables")
        write_atlas(atlas, folder)
        meter.note("written")
    return meter


def ask(folder: Path) -> dict[str, float]:
    """Open an atlas and ask it; median wall milliseconds of each kind of question."""
    from artstylenet import load_atlas, recommend, similar_paintings
    from artstylenet.figures import write_figures
    from artstylenet.ranking import top_painters, top_paintings

    def median(question, givens: Sequence[object]) -> float:  # type: ignore[no-untyped-def]
        question(givens[0])  # compiled, and indices made
        times = []
        for given in givens:
            start = time.perf_counter()
            question(given)
            times.append(1000 * (time.perf_counter() - start))
        return float(np.median(times))

    meter = Meter()
    start = time.perf_counter()
    atlas = load_atlas(folder, whole=False)
    told = {"open the atlas": 1000 * (time.perf_counter() - start)}
    styles = list(range(atlas.n_styles))
    ids = atlas.paintings["id"].sample(N_QUESTIONS, random_state=0).tolist()
    told["ten paintings of a style"] = median(lambda k: top_paintings(atlas, k), styles)
    told["ten painters of a style"] = median(lambda k: top_painters(atlas, k), styles)
    for by in ("features", "styles"):
        told[f"similar by {by}"] = median(
            lambda one, by=by: similar_paintings(atlas, one, by=by), ids
        )
    told["recommend from three"] = median(
        lambda i: recommend(atlas, ids[i : i + 3]), range(N_QUESTIONS - 3)
    )
    meter.note("asked")
    write_figures(atlas, folder / "figures")
    meter.note("figures")
    return told | {
        "peak MB of all that": meter.megabytes["asked"],
        "all figures, CPU": 1000 * meter.seconds["figures"],
        "peak MB of figures": meter.megabytes["figures"],
    }


class Watched:
    """CPU time of a process, and its memory, looked at again and again."""

    def __init__(self, number: int) -> None:
        self.own = 0.0
        self._process = psutil.Process(number)
        threading.Thread(target=self._watch, daemon=True).start()

    def seconds(self) -> float:
        """Return the CPU time of the process alone."""
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def is_busy(self) -> bool:
        """Tell whether anything is going on in two seconds."""
        before = self.seconds()
        time.sleep(2)
        return self.seconds() - before > 0.05

    def _watch(self) -> None:
        with contextlib.suppress(psutil.Error, OSError):
            while True:
                self.own = max(self.own, _own_megabytes(self._process.pid))
                time.sleep(0.05)


def explore(n_rows: int, folder: Path) -> dict[str, float]:
    """Start an explorer and ask it; milliseconds, wall and of its CPU, medians where many."""
    command = [sys.executable, "-m", "artstylenet", "explore", str(folder), "--no-open"]
    rng = np.random.default_rng(0)
    works = rng.choice(n_rows, N_QUESTIONS, replace=False).tolist()
    painters = rng.choice(n_rows // WORKS_A_PAINTER, 10, replace=False).tolist()
    heatmaps = rng.integers(1, n_rows // 50, 10).tolist()
    similar = "/api/v1/similar?painting=work-{}&by="
    questions = {
        "a style": [f"/styles/style-{style:02d}.html" for style in range(N_STYLES)],
        "a painter": [f"/painters/painter-{painter}.html" for painter in painters],
        "a painting": [f"/paintings/work-{work}.html" for work in works],
        "a page of the heatmap": [f"/heatmaps/paintings-{number}.html" for number in heatmaps],
        "list of painters": ["/painters/index.html"],
        "heatmap of painters": ["/heatmaps/painters.html"],
        "exhibition": ["/exhibition.html"],
        "map": ["/map.html"],
        "data of the map": ["/data/search.js", "/data/map.js"],
        "search, first question": ["/api/v1/search?q=title+77"],
        "search": [f"/api/v1/search?q=painter+{work}" for work in works],
        "similar by styles": [similar.format(work) + "styles" for work in works],
        "similar by features": [similar.format(work) + "features" for work in works],
    }
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            watched = Watched(server.pid)
            address = re.search(r"http://([^/]+)/", server.stdout.readline())
            assert address is not None
            told = {
                "start": 1000 * (time.perf_counter() - start),
                "start, CPU": 1000 * watched.seconds(),
            }

            def ask_for(path: str) -> tuple[float, float]:
                began, spent = time.perf_counter(), watched.seconds()
                with urllib.request.urlopen(f"http://{address[1]}{path}", timeout=600) as answer:
                    answer.read()
                return 1000 * (time.perf_counter() - began), 1000 * (watched.seconds() - spent)

            told["first page"], told["first page, CPU"] = ask_for("/")
            while watched.is_busy():
                pass
            for kind, paths in questions.items():
                times = np.median([ask_for(path) for path in paths], axis=0)
                told[kind], told[f"{kind}, CPU"] = times.tolist()
            told["peak MB of the explorer"] = watched.own
        finally:
            # As Ctrl-C does, so that what it has started ends, too.
            server.send_signal(signal.SIGINT)
    return told


def apart(*arguments: str) -> dict[str, dict[str, float]]:
    """Run this module in a process of its own; return what it tells."""
    command = [sys.executable, "-m", "benchmarks.scale", *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return told


def print_table(numbers: Sequence[int], rows: dict[str, list[str]], head: str) -> None:
    """Print a table in Markdown."""
    print(f"| {head} | " + " | ".join(f"{n:,}" for n in numbers) + " |")
    print("|---|" + "---|" * len(numbers))
    for name, cells in rows.items():
        print(f"| {name} | " + " | ".join(cells) + " |")
    print(flush=True)


def plot(
    numbers: Sequence[int], costs: dict[str, list[float]], peaks: list[float], path: Path
) -> None:
    """Draw CPU time a painting, stage by stage, and peak memory by the number of paintings."""
    import altair as alt

    from artstylenet.figures import save_figure
    from artstylenet.figures.palette import style_color
    from artstylenet.figures.theme import finish, inline_data

    wide = pd.DataFrame(costs, index=pd.Index(numbers, name="paintings"))
    rows = wide.reset_index().melt("paintings", var_name="stage", value_name="milliseconds")
    rows = rows[rows["milliseconds"] > 0]
    memory_rows = pd.DataFrame({"paintings": numbers, "gigabytes": peaks})
    x = alt.X(
        "paintings:Q",
        title="Paintings",
        scale=alt.Scale(type="log"),
        axis=alt.Axis(values=list(numbers), format=",", grid=False),
    )
    colours = alt.Scale(domain=list(costs), range=[style_color(k) for k in range(len(costs))])
    cost = (
        alt.Chart(inline_data(rows))
        .mark_line(point=True)
        .encode(
            x=x,
            y=alt.Y("milliseconds:Q", title="CPU milliseconds a painting"),
            color=alt.Color("stage:N", title="Stage of all paintings", scale=colours, sort=None),
        )
        .properties(width=330, height=220)
    )
    memory = (
        alt.Chart(inline_data(memory_rows))
        .mark_line(point={"color": style_color(1)}, color=style_color(1))
        .encode(
            x=x,
            y=alt.Y("gigabytes:Q", title="Peak memory, GB", scale=alt.Scale(domain=[0, 3])),
        )
        .properties(width=330, height=220)
    )
    chart = finish(
        alt.hconcat(cost, memory, spacing=40),
        "A build from stored features, by the number of paintings",
        subtitle=["Simulated features; the upper edge on the right is the bar of 3 GB."],
    )
    save_figure(chart, path)


def _beside(explored: dict[str, float], name: str) -> str:
    """Return CPU and wall time of a question; what has no CPU time alone."""
    of_cpu = explored.get(f"{name}, CPU")
    return f"{explored[name]:,.0f}" if of_cpu is None else f"{of_cpu:,.0f} / {explored[name]:,.0f}"


def measure(n_rows: int, folder: Path) -> dict[str, dict[str, float]]:
    """Return what a build of a size costs, and its atlas' answers; from a file if it is there."""
    kept = folder / f"scale-{n_rows}.json"
    if kept.exists():
        found: dict[str, dict[str, float]] = json.loads(kept.read_text())
        return found
    atlas = str(folder / f"atlas-{n_rows}")
    told = apart("--build", "--rows", str(n_rows), "--folder", atlas)
    told |= apart("--ask", "--folder", atlas)
    told |= apart("--explore", "--rows", str(n_rows), "--folder", atlas)
    kept.write_text(json.dumps(told))
    return told


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--folder", type=Path, help="keeps atlases and what was measured of them")
    parser.add_argument("--plot", type=Path, help="an .svg file")
    parser.add_argument("--build", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--ask", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--explore", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.build:
        meter = build(options.rows[0], options.folder)
        print(json.dumps({"seconds": meter.seconds, "megabytes": meter.megabytes}))
        return
    if options.ask:
        print(json.dumps({"answers": ask(options.folder)}))
        return
    if options.explore:
        print(json.dumps({"explored": explore(options.rows[0], options.folder)}))
        return
    with tempfile.TemporaryDirectory() as temporary:
        told = [measure(n, options.folder or Path(temporary)) for n in options.rows]
    fullest = max(told, key=lambda t: len(t["seconds"]))
    stages = [stage for stage in fullest["seconds"] if not stage.startswith("simulated")]
    costs = {
        stage: [
            1000 * t["seconds"].get(stage, 0) / n for n, t in zip(options.rows, told, strict=True)
        ]
        for stage in stages
    }
    cells = {
        stage: [
            f"{cost:.3f} / {t['megabytes'][stage]:,.0f}" if stage in t["seconds"] else "-"
            for cost, t in zip(costs[stage], told, strict=True)
        ]
        for stage in stages
    }
    totals = {
        kind: [sum(column) for column in zip(*(costs[s] for s in stages if of(s)), strict=True)]
        for kind, of in KINDS.items()
    }
    cells |= {f"**{kind}**": [f"{t:.3f}" for t in column] for kind, column in totals.items()}
    print_table(options.rows, cells, "CPU ms a painting / peak MB")
    answers = {name: [f"{t['answers'][name]:,.1f}" for t in told] for name in told[0]["answers"]}
    print_table(options.rows, answers, "milliseconds")
    explored = {
        name: [_beside(t["explored"], name) for t in told]
        for name in told[0]["explored"]
        if not name.endswith(", CPU")
    }
    print_table(options.rows, explored, "explorer, milliseconds of CPU / wall")
    if options.plot:
        peaks = [max(t["megabytes"].values()) / 1000 for t in told]
        every = {stage: costs[stage] for stage in stages if stage not in ONCE}
        plot(options.rows, every, peaks, options.plot)


if __name__ == "__main__":
    main()
