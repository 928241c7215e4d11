"""Parts of the site: file names, data scripts, mixtures, words."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from artstylenet.atlas import StyleAtlas
from artstylenet.figures.palette import STYLE_COLORS, VIRIDIS
from artstylenet.similarity import nearest_paintings
from artstylenet.site import payload
from artstylenet.site.catalogue import Catalogue, make_catalogue, mixture
from artstylenet.site.charts import number_charts
from artstylenet.site.names import file_names
from artstylenet.site.render import render_page
from artstylenet.site.scripts import data_script
from artstylenet.site.stylesheet import palette_css
from artstylenet.site.words import count, listing, percent


@given(st.lists(st.text(max_size=80), unique=True, max_size=30), st.randoms())
def test_file_names_are_distinct_safe_and_independent_of_order(ids: list[str], random) -> None:  # type: ignore[no-untyped-def]
    names = file_names(ids)
    assert len({name.casefold() for name in names}) == len(ids)
    for name in names:
        assert re.fullmatch(r"[a-z0-9_][a-z0-9_.\-]{0,70}", name)
        assert name.partition(".")[0] not in {"con", "nul", "aux", "prn"}
    shuffled = list(ids)
    random.shuffle(shuffled)
    assert dict(zip(shuffled, file_names(shuffled), strict=True)) == dict(
        zip(ids, names, strict=True)
    )


def test_plain_ids_keep_their_names() -> None:
    assert file_names(["monet-017", "Albrecht Dürer", "a b", "a-b"])[:2] == [
        "monet-017",
        "albrecht-durer",
    ]


@given(st.text())
def test_data_scripts_hold_their_value_and_cannot_be_broken_out_of(text: str) -> None:
    script = data_script("x", [text, "</script><!--\u2028\u2029&"])
    assert not re.search("[<>&\u2028\u2029]", script)
    assert json.loads(script.split(".x=", 1)[1].rstrip(";\n"))[0] == text


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20).filter(lambda w: sum(w) > 0.01))
def test_a_mixture_falls_and_fills_its_bar(weights: list[float]) -> None:
    shown = mixture(np.array(weights) / sum(weights))
    widths = [float(part["width"]) for part in shown["segments"]]
    assert widths == sorted(widths, reverse=True)
    assert 100 - len(weights) - 0.5 <= sum(widths) <= 100.5
    assert len(shown["parts"]) == len(widths)


def test_numbers_are_written_as_people_read_them() -> None:
    assert [percent(w) for w in (0, 0.004, 0.5, 1)] == [
        "0\u00a0%",
        "under 1\u00a0%",
        "50\u00a0%",
        "100\u00a0%",
    ]
    assert count(1, "painter") == "1 painter"
    assert count(5910, "painting") == "5,910 paintings"
    assert listing(["a", "b", "c"]) == "a, b and c"
    assert listing(["a"]) == "a"


def test_every_colour_of_the_palette_has_its_class() -> None:
    css = palette_css()
    assert all(f".s{i}{{--c:{color}}}" in css for i, color in enumerate(STYLE_COLORS))
    assert all(f".v{i}{{background:{color};" in css for i, color in enumerate(VIRIDIS))


def catalogue_of(atlas: StyleAtlas) -> Catalogue:
    nearest = {by: nearest_paintings(atlas, by=by, n=8) for by in ("styles", "features")}
    return make_catalogue(atlas, near=lambda by, row: nearest[by][row])


def test_a_page_is_plain_data_with_a_schema(atlas: StyleAtlas) -> None:
    for page in payload.pages(catalogue_of(atlas)):
        assert json.loads(json.dumps(page, allow_nan=False)) == page
        assert page["schema"] == payload.SCHEMA
        assert page["root"] == "../" * page["path"].count("/")


def test_walls_show_a_style_not_a_painter(atlas: StyleAtlas) -> None:
    catalogue = catalogue_of(atlas)
    for style in payload.home_page(catalogue)["styles"]:
        painters = [work["painter"] for work in style["works"]]
        assert max(painters.count(name) for name in painters) <= payload.STRIP_PER_PAINTER
        assert len(set(painters)) >= 3


def test_heatmaps_show_every_painting_once_like_beside_like(atlas: StyleAtlas) -> None:
    catalogue = catalogue_of(atlas)
    rows = [row for page in (1, 2) for row in payload.heatmap_page(catalogue, page)["rows"]]
    ids = [row["anchor"] for row in rows]
    mixtures = atlas.painting_styles.loc[ids].to_numpy()
    assert sorted(ids) == sorted(atlas.paintings["id"])
    for row, weights in zip(rows, mixtures, strict=True):
        shown = [int(cell["percent"]) for cell in row["cells"]]
        np.testing.assert_allclose(shown, 100 * weights, atol=0.51)
        assert all(0 <= cell["level"] < len(VIRIDIS) for cell in row["cells"])

    def roughness(mixtures: np.ndarray) -> float:
        return float(np.abs(np.diff(np.sqrt(mixtures), axis=0)).mean())

    assert roughness(mixtures) < 0.6 * roughness(atlas.painting_styles.to_numpy())


def test_one_number_asked_for_is_said_and_not_drawn(atlas: StyleAtlas) -> None:
    selection = replace(atlas.selection, table=atlas.selection.table.iloc[:1])
    alone = replace(atlas, selection=selection)
    charts = number_charts(alone, lambda name: f"<svg>{name}</svg>")
    page = payload.number_page(catalogue_of(alone), charts)
    assert charts == []
    html = render_page(page)
    assert "one number was asked for" in html
    assert "What the rules say" not in html
    assert "one number was asked for" not in render_page(
        payload.number_page(catalogue_of(atlas), [])
    )
