"""The evaluation: chance scores as chance, planted truth as truth, and bad input is named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from artstylenet.backbones import DEFAULT_MODEL
from artstylenet.build import BuildSettings, extract_collection, fit_atlas
from artstylenet.cli.app import app
from artstylenet.collection import read_collection
from artstylenet.datasets import make_paintings, write_paintings
from artstylenet.errors import InputError, UnknownIdError
from artstylenet.evaluation import (
    Material,
    evaluate,
    evaluate_collages,
    find_labels,
    material_of_atlas,
    measure_judgements,
    read_judgements,
)
from artstylenet.evaluation.collages import (
    CollageResult,
    draw_pairs,
    mean_of_draws,
    measure_collages,
    paste_halves,
)
from artstylenet.evaluation.contenders import CONTENDERS, soft_weights
from artstylenet.evaluation.measures import (
    effective_styles,
    label_agreement,
    precision_at,
    probe_accuracy,
)
from artstylenet.evaluation.tables import sampled

SEEDS = (0, 1, 2)
SOME = ("this model", "k-means, descriptors", "NMF, word counts")


def test_a_perfect_grouping_agrees_fully_and_a_random_one_by_chance():
    labels = np.repeat(np.arange(5), 100)
    perfect = label_agreement((labels + 2) % 5, labels)
    assert perfect == pytest.approx({"nmi": 1, "ari": 1, "ami": 1, "purity": 1})
    for seed in SEEDS:
        chance = label_agreement(np.random.default_rng(seed).integers(5, size=500), labels)
        assert abs(chance["ari"]) < 0.02
        assert abs(chance["ami"]) < 0.02
        assert chance["nmi"] < 0.05


@pytest.mark.parametrize("seed", SEEDS)
def test_equally_near_paintings_gain_nothing_from_the_order_of_rows(seed):
    # One group for all: every painting is as near as every other, whatever stands beside it.
    labels = np.repeat(np.arange(20), 30)
    assert precision_at(np.ones((600, 1)), labels, random_state=seed) == pytest.approx(
        29 / 599, abs=0.02
    )
    assert precision_at(np.eye(20)[labels], labels, random_state=seed) == 1


def test_precision_looks_at_no_more_paintings_than_there_are():
    assert precision_at(np.eye(3), np.array([0, 0, 1])) == pytest.approx(2 / 6)


def test_effective_styles_run_from_one_to_all():
    mixtures = np.array([[1.0, 0, 0, 0], [0.5, 0.5, 0, 0], [0.25] * 4])
    np.testing.assert_allclose(effective_styles(mixtures), [1, 2, 4])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_probe_reads_what_is_there_and_nothing_else(seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(4, size=400)
    assert probe_accuracy(np.eye(4)[labels] + rng.normal(0, 0.1, (400, 4)), labels) > 0.98
    assert probe_accuracy(rng.normal(size=(400, 4)), labels) == pytest.approx(0.25, abs=0.1)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_probe_of_a_movement_gains_nothing_from_knowing_the_painter(seed):
    rng = np.random.default_rng(seed)
    painters = np.repeat(np.arange(40), 10)
    movements = rng.permutation(np.repeat([0, 1], 20))[painters]
    vectors = rng.normal(size=(40, 30))[painters]
    assert probe_accuracy(vectors, movements) > 0.9
    assert probe_accuracy(vectors, movements, painters) < 0.75


def test_the_probe_of_rare_labels_is_not_a_number():
    assert np.isnan(probe_accuracy(np.ones((4, 2)), np.arange(4)))


def test_labels_are_columns_whose_values_come_back():
    paintings = pd.DataFrame(
        {
            "id": [f"p{i}" for i in range(40)],
            "painter": [f"painter {i % 5}" for i in range(40)],
            "title": "same title",
            "movement": [("early", "late")[i % 5 > 2] for i in range(40)],
            "remark": [f"remark {i}" for i in range(40)],
            "number": 3,
        }
    )
    painters = pd.DataFrame(
        {
            "painter": [f"painter {i}" for i in range(5)],
            "country": ["here", "here", "here", "there", None],
            "born": [f"{1800 + i}" for i in range(5)],
        }
    )
    labels = find_labels(paintings, painters)
    assert list(labels) == ["painter", "movement", "country"]
    assert labels["country"].isna().sum() == 8
    assert list(find_labels(paintings, painters, ["born"])) == ["born"]
    with pytest.raises(InputError, match=r"no column 'school'.*movement"):
        find_labels(paintings, painters, ["school"])
    with pytest.raises(InputError, match="two values"):
        find_labels(paintings, painters, ["title"])


def test_soft_weights_keep_the_order_of_distances():
    weights = soft_weights(np.array([[1.0, 2.0, 4.0]]), 1.0)
    np.testing.assert_allclose(weights.sum(), 1)
    np.testing.assert_allclose(weights[0, 0] / weights[0, 1], np.e)


def judge(tmp_path: Path, *rows: object) -> Path:
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows))
    return path


def answer(anchor: str, more: str, less: str, person: str = "ada") -> dict[str, str]:
    return {"anchor": anchor, "more": more, "less": less, "person": person}


def test_judgements_are_compared_with_likeness_and_with_each_other(tmp_path):
    path = judge(
        tmp_path,
        answer("a", "b", "c"),
        answer("a", "b", "c", "bob"),
        answer("a", "c", "b", "eve"),
        "",
        answer("c", "b", "a"),
    )
    vectors = {"near": np.array([[1.0, 0], [0.8, 0.6], [0, 1.0]]), "tied": np.ones((3, 1))}
    near, tied, people = measure_judgements(read_judgements(path), ["a", "b", "c"], vectors)
    assert (near.agreement, near.n) == (0.75, 4)
    assert near.low < 0.75 < near.high
    assert tied.agreement == 0.5
    assert (people.agreement, people.n) == (pytest.approx(1 / 3), 3)


def test_the_interval_holds_the_truth_nearly_always(tmp_path):
    held = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        rows = [
            answer("a", "b", "c", str(i)) if rng.random() < 0.7 else answer("a", "c", "b", str(i))
            for i in range(50)
        ]
        vectors = {"near": np.array([[1.0, 0], [0.8, 0.6], [0, 1.0]])}
        result = measure_judgements(pd.DataFrame(rows), ["a", "b", "c"], vectors)[0]
        held += result.low <= 0.7 <= result.high
    assert 53 <= held <= 59


def test_judgements_about_unknown_paintings_are_named(tmp_path):
    path = judge(tmp_path, answer("a", "b", "x"), answer("a", "b", "y"))
    with pytest.raises(UnknownIdError, match=r"2 unknown paintings: x, y"):
        measure_judgements(read_judgements(path), ["a", "b"], {})


def test_lines_that_are_no_judgements_are_named(tmp_path):
    path = judge(
        tmp_path, answer("a", "b", "c"), "not json", {"anchor": "a"}, answer("a", "a", "b")
    )
    with pytest.raises(InputError, match=r"2, 3, 4.*anchor, more, less, person"):
        read_judgements(path)
    with pytest.raises(InputError, match="no judgements"):
        read_judgements(judge(tmp_path, ""))
    with pytest.raises(InputError, match="cannot be read"):
        read_judgements(tmp_path / "missing.jsonl")


def test_a_collage_is_half_of_each():
    black, white = np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 255, np.uint8)
    collage = paste_halves(black, white)
    assert collage.shape == black.shape
    assert (collage[:, :2] == 0).all()
    assert (collage[:, 2:] == 255).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_pairs_are_of_different_paintings(seed):
    pairs = draw_pairs([3, 5, 8], 50, random_state=seed)
    assert set(pairs.ravel()) == {3, 5, 8}
    assert (pairs[:, 0] != pairs[:, 1]).all()


def test_collages_are_read_right_by_the_truth_and_by_chance_at_random():
    rng = np.random.default_rng(0)
    pairs = rng.dirichlet(np.full(12, 0.1), (4000, 2))
    truth = measure_collages("truth", np.eye(12)[pairs.argmax(axis=2)].mean(axis=1), pairs)
    assert (truth.both, truth.first) == (1, 1)
    assert truth.n_collages < 4000
    guess = measure_collages("guess", rng.dirichlet(np.ones(12), 4000), pairs)
    assert guess.both == pytest.approx(guess.chance_both, abs=0.015)
    assert guess.chance_both == pytest.approx(6 / 132)


def test_draws_are_averaged_and_those_without_collages_say_nothing():
    draws = [
        CollageResult("ours", both, first, 0.05, n)
        for both, first, n in ((0.8, 0.9, 10), (0.9, 1.0, 30), (np.nan, np.nan, 0))
    ]
    together = mean_of_draws(draws)
    assert (together.both, together.first) == (pytest.approx(0.85), pytest.approx(0.95))
    assert (together.n_collages, together.chance_both) == (40, 0.05)
    assert together.spread == pytest.approx(0.1 / np.sqrt(2))
    assert np.isnan(mean_of_draws(draws[:1]).spread)
    assert mean_of_draws(draws[2:]).n_collages == 0


@pytest.fixture(scope="module")
def material(tmp_path_factory) -> Material:
    """Forty-eight made paintings of four styles."""
    if not DEFAULT_MODEL.exists():
        pytest.skip(f"the default backbone is not there ({DEFAULT_MODEL.name})")
    drawn = make_paintings(48, 4, size=224, random_state=0)
    collection = read_collection(write_paintings(drawn, tmp_path_factory.mktemp("made")))
    rows = [int(Path(path).stem) for path in collection.paintings["path"]]
    planted = pd.Series(drawn.painting_styles[rows].argmax(axis=1).astype(str))
    extracted = extract_collection(
        collection, BuildSettings(), store=tmp_path_factory.mktemp("store"), n_jobs=1
    )
    return Material(extracted, {"painter": collection.paintings["painter"], "planted": planted}, 4)


def test_styles_that_were_planted_are_found_by_the_table(material):
    evaluation = evaluate(
        material, n_seeds=2, contenders={name: CONTENDERS[name] for name in CONTENDERS}
    )
    table = evaluation.table().set_index(["contender", "measure"])["mean"]
    assert table["this model", "planted_nmi"] > 0.6
    assert table["this model", "planted_nmi"] > table["the paper's recipe", "planted_nmi"]
    assert table["this model", "stability"] > 0.8
    assert table["this model", "perplexity_ratio"] < 0.9
    assert 1 <= table["this model", "effective_styles"] <= 4
    for name in CONTENDERS:
        assert {"painter_ari", "planted_nmi_unseen", "stability"} <= set(table[name].index)
    assert table["features: descriptors", "planted_precision_at_10"] > 0.6


def test_of_a_large_collection_a_sample_is_looked_at(material, monkeypatch):
    assert sampled(material) is material
    monkeypatch.setattr("artstylenet.sampling.MOST_AT_ONCE", 30)
    few = sampled(material)
    paths = material.extracted.collection.paintings["path"]
    rows = [paths.tolist().index(path) for path in few.extracted.collection.paintings["path"]]
    assert len(rows) == 30
    assert few.extracted.hashes == tuple(material.extracted.hashes[row] for row in rows)
    assert few.labels["planted"].tolist() == material.labels["planted"].iloc[rows].tolist()


def test_the_same_seed_gives_the_same_table(material):
    contenders = {name: CONTENDERS[name] for name in SOME}
    first, again = (evaluate(material, n_seeds=1, contenders=contenders) for _ in range(2))
    pd.testing.assert_frame_equal(first.scores, again.scores)
    assert "stability" not in set(first.scores["measure"])


def test_collages_of_made_paintings_are_read_better_than_by_chance(material):
    contenders = {name: CONTENDERS[name] for name in SOME}
    results = {r.name: r for r in evaluate_collages(material, 24, contenders=contenders)}
    ours = results["this model"]
    assert ours.n_collages > 8
    assert ours.both > ours.chance_both
    assert ours.first > 0.7
    steps: list[tuple[int, int]] = []
    drawn = evaluate_collages(
        material,
        24,
        n_draws=2,
        contenders=contenders,
        progress=lambda _, *step: steps.append(step),
    )
    assert drawn[0].n_collages > ours.n_collages
    assert steps == sorted(steps)
    assert steps[-1] == (2 * (len(contenders) + 1),) * 2


def test_an_atlas_is_evaluated_on_the_features_in_the_store(material, tmp_path):
    atlas = fit_atlas(material.extracted, BuildSettings(styles=(3, 3)), n_jobs=1)
    store = material.extracted.table.folder
    found = material_of_atlas(atlas, material.labels, store=store)
    assert found.n_styles == 3
    assert found.extracted.hashes == material.extracted.hashes
    with pytest.raises(InputError, match="48 of 48 paintings are not in the store"):
        material_of_atlas(atlas, material.labels, store=tmp_path)
    assert replace(found, n_styles=2).n_styles == 2


def test_the_command_evaluates_a_folder_with_collages(tmp_path):
    if not DEFAULT_MODEL.exists():
        pytest.skip(f"the default backbone is not there ({DEFAULT_MODEL.name})")
    paintings = write_paintings(make_paintings(24, 2, size=64, random_state=0), tmp_path / "made")
    asked = ["evaluate", str(paintings), "--store", str(tmp_path / "store"), "--jobs", "1"]
    asked += ["--styles", "2", "--seeds", "1"]
    result = CliRunner().invoke(app, [*asked, "--collages", "4", "--json"])
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    assert set(CONTENDERS) <= {row["contender"] for row in printed["scores"]}
    assert {row["name"] for row in printed["collages"]} == set(CONTENDERS)
    assert printed["judgements"] == []
    both_ways = CliRunner().invoke(app, [*asked, "--json", "--csv"])
    assert isinstance(both_ways.exception, InputError)
