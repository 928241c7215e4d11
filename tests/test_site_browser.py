"""The exported site in a real browser, over file://: quiet, within itself, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browsing import canvas_box, chromium, quiet_page, walk
from tests.toy_atlas import toy_atlas

pytestmark = pytest.mark.browser

PAGES = (
    "index.html",
    "styles/style-01.html",
    "painters/index.html",
    "painters/chen-wei.html",
    "paintings/toy-003.html",
    "heatmaps/painters.html",
    "heatmaps/paintings-1.html",
    "how-many.html",
    "map.html",
    "method.html",
    "bring.html",
    "for-you.html#like=toy-001+toy-002",
    "feel.html",
    "exhibition.html",
    "map.html#layout=grid&colour=painter",
    "map.html#layout=time",
    "map.html#layout=table",
    "search.html?q=chen",
)


@pytest.fixture
def site(exported: str) -> str:
    return exported


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as chrome:
        yield chrome


@pytest.fixture
def page(browser: Any, site: str, width: int) -> Iterator[Any]:
    """Return a page that fails the test if it complains or leaves the folder."""
    with quiet_page(browser, site, width) as tab:
        yield tab


@pytest.mark.parametrize("width", [1280])
def test_every_kind_of_page_is_quiet_and_fits_every_screen(page: Any, site: str) -> None:
    walk(page, site, PAGES)


def test_pictures_of_the_first_style_are_seen_at_once(page: Any, site: str) -> None:
    page.goto(f"{site}/index.html")
    top = page.evaluate("document.querySelector('.strip img').getBoundingClientRect().bottom")
    assert top < 900
    assert page.evaluate("document.querySelector('.strip img').naturalWidth") > 0


@pytest.mark.parametrize("width", [1280])
def test_relatives_of_a_painting_stand_in_one_row_and_are_large_enough(
    page: Any, site: str
) -> None:
    page.goto(f"{site}/paintings/toy-005.html")
    boxes = page.evaluate(
        "[...document.querySelectorAll('.row')].map("
        "row => [...row.querySelectorAll('img')].map(i => i.getBoundingClientRect().toJSON()))"
    )
    assert [len(row) for row in boxes] == [8, 8]
    for row in boxes:
        assert min(box["height"] for box in row) > 90
        assert max(box["top"] for box in row) - min(box["top"] for box in row) < 2
        assert max(box["right"] for box in row) <= 1280


def test_the_content_is_reached_by_keyboard(page: Any, site: str) -> None:
    page.goto(f"{site}/index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert "style-00.html" in page.evaluate("document.activeElement.href")
    page.keyboard.press("Enter")
    page.wait_for_url("**/styles/style-00.html")


def test_a_row_of_the_heatmap_shows_its_picture(page: Any, site: str) -> None:
    page.goto(f"{site}/heatmaps/paintings-1.html")
    assert page.locator(".peek").is_hidden()
    row = "tbody tr:nth-child({})"
    ids = [page.get_attribute(row.format(number), "id") for number in (3, 4)]
    page.hover(f"{row.format(3)} td:nth-child(3)")
    page.wait_for_function("document.querySelector('.peek img').naturalWidth > 0")
    assert page.locator(".peek").is_visible()
    assert ids[0] in page.get_attribute(".peek img", "src")
    page.keyboard.press("Escape")
    assert page.locator(".peek").is_hidden()
    page.focus(f"{row.format(4)} th a")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert ids[1] in page.get_attribute(".peek img", "src")


def test_the_heatmap_is_turned_page_by_page(page: Any, site: str) -> None:
    page.goto(f"{site}/heatmaps/paintings-1.html")
    page.click("[rel=next]")
    page.wait_for_url("**/paintings-2.html")
    page.click("summary")
    page.click(".index a >> nth=0")
    page.wait_for_url("**/paintings-1.html")
    page.click("text=By painter")
    page.wait_for_url("**/painters.html")


def test_a_cell_of_a_painter_opens_a_painting(page: Any, site: str) -> None:
    page.goto(f"{site}/heatmaps/painters.html")
    page.click("tbody tr:first-child td:nth-child(2) a")
    page.wait_for_url("**/paintings/toy-*.html")


def test_search_finds_painters_and_titles_and_shows_titles_as_text(page: Any, site: str) -> None:
    page.goto(f"{site}/index.html")
    page.fill("#find", "emile")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=emile")
    assert "10 paintings" in page.text_content("#found")
    assert page.text_content("#found-painters") == "Émile O'Neil"
    page.fill("#find", "alert")
    assert page.text_content("#found-paintings .what") == "<script>alert(1)</script>"
    page.fill("#find", "nothing like it")
    assert "0 paintings" in page.text_content("#found")
    assert page.url.endswith("q=nothing+like+it")


def test_the_map_is_walked_and_opened_by_keyboard(page: Any, site: str) -> None:
    page.goto(f"{site}/map.html")
    page.focus("canvas")
    page.keyboard.press("ArrowRight")
    first = page.text_content("#map-said")
    assert "Style" in first
    page.keyboard.press("ArrowRight")
    assert page.text_content("#map-said") != first
    page.keyboard.press("+")
    page.keyboard.press("Enter")
    page.wait_for_url("**/paintings/toy-*.html")


def test_the_map_is_dragged_and_clicked(page: Any, site: str) -> None:
    page.goto(f"{site}/map.html")
    page.click("[data-do=in]")
    page.click("[data-do=all]")
    box = canvas_box(page)
    places = toy_atlas().map_positions.astype(float)
    low, high = places.min(axis=0), places.max(axis=0)
    scale = min((box["width"] - 80) / (high - low)[0], (box["height"] - 80) / (high - low)[1])
    from_middle = ((places[7] - (low + high) / 2) * scale).tolist()
    left = box["x"] + box["width"] / 2 + from_middle[0]
    top = box["y"] + box["height"] / 2 - from_middle[1]
    page.mouse.move(left, top)
    assert "Study no. 7" in page.text_content("#map-said")
    page.mouse.down()
    page.mouse.move(left + 60, top, steps=3)
    page.mouse.up()
    page.wait_for_url("**/map.html#at=*")
    page.mouse.click(left + 60, top)
    page.wait_for_url("**/paintings/toy-007.html")


def test_a_page_alone_for_a_frame_stays_alone(page: Any, site: str) -> None:
    page.goto(f"{site}/index.html?ui=0")
    assert page.is_hidden(".top")
    page.click("h2 a >> nth=0")
    page.wait_for_url("**/styles/style-00.html?ui=0")
    assert page.is_hidden("footer")


def test_without_scripts_everything_but_search_and_map_is_there(browser: Any, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{site}/search.html")
    assert tab.locator("noscript p").is_visible()
    tab.goto(f"{site}/map.html")
    assert tab.locator("img.still").is_visible()
    tab.click("text=Styles")
    assert tab.locator(".strip img").first.is_visible()
    context.close()
