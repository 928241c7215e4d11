"""The explorer of a collection that no page can hold: limits lowered, a small one is large."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from artstylenet.atlas import StyleAtlas
from artstylenet.errors import InputError
from artstylenet.explorer import make_app
from artstylenet.explorer.finding import Finder
from artstylenet.explorer.pages import Pages
from artstylenet.explorer.picture_files import LargeSizes
from artstylenet.labels import style_label
from artstylenet.site import payload
from artstylenet.site.export import export_site
from artstylenet.storage import load_atlas, save_atlas
from tests.test_storage import whole_atlas

MOST = 25


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> StyleAtlas:
    """Sixty works, some of them copies, with rights, and columns given."""
    toy = whole_atlas()
    paintings = toy.paintings.assign(
        rights=["CC0", "", None] * 20, movement=["Fauvism", "Cubism", None] * 20
    )
    folder = tmp_path_factory.mktemp("large") / "atlas"
    return load_atlas(save_atlas(replace(toy, paintings=paintings), folder), whole=False)


@pytest.fixture
def lowered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty paintings are too many for one page from here on."""
    monkeypatch.setattr("artstylenet.site.cards.MOST_DRAWN", MOST)
    monkeypatch.setattr("artstylenet.site.cards.MOST_KEPT", 3)
    monkeypatch.setattr("artstylenet.explorer.finding.ROWS_AT_ONCE", 7)


def data_of(pages: Pages, name: str) -> dict[str, Any]:
    """Return what a data script holds."""
    text = pages.make(f"data/{name}.js").content.decode()
    found: dict[str, Any] = json.loads(text.partition(f"ArtStyleNet.{name}=")[2].rstrip(";\n"))
    return found


