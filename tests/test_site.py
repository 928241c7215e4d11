"""The exported site: whole, closed, quiet, and the same each time."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from artstylenet.atlas import StyleAtlas
from artstylenet.errors import InputError
from artstylenet.site import export_site
from tests.site_reading import PageRead, read_pages
from tests.toy_atlas import toy_atlas

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def site(atlas: StyleAtlas, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an exported site with thumbnails."""
    return export_site(atlas, tmp_path_factory.mktemp("export") / "site").parent


@pytest.fixture(scope="module")
def site_pages(site: Path) -> dict[str, PageRead]:
    return read_pages(site)


@pytest.fixture(scope="module")
def unnamed_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a site without painters and without pictures."""
    folder = tmp_path_factory.mktemp("export") / "site"
    return export_site(toy_atlas(with_painters=False), folder, pictures="none").parent


def digest(folder: Path) -> dict[str, str]:
    """Return a hash of every file."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def assert_links_resolve(folder: Path, pages: dict[str, PageRead]) -> None:
    for name, page in pages.items():
        for reference in page.references:
            path, _, anchor = reference.partition("#")
            assert "://" not in reference, f"{name} refers to {reference}"
            assert not path.startswith("/"), f"{name} refers to {reference}"
            target = (folder / name).parent / path if path else folder / name
            assert target.resolve().is_file(), f"{name} refers to {reference}"
            if anchor:
                other = target.resolve().relative_to(folder.resolve()).as_posix()
                assert anchor in pages[other].ids, f"{name} refers to {reference}"


def test_every_page_is_there(site_pages: dict[str, PageRead], atlas: StyleAtlas) -> None:
    expected = {"index.html", "map.html", "how-many.html", "method.html", "search.html"}
    expected |= {f"styles/style-{style:02d}.html" for style in range(atlas.n_styles)}
    expected |= {f"paintings/{name}.html" for name in atlas.paintings["id"]}
    expected |= {"heatmaps/painters.html", "heatmaps/paintings-1.html", "heatmaps/paintings-2.html"}
    assert expected <= set(site_pages)
    painters = [name for name in site_pages if name.startswith("painters/")]
    assert len(painters) == atlas.n_painters + 1


def test_every_link_leads_somewhere_inside(site: Path, site_pages: dict[str, PageRead]) -> None:
    assert_links_resolve(site, site_pages)


def test_no_page_is_an_island(site_pages: dict[str, PageRead], site: Path) -> None:
    reached, waiting = set(), ["index.html"]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        for reference in site_pages[name].references:
            path = ((site / name).parent / reference.partition("#")[0]).resolve()
            other = path.relative_to(site.resolve()).as_posix()
            if other in site_pages:
                waiting.append(other)
    assert reached == set(site_pages)


def test_nothing_refers_to_the_network(site: Path) -> None:
    for path in site.rglob("*"):
        if path.suffix in {".html", ".css", ".js"}:
            text = path.read_text(encoding="utf-8")
            text = text.replace('"http://www.w3.org/2000/svg"', "")
            text = text.replace('"http://www.w3.org/1999/xlink"', "")
            assert "http:" not in text, path
            assert "https:" not in text, path
            assert "//cdn" not in text, path


def test_policy_is_strict_and_kept(site_pages: dict[str, PageRead]) -> None:
    for name, page in site_pages.items():
        (policy,) = [
            meta["content"]
            for meta in page.all("meta")
            if meta.get("http-equiv") == "Content-Security-Policy"
        ]
        assert policy is not None
        assert policy.startswith("default-src 'none'; img-src 'self' data:; style-src 'self';")
        assert "unsafe" not in policy
        assert not page.all("style"), name
        assert all(script.get("src") and "defer" in script for script in page.all("script"))
        for tag, attributes in page.elements:
            assert "style" not in attributes, f"{name}: <{tag} style>"
            assert not [a for a in attributes if a.startswith("on")], f"{name}: <{tag} on...>"


def test_every_page_can_be_read_aloud(site_pages: dict[str, PageRead]) -> None:
    for name, page in site_pages.items():
        assert page.all("html")[0]["lang"] == "en"
        assert len(page.all("h1")) == 1, name
        assert len(page.all("main")) == 1, name
        assert page.all("title"), name
        assert len(page.ids) == len(set(page.ids)), name
        assert all("alt" in image for image in page.all("img")), name
        for svg in page.all("svg"):
            assert svg.get("aria-hidden") == "true" or svg.get("aria-label"), name


def test_a_painting_says_what_it_shows(site_pages: dict[str, PageRead]) -> None:
    page = site_pages["paintings/toy-001.html"]
    assert page.all("img")[0]["alt"] == "Study no. 1, Bo <b>Lind</b>, c. 1505"
    words = " ".join(page.words)
    assert "Toy collection, gift 1" in words
    assert "CC0" in words
    assert "Cubism" in words


def test_titles_are_text_never_markup(site: Path, site_pages: dict[str, PageRead]) -> None:
    page = site_pages["paintings/toy-003.html"]
    assert HOSTILE in "".join(page.words)
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert HOSTILE not in text
        assert "<b>Lind" not in text
    assert "<" not in (site / "data" / "search.js").read_text(encoding="utf-8")


def test_data_are_scripts_that_hold_the_collection(site: Path, atlas: StyleAtlas) -> None:
    text = (site / "data" / "search.js").read_text(encoding="utf-8")
    start = "window.ArtStyleNet=window.ArtStyleNet||{};window.ArtStyleNet.search="
    assert text.startswith(start)
    data = json.loads(text.removeprefix(start).rstrip(";\n"))
    assert data["titles"][3] == HOSTILE
    assert len(data["names"]) == atlas.n_paintings
    for name, folder in zip(data["names"], data["thumbs"], strict=True):
        assert (site / "thumbs" / folder / f"{name}.jpg").is_file()


