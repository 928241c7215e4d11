"""Wall labels say what is there, and nothing that is not."""

from __future__ import annotations

import io
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image, ImageDraw

from artstylenet.errors import UnknownIdError
from artstylenet.labels import style_label
from artstylenet.labels.crossings import crossed, effective_number, weighted_quantiles, years_of
from artstylenet.labels.lifts import weighted_lifts
from artstylenet.labels.palettes import style_palette
from artstylenet.labels.sentences import ADJECTIVES, POSSESSIONS
from artstylenet.looks import FACTS, looks_of, measure_looks
from artstylenet.looks.oklab import oklab_to_srgb, srgb_to_oklab
from artstylenet.results import mixtures_table
from artstylenet.stage_cache import StageCache
from tests.toy_atlas import toy_atlas

SEEDS = (0, 1, 2)
SIZE = 160


def jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def facts_of(image: Image.Image, width: int = 300, height: int = 200) -> dict[str, float]:
    looks = measure_looks([jpeg(image)], np.array([[width, height]]), n_jobs=1)
    return dict(zip(FACTS, looks.facts[0], strict=True))


def noise(seed: int, colour: tuple[int, int, int] = (128, 120, 110), grain: int = 8) -> Image.Image:
    rng = np.random.default_rng(seed)
    spots = rng.normal(0, 30, (SIZE // grain, SIZE // grain, 3)) + colour
    small = Image.fromarray(np.clip(spots, 0, 255).astype(np.uint8))
    return small.resize((SIZE, SIZE), Image.Resampling.BICUBIC)


def lines(*, level: bool) -> Image.Image:
    image = Image.new("RGB", (SIZE, SIZE), "white")
    draw = ImageDraw.Draw(image)
    for place in range(10, SIZE, 20):
        ends = [(0, place), (SIZE, place)] if level else [(place, 0), (place, SIZE)]
        draw.line(ends, fill="black", width=4)
    return image


def test_oklab_has_grey_in_the_middle_and_goes_there_and_back():
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (200, 3)).astype(np.uint8)
    assert (oklab_to_srgb(srgb_to_oklab(colours)) == colours).all()
    greys = srgb_to_oklab(np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1))
    assert np.abs(greys[:, 1:]).max() < 1e-4
    assert greys[0, 0] == pytest.approx(0, abs=1e-6)
    assert greys[-1, 0] == pytest.approx(1, abs=1e-4)


