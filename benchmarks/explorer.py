"""How fast the explorer is: start, pages under load, memory, the map in a browser, the export.

python -m benchmarks.explorer my-atlas [--points 100000] [--no-export]

Each line ends with what it should be, and whether it is.
"""

from __future__ import annotations

import argparse
import http.client
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil

CLIENTS = 50
REQUESTS = 40
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
SHEETS_HAVE_COME = (
    "performance.getEntriesByType('resource').filter(e => e.name.includes('/sprites/')).length"
    " >= ArtStyleNet.map.sheets"
)
ARTSTYLENET = (sys.executable, "-m", "artstylenet")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("atlas", type=Path)
    arguments.add_argument("--points", type=int, default=100_000)
    arguments.add_argument("--no-export", action="store_true")
    asked = arguments.parse_args()
    command = [*ARTSTYLENET, "explore", str(asked.atlas), "--no-open"]
    print(f"load of the machine before: {psutil.getloadavg()[0]:.1f}")
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        tell("start", time.perf_counter() - start, 2, "s")
        found = re.search(r"http://([^:/]+):(\d+)/", line)
        assert found is not None
        host, port = found[1], int(found[2])
        begin = time.perf_counter()
        ask(host, port, "/")
        tell("first page", 1000 * (time.perf_counter() - begin), 300, "ms")
        pages = page_paths(host, port)
        for name in ("cold", "again"):
            times = under_load(host, port, pages)
            print(f"{CLIENTS} clients, {name}: median {np.median(times):.0f} ms")
            tell(f"{CLIENTS} clients, {name}, 95th percentile", np.percentile(times, 95), 100, "ms")
        memory = psutil.Process(server.pid).memory_full_info()
        tell("memory, resident", memory.rss / 2**20, 500, "MB")
        print(f"memory, its own: {memory.uss / 2**20:.0f} MB")
        map_in_browser(f"http://{host}:{port}", asked.points)
        server.terminate()
    if not asked.no_export:
        export_cold(asked.atlas)


def tell(name: str, value: float, limit: float, unit: str) -> None:
    """Print what was measured beside what it should be."""
    digits = 2 if value < 10 else 0
    verdict = "pass" if value < limit else "MISS"
    print(f"{name}: {value:.{digits}f} {unit}  (under {limit:g} {unit}: {verdict})", flush=True)


def export_cold(atlas: Path) -> None:
    """Print how long an export takes before which nothing has been worked out, and its size."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(
            atlas, Path(folder) / "atlas", ignore=shutil.ignore_patterns(".cache")
        )
        site = Path(folder) / "site"
        command = [*ARTSTYLENET, "export", str(copy), str(site)]
        for name in ("nothing worked out before", "again"):
            begin = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            tell(f"export, {name}", time.perf_counter() - begin, 180, "s")
        first = (site / "index.html").read_text(encoding="utf-8")
        needed = re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]+)"', first)
        size = len(first.encode()) + sum((site / path).stat().st_size for path in needed)
        tell("exported first page, without pictures", size / 2**20, 1, "MB")
        whole = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
        print(f"exported site: {whole / 2**20:.0f} MB")


def ask(host: str, port: int, path: str) -> bytes:
    """Return what is sent for a path."""
    connection = http.client.HTTPConnection(host, port, timeout=60)
    connection.request("GET", path)
    content = connection.getresponse().read()
    connection.close()
    return content


def page_paths(host: str, port: int) -> list[str]:
    """Return the paths of pages of every kind."""
    answer = ask(host, port, "/api/v1/paintings?limit=500").decode()
    paintings = re.findall(r'"page":"([^"]+)"', answer)
    painters = re.findall(r'"page":"([^"]+)"', ask(host, port, "/api/v1/painters").decode())
    styles = re.findall(r'"page":"([^"]+)"', ask(host, port, "/api/v1/styles").decode())
    others = ["index.html", "map.html", "method.html", "search.html", "heatmaps/paintings-1.html"]
    return [f"/{path}" for path in paintings + painters + styles + others]


def under_load(host: str, port: int, pages: list[str]) -> list[float]:
    """Return milliseconds a page, asked by many clients that each read a page and go on."""
    times: list[float] = []

    def visit(seed: int) -> None:
        rng = random.Random(seed)
        connection = http.client.HTTPConnection(host, port, timeout=60)
        for path in rng.choices(pages, k=REQUESTS):
            begin = time.perf_counter()
            connection.request("GET", path)
            connection.getresponse().read()
            times.append(1000 * (time.perf_counter() - begin))
            time.sleep(rng.uniform(0.2, 1.0))
        connection.close()

    visitors = [threading.Thread(target=visit, args=[seed]) for seed in range(CLIENTS)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    return times


def map_in_browser(site: str, n_points: int) -> None:
    """Print how soon the map can be used, and how long its frames take."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("map: no Chromium on this machine")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=list(QUIET))
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        begin = time.perf_counter()
        page.goto(f"{site}/map.html")
        page.wait_for_function("window.ArtStyleNet?.paintTimes?.().length > 0")
        tell("map, can be used after", time.perf_counter() - begin, 2, "s")
        page.wait_for_function(SHEETS_HAVE_COME)
        tell("map, all thumbnails after", time.perf_counter() - begin, 2, "s")
        page.wait_for_timeout(2000)
        print_frames("map", move_about(page))
        page.route("**/data/map.js", lambda route: route.fulfill(body=many_points(n_points)))
        page.route("**/data/search.js", lambda route: route.fulfill(body=many_names(n_points)))
        page.goto("about:blank")
        page.goto(f"{site}/map.html")
        page.wait_for_function("window.ArtStyleNet?.paintTimes?.().length > 0")
        page.wait_for_timeout(1000)
        print_frames(f"{n_points:,} points", move_about(page))
        browser.close()