def test_pages_are_those_of_a_small_collection(
    atlas: StyleAtlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Pages(atlas)
    paths = [path for path, _ in payload.page_makers(small.catalogue)]
    expected = {path: small.make(path).content for path in paths}
    monkeypatch.setattr("artstylenet.site.cards.MOST_DRAWN", MOST)
    large = Pages(atlas)
    differ = {path for path in paths if large.make(path).content != expected[path]}
    # These draw from some of the paintings; those of paintings offer no sliders.
    assert differ - {path for path in paths if path.startswith("paintings/")} == {
        "map.html",
        "for-you.html",
        "search.html",
    }
    for path in differ:
        assert b"25 of 60 paintings" in large.make(path).content or path[0] not in "mf"
    painting = large.make("paintings/toy-007.html").content
    assert b"facets.js" not in painting
    assert b"artstylenet similar" in painting


@pytest.mark.usefixtures("lowered")
def test_data_is_of_the_same_paintings_everywhere(atlas: StyleAtlas) -> None:
    pages = Pages(atlas)
    search, points, mixtures = (data_of(pages, name) for name in ("search", "map", "mixtures"))
    rows = pages.catalogue.drawn
    assert len(set(rows.tolist())) == MOST
    np.testing.assert_array_equal(rows, Pages(atlas).catalogue.drawn)
    assert search["total"] == 60
    assert mixtures["ids"] == atlas.paintings["id"].iloc[rows].tolist()
    assert search["names"] == [pages.catalogue.cards[row]["name"] for row in rows]
    assert search["years"] == [pages.catalogue.cards[row]["year"] for row in rows]
    for i, row in enumerate(rows):
        card = pages.catalogue.cards[row]
        assert points["x"][i] == round(10_000 * float(atlas.map_positions[row, 0]))
        assert search["titles"][i] == card["title"]
        assert search["painters"][search["painter"][i]] == card["painter"]
        for facet in points["facets"]:
            if facet["key"] == "painter":
                assert facet["labels"][facet["of"][i]] == card["painter"]
    lengths = {len(points[name]) for name in ("x", "y", "year", "aspect")}
    assert lengths | {len(facet["of"]) for facet in points["facets"]} == {MOST}


@pytest.mark.usefixtures("lowered")
def test_only_what_there_is_is_served(atlas: StyleAtlas) -> None:
    pages = Pages(atlas)
    card = pages.catalogue.cards[59]
    assert pages.make(card["picture"]["src"]).content == atlas.thumbnails[59].as_py()
    there = [card["page"], card["picture"]["src"], "heatmaps/paintings-2.html"]
    assert all(path in pages for path in there)
    name = card["name"]
    for path in (
        f"paintings/{name}",
        f"paintings/{name}.html.html",
        f"paintings/x/{name}.html",
        f"thumbs/{name}.jpg",
        f"thumbs/zz/{name}.jpg",
        f"{card['picture']['src']}.jpg",
        f"pictures/{name}.jpg",
        "heatmaps/paintings-0.html",
        "heatmaps/paintings-02.html",
        "heatmaps/paintings-3.html",
        "heatmaps/paintings-\u00b2.html",
        f"heatmaps/paintings-{'9' * 5000}.html",
        f"other/{name}.html",
    ):
        assert path not in pages, path


@pytest.mark.usefixtures("lowered")
@pytest.mark.parametrize(
    "question", ["study", "STUDY 1", "muller", "emile 15", "toy-00", "lind</b>", "nothing", " ", ""]
)
def test_the_explorer_finds_what_a_small_page_finds(atlas: StyleAtlas, question: str) -> None:
    pages = Pages(atlas)
    client = TestClient(make_app(atlas), base_url="http://127.0.0.1")
    answer = client.get("/api/v1/search", params={"q": question, "n": 5}).json()
    plain = str.maketrans("üÉ", "ue")
    words = question.lower().split()

    def has_all(*parts: str) -> bool:
        text = " ".join(parts).translate(plain).lower()
        return bool(words) and all(word in text for word in words)

    cards = [
        card
        for card in pages.catalogue.cards
        if has_all(card["title"], card["painter"], card["year"], card["name"])
    ]
    assert answer["total"] == len(cards)
    assert [work["id"] for work in answer["paintings"]] == [card["id"] for card in cards[:5]]
    painters = [name for name in pages.catalogue.painter_names if has_all(name)]
    assert [painter["name"] for painter in answer["painters"]] == painters[:5]
    assert len(Finder(pages.catalogue).find(question).rows) == len(cards)


def test_paintings_are_listed_by_painter_and_style(atlas: StyleAtlas) -> None:
    client = TestClient(make_app(atlas), base_url="http://127.0.0.1")
    largest = atlas.painting_styles.to_numpy().argmax(axis=1)
    painters = atlas.paintings["painter"]
    for style in range(2):
        asked = {"painter": "Chen Wei", "style": style}
        found = client.get("/api/v1/paintings", params=asked).json()
        expected = atlas.paintings["id"][(painters == "Chen Wei") & (largest == style)].tolist()
        assert [work["id"] for work in found["paintings"]] == expected
        assert found["total"] == len(expected)
    assert client.get("/api/v1/paintings", params={"painter": "nobody"}).json()["total"] == 0


@pytest.mark.usefixtures("lowered")
def test_facets_are_refused_and_so_is_a_site_of_plain_files(
    atlas: StyleAtlas, tmp_path: Path
) -> None:
    client = TestClient(make_app(atlas), base_url="http://127.0.0.1")
    answer = client.get("/api/v1/similar-by-facets", params={"painting": "toy-001"})
    assert answer.status_code == 422
    assert "artstylenet similar" in answer.json()["detail"]
    with pytest.raises(InputError, match=r"at most .* paintings, not 60: .*artstylenet explore"):
        export_site(atlas, tmp_path / "site")
    assert not (tmp_path / "site").exists()


@pytest.mark.usefixtures("lowered")
def test_labels_are_of_a_sample_and_neighbours_are_asked_for(
    atlas: StyleAtlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artstylenet.sampling.MOST_AT_ONCE", 40)
    monkeypatch.setattr("artstylenet.site.prepared.MOST_COMPARED", 40)
    pages = Pages(atlas)
    pages.warm_up()
    texts = [label.text for label in pages.catalogue.labels]
    assert len(texts) == atlas.n_styles
    assert texts != [style_label(atlas, style).text for style in range(atlas.n_styles)]
    assert pages._nearest == {}
    # What is drawn first is there again as soon as the labels are.
    assert pages.kept("data/map.js") is not None


def test_pages_of_a_long_heatmap_link_to_some_of_the_others(
    atlas: StyleAtlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artstylenet.site.payload.heatmap_pages.HEATMAP_ROWS", 5)
    whole = payload.heatmap_page(Pages(atlas).catalogue, 3)
    assert [link["number"] for link in whole["pages"]] == list(range(1, 13))
    monkeypatch.setattr("artstylenet.site.payload.heatmap_pages.MOST_LINKS", 5)
    pages = Pages(atlas)
    page = payload.heatmap_page(pages.catalogue, 3)
    assert [link["number"] for link in page["pages"]] == [1, 4, 7, 10]
    assert page["previous"] == "heatmaps/paintings-2.html"
    assert page["next"] == "heatmaps/paintings-4.html"
    html = pages.make("heatmaps/paintings-3.html").content.decode()
    assert "One of every 3 of the 12 pages" in html


def test_sizes_of_large_pictures_are_worked_out_one_by_one() -> None:
    sizes = LargeSizes(np.array([[100, 50], [3200, 1600], [np.nan, np.nan], [200, 900]]))
    assert dict(sizes) == {1: (1600, 800), 3: (200, 900)}
    assert len(sizes) == 2
    assert 2 not in sizes
    assert 4 not in sizes
    with pytest.raises(KeyError):
        sizes[0]
