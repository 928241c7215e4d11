"""Paintings come and go: what stays, what follows, and what happens when it is cut off."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from artstylenet import building, changing, cli
from artstylenet.backbones import DEFAULT_MODEL
from artstylenet.build import BuildSettings
from artstylenet.building import build_into
from artstylenet.changing import add_into, refit_in, remove_from
from artstylenet.collection import read_collection
from artstylenet.curation import name_style, note_style, read_curation
from artstylenet.datasets import make_paintings, write_paintings
from artstylenet.errors import AtlasError, InputError, UnknownIdError
from artstylenet.feature_store import open_store
from artstylenet.growing import Explained, refit_all, refit_warm
from artstylenet.placing import backbone_of, place
from artstylenet.storage import atlas_lock, load_atlas
from tests.planted_counts import recovery

N_OLD, N_NEW, N_STYLES = 60, 24, 4
TABLES = ("paintings.csv", "painters.csv", "styles.csv", "duplicates.csv", "uncertainty.csv")
PATIENCE = 120.0

pytestmark = pytest.mark.skipif(
    not DEFAULT_MODEL.exists(), reason=f"the default backbone is not there ({DEFAULT_MODEL.name})"
)


@pytest.fixture(scope="module", autouse=True)
def no_figures():
    """Leave figures out: drawing them takes longer than all that is tested here."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (building, changing):
            patch.setattr(module, "write_figures", lambda atlas, folder: None)
        yield


@pytest.fixture(scope="module")
def drawn():
    """Paintings of planted styles, old and new ones.

    A draw whose styles every seed finds: of some, 84 paintings are too few for that.
    """
    return make_paintings(N_OLD + N_NEW, N_STYLES, size=96, random_state=2)


@pytest.fixture(scope="module")
def works(drawn, tmp_path_factory) -> Path:
    """Old paintings in ``old``, new ones in ``new``; painters' folders in both."""
    folder = tmp_path_factory.mktemp("works")
    everything = write_paintings(drawn, folder / "all")
    for path in sorted(everything.rglob("*.*")):
        part = "old" if int(path.stem) < N_OLD else "new"
        target = folder / part / path.relative_to(everything)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def old(works, store, tmp_path_factory) -> Path:
    """The atlas of the old paintings; tests change copies."""
    folder = tmp_path_factory.mktemp("built") / "atlas"
    settings = BuildSettings(styles=(N_STYLES, N_STYLES), coherence=True)
    build_into(folder, read_collection(works / "old"), settings, store=store, n_jobs=1)
    return folder


@pytest.fixture
def atlas(old, tmp_path) -> Path:
    return shutil.copytree(old, tmp_path / "atlas")


@pytest.fixture(scope="module")
def grown(old, works, store, tmp_path_factory) -> Path:
    """The atlas after the new paintings were added; not to be changed."""
    folder = shutil.copytree(old, tmp_path_factory.mktemp("grown") / "atlas")
    added = add_into(folder, read_collection(works / "new"), store=store, n_jobs=1)
    assert len(added.ids) == N_NEW
    assert added.n_known == 0
    return folder


def tables(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in TABLES}


def changed_at(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("[!.]*")}


def truth_of(drawn, atlas) -> np.ndarray:
    return drawn.painting_styles[[int(Path(path).stem) for path in atlas.paintings["path"]]]


def test_what_was_there_stays_and_new_paintings_follow_it(old, grown):
    before, after = load_atlas(old), load_atlas(grown)
    assert after.n_paintings == N_OLD + N_NEW
    assert list(after.paintings["id"][:N_OLD]) == list(before.paintings["id"])
    pd.testing.assert_frame_equal(after.painting_styles[:N_OLD], before.painting_styles)
    np.testing.assert_array_equal(after.map_positions[:N_OLD], before.map_positions)
    np.testing.assert_array_equal(after.model.style_words_, before.model.style_words_)
    for name in ("word_counts", "grid_words", "descriptors", "map_positions", "uncertainty"):
        assert getattr(after, name).shape[0] == N_OLD + N_NEW, name
        assert getattr(after, name).dtype == getattr(before, name).dtype, name
    assert len(after.thumbnails) == N_OLD + N_NEW
    assert list(after.painting_styles.index) == list(after.paintings["id"])
    np.testing.assert_allclose(after.styles["share"], after.painting_styles.mean(axis=0))
    assert after.painters["n_paintings"].sum() == N_OLD + N_NEW
    assert list(after.painters["painter"]) == list(after.painter_styles.index)
    assert ((after.map_positions >= 0) & (after.map_positions <= 1)).all()
    assert after.paintings.dtypes.equals(before.paintings.dtypes)


