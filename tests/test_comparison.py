"""Reducers and groupings in the slots of the model, and features of one's own."""

from __future__ import annotations

import importlib.util
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from artstylenet.backbones import DEFAULT_MODEL
from artstylenet.cli.app import app
from artstylenet.datasets import make_paintings, write_paintings
from artstylenet.errors import InputError, MissingExtraError
from artstylenet.evaluation import Material, compare, comparison_rows, read_features
from artstylenet.evaluation.comparison import GROUPINGS
from artstylenet.figures import comparison_plot
from artstylenet.figures.saving import chart_svg
from artstylenet.reducers import Autoencoder, make_reducer

N_KINDS = 3


def plant(n_paintings: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return features of paintings of three kinds, and their kinds."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(N_KINDS, size=n_paintings)
    centres = rng.normal(size=(N_KINDS, 20))
    noise = rng.normal(size=(n_paintings, 20)) * 0.6
    return (centres[kinds] + noise).astype(np.float32), kinds


def labelled(kinds: np.ndarray) -> Material:
    """Return paintings of which only the kind is known."""
    nothing: Any = None
    return Material(nothing, {"kind": pd.Series(kinds).astype(str)}, N_KINDS)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """What is measured of every way."""
    features, kinds = plant(150, seed=0)
    return comparison_rows(compare(labelled(kinds), features=features, n_seeds=2))


@pytest.mark.parametrize("reducer", ["pca", "autoencoder", "none"])
@pytest.mark.parametrize("grouping", GROUPINGS)
def test_every_way_finds_kinds_that_are_there_and_none_that_are_not(rows, reducer, grouping):
    chosen = rows[(rows["reducer"] == reducer) & (rows["grouping"] == grouping)]
    values = chosen.set_index("measure")["mean"]
    assert values["kind_nmi"] > 0.5
    assert values["kind_precision_at_10"] > 0.7
    assert -1 <= values["stability"] <= 1
    assert 1 <= values["effective_styles"] <= N_KINDS + 1e-9


def test_features_that_say_nothing_find_nothing():
    rng = np.random.default_rng(1)
    features = rng.normal(size=(150, 20)).astype(np.float32)
    material = labelled(rng.integers(N_KINDS, size=150))
    table = comparison_rows(compare(material, reducers=["pca"], features=features, n_seeds=1))
    assert (table.loc[table["measure"] == "kind_ami", "mean"].abs() < 0.1).all()


def test_the_same_seed_gives_the_same_comparison(rows):
    features, kinds = plant(150, seed=0)
    again = compare(labelled(kinds), reducers=["autoencoder"], features=features, n_seeds=2)
    before = rows[rows["reducer"] == "autoencoder"].reset_index(drop=True)
    pd.testing.assert_frame_equal(comparison_rows(again), before)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_an_autoencoder_keeps_what_two_numbers_can_say(seed):
    rng = np.random.default_rng(seed)
    flat = rng.normal(size=(300, 2)) @ rng.normal(size=(2, 10))
    coder = Autoencoder(2, n_hidden=32, max_iter=150, random_state=seed).fit(flat)
    lost = ((coder.network_.predict(flat) - flat) ** 2).sum() / (flat**2).sum()
    assert lost < 0.2
    codes = coder.transform(flat)
    assert codes.shape == (300, 2)
    assert (np.abs(codes) < 1).all()
    assert coder.n_iter_ == 150


def test_names_that_are_none_are_said():
    features, kinds = plant(30, seed=2)
    with pytest.raises(InputError, match=r"no reducer 'svd'; there are pca, autoencoder"):
        compare(labelled(kinds), reducers=["svd"], features=features)
    with pytest.raises(InputError, match=r"no grouping 'lsa'; there are lda, nmf"):
        compare(labelled(kinds), groupings=["lsa"], features=features)


@pytest.mark.skipif(importlib.util.find_spec("umap") is not None, reason="UMAP is installed")
def test_without_umap_the_extra_is_named():
    with pytest.raises(MissingExtraError, match=r"artstylenet\[umap\]"):
        make_reducer("umap", 4)


@pytest.mark.skipif(importlib.util.find_spec("umap") is None, reason="UMAP is not installed")
@pytest.mark.filterwarnings("default")
def test_umap_finds_kinds():
    features, kinds = plant(120, seed=3)
    table = comparison_rows(
        compare(labelled(kinds), reducers=["umap"], features=features, n_seeds=1)
    ).set_index(["grouping", "measure"])["mean"]
    assert table["k-means", "kind_nmi"] > 0.5


def test_the_figure_has_a_panel_a_measure_and_a_row_a_way(rows):
    svg = chart_svg(comparison_plot(rows))
    for text in ("kind NMI", "stability", "autoencoder, gaussian-mixture"):
        assert text in svg


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_features_come_in_the_order_of_the_paintings(tmp_path, ending):
    path = tmp_path / f"own.{ending}"
    table = pd.DataFrame({"id": ["b", "x", "a"], "one": [1.0, 2.0, 3.0], "two": [4, 5, 6]})
    table.to_parquet(path) if ending == "parquet" else table.to_csv(path, index=False)
    features = read_features(path, ["a", "b"])
    np.testing.assert_array_equal(features, [[3, 6], [1, 4]])
    assert features.dtype == np.float32


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"name": ["a"], "one": [1.0]}, "needs a column 'id'"),
        ({"id": ["a", "b"]}, "must hold numbers; there are none"),
        ({"id": ["a", "b"], "one": ["x", "y"]}, "must hold numbers; these hold none: one"),
        ({"id": ["a"], "one": [1.0]}, "no row for 1 of 2 paintings: b"),
        ({"id": ["a", "b", "b"], "one": [1.0, 2.0, 3.0]}, "several rows of one painting: b"),
        ({"id": ["a", "b"], "one": [1.0, np.nan]}, "not finite in one"),
        ({"id": ["a", "b"], "one": [1.0, 1e300]}, "not finite in one"),
    ],
)
def test_features_that_cannot_be_used_are_described(tmp_path, table, message):
    path = tmp_path / "own.parquet"
    pd.DataFrame(table).to_parquet(path)
    with pytest.raises(InputError, match=message):
        read_features(path, ["a", "b"])


def test_files_that_are_no_table_are_described(tmp_path):
    path = tmp_path / "own.parquet"
    path.write_bytes(b"not a table")
    for wrong in (path, tmp_path / "missing.csv"):
        with pytest.raises(InputError, match="cannot be read as a table of features"):
            read_features(wrong, ["a"])


def test_the_command_prints_and_draws(tmp_path):
    if not DEFAULT_MODEL.exists():
        pytest.skip(f"the default backbone is not there ({DEFAULT_MODEL.name})")
    drawn = make_paintings(16, 2, size=64, random_state=0)
    paintings = write_paintings(drawn, tmp_path / "made")
    asked = ["compare", str(paintings), "--styles", "2", "--seeds", "1", "--jobs", "1"]
    asked += ["--store", str(tmp_path / "store"), "--reducer", "pca", "--grouping", "lda"]
    picture = tmp_path / "comparison.svg"
    result = CliRunner().invoke(
        app, [*asked, "--grouping", "k-means", "--json", "--plot", str(picture)]
    )
    assert result.exit_code == 0, result.output
    scores = json.loads(result.stdout)["scores"]
    assert {row["grouping"] for row in scores} == {"lda", "k-means"}
    assert {row["reducer"] for row in scores} == {"pca"}
    assert picture.read_text("utf-8").startswith("<svg")
    shown = CliRunner().invoke(app, asked)
    assert "pca, lda" in shown.stdout
