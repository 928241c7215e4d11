"""An exhibition shows styles and not one painter; its manifest is what IIIF asks for."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from artstylenet.atlas import StyleAtlas
from artstylenet.cli.app import app
from artstylenet.curation import hide_style, name_style
from artstylenet.errors import InputError, UnknownIdError
from artstylenet.exhibition import make_exhibition
from artstylenet.explorer.pages import Pages
from artstylenet.ranking import top_paintings
from artstylenet.site.iiif import CONTEXT, iiif_manifest
from artstylenet.storage import save_atlas
from tests.test_storage import whole_atlas


def dated(atlas: StyleAtlas) -> StyleAtlas:
    """The same paintings with years from 1600 on, of which the strongest lie close together."""
    years = 1600 + 5 * np.argsort(np.argsort(-atlas.painting_styles.iloc[:, 0].to_numpy()))
    years = pd.Series(years, dtype="Int64")
    return replace(atlas, paintings=atlas.paintings.assign(year_from=years, year_to=years))


def test_no_work_hangs_twice_and_rooms_hold_works_of_their_style(atlas: StyleAtlas) -> None:
    table = make_exhibition(atlas, per_style=4)
    assert not table["id"].duplicated().any()
    assert table.groupby("style").size().max() <= 4
    mixtures = atlas.painting_styles.to_numpy()
    np.testing.assert_allclose(mixtures[table.index, table["style"]], table["weight"])
    assert (table["weight"] >= 0.1).all()
    for _, room in table.groupby("style"):
        assert room["place"].tolist() == list(range(1, len(room) + 1))


def test_it_is_balanced_where_the_strongest_works_are_not(atlas: StyleAtlas) -> None:
    atlas = dated(atlas)
    room = make_exhibition(atlas, per_style=6, styles=[0])
    strongest = top_paintings(atlas, 0, 6)
    assert room["painter"].nunique() > strongest["painter"].nunique()
    years = atlas.paintings["year_from"]
    assert np.ptp(years[room.index]) > np.ptp(years[strongest.index])
    # It is still about the style.
    assert room["weight"].mean() > atlas.painting_styles.iloc[:, 0].mean()


def test_looking_at_the_heaviest_alone_finds_the_same(
    atlas: StyleAtlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make_exhibition(dated(atlas))
    monkeypatch.setattr("artstylenet.exhibition._LOOKED_AT", 2)
    pd.testing.assert_frame_equal(make_exhibition(dated(atlas)), whole)


def test_rooms_are_those_asked_for_and_bad_wishes_are_refused(atlas: StyleAtlas) -> None:
    assert make_exhibition(atlas, styles=[3, 1])["style"].unique().tolist() == [3, 1]
    with pytest.raises(UnknownIdError, match="no style 9"):
        make_exhibition(atlas, styles=[9])
    with pytest.raises(InputError, match="at least 1"):
        make_exhibition(atlas, per_style=0)
    with pytest.raises(InputError, match="at least one style"):
        make_exhibition(atlas, styles=[])


def check_manifest(manifest: dict) -> None:
    """Check what IIIF Presentation 3.0 demands of what we use."""
    assert manifest["@context"] == CONTEXT
    assert manifest["type"] == "Manifest"
    seen = set()

    def check_label(label: dict) -> None:
        assert label
        for language, values in label.items():
            assert re.fullmatch(r"none|[a-z]{2,3}(-.*)?", language)
            assert values
            assert all(isinstance(value, str) for value in values)

    def check_id(thing: dict) -> None:
        assert re.match(r"https?://[^\s]+$", thing["id"])
        assert thing["id"] not in seen
        seen.add(thing["id"])

    check_id(manifest)
    check_label(manifest["label"])
    assert manifest["items"]
    canvases = set()
    for canvas in manifest["items"]:
        check_id(canvas)
        # A "#" would make it impossible to name a part of the canvas.
        assert "#" not in canvas["id"]
        canvases.add(canvas["id"])
        assert canvas["type"] == "Canvas"
        assert isinstance(canvas["width"], int)
        assert min(canvas["width"], canvas["height"]) > 0
        check_label(canvas["label"])
        for pair in [*canvas["metadata"], canvas.get("requiredStatement")]:
            if pair:
                check_label(pair["label"])
                check_label(pair["value"])
        (page,) = canvas["items"]
        check_id(page)
        assert page["type"] == "AnnotationPage"
        (annotation,) = page["items"]
        check_id(annotation)
        assert annotation["type"] == "Annotation"
        assert annotation["motivation"] == "painting"
        assert annotation["target"] == canvas["id"]
        body = annotation["body"]
        assert (body["type"], body["format"]) == ("Image", "image/jpeg")
        assert body["width"] > 0
        assert "rights" not in canvas  # which may only be the address of a known licence
    for room in manifest["structures"]:
        check_id(room)
        assert room["type"] == "Range"
        check_label(room["label"])
        assert {item["id"] for item in room["items"]} <= canvases


def test_the_manifest_has_the_structure_that_viewers_expect(atlas: StyleAtlas) -> None:
    pages = Pages(atlas)
    table = make_exhibition(atlas, per_style=3)
    manifest = iiif_manifest(pages.catalogue, table, "https://example.org/s/", "manifest.json")
    check_manifest(json.loads(json.dumps(manifest)))
    assert len(manifest["items"]) == len(table)
    for canvas in manifest["items"]:
        path = canvas["thumbnail"][0]["id"].removeprefix("https://example.org/s/")
        assert path in pages
        assert canvas["homepage"][0]["id"].removeprefix("https://example.org/s/") in pages


def test_the_manifest_is_one_for_a_library_of_the_format(atlas: StyleAtlas) -> None:
    library = pytest.importorskip(
        "iiif_prezi3", reason="iiif-prezi3 is not installed: pip install artstylenet[dev]"
    )
    table = make_exhibition(atlas, per_style=3)
    site = "https://example.org/s/"
    manifest = iiif_manifest(Pages(atlas).catalogue, table, site, "manifest.json")
    read = library.Manifest(**manifest)
    assert len(read.items) == len(table)
    assert type(read.structures[0]) is library.Range
    for canvas, given in zip(read.items, manifest["items"], strict=True):
        assert type(canvas) is library.Canvas
        # Nothing is lost on the way: there is nothing that the format does not know.
        assert json.loads(canvas.json()) == {"@context": CONTEXT, **given}
    with pytest.raises(ValueError, match="label"):
        library.Manifest(**{key: manifest[key] for key in manifest if key != "label"})


def test_the_command_writes_both_and_leaves_hidden_styles_out(tmp_path: Path) -> None:
    atlas = whole_atlas()
    atlas = replace(atlas, run={**atlas.run, "inputs": "this build"})
    folder = save_atlas(atlas, tmp_path / "atlas")
    hide_style(folder, 2)
    name_style(folder, 1, "Night")
    manifest, table = tmp_path / "manifest.json", tmp_path / "works.csv"
    arguments = ["exhibition", str(folder), "-o", str(table), "--per-style", "2"]
    arguments += ["--manifest", str(manifest), "--site", "https://example.org"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    tree = json.loads(manifest.read_text(encoding="utf-8"))
    check_manifest(tree)
    assert [room["label"]["none"][0] for room in tree["structures"]][:2] == ["Style 0", "Night"]
    works = pd.read_csv(table)
    assert sorted(works["style"].unique()) == [0, 1, 3, 4]
    assert not works["title"].str.startswith("=").any()
    failed = CliRunner().invoke(app, ["exhibition", str(folder), "--site", "https://example.org"])
    assert isinstance(failed.exception, InputError)