def test_new_paintings_are_placed_as_place_would_and_as_they_were_planted(grown, drawn):
    after = load_atlas(grown)
    rows = list(range(N_OLD, N_OLD + 4))
    paths = [after.image_root / after.paintings["path"][row] for row in rows]
    assert all(path.exists() for path in paths)
    # Sums of single precision depend on how many rows are multiplied at once.
    np.testing.assert_allclose(place(after, paths), after.painting_styles.iloc[rows], atol=1e-5)
    planted = truth_of(drawn, after)[N_OLD:]
    assert recovery(planted, after.painting_styles.to_numpy()[N_OLD:]) > 0.6


def test_adding_again_changes_no_file(grown, works, store, tmp_path):
    folder = shutil.copytree(grown, tmp_path / "atlas")
    before = changed_at(folder)
    again = add_into(folder, read_collection(works / "new"), store=store, n_jobs=1)
    assert (again.ids, again.n_known, again.explained) == ((), N_NEW, None)
    assert changed_at(folder) == before


def test_old_files_are_not_extracted_even_if_the_store_is_gone(atlas, works, tmp_path):
    both = tmp_path / "both"
    shutil.copytree(works / "old", both)
    shutil.copytree(works / "new", both, dirs_exist_ok=True)
    empty = tmp_path / "store"
    added = add_into(atlas, read_collection(both), store=empty, n_jobs=1)
    assert len(added.ids) == N_NEW
    assert added.n_known == N_OLD
    key = backbone_of(load_atlas(atlas)).key
    assert len(open_store(empty).table(key).stored()) == N_NEW


def test_in_one_go_or_one_by_one_the_mixtures_are_the_same(atlas, grown, works, store, tmp_path):
    paths = sorted((works / "new").rglob("*.*"))
    for i, part in enumerate((paths[:10], paths[10:])):
        folder = tmp_path / f"part-{i}"
        for path in part:
            target = folder / path.relative_to(works / "new")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        add_into(atlas, read_collection(folder), store=store, n_jobs=1)
    at_once, in_parts = load_atlas(grown), load_atlas(atlas)
    pd.testing.assert_frame_equal(
        in_parts.painting_styles.loc[at_once.painting_styles.index], at_once.painting_styles
    )


def test_ids_that_are_taken_get_digits_and_painters_keep_the_spelling(
    atlas, works, store, tmp_path
):
    known = load_atlas(atlas).paintings.iloc[0]
    target = tmp_path / "more" / known["path"]
    target.parent.mkdir(parents=True)
    shutil.copy(next((works / "new").rglob("*.*")), target)
    (tmp_path / "more" / "works.csv").write_text(
        f"file,artist\n{known['path']},{known['painter'].upper()}\n"
    )
    added = add_into(atlas, read_collection(tmp_path / "more" / "works.csv"), store=store, n_jobs=1)
    after = load_atlas(atlas)
    assert added.ids[0].startswith(f"{known['id']}-")
    assert after.paintings["id"].is_unique
    assert after.paintings["painter"].iloc[-1] == known["painter"]
    # All originals are found below one folder.
    assert all((after.image_root / path).exists() for path in after.paintings["path"])


def test_a_file_that_now_holds_another_picture_is_told(atlas, works, store, tmp_path):
    moved = shutil.copytree(works / "old", tmp_path / "old")
    settings = BuildSettings(styles=(N_STYLES, N_STYLES))
    build_into(tmp_path / "mine", read_collection(moved), settings, store=store, n_jobs=1)
    first = load_atlas(tmp_path / "mine").paintings.iloc[0]
    shutil.copy(next((works / "new").rglob("*.*")), moved / first["path"])
    added = add_into(tmp_path / "mine", read_collection(moved), store=store, n_jobs=1)
    assert added.outdated == (first["id"],)
    assert len(added.ids) == 1


def test_files_that_cannot_be_used_are_listed_and_copies_grouped(atlas, works, store, tmp_path):
    folder = tmp_path / "more"
    folder.mkdir()
    picture = next((works / "new").rglob("*.*"))
    shutil.copy(picture, folder / "one.png")
    shutil.copy(picture, folder / "two.png")
    (folder / "bad.jpg").write_bytes(b"no picture")
    added = add_into(atlas, read_collection(folder), store=store, n_jobs=1)
    assert sorted(added.ids) == ["one", "two"]
    assert list(added.skipped["path"]) == ["bad.jpg"]
    after = load_atlas(atlas)
    assert set(after.duplicates.loc[after.duplicates["kind"] == "same bytes", "id"]) == {
        "one",
        "two",
    }
    assert list(after.skipped["path"]) == ["bad.jpg"]


