"""A real browser for tests: headless Chromium, and pages that notice what goes wrong in them."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

WIDTHS = (390, 1280, 2560)
EVERY_SCREEN = os.environ.get("ARTSTYLENET_EVERY_SCREEN") == "1"
"""Whether each test is run on screens of all widths, as ``make torture`` does."""
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SEEN = """() => {
  const broken = [...document.images].filter(i => i.src && i.complete && !i.naturalWidth);
  return [document.documentElement.scrollWidth, broken.map(i => i.src),
          getComputedStyle(document.body).maxWidth !== "none"];
}"""


def widths_of(test: str) -> tuple[int, ...]:
    """Return the widths of screens that a test is run on: one, by its name, or all."""
    return WIDTHS if EVERY_SCREEN else (WIDTHS[zlib.crc32(test.encode()) % len(WIDTHS)],)


@contextmanager
def chromium() -> Iterator[Any]:
    """Give headless Chromium; skip the test where there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium on this machine: pages are not tested in a browser")
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install artstylenet[dev]"
    )
    with playwright.sync_playwright() as driver:
        chrome = driver.chromium.launch(executable_path=path, args=list(QUIET))
        yield chrome
        chrome.close()


@contextmanager
def quiet_page(browser: Any, site: str, width: int = 1280, **options: Any) -> Iterator[Any]:
    """Give a page that fails the test if it complains or leaves the machine.

    What it complains of stands in its ``complaints``.
    """
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    tab = context.new_page()
    complaints: list[str] = []
    tab.complaints = complaints
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))

    def note(request: Any) -> None:
        if not request.url.startswith((site, "data:", "blob:")):
            complaints.append(f"left the machine: {request.url}")

    def failed(request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # a page left before its pictures came
            complaints.append(f"failed: {request.url}")

    tab.on("request", note)
    tab.on("requestfailed", failed)
    yield tab
    tab.wait_for_timeout(20)
    context.close()
    assert complaints == []


def until(page: Any, condition: str) -> None:
    """Wait for something to become true; Playwright's own way would need ``unsafe-eval``."""
    for _ in range(1500):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"never came: {condition}")


def canvas_box(page: Any) -> dict[str, float]:
    """Return where on the screen the canvas is, once all of it is in view."""
    canvas = page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box: dict[str, float] = canvas.bounding_box()
    return box


def walk(page: Any, site: str, paths: tuple[str, ...], leave_out: int = 0) -> None:
    """See every page on screens: nothing sticks out, no picture is missing.

    Of the three widths each page is seen on two, by turns, `leave_out` telling with which to
    begin; on all with ``EVERY_SCREEN``.
    """
    for place, path in enumerate(paths):
        page.goto("about:blank")
        page.goto(f"{site}/{path}")
        for number, width in enumerate(WIDTHS):
            if not EVERY_SCREEN and (number + place + leave_out) % len(WIDTHS) == 0:
                continue
            page.set_viewport_size({"width": width, "height": 900})
            needed, broken, has_style = page.evaluate(SEEN)
            assert needed <= width, path
            assert broken == [], path
            assert has_style, path
        assert page.complaints == [], path


def barriers(page: Any, site: str, paths: tuple[str, ...], rules: list[str] | None = None) -> Any:
    """Return what axe-core finds serious on pages; `rules` are those to apply, None all."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules is not None:
        options["runOnly"] = {"type": "rule", "values": rules}
    found = []
    for path in paths:
        page.goto("about:blank")
        page.goto(f"{site}/{path}")
        for violation in axe.run(page, options=options).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                targets = [node["target"] for node in violation["nodes"]][:3]
                found.append(f"{path}: {violation['id']}: {violation['help']} {targets}")
    return found
