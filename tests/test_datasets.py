"""Made paintings are what they say, and are not given away by their colours."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, balanced_accuracy_score
from sklearn.metrics.pairwise import euclidean_distances

from artstylenet.datasets import MadePaintings, make_paintings, write_paintings
from artstylenet.datasets.brushwork import BRUSHWORKS, mark_outlines
from artstylenet.datasets.planting import GRID, plant_regions, share_cells

SEEDS = (0, 1, 2)


@pytest.fixture(scope="module")
def collections() -> list[MadePaintings]:
    """One collection a seed; cells of 8 x 8 pixels."""
    return [make_paintings(90, 4, size=8 * GRID, random_state=seed) for seed in SEEDS]


def test_shapes_and_types_are_as_documented(collections):
    made = collections[0]
    assert made.images.shape == (90, 112, 112, 3)
    assert made.images.dtype == np.uint8
    assert made.painting_styles.shape == (90, 4)
    assert made.painting_styles.dtype == np.float64
    assert made.style_maps.shape == (90, GRID, GRID)
    assert made.painters.shape == (90,)
    assert made.painter_styles.shape == (len(np.unique(made.painters)), 4)
    assert len(set(made.style_names)) == 4


def test_mixtures_sum_to_one_and_every_style_leads_somewhere(collections):
    for made in collections:
        np.testing.assert_allclose(made.painting_styles.sum(axis=1), 1)
        np.testing.assert_allclose(made.painter_styles.sum(axis=1), 1)
        assert set(made.painting_styles.argmax(axis=1)) == {0, 1, 2, 3}


def test_paintings_are_mixed_but_mostly_of_few_styles(collections):
    for made in collections:
        shares = np.where(made.painting_styles > 0, made.painting_styles, 1)
        effective = np.exp(-(made.painting_styles * np.log(shares)).sum(axis=1))
        assert 1.4 < effective.mean() < 2.5


def test_style_maps_hold_exactly_the_mixtures(collections):
    for made in collections:
        counts = [(made.style_maps == style).mean(axis=(1, 2)) for style in range(4)]
        np.testing.assert_array_equal(made.painting_styles, np.stack(counts, axis=1))


def test_painters_favour_one_or_two_styles_and_paint_around_them(collections):
    for made in collections:
        ordered = np.sort(made.painter_styles, axis=1)
        assert (ordered[:, -2:].sum(axis=1) > 0.9).all()
        means = [
            made.painting_styles[made.painters == painter].mean(axis=0)
            for painter in np.unique(made.painters)
        ]
        assert np.corrcoef(np.ravel(means), made.painter_styles.ravel())[0, 1] > 0.8


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    first, again, other = (make_paintings(4, 3, size=64, random_state=seed) for seed in (5, 5, 6))
    assert first.images.tobytes() == again.images.tobytes()
    assert first.style_maps.tobytes() == again.style_maps.tobytes()
    np.testing.assert_array_equal(first.painters, again.painters)
    assert not np.array_equal(first.images, other.images)


def test_the_same_seed_gives_the_same_paintings_at_every_size():
    small, large = (make_paintings(3, 5, size=size, random_state=1) for size in (128, 1024))
    np.testing.assert_array_equal(small.style_maps, large.style_maps)
    reduced = np.stack([np.asarray(Image.fromarray(image).reduce(8)) for image in large.images])
    assert np.abs(reduced.astype(int) - small.images).mean() < 12


@pytest.mark.parametrize("mixing", [0.01, 1000.0])
def test_mixing_goes_from_pure_paintings_to_their_painters_mixture(mixing):
    made = make_paintings(12, 3, size=32, mixing=mixing)
    if mixing < 1:
        assert made.painting_styles.max(axis=1).mean() > 0.95
    else:
        _, painter = np.unique(made.painters, return_inverse=True)
        np.testing.assert_allclose(made.painting_styles, made.painter_styles[painter], atol=0.1)


def colour_histograms(images):
    """Share of pixels in each of 6 x 6 x 6 boxes of RGB; square roots, as is usual."""
    boxes = (images.astype(int) * 6 // 256) @ (36, 6, 1)
    counts = [np.bincount(box.ravel(), minlength=216) for box in boxes]
    return np.sqrt(np.array(counts) / boxes[0].size)


def texture(images, n_scales):
    """How rough grey pictures are in four directions at some scales; blind to colour.

    The mean and the root mean square of changes between neighbours: (n_pictures, 8 * n_scales).
    """
    grey = images.mean(axis=3)
    rough = []
    for _ in range(n_scales):
        pairs = (
            (grey[:, 1:], grey[:, :-1]),
            (grey[:, :, 1:], grey[:, :, :-1]),
            (grey[:, 1:, 1:], grey[:, :-1, :-1]),
            (grey[:, 1:, :-1], grey[:, :-1, 1:]),
        )
        for one, other in pairs:
            change = np.abs(one - other)
            rough += [change.mean(axis=(1, 2)), np.sqrt((change**2).mean(axis=(1, 2)))]
        side = grey.shape[1] // 2
        grey = grey[:, : 2 * side, : 2 * side].reshape(-1, side, 2, side, 2).mean(axis=(2, 4))
    logs = np.log(np.stack(rough, axis=1) + 0.1)
    logs -= logs.mean(axis=1, keepdims=True)  # reproductions differ in contrast
    return (logs - logs.mean(axis=0)) / logs.std(axis=0)


def agreement(descriptors, made):
    """ARI of k-means on some descriptors with the main style of the paintings."""
    found = KMeans(4, n_init=5, random_state=0).fit_predict(descriptors)
    return adjusted_rand_score(made.painting_styles.argmax(axis=1), found)


def test_colours_do_not_give_the_styles_away_but_texture_does(collections):
    by_colour = [agreement(colour_histograms(made.images), made) for made in collections]
    by_texture = [agreement(texture(made.images, 4), made) for made in collections]
    assert max(by_colour) < 0.3
    assert np.mean(by_texture) > np.mean(by_colour) + 0.2


def test_style_maps_say_where_a_style_was_painted(collections):
    """Cells of half of the paintings tell apart the cells of the other half by their texture."""
    for made in collections:
        cells = made.images.reshape(-1, GRID, 8, GRID, 8, 3).transpose(0, 1, 3, 2, 4, 5)
        rough = texture(cells.reshape(-1, 8, 8, 3), 3)
        styles = made.style_maps.ravel()
        taught, unseen = np.split(np.arange(len(styles)), 2)
        centres = [rough[taught][styles[taught] == style].mean(axis=0) for style in range(4)]
        nearest = euclidean_distances(rough[unseen], centres).argmin(axis=1)
        # Chance: 0.25, however unequal the shares of the styles are.
        assert balanced_accuracy_score(styles[unseen], nearest) > 0.35


def test_written_paintings_read_back(tmp_path):
    made = make_paintings(6, 3, size=64)
    folder = write_paintings(made, tmp_path / "made" / "paintings")
    paths = sorted(folder.glob("*/*.jpg"), key=lambda path: path.name)
    assert [path.parent.name for path in paths] == made.painters.tolist()
    for path, image in zip(paths, made.images, strict=True):
        with Image.open(path) as written:
            assert written.size == (64, 64)
            difference = np.asarray(written).astype(int) - image
        assert np.abs(difference).mean() < 10


def test_every_wrong_argument_is_named_at_once():
    with pytest.raises(ValueError, match=r"n_paintings .* not 0; n_styles .* not 1; size .*mixing"):
        make_paintings(0, 1, size=8, mixing=0)
    with pytest.raises(ValueError, match=f"n_styles must be in 2..{len(BRUSHWORKS)}, not 99"):
        make_paintings(120, 99)


def test_every_brushwork_can_be_planted_at_once():
    made = make_paintings(16, len(BRUSHWORKS), size=32)
    assert set(made.style_names) == {brushwork.name for brushwork in BRUSHWORKS}
    assert len(made.style_names) >= 12


@pytest.mark.parametrize("brushwork", BRUSHWORKS, ids=lambda brushwork: brushwork.name)
def test_marks_are_as_long_and_wide_as_their_style_says(brushwork):
    centres = np.full((200, 2), 0.5)
    outlines = mark_outlines(brushwork, centres, np.zeros(200), np.random.default_rng(0))
    np.testing.assert_allclose(outlines.mean(axis=(0, 1)), 0.5, atol=0.05)
    extent = np.median(np.ptp(outlines, axis=1), axis=0)
    if brushwork.bend == 0:
        np.testing.assert_allclose(extent, (brushwork.length, brushwork.width), rtol=0.2)
    else:
        assert (extent < 1.1 * brushwork.length).all()


def test_regions_hold_their_share_and_hang_together():
    rng = np.random.default_rng(0)
    shares = np.array([0.5, 0.3, 0.2, 0.0])
    style_map = plant_regions(shares, rng)
    np.testing.assert_array_equal(np.bincount(style_map.ravel()), share_cells(shares)[:3])
    # In patches, most neighbours agree; strewn at random, fewer than four in ten would.
    assert (style_map[:, 1:] == style_map[:, :-1]).mean() > 0.75
    assert share_cells(np.full(3, 1 / 3)).sum() == GRID**2