def test_given_columns_of_one_side_are_missing_on_the_other(atlas, works, store, tmp_path):
    picture = next((works / "new").rglob("*.*"))
    shutil.copy(picture, tmp_path / "one.png")
    (tmp_path / "works.csv").write_text("file,artist,movement\none.png,Somebody New,Fauvism\n")
    add_into(atlas, read_collection(tmp_path / "works.csv"), store=store, n_jobs=1)
    after = load_atlas(atlas)
    assert after.paintings["movement"].iloc[-1] == "Fauvism"
    assert after.paintings["movement"][:N_OLD].isna().all()
    assert "Somebody New" in set(after.painters["painter"])


def test_paintings_like_the_old_call_for_no_refit_and_foreign_ones_do(
    grown, atlas, store, tmp_path
):
    same = load_atlas(grown).run["changes"][0]["explained"]
    assert not Explained(**same).refit_is_due
    assert same["perplexity"] < same["perplexity_of_frequencies"]
    rng = np.random.default_rng(0)
    for i in range(12):
        noise = rng.integers(0, 256, (96, 96, 3), dtype=np.uint8)
        Image.fromarray(noise).save(tmp_path / f"noise-{i}.png")
    added = add_into(atlas, read_collection(tmp_path), store=store, n_jobs=1)
    assert added.explained.is_foreign
    assert "refit" in added.explained.advice


@pytest.mark.parametrize(
    ("n_new", "perplexity", "error", "n_strange", "unseen", "foreign", "due"),
    [
        (9, 50.0, 0.01, 0, 0.1, False, False),
        (9, 60.0, 0.01, 0, 0.1, True, True),
        (9, 60.0, 0.2, 0, 0.1, False, False),
        (1, 60.0, float("nan"), 1, 0.1, False, False),
        (9, 50.0, 0.01, 9, 0.1, True, True),
        (9, 50.0, 0.01, 2, 0.1, False, False),
        (9, 50.0, 0.01, 0, 0.5, False, True),
    ],
)
def test_advice_needs_evidence(n_new, perplexity, error, n_strange, unseen, foreign, due):
    explained = Explained(n_new, perplexity, 50.0, error, 90.0, n_strange, unseen)
    assert (explained.is_foreign, explained.refit_is_due) == (foreign, due)


def test_removing_is_the_reverse_of_adding(grown, old, tmp_path):
    folder = shutil.copytree(grown, tmp_path / "atlas")
    new = load_atlas(grown).paintings["id"][N_OLD:].tolist()
    remove_from(folder, new)
    for name in ("painters.csv", "styles.csv", "uncertainty.csv", "duplicates.csv"):
        assert (folder / name).read_bytes() == (old / name).read_bytes(), name
    left, before = load_atlas(folder), load_atlas(old)
    pd.testing.assert_frame_equal(left.painting_styles, before.painting_styles)
    assert left.thumbnails.to_pylist() == before.thumbnails.to_pylist()


def test_removing_what_is_not_there_or_everything_is_refused(atlas):
    before = changed_at(atlas)
    with pytest.raises(UnknownIdError, match="no painting 'nobody'"):
        remove_from(atlas, ["nobody"])
    with pytest.raises(InputError, match="Nothing would be left"):
        remove_from(atlas, load_atlas(atlas).paintings["id"].tolist())
    assert changed_at(atlas) == before
    with pytest.raises(AtlasError, match="There is no atlas"):
        remove_from(atlas / "nowhere", ["nobody"])


def test_names_survive_adding_and_a_warm_refit(grown, old, tmp_path):
    folder = shutil.copytree(old, tmp_path / "named")
    name_style(folder, 2, "Evening light")
    shutil.copytree(grown, folder, dirs_exist_ok=True)
    assert read_curation(folder).names == {2: "Evening light"}
    note_style(folder, 1, "Many small marks")
    before = load_atlas(folder)
    done = refit_in(folder, warm=True)
    assert done is not None
    after = load_atlas(folder)
    assert done.refitted.same.keys() >= {1, 2}
    assert done.lost == ()
    curation = read_curation(folder)
    assert curation.names == {2: "Evening light"}
    assert curation.notes == {1: ("Many small marks",)}
    for k in range(N_STYLES):
        column = f"style_{k:02d}"
        assert (
            np.corrcoef(before.painting_styles[column], after.painting_styles[column])[0, 1] > 0.8
        )
    # The same again has nothing to do.
    at = changed_at(folder)
    assert refit_in(folder, warm=True) is None
    assert changed_at(folder) == at


