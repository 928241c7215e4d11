"""Figures: what they show, that they are readable, and that the same atlas gives the same file."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import altair as alt
import numpy as np
import pytest

from artstylenet import figures
from artstylenet.atlas import StyleAtlas
from artstylenet.errors import InputError, UnknownIdError
from artstylenet.figures.ordering import order_by_similarity
from artstylenet.figures.palette import STYLE_COLORS, VIRIDIS
from artstylenet.figures.saving import ATLAS_FIGURES, PAINTER_FIGURES, chart_svg
from tests.toy_atlas import toy_atlas

EVERY_FIGURE = ATLAS_FIGURES | PAINTER_FIGURES


def rows_of(chart: alt.Chart) -> list[dict[str, object]]:
    """Return the rows of data that a chart of one table draws."""
    (text,) = chart.to_dict()["datasets"].values()
    rows: list[dict[str, object]] = json.loads(text)
    return rows


@pytest.mark.parametrize("draw", EVERY_FIGURE.values(), ids=EVERY_FIGURE)
def test_every_figure_has_a_title_and_words_for_a_screen_reader(
    draw: Callable[[StyleAtlas], alt.Chart], atlas: StyleAtlas
) -> None:
    spec = draw(atlas).to_dict()
    assert spec["title"]["text"]
    assert len(spec["description"]) > 20
    assert json.dumps(spec) == json.dumps(draw(atlas).to_dict())


@pytest.fixture(scope="module")
def svgs(atlas: StyleAtlas) -> dict[str, str]:
    """Return the text of every figure."""
    return {name: chart_svg(draw(atlas)) for name, draw in EVERY_FIGURE.items()}


@pytest.mark.parametrize("name", EVERY_FIGURE)
def test_svg_is_well_formed_and_refers_to_nothing_outside(name: str, svgs: dict[str, str]) -> None:
    root = ET.fromstring(svgs[name])
    assert root.get("role") == "img"
    assert root.get("aria-label")
    references = [
        value
        for element in root.iter()
        for attribute, value in element.items()
        if "href" in attribute
    ]
    assert all(value.startswith(("#", "data:")) for value in references)
    assert "<script" not in svgs[name]
    assert "NaN" not in svgs[name]


def test_every_figure_is_written_and_the_same_each_time(
    atlas: StyleAtlas, svgs: dict[str, str], tmp_path: Path
) -> None:
    written = figures.write_figures(atlas, tmp_path, ["svg"])
    assert {path.stem: path.read_text(encoding="utf-8") for path in written} == svgs


def test_files_of_all_formats_are_written(atlas: StyleAtlas, tmp_path: Path) -> None:
    chart = figures.painting_mixture(atlas, "toy-003")
    starts = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF"}
    for form, start in starts.items():
        path = figures.save_figure(chart, tmp_path / "new" / f"mixture.{form}")
        assert path.read_bytes().startswith(start)
    png = (tmp_path / "new" / "mixture.png").read_bytes()
    assert figures.save_figure(chart, tmp_path / "again.png").read_bytes() == png


def test_an_unknown_format_is_refused(atlas: StyleAtlas, tmp_path: Path) -> None:
    chart = figures.painters_per_style(atlas)
    with pytest.raises(InputError, match=r"figure\.gif.*\.svg, \.png or \.pdf"):
        figures.save_figure(chart, tmp_path / "figure.gif")
    with pytest.raises(InputError, match="gif"):
        figures.write_figures(atlas, tmp_path, ["svg", "gif"])
    assert not list(tmp_path.iterdir())


def test_without_painters_their_figures_are_absent_and_refused(tmp_path: Path) -> None:
    unnamed = toy_atlas(with_painters=False)
    written = figures.write_figures(unnamed, tmp_path, ["svg"])
    assert {path.stem for path in written} == set(ATLAS_FIGURES)
    for draw in PAINTER_FIGURES.values():
        with pytest.raises(InputError, match="names no painters"):
            draw(unnamed)


def test_the_curve_names_what_points_at_each_number_and_the_baseline(atlas: StyleAtlas) -> None:
    text = json.dumps(figures.elbow_plot(atlas).to_dict())
    assert "chosen, elbow" in text
    assert "one standard error" in text
    assert "reach 150" in text


def test_no_elbow_is_invented(atlas: StyleAtlas) -> None:
    without = replace(atlas, selection=replace(atlas.selection, elbow=None, n_styles=6))
    assert "elbow" not in json.dumps(figures.elbow_plot(without).to_dict()["datasets"])


def test_the_heatmap_shows_the_first_paintings_with_their_weights(atlas: StyleAtlas) -> None:
    rows = rows_of(figures.painting_style_heatmap(atlas))
    assert len(rows) == 50 * atlas.n_styles
    first = [row["weight"] for row in rows[: atlas.n_styles]]
    np.testing.assert_allclose(first, atlas.painting_styles.iloc[0], atol=1e-6)
    assert len({row["row"] for row in rows}) == 50


def test_yellow_is_high_and_dark_is_low(atlas: StyleAtlas) -> None:
    scale = figures.painter_style_heatmap(atlas).to_dict()["encoding"]["color"]["scale"]
    assert scale["range"] == list(VIRIDIS)
    assert scale["domain"][0] == 0


def test_works_of_the_same_name_keep_rows_of_their_own(atlas: StyleAtlas) -> None:
    same = replace(atlas, paintings=atlas.paintings.assign(title="Untitled", painter="Anon"))
    rows = rows_of(figures.painting_style_heatmap(same, rows=10))
    assert len({row["row"] for row in rows}) == 10


def test_order_by_similarity_puts_like_beside_like() -> None:
    rng = np.random.default_rng(0)
    planted = np.repeat(np.eye(4) * 0.8 + 0.05, 12, axis=0)
    shuffle = rng.permutation(len(planted))
    ranked = planted[shuffle][order_by_similarity(planted[shuffle])]
    changes = (np.diff(ranked.argmax(axis=1)) != 0).sum()
    assert changes == 3
    assert ranked[0].argmax() == 0 or ranked[-1].argmax() != 0


@pytest.mark.parametrize("n_rows", [1, 2])
def test_few_rows_can_be_ordered(n_rows: int) -> None:
    mixtures = np.array([[0.2, 0.8], [0.9, 0.1]])[:n_rows]
    assert sorted(order_by_similarity(mixtures)) == list(range(n_rows))


def test_too_many_rows_are_ordered_by_their_largest_style(monkeypatch) -> None:
    monkeypatch.setattr("artstylenet.figures.ordering.MOST_COMPARED", 3)
    mixtures = np.array([[0.4, 0.6], [0.9, 0.1], [0.1, 0.9], [0.7, 0.3]])
    assert order_by_similarity(mixtures).tolist() == [1, 3, 2, 0]


def test_of_too_many_painters_and_paintings_some_are_drawn(atlas: StyleAtlas, monkeypatch) -> None:
    monkeypatch.setattr("artstylenet.figures.heatmaps.MOST_PAINTERS", 2)
    monkeypatch.setattr("artstylenet.sampling.MOST_AT_ONCE", 25)
    painters = figures.painter_style_heatmap(atlas)
    most = atlas.painters.nlargest(2, "n_paintings", keep="first")["painter"]
    assert {row["row"] for row in rows_of(painters)} == set(most)
    assert "2 of 6 painters" in painters.to_dict()["title"]["text"]
    points = ATLAS_FIGURES["style-map"](atlas)
    assert len(rows_of(points)) == 25
    assert "25 of 60 paintings" in points.to_dict()["title"]["text"]


def test_wrong_arguments_are_named(atlas: StyleAtlas) -> None:
    with pytest.raises(InputError, match="rows must be at least 1"):
        figures.painting_style_heatmap(atlas, rows=0)
    with pytest.raises(InputError, match="'given' or 'similarity', not 'name'"):
        figures.painting_style_heatmap(atlas, order="name")  # type: ignore[arg-type]
    with pytest.raises(UnknownIdError, match="nowhere"):
        figures.painting_mixture(atlas, "nowhere")


def luminance(color: str) -> float:
    """Return the relative luminance of ``#rrggbb`` (WCAG 2.1)."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("paper", ["#ffffff", "#151413"])
def test_colours_of_styles_are_seen_on_light_and_dark_paper(paper: str) -> None:
    for color in STYLE_COLORS:
        high, low = sorted([luminance(color), luminance(paper)], reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 3


def test_colours_of_styles_differ() -> None:
    assert len(STYLE_COLORS) == 20
    rgb = {c: np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in STYLE_COLORS}
    assert min(np.linalg.norm(rgb[a] - rgb[b]) for a, b in combinations(STYLE_COLORS, 2)) > 35