def test_facts_are_what_one_sees():
    dark, light = noise(0, (40, 36, 30)), noise(0, (210, 205, 200))
    assert facts_of(dark)["lightness"] < facts_of(light)["lightness"]
    orange, blue = facts_of(noise(0, (220, 140, 50))), facts_of(noise(0, (50, 100, 210)))
    assert orange["warmth"] > 0.05 > 0 > blue["warmth"]
    assert orange["saturation"] > facts_of(light)["saturation"]
    fine, coarse = facts_of(noise(1, grain=2)), facts_of(noise(1, grain=16))
    assert fine["edge_density"] > coarse["edge_density"]
    assert fine["mark_size"] < coarse["mark_size"]
    level, upright = facts_of(lines(level=True)), facts_of(lines(level=False))
    assert level["horizontal_edges"] > 0.9 > 0.1 > level["vertical_edges"]
    assert upright["vertical_edges"] > 0.9
    assert upright["symmetry"] > 0.3
    sky = Image.new("RGB", (SIZE, SIZE), (200, 210, 230))
    sky.paste((60, 70, 40), (0, SIZE // 2, SIZE, SIZE))
    assert facts_of(sky)["light_above"] > 0.3
    spot = Image.new("RGB", (SIZE, SIZE), (20, 16, 14))
    ImageDraw.Draw(spot).ellipse((50, 50, 110, 110), fill=(230, 200, 160))
    assert facts_of(spot)["light_centre"] > 0.1
    assert facts_of(spot)["central_detail"] > 0.9
    assert facts_of(sky, 400, 100)["aspect_ratio"] == pytest.approx(np.log(4))


def test_grey_sepia_tinted_and_framed_are_told_from_paintings():
    painting = noise(0, grain=16)
    grey = painting.convert("L").convert("RGB")
    sepia = Image.merge(
        "RGB", [grey.getchannel(0).point(lambda v, f=f: int(v * f)) for f in (1, 0.9, 0.7)]
    )
    assert facts_of(painting)["monochrome"] == 0
    assert facts_of(grey)["monochrome"] == facts_of(sepia)["monochrome"] == 1
    assert facts_of(painting)["tinted"] == facts_of(grey)["tinted"] == 0
    tint = Image.blend(painting, Image.new("RGB", painting.size, (230, 160, 40)), 0.4)
    assert facts_of(tint)["tinted"] == 1
    framed = Image.new("RGB", (SIZE + 30, SIZE + 30), (90, 60, 20))
    framed.paste(painting, (15, 15))
    assert facts_of(painting)["framed"] == 0
    assert facts_of(framed)["framed"] == 1


@pytest.mark.parametrize("size", [(1, 1), (3, 300), (640, 2), (8, 8)])
@pytest.mark.parametrize("shade", [0, 128, 255])
def test_flat_and_odd_pictures_have_finite_facts(size, shade):
    image = Image.new("RGB", size, (shade, shade, shade))
    looks = measure_looks([jpeg(image)], np.array([size]), n_jobs=1)
    for part in fields(looks):
        assert np.isfinite(getattr(looks, part.name)).all()


def test_looks_are_the_same_on_any_number_of_threads_and_from_the_cache(tmp_path):
    atlas = toy_atlas(12)
    sizes = atlas.paintings[["width", "height"]].to_numpy()
    thumbnails = atlas.thumbnails.to_pylist()
    one, two = (measure_looks(thumbnails, sizes, n_jobs=n) for n in (1, 2))
    cached = looks_of(atlas, StageCache(tmp_path))
    again = looks_of(replace(atlas), StageCache(tmp_path))
    assert looks_of(atlas) is cached
    assert list(tmp_path.glob("looks-*.npz"))
    for part in fields(one):
        for other in (two, cached, again):
            np.testing.assert_array_equal(getattr(one, part.name), getattr(other, part.name))


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_lifts_are_found_and_chance_is_not(seed):
    rng = np.random.default_rng(seed)
    mixtures = rng.dirichlet(np.full(6, 0.4), 400)
    values = rng.normal(size=(400, 20)) * 3 + 7
    values[:, 4] += 8 * mixtures[:, 2]
    table = weighted_lifts(values, [f"fact {i}" for i in range(20)], mixtures)
    found = table[table["significant"]]
    assert ((found["style"] == 2) & (found["fact"] == "fact 4")).any()
    assert (found["fact"] != "fact 4").sum() <= 1
    row = table[(table["style"] == 2) & (table["fact"] == "fact 4")].iloc[0]
    expected = np.average(values[:, 4], weights=mixtures[:, 2])
    assert row["mean"] == pytest.approx(expected)
    assert row["lift"] > 0.3


def test_lifts_of_nothing_at_all_are_rarely_significant():
    rng = np.random.default_rng(0)
    found = [
        weighted_lifts(
            rng.exponential(size=(60, 15)),
            [str(i) for i in range(15)],
            rng.dirichlet([0.5] * 5, 60),
        )["significant"].any()
        for _ in range(100)
    ]
    assert np.mean(found) <= 0.05


def test_standard_errors_are_those_of_many_collections():
    rng = np.random.default_rng(0)
    tables = []
    for _ in range(300):
        mixtures = rng.dirichlet([0.5] * 4, 200)
        tables.append(weighted_lifts(rng.normal(size=(200, 1)), ["x"], mixtures))
    means = np.array([table["mean"][1] for table in tables])
    assert np.mean([table["standard_error"][1] for table in tables]) == pytest.approx(
        means.std(), rel=0.15
    )


def test_a_fact_that_never_varies_is_never_told():
    mixtures = np.random.default_rng(0).dirichlet([0.5] * 3, 40)
    table = weighted_lifts(np.full((40, 1), 3.0), ["flat"], mixtures)
    assert (table["lift"] == 0).all()
    assert not table["significant"].any()


def test_a_palette_has_the_planted_colours_with_their_shares():
    rng = np.random.default_rng(0)
    red, blue, grey = (200, 30, 30), (40, 60, 190), (120, 120, 120)
    swatches = np.full((40, 64, 3), grey, np.uint8)
    swatches[:20, :48] = red
    swatches[:20, 48:] = blue
    swatches = np.clip(swatches + rng.integers(-3, 4, swatches.shape), 0, 255).astype(np.uint8)
    weights = np.r_[np.ones(20), np.zeros(20)]
    palette = style_palette(swatches, weights)
    by_name: dict[str, float] = {}
    for colour in palette:
        by_name[colour.name] = by_name.get(colour.name, 0) + colour.share
    assert by_name["red"] == pytest.approx(0.75, abs=0.01)
    assert by_name["blue"] == pytest.approx(0.25, abs=0.01)
    assert sum(colour.share for colour in palette) == pytest.approx(1)
    assert sum(colour.collection for colour in palette) == pytest.approx(1)


def dark_and_light_atlas(seed: int = 0):
    """Style 0 is dark, coarse and by Ada Müller; style 1 is light, blue and by all others."""
    atlas = toy_atlas(60, 2)
    rng = np.random.default_rng(seed)
    first = atlas.paintings["painter"].eq("Ada Müller").to_numpy()
    weights = np.where(first, 0.9, 0.1) + rng.uniform(-0.08, 0.08, 60)
    thumbnails = [
        jpeg(noise(i, (50, 40, 32) if is_first else (150, 180, 220), 16 if is_first else 4))
        for i, is_first in enumerate(first)
    ]
    mixtures = mixtures_table(np.column_stack([weights, 1 - weights]), atlas.painting_styles.index)
    return replace(
        atlas,
        painting_styles=mixtures,
        thumbnails=pa.chunked_array([pa.array(thumbnails, pa.binary())]),
        paintings=atlas.paintings.assign(movement=np.where(first, "Tenebrism", "Skyism")),
    )


def test_a_label_says_what_was_planted_and_whose_it_is():
    label = style_label(dark_and_light_atlas(), 0)
    looks, company = label.text.split(". ")
    assert "darker" in looks
    assert "warmer" in looks
    assert "lighter" not in looks.replace("a lighter middle", "").replace("a lighter upper", "")
    assert "broader areas" in looks or "fewer edges" in looks
    assert "Ada Müller" in company
    assert "labelled Tenebrism" in company
    other = style_label(dark_and_light_atlas(), 1)
    assert "cooler" in other.text
    assert other.effective_painters == pytest.approx(5, abs=0.4)
    assert other.palette[0].name in ("light blue", "blue", "greyish blue", "light greyish blue")


def test_where_nothing_stands_out_the_label_says_so():
    atlas = toy_atlas(60, 5, with_painters=False)
    label = style_label(atlas, 0)
    told = label.facts[label.facts["significant"]]["fact"]
    words = [word for fact in told for word in {**ADJECTIVES, **POSSESSIONS}.get(fact, ())]
    assert any(word in label.text for word in words) or label.text.startswith("Nothing")
    assert label.effective_painters == 0
    assert not len(label.painters)


def test_typical_boundary_and_outlying_works():
    atlas = toy_atlas()
    label = style_label(atlas, 1)
    weights = atlas.painting_styles
    assert label.typical[0] == weights["style_01"].idxmax()
    torn = weights.loc[label.boundary[0]]
    assert "style_01" in torn.nlargest(2).index
    # The smaller of the two largest weights is larger than anywhere else that style 1 is in it.
    smaller = np.sort(weights.to_numpy(), axis=1)[:, -2]
    has_it = weights["style_01"].to_numpy() >= smaller
    assert torn.nlargest(2).iloc[1] == pytest.approx(smaller[has_it].max())
    for outlier in label.outliers:
        assert weights.loc[outlier].idxmax() == "style_01"


def test_several_movements_in_one_cell_share_the_painting():
    atlas = toy_atlas()
    movements = ["Baroque, Rococo" if i % 2 else "Baroque" for i in range(60)]
    table = crossed(replace(atlas, paintings=atlas.paintings.assign(movement=movements)))
    table = table[table["field"] == "movement"]
    assert table.groupby("style")["share"].sum().to_numpy() == pytest.approx(1)
    assert table[table["value"] == "Rococo"]["collection"].to_numpy() == pytest.approx(0.25)
    assert set(crossed(atlas)["field"]) == {"movement", "nationality"}


def test_years_come_from_dates_or_else_from_lives():
    atlas = toy_atlas()
    years, kind = years_of(atlas)
    assert kind == "lifetimes"
    assert (years == 1915).all()
    dated = atlas.paintings.assign(year_from=1600, year_to=1610)
    dated.loc[:10, ["year_from", "year_to"]] = pd.NA
    years, kind = years_of(replace(atlas, paintings=dated))
    assert kind == "dates"
    assert np.isnan(years[:11]).all()
    assert (years[11:] == 1605).all()
    unnamed = toy_atlas(with_painters=False)
    assert years_of(unnamed) is None


def test_effective_numbers_and_quantiles():
    assert effective_number(np.full(7, 1 / 7)) == pytest.approx(7)
    assert effective_number(np.array([1.0, 0.0])) == pytest.approx(1)
    assert effective_number(np.array([])) == 0
    values, weights = np.array([1.0, np.nan, 3.0, 2.0]), np.array([1.0, 9.0, 8.0, 1.0])
    assert weighted_quantiles(values, weights, (0.1, 0.5)) == [1.0, 3.0]


def test_an_unknown_style_is_refused():
    with pytest.raises(UnknownIdError, match="0 to 4"):
        style_label(toy_atlas(), 5)