def move_about(page: object) -> list[float]:
    """Drag and zoom; return the milliseconds of each frame."""
    page.mouse.move(600, 600)  # type: ignore[attr-defined]
    page.mouse.down()  # type: ignore[attr-defined]
    for step in range(40):
        page.mouse.move(600 + 5 * step, 600 + 2 * step)  # type: ignore[attr-defined]
    page.mouse.up()  # type: ignore[attr-defined]
    for _ in range(10):
        page.mouse.wheel(0, -120)  # type: ignore[attr-defined]
    page.wait_for_timeout(600)  # type: ignore[attr-defined]
    times: list[float] = page.evaluate("ArtStyleNet.paintTimes()")  # type: ignore[attr-defined]
    return times


def print_frames(name: str, times: list[float]) -> None:
    print(f"{name}: {len(times)} frames, median {np.median(times):.0f} ms")
    tell(f"{name}, longest frame", max(times), 100, "ms")


def many_points(n: int) -> str:
    """Return a map's data of made-up points."""
    from artstylenet.figures.palette import STYLE_COLORS
    from artstylenet.site.scripts import data_script

    rng = np.random.default_rng(0)
    middles = rng.uniform(2000, 8000, (18, 2))
    styles = rng.integers(0, 18, n)
    places = rng.normal(middles[styles], 700).clip(0, 10_000).astype(int)
    labels = [f"Style {style}" for style in range(18)]
    facet = {"key": "style", "name": "Style", "labels": labels, "of": styles.tolist()}
    painter = facet | {"key": "painter", "name": "Painter"}
    return data_script(
        "map",
        {
            "x": places[:, 0].tolist(),
            "y": places[:, 1].tolist(),
            "year": [None] * n,
            "aspect": [1] * n,
            "facets": [facet, painter],
            "palette": list(STYLE_COLORS),
            "sheets": 0,
            "cell": 40,
            "columns": 50,
        },
    )


def many_names(n: int) -> str:
    """Return the search data that goes with :func:`many_points`."""
    from artstylenet.site.scripts import data_script

    names = [f"p{i}" for i in range(n)]
    return data_script(
        "search",
        {
            "painters": [],
            "painterPages": [],
            "names": names,
            "titles": names,
            "painter": [-1] * n,
            "years": [""] * n,
            "thumbs": ["00"] * n,
        },
    )


if __name__ == "__main__":
    main()