def test_front_page_shows_pictures_of_every_style_and_of_several_painters(
    site_pages: dict[str, PageRead], atlas: StyleAtlas
) -> None:
    page = site_pages["index.html"]
    assert len(page.all("img")) >= 3 * atlas.n_styles
    words = "".join(page.words)
    assert "60 paintings by 6 painters" in words
    assert all(f"Style {style}" in words for style in range(atlas.n_styles))


def test_the_reason_for_the_number_is_told_without_calling_it_optimal(
    site_pages: dict[str, PageRead],
) -> None:
    words = "".join(site_pages["how-many.html"].words)
    assert "its elbow is at 5 in 90 % of resamples" in words
    assert "no one true number" in words
    assert "optimal" not in words


def test_method_tells_versions_skipped_files_and_duplicates(
    site_pages: dict[str, PageRead],
) -> None:
    words = "".join(site_pages["method.html"].words)
    for part in ("works/bad.jpg", "truncated: ends early", "same bytes", "3..8", "toy", "numpy"):
        assert part in words


def test_without_painters_there_are_no_pages_of_them_and_that_is_said(unnamed_site: Path) -> None:
    pages = read_pages(unnamed_site)
    assert_links_resolve(unnamed_site, pages)
    assert not [name for name in pages if "painter" in name]
    assert not (unnamed_site / "painters").exists()
    assert "names no painters" in "".join(pages["method.html"].words)


def test_without_pictures_there_are_none(unnamed_site: Path) -> None:
    assert not list(unnamed_site.rglob("*.jpg"))
    pages = read_pages(unnamed_site)
    stills = {"figures/style-map.svg"}
    for page in pages.values():
        assert {image["src"] for image in page.all("img")} <= stills
    assert "made without pictures" in "".join(pages["method.html"].words)


def test_the_same_atlas_gives_the_same_files(atlas: StyleAtlas, site: Path, tmp_path: Path) -> None:
    again = export_site(toy_atlas(), tmp_path / "again").parent
    assert digest(again) == digest(site)


def test_full_pictures_are_re_encoded_and_a_missing_one_is_told(tmp_path: Path) -> None:
    small = toy_atlas(n_paintings=6, n_styles=3)
    originals = tmp_path / "originals"
    (originals / "works").mkdir(parents=True)
    exif = Image.Exif()
    exif[0x010E] = "where it was taken"
    Image.new("RGB", (2400, 1200), "red").save(originals / "works" / "001.jpg", exif=exif)
    (originals / "works" / "002.jpg").write_bytes(b"no picture")
    outside = small.paintings.assign(
        path=["../secret.jpg", *small.paintings["path"].iloc[1:].tolist()]
    )
    Image.new("RGB", (8, 8)).save(tmp_path / "secret.jpg")
    given = replace(small, image_root=originals, paintings=outside)
    folder = export_site(given, tmp_path / "site", pictures="full").parent
    (large,) = (folder / "pictures").rglob("*.jpg")
    with Image.open(large) as image:
        assert image.size == (1600, 800)
        assert not image.getexif()
    pages = read_pages(folder)
    assert_links_resolve(folder, pages)
    assert pages["paintings/toy-001.html"].all("img")[0]["width"] == "1600"
    for missing in ("toy-000", "toy-002", "toy-003"):
        assert "not at hand" in "".join(pages[f"paintings/{missing}.html"].words)
    assert "5 originals could not be found" in "".join(pages["method.html"].words)


def test_small_collections_and_odd_ids_have_pages(tmp_path: Path) -> None:
    small = toy_atlas(n_paintings=3, n_styles=2)
    ids = ["../../etc/passwd", "CON", "Ünï / <x>"]
    odd = replace(
        small,
        paintings=small.paintings.assign(id=ids, title=None, painter=["A", "a", "Ä"]),
        painters=small.painters.iloc[:3].assign(painter=["A", "a", "Ä"], n_paintings=1),
        painter_styles=small.painter_styles.iloc[:3].set_axis(["A", "a", "Ä"]),
        duplicates=small.duplicates.iloc[:0],
        skipped=small.skipped.iloc[:0],
    )
    folder = export_site(odd, tmp_path / "site").parent
    pages = read_pages(folder)
    assert_links_resolve(folder, pages)
    assert len([name for name in pages if name.startswith("paintings/")]) == 3
    assert len([name for name in pages if name.startswith("painters/")]) == 4
    assert "None: every picture could be used" in "".join(pages["method.html"].words)


@pytest.fixture(scope="module")
def tiny() -> StyleAtlas:
    return toy_atlas(n_paintings=4, n_styles=2, with_painters=False)


def test_a_folder_of_something_else_is_left_alone(tiny: StyleAtlas, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="not an exported site"):
        export_site(tiny, tmp_path)
    with pytest.raises(InputError, match="is a file"):
        export_site(tiny, tmp_path / "thesis.txt")
    with pytest.raises(InputError, match="'thumb', 'none' or 'full', not 'some'"):
        export_site(tiny, tmp_path / "site", pictures="some")  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_export_replaces_its_own_site_and_keeps_what_people_added(
    tiny: StyleAtlas, site: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    shutil.copytree(site, folder)
    (folder / "CNAME").write_text("styles.example")
    export_site(tiny, folder, pictures="none")
    assert (folder / "CNAME").read_text() == "styles.example"
    assert not (folder / "thumbs").exists()
    assert len(list((folder / "paintings").iterdir())) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_stopped_export_leaves_the_old_site(tiny: StyleAtlas, site: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    shutil.copytree(site, folder)
    before = digest(folder)

    def stop(stage: str, n_done: int, n_total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_site(tiny, folder, progress=stop)
    assert digest(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