def test_a_warm_refit_explains_all_paintings_better_than_the_old_styles(grown):
    before = load_atlas(grown)
    refitted = refit_warm(before, n_jobs=1).atlas
    words = before.word_counts.astype(np.float64) / before.run["word_scale"]
    assert refitted.model.topics_.perplexity(words) < before.model.topics_.perplexity(words)
    again = refit_warm(before, n_jobs=2).atlas
    np.testing.assert_array_equal(again.painting_styles, refitted.painting_styles)


def test_a_refit_from_nothing_is_a_build_of_what_is_there(grown, works, store, tmp_path):
    folder = shutil.copytree(grown, tmp_path / "atlas")
    assert refit_in(folder, warm=False, store=store, n_jobs=1) is not None
    refitted = load_atlas(folder)
    both = tmp_path / "both"
    shutil.copytree(works / "old", both)
    shutil.copytree(works / "new", both, dirs_exist_ok=True)
    settings = BuildSettings(styles=(N_STYLES, N_STYLES), coherence=True)
    built = build_into(
        tmp_path / "anew", read_collection(both), settings, store=store, n_jobs=1
    ).atlas
    assert refitted.n_paintings == built.n_paintings
    assert refitted.run["changes"][-1]["action"] == "refit"
    # The order of rows differs, and with it what the seed draws; the styles are the same.
    theirs = built.painting_styles.to_numpy()
    by_hash = dict(zip(built.paintings["hash"], range(built.n_paintings), strict=True))
    rows = [by_hash[one] for one in refitted.paintings["hash"]]
    assert recovery(theirs[rows], refitted.painting_styles.to_numpy()) > 0.7


def test_a_refit_without_features_says_what_to_do(grown, tmp_path):
    folder = shutil.copytree(grown, tmp_path / "atlas")
    atlas = load_atlas(folder)
    with pytest.raises(InputError, match="--warm, which needs neither"):
        refit_all(replace(atlas, image_root=tmp_path / "gone"), store=tmp_path / "none", n_jobs=1)


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "artstylenet", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_killed_in_the_middle_the_same_command_ends_as_if_undisturbed(atlas, grown, works, store):
    before = tables(atlas)
    process = start("add", atlas, works / "new", "--store", store, "--jobs", 1)
    for line in process.stderr:
        if line.startswith("Placing"):
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert tables(atlas) == before
    add_into(atlas, read_collection(works / "new"), store=store, n_jobs=1)
    assert tables(atlas) == tables(grown)


def test_a_second_writer_waits_and_says_so(atlas):
    with atlas_lock(atlas):
        process = start("remove", atlas, "nobody")
        assert "waiting for it to end" in process.stderr.readline()
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert "no painting 'nobody'" in err


def artstylenet(monkeypatch, capsys, *arguments: object) -> str:
    """Run a command in this process; return what it printed."""
    monkeypatch.setattr(sys, "argv", ["artstylenet", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    return capsys.readouterr().out


def test_what_the_commands_say(atlas, works, store, monkeypatch, capsys):
    run = partial(artstylenet, monkeypatch, capsys)
    add = ("add", atlas, works / "new", "--store", store, "--jobs", 1)
    assert run(*add).startswith(f"Added {N_NEW} paintings; 0 were there already.\nPerplexity per")
    assert run(*add) == f"Nothing to add: {N_NEW} paintings were there already.\n"
    said = json.loads(run(*add, "--json"))
    assert (said["added"], said["known"], said["explained"]) == ([], N_NEW, None)
    one = load_atlas(atlas).paintings["id"][0]
    assert run("remove", atlas, one) == f"Removed 1; {N_OLD + N_NEW - 1} paintings are left.\n"
    name_style(atlas, 0, "Dawn")
    assert f"{N_STYLES} styles of {N_OLD + N_NEW - 1} paintings; " in run("refit", atlas, "--warm")
    assert run("refit", atlas, "--warm").startswith("Nothing to do")


def test_an_atlas_of_words_that_are_no_more_made_takes_no_paintings(atlas, works, store):
    path = atlas / "model.json"
    tree = json.loads(path.read_text())
    tree["n_features"] -= 5
    path.write_text(json.dumps(tree))
    old = load_atlas(atlas)
    assert old.n_paintings == N_OLD, "it can be looked at"
    picture = next((works / "new").rglob("*.*"))
    with pytest.raises(InputError, match="has to be built again before"):
        place(old, [picture])
    with pytest.raises(InputError, match="has to be built again before"):
        add_into(atlas, read_collection(works / "new"), store=store, n_jobs=1)
