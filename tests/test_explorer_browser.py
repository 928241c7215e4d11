"""The explorer in a real browser, served: every page quiet, within itself, and usable by all."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn

from artstylenet.atlas import StyleAtlas
from artstylenet.explorer.app import make_app_of_pages
from artstylenet.explorer.pages import Pages
from artstylenet.figures.palette import named_styles
from artstylenet.placing import Placed
from tests.bad_images import encode, scene
from tests.browsing import EVERY_SCREEN, barriers, canvas_box, chromium, quiet_page, until, walk
from tests.fake_backbone import FakeBackbone

pytestmark = pytest.mark.browser

PAGES = (
    "index.html",
    "styles/style-01.html",
    "painters/index.html",
    "painters/chen-wei.html",
    "paintings/toy-004.html#where=1&veil=70",
    "heatmaps/painters.html",
    "heatmaps/paintings-1.html",
    "how-many.html",
    "map.html#layout=grid&colour=painter",
    "method.html",
    "search.html?q=chen",
    "bring.html",
    "for-you.html#like=toy-001+toy-002",
    "feel.html",
    "exhibition.html",
    "api.html",
)
MAPS = ("map.html", "map.html#layout=time&colour=given-movement", "map.html#layout=table")
DARK = ("index.html", "paintings/toy-003.html", "map.html")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("explored")


@pytest.fixture(scope="module")
def served(atlas: StyleAtlas, folder: Path) -> Iterator[str]:
    """Return the address of a running explorer that places every picture the same."""
    patch = pytest.MonkeyPatch()
    patch.setattr("artstylenet.placing.backbone_of", lambda atlas: FakeBackbone())
    placed = Placed(
        painting_styles=np.array([[0.6, 0.1, 0.1, 0.1, 0.1]]),
        descriptors=np.eye(1, 16, dtype=np.float32),
        grid_words=np.zeros((1, 196), np.uint16),
    )
    patch.setattr("artstylenet.placing.place_pixels", lambda atlas, pixels: placed)
    run = {"n_styles": 5, "schema": 1, "inputs": "a build"}
    (folder / "run.json").write_text(json.dumps(run))
    pages = Pages(atlas)
    pages.warm_up()
    with running(atlas, pages, folder) as address:
        yield address
    patch.undo()


@contextmanager
def running(atlas: StyleAtlas, pages: Pages, folder: Path | None) -> Iterator[str]:
    """Serve pages in a thread; yield their address."""
    app = make_app_of_pages(atlas, pages, folder=folder)
    with named_styles({}), socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as chrome:
        yield chrome


@pytest.fixture
def page(browser: Any, served: str, width: int) -> Iterator[Any]:
    """Return a page that fails the test if it complains or leaves the machine."""
    with quiet_page(browser, served, width, has_touch=True) as tab:
        yield tab


@pytest.mark.parametrize("width", [1280])
def test_every_page_is_quiet_and_fits_every_screen(page: Any, served: str) -> None:
    walk(page, served, (*PAGES, *MAPS), leave_out=1)


def test_no_page_shuts_anybody_out(browser: Any, served: str, exported: str) -> None:
    # axe is put into the page, which the policy of ours would not let in.
    context = browser.new_context(bypass_csp=True)
    tab = context.new_page()
    everything = (*PAGES, *MAPS) if EVERY_SCREEN else PAGES
    assert barriers(tab, served, everything) == []
    assert barriers(tab, exported, ("bring.html",)) == []
    tab.emulate_media(color_scheme="dark")
    dark = everything if EVERY_SCREEN else DARK
    assert barriers(tab, served, dark, ["color-contrast"]) == []
    context.close()


def test_the_map_keeps_its_state_in_the_address(page: Any, served: str) -> None:
    page.goto(f"{served}/map.html")
    page.select_option("[name=layout]", "grid")
    page.select_option("[name=colour]", "painter")
    page.click("#map-legend button >> nth=0")
    assert "10 of 60 paintings shown" in page.text_content("#map-said")
    address = page.url
    assert "layout=grid" in address
    assert "colour=painter" in address
    page.go_back()
    until(page, "!location.hash.includes('painter=')")
    assert page.input_value("[name=painter]") == ""
    page.go_back()
    until(page, "!location.hash.includes('colour=')")
    assert page.input_value("[name=colour]") == "style"
    assert page.input_value("[name=layout]") == "grid"
    page.goto("about:blank")
    page.goto(address)
    assert page.input_value("[name=layout]") == "grid"
    assert page.input_value("[name=colour]") == "painter"
    assert page.is_visible("[name=painter]")


def test_words_filter_the_map(page: Any, served: str) -> None:
    page.goto(f"{served}/map.html")
    page.fill("#map-tools [name=q]", "emile")
    page.keyboard.press("Enter")
    until(page, "document.getElementById('map-said').textContent.startsWith('10 of')")


def test_a_lasso_selects_and_saves_a_table_without_formulas(
    page: Any, served: str, tmp_path: Path
) -> None:
    page.goto(f"{served}/map.html#layout=grid")
    page.click("[data-do=lasso]")
    assert page.get_attribute("[data-do=lasso]", "aria-pressed") == "true"
    box = canvas_box(page)
    corners = [(5, 5), (box["width"] - 5, 5), (box["width"] - 5, box["height"] - 5)]
    corners += [(5, box["height"] - 5), (5, 6)]
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    for right, down in corners:
        page.mouse.move(box["x"] + right, box["y"] + down, steps=4)
    page.mouse.up()
    assert page.text_content("#selected") == "60 paintings selected"
    assert "lasso=" in page.url
    with page.expect_download() as caught:
        page.click("[data-do=csv]")
    caught.value.save_as(tmp_path / "selection.csv")
    lines = (tmp_path / "selection.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "title,painter,year,Style,Movement (given),Period,page"
    assert len(lines) == 61
    assert any("'=SUM(A1)" in line for line in lines)
    assert not any(",=" in line for line in lines)
    page.reload()
    assert page.text_content("#selected") == "60 paintings selected"
    page.click("[data-do=clear]")
    assert page.is_hidden("#map-selection")
    page.go_back()
    until(page, "!document.getElementById('map-selection').hidden")


def test_the_map_by_keyboard_alone(page: Any, served: str) -> None:
    page.goto(f"{served}/map.html")
    page.focus("canvas")
    page.keyboard.press("ArrowRight")
    first = page.text_content("#map-said")
    page.keyboard.press("ArrowDown")
    assert page.text_content("#map-said") != first
    page.keyboard.press("Space")
    assert page.text_content("#selected") == "1 painting selected"
    page.keyboard.press("+")
    page.keyboard.press("0")
    page.keyboard.press("Enter")
    page.wait_for_url("**/paintings/toy-*.html")


def test_the_map_by_touch(page: Any, served: str) -> None:
    page.goto(f"{served}/map.html#q=toy-007")
    box = canvas_box(page)
    # The only one that is shown stands in the middle.
    right, down = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.touchscreen.tap(right, down)
    assert "Study no. 7," in page.text_content("#map-said")
    page.touchscreen.tap(right, down)
    page.wait_for_url("**/paintings/toy-007.html")


def touch(page: Any, *strokes: list[tuple[float, float]]) -> None:
    """Draw with as many fingers as there are strokes, which are equally long."""
    session = page.context.new_cdp_session(page)
    for number, places in enumerate(zip(*strokes, strict=True)):
        fingers = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(places)]
        kind = "touchMove" if number else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_two_fingers_zoom(page: Any, served: str) -> None:
    page.goto(f"{served}/map.html")
    page.click("[data-do=all]")
    until(page, "location.hash.includes('at=')")
    before = page.url
    box = canvas_box(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    spreads = (40, 60, 100, 160)
    touch(page, [(x - spread, y) for spread in spreads], [(x + spread, y) for spread in spreads])
    until(page, f"location.href !== {before!r}")
    scale = [float(url.split("+")[-1].split("%20")[-1]) for url in (before, page.url)]
    assert scale[1] > 2 * scale[0]


def test_a_lasso_by_finger(page: Any, served: str) -> None:
    page.goto(f"{served}/map.html#layout=grid")
    page.click("[data-do=lasso]")
    box = canvas_box(page)
    left, right, top, bottom = 4, box["width"] - 4, 4, box["height"] - 4
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top + 1)]
    touch(page, [(box["x"] + across, box["y"] + down) for across, down in corners])
    assert page.text_content("#selected") == "60 paintings selected"


def test_regions_are_veiled_and_remembered(page: Any, served: str) -> None:
    page.goto(f"{served}/paintings/toy-003.html")
    page.click("#regions label:nth-of-type(2)")
    assert page.is_visible(".veiling")
    page.focus("[name=veil]")
    page.keyboard.press("Home")
    assert page.url.endswith("veil=0")
    page.reload()
    assert page.input_value("[name=veil]") == "0"
    assert page.is_visible(".veiling")


def test_a_picture_is_brought_and_a_bad_one_explained(page: Any, served: str, folder: Path) -> None:
    page.goto(f"{served}/bring.html")
    page.set_input_files(
        "#bring-files",
        [
            {
                "name": "my <b>work</b>.png",
                "mimeType": "image/png",
                "buffer": encode(scene(), "PNG"),
            },
            {"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"not a picture"},
        ],
    )
    until(page, "document.getElementById('brought-said').textContent.includes('none')")
    assert page.text_content("#brought h2") == "my <b>work</b>.png"
    assert "Style 0" in page.text_content("#brought .legend li")
    assert page.locator("#brought .row >> nth=0").locator("li").count() == 8
    assert "notes.jpg: not a picture in a known format" in page.text_content("#brought")
    kept = {path.name for path in folder.iterdir()}
    assert kept <= {"run.json", ".cache", "curation.jsonl", "judgements.jsonl"}
    page.complaints[:] = [text for text in page.complaints if "415" not in text]  # its own refusal


def test_what_one_likes_is_recommended_and_in_the_address(page: Any, served: str) -> None:
    page.goto(f"{served}/for-you.html")
    page.fill("#like-find", "Study no. 11")
    page.click("#like-offer .pick")
    page.fill("#like-find", "Study no. 24")
    page.click("#like-offer .pick")
    assert "like=toy-011+toy-024" in page.url
    assert page.locator("#for-you li").count() >= 12
    reasons = page.locator("#for-you .weight").all_text_contents()
    for liked in ("Study no. 11", "Study no. 24"):
        assert sum("Shares Style" in why and why.endswith(liked) for why in reasons) >= 5
    assert "toy-011" not in page.inner_html("#for-you")
    assert page.locator("#path li").count() == 7
    page.check("#other-painters")
    assert "Ada Müller" not in page.text_content("#for-you")
    page.go_back()
    until(page, "!document.getElementById('other-painters').checked")
    page.go_back()
    until(page, "document.querySelectorAll('#liked li').length === 1")
    page.click("#like-clear")
    assert page.is_hidden("#for-you-section")


def test_judgements_by_keyboard_are_kept(page: Any, served: str, folder: Path) -> None:
    page.goto(f"{served}/feel.html")
    asked = page.url
    assert "#ask=toy-" in asked
    page.reload()
    assert page.url == asked
    page.fill("#person", "Ada")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    until(page, "document.getElementById('tally').textContent.startsWith('1 so far')")
    page.click("#right")
    file = folder / "judgements.jsonl"
    for _ in range(100):
        if file.exists() and file.read_text(encoding="utf-8").count("\n") == 2:
            break
        time.sleep(0.02)
    assert file.read_text(encoding="utf-8").count('"person": "Ada"') == 2
    with page.expect_download() as caught:
        page.click("#save")
    assert caught.value.suggested_filename == "judgements.jsonl"
    file.unlink()


def test_a_page_alone_for_a_frame(page: Any, served: str) -> None:
    page.goto(f"{served}/index.html?ui=0")
    assert page.is_hidden(".top")
    page.click(".strip a >> nth=0")
    page.wait_for_url("**/paintings/*?ui=0")
    assert page.is_hidden("footer")
    page.goto(f"{served}/map.html?ui=0")
    page.focus("canvas")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**/paintings/*?ui=0")


def test_four_questions_are_answered_within_three_clicks(page: Any, served: str) -> None:
    # Which painters are most like this one here, and why?
    page.goto(served)
    page.click("text=Painters")
    page.wait_for_url("**/painters/index.html")
    page.click(".people a >> text=Chen Wei")
    page.wait_for_url("**/painters/chen-wei.html")
    assert page.locator("section[aria-labelledby=near] .person").count() == 5
    assert "both have Style" in page.text_content("section[aria-labelledby=near] li")
    # What makes this a style?
    page.goto(served)
    page.click("h2 a >> text=Style 1")
    page.wait_for_url("**/styles/style-01.html")
    assert "It makes up" in page.text_content("section[aria-labelledby=about]")
    # Where in this picture is it?
    page.goto(served)
    page.click(".strip a >> nth=0")
    page.wait_for_url("**/paintings/*.html")
    page.click("#regions label:nth-of-type(2)")
    assert page.is_visible(".veiling")
    # Which paintings would I like?
    page.goto(served)
    page.click("text=For you")
    page.wait_for_url("**/for-you.html")
    page.click("#like-offer .pick >> nth=0")
    assert page.locator("#for-you li").count() >= 10


def test_exported_pages_say_what_needs_a_server(browser: Any, exported: str) -> None:
    with quiet_page(browser, exported) as tab:
        tab.goto(f"{exported}/bring.html")
        assert "artstylenet explore ATLAS" in tab.text_content("main")
        tab.goto(f"{exported}/feel.html")
        tab.click("#left")
        assert "1 so far" in tab.text_content("#tally")


def test_a_style_is_named_and_the_name_taken_back_by_keyboard(page: Any, served: str) -> None:
    page.goto(f"{served}/styles/style-02.html")
    page.focus("#curate")
    page.keyboard.press("Enter")
    page.focus("[data-action=name] [name=text]")
    page.keyboard.type("Quiet rooms")
    page.keyboard.press("Enter")
    # Not until(): the page is loaded again meanwhile.
    page.get_by_text("The name is saved.").wait_for()
    assert page.text_content("h1") == "Quiet rooms"
    page.click("[data-action=undo] button")
    page.get_by_text("Taken back.").wait_for()
    assert page.text_content("h1") == "Style 2"
    page.click("[data-action=undo] button")
    until(page, "document.getElementById('curated').textContent.includes('nothing to undo')")
    page.complaints[:] = [text for text in page.complaints if "422" not in text]  # its refusal


def test_a_style_is_noted_hidden_shown_and_merged(page: Any, served: str) -> None:
    address = f"{served}/styles/style-03.html"

    def say(action: str, done: str) -> None:
        # What was said before stands there until the page is loaded again.
        with page.expect_navigation():
            page.click(f"[data-action={action}] button")
        page.get_by_text(done).wait_for()

    page.goto(address)
    page.click("#curate")
    page.fill("[data-action=note] [name=text]", "Look at the <b>sky</b>.")
    say("note", "The note is added.")
    assert page.text_content(".note") == "Look at the <b>sky</b>."
    say("undo", "Taken back.")
    assert page.locator(".note").count() == 0
    say("hide", "The style is hidden.")
    page.goto(f"{served}/index.html")
    assert page.locator("#style-3").count() == 0
    assert "Not shown: Style 3 (hidden)." in page.text_content("main")
    page.goto(address)
    page.click("#curate")
    say("show", "The style is shown.")
    page.select_option("[name=into]", "0")
    say("merge", "The styles are shown as one.")
    page.goto(f"{served}/index.html")
    assert "Not shown: Style 0 (style 3)." in page.text_content("main")
    page.goto(address)
    page.click("#curate")
    for _ in range(3):
        say("undo", "Taken back.")
    page.goto(f"{served}/index.html")
    assert page.locator("#style-3").count() == 1


def test_the_exhibition_is_taken_along(page: Any, served: str) -> None:
    page.goto(f"{served}/exhibition.html")
    assert page.locator("section.style").count() == 5
    for number, name in enumerate(("exhibition.csv", "manifest.json")):
        with page.expect_download() as caught:
            page.click(f"#take a >> nth={number}")
        assert caught.value.suggested_filename == name


def test_every_other_control_of_the_map(page: Any, served: str) -> None:
    page.goto(f"{served}/map.html")
    page.click("[data-do=view]")
    assert page.text_content("#selected") == "60 paintings selected"
    page.click("[data-do=in]")
    page.click("[data-do=out]")
    page.click("[data-do=all]")
    page.click("#map-filters summary")
    page.select_option("[name=period]", "0")
    assert page.is_hidden("#map-selection")
    shown = page.text_content("#map-said")
    assert "of 60 paintings shown" in shown
    assert not shown.startswith("60 ")
    page.reload()
    assert page.input_value("[name=period]") == "0"
    for layout in ("time", "table", "grid"):
        page.select_option("[name=layout]", layout)
        assert f"layout={layout}" in page.url
    box = canvas_box(page)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -400)
    until(page, "location.hash.includes('at=')")


def test_sliders_find_works_alike_in_what_one_wants(page: Any, served: str) -> None:
    page.goto(f"{served}/paintings/toy-003.html")
    page.focus("#facets [name=features]")
    page.keyboard.press("Home")
    until(page, "document.querySelectorAll('#by-facets-works li').length === 8")
    assert "features=0" in page.url
    why = page.text_content("#by-facets-works .weight")
    assert "%" in why
    assert "the network" not in why
    page.reload()
    until(page, "document.querySelectorAll('#by-facets-works li').length === 8")
    assert page.input_value("#facets [name=features]") == "0"


def test_of_a_large_collection_the_explorer_searches_and_the_map_says_what_it_draws(
    browser: Any, atlas: StyleAtlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artstylenet.site.cards.MOST_DRAWN", 25)
    with (
        running(atlas, Pages(atlas), None) as address,
        quiet_page(browser, address, 1280) as page,
    ):
        page.goto(f"{address}/search.html?q=chen")
        until(page, "document.querySelectorAll('#found-paintings li').length === 10")
        assert page.text_content("#found") == "10 paintings for “chen”."
        assert page.text_content("#found-painters") == "Chen Wei"
        page.fill("#find", "TOY-017")
        until(page, "document.querySelectorAll('#found-paintings li').length === 1")
        page.click("#found-paintings a")
        page.wait_for_url("**/paintings/toy-017.html")
        page.goto(f"{address}/map.html")
        until(page, "window.ArtStyleNet?.paintTimes?.().length > 0")
        assert "25 of 60 paintings are drawn" in page.text_content("main")
        assert page.evaluate("ArtStyleNet.map.x.length") == 25
        page.goto(f"{address}/for-you.html")
        until(page, "document.querySelectorAll('#like-offer li').length > 0")
