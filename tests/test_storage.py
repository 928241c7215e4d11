"""Atlases on disk: the same when read again, whole whatever happens, safe from strangers."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import threading
import time
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.decomposition import NMF, PCA
from sklearn.preprocessing import StandardScaler

from artstylenet.atlas import StyleAtlas
from artstylenet.errors import AtlasError
from artstylenet.features import FeatureSpace
from artstylenet.storage import SCHEMA_VERSION, atlas_lock, is_atlas_folder, load_atlas, save_atlas
from artstylenet.storage.folder import COMPLETE, NEXT_FOLDER
from artstylenet.storage.tables import write_csv
from artstylenet.style_model import StyleModel
from artstylenet.visual_words import Block, GridWords, ShiftedScores
from tests.toy_atlas import toy_atlas

FEATURES = np.random.default_rng(0).normal(size=(60, 12))


def whole_atlas(*, with_painters: bool = True, **slots) -> StyleAtlas:
    """Return a toy atlas with a fitted model."""
    toy = toy_atlas(with_painters=with_painters)
    blocks = [
        Block("whole", 0, 4, n_words=6),
        Block("parts", 4, 12, n_parts=2, n_words=6, scored_parts=(1,)),
    ]
    model = StyleModel(5, blocks=blocks, random_state=0, **slots).fit(FEATURES)
    scaler = StandardScaler().fit(FEATURES)
    space = FeatureSpace(
        GridWords(5, random_state=0).fit(FEATURES), scaler, PCA(3).fit(scaler.transform(FEATURES))
    )
    run = {**toy.run, "n_styles": 5, "schema": SCHEMA_VERSION}
    return replace(toy, model=model, feature_space=space, run=run, image_root=Path("/pictures"))


@pytest.fixture(scope="module")
def original() -> StyleAtlas:
    """An atlas in memory."""
    return whole_atlas()


@pytest.fixture(scope="module")
def saved(original, tmp_path_factory) -> Path:
    """The same on disk; not to be changed."""
    return save_atlas(original, tmp_path_factory.mktemp("atlas"))


@pytest.fixture
def folder(saved, tmp_path) -> Path:
    """The same on disk, to be damaged."""
    return shutil.copytree(saved, tmp_path / "atlas")


def assert_same(first: StyleAtlas, second: StyleAtlas) -> None:
    """Compare every field of two atlases."""
    for field in fields(StyleAtlas):
        one, other = getattr(first, field.name), getattr(second, field.name)
        if isinstance(one, pd.DataFrame):
            one, other = (table.where(table.notna(), np.nan) for table in (one, other))
            pd.testing.assert_frame_equal(one, other, check_dtype=False, obj=field.name)
        elif isinstance(one, np.ndarray):
            np.testing.assert_array_equal(one, other, err_msg=field.name)
            assert one.dtype == other.dtype, field.name
        elif sparse.issparse(one):
            np.testing.assert_array_equal(one.toarray(), other.toarray())
            assert one.dtype == other.dtype, field.name
        elif field.name == "thumbnails":
            assert one.to_pylist() == other.to_pylist()
        elif field.name == "model":
            np.testing.assert_array_equal(one.transform(FEATURES), other.transform(FEATURES))
            np.testing.assert_array_equal(one.style_words_, other.style_words_)
        elif field.name == "feature_space":
            raw = {"statistics": FEATURES}
            np.testing.assert_array_equal(one.describe(raw), other.describe(raw))
            local = FEATURES[None].astype(np.int8)
            np.testing.assert_array_equal(
                one.grid_words.assign(local), other.grid_words.assign(local)
            )
        elif field.name == "selection":
            pd.testing.assert_frame_equal(one.table, other.table)
            pd.testing.assert_frame_equal(one.transitions, other.transitions)
            np.testing.assert_array_equal(one.perplexities, other.perplexities)
            plain = [
                {
                    k: v
                    for k, v in vars(s).items()
                    if k not in ("table", "perplexities", "transitions")
                }
                for s in (one, other)
            ]
            assert plain[0] == plain[1]
        else:
            assert one == other, field.name


@pytest.mark.parametrize(
    "options",
    [{}, {"with_painters": False}, {"words": ShiftedScores()}, {"reducer": PCA(0.9)}],
    ids=str,
)
def test_an_atlas_read_again_is_the_same(options, tmp_path):
    atlas = whole_atlas(**options)
    assert_same(atlas, load_atlas(save_atlas(atlas, tmp_path / "new" / "atlas")))


def test_an_atlas_of_when_there_was_one_vocabulary_can_be_read(original, folder):
    with np.load(folder / "model.npz") as stored:
        arrays = dict(stored)
    tree = json.loads((folder / "model.json").read_text())
    for i, described in enumerate(tree["blocks"]):
        arrays.pop(f"block_{i}/words/first_words_")
        (temperature,) = arrays.pop(f"block_{i}/words/temperatures_")
        described["words"]["numbers"]["temperature_"] = float(temperature)
        described["words"]["parameters"].pop("n_vocabularies")
        for name in ("left_out", "n_vocabularies"):
            described["block"].pop(name)
    tree["blocks"][0]["block"]["scored_parts"] = None
    np.savez(folder / "model.npz", **arrays)
    (folder / "model.json").write_text(json.dumps(tree))
    model = load_atlas(folder).model
    np.testing.assert_array_equal(model.transform(FEATURES), original.model.transform(FEATURES))
    assert model.block_words_[0].block.left_out == (0,)


def test_an_atlas_read_and_saved_again_is_the_same_files(saved, tmp_path):
    again = save_atlas(load_atlas(saved), tmp_path / "again")
    names = sorted(path.name for path in saved.iterdir())
    assert names == sorted(path.name for path in again.iterdir())
    for name in names:
        if not name.endswith(".npz"):  # members of an archive carry the time
            assert (saved / name).read_bytes() == (again / name).read_bytes(), name


def test_nothing_else_stays_in_the_folder(saved):
    assert not (saved / NEXT_FOLDER).exists()
    assert not list(saved.rglob("*.tmp"))
    assert not list(saved.rglob("*.pkl"))


def test_originals_that_moved_are_pointed_at(saved, tmp_path):
    assert load_atlas(saved).image_root == Path("/pictures")
    assert load_atlas(saved, images=tmp_path).image_root == tmp_path


def test_what_people_wrote_stays(folder, original):
    (folder / "curation.jsonl").write_text("{}\n")
    save_atlas(original, folder)
    assert (folder / "curation.jsonl").read_text() == "{}\n"


def test_painters_of_an_older_atlas_do_not_stay(folder):
    assert (folder / "painters.csv").exists()
    save_atlas(whole_atlas(with_painters=False), folder)
    assert load_atlas(folder).n_painters == 0
    assert not list(folder.glob("painters.*"))


def test_a_model_of_unknown_parts_is_not_written(original, tmp_path):
    model = StyleModel(2, topics=NMF(init="nndsvda", max_iter=999, tol=0.1)).fit(FEATURES)
    with pytest.raises(AtlasError, match="cannot hold a fitted NMF"):
        save_atlas(replace(original, model=model), tmp_path / "atlas")
    with pytest.raises(AtlasError, match="is not finished"):
        load_atlas(tmp_path / "atlas")


# What is not an atlas


def test_a_folder_that_is_missing_empty_or_something_else(tmp_path, original):
    with pytest.raises(AtlasError, match="There is no atlas"):
        load_atlas(tmp_path / "nowhere")
    with pytest.raises(AtlasError, match=r"has no run\.json"):
        load_atlas(tmp_path)
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(AtlasError, match="not empty and not an atlas"):
        save_atlas(original, tmp_path)
    with pytest.raises(AtlasError, match="is a file; an atlas is a folder"):
        save_atlas(original, tmp_path / "letter.txt")
    with pytest.raises(AtlasError, match="cannot be made"):
        save_atlas(original, tmp_path / "letter.txt" / "atlas")
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_an_atlas_of_a_newer_version_says_how_to_update(folder):
    run = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**run, "schema": SCHEMA_VERSION + 1}))
    with pytest.raises(AtlasError, match=r"newer ArtStyleNet .* pip install -U artstylenet"):
        load_atlas(folder)


def test_a_folder_that_cannot_be_written(original, tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    # Tests may run as root, whom no mode of a folder stops.
    monkeypatch.setattr("artstylenet.storage.folder.os.open", refuse)
    with pytest.raises(AtlasError, match=r"cannot be written: Permission denied"):
        save_atlas(original, tmp_path / "atlas")


# What is damaged


def files_of_an_atlas() -> list[str]:
    """Names of the files that reading needs."""
    tables = [
        f"{name}.parquet"
        for name in ("paintings", "painters", "styles", "skipped", "duplicates", "selection")
    ]
    return [*tables, "words.npz", "arrays.npz", "model.npz", "model.json", "selection.json",
            "thumbnails.arrow", "run.json"]  # fmt: skip


@pytest.mark.parametrize("name", files_of_an_atlas())
@pytest.mark.parametrize("kept", [0, 0.5, 0.98])
def test_a_file_cut_off_is_called_damage(folder, name, kept):
    path = folder / name
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)


@pytest.mark.parametrize("name", set(files_of_an_atlas()) - {"run.json", "painters.parquet"})
def test_a_file_that_is_missing_is_called_damage(folder, name):
    (folder / name).unlink()
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)


@pytest.mark.parametrize("name", [n for n in files_of_an_atlas() if n.endswith((".npz", ".json"))])
def test_changed_bytes_raise_nothing_but_an_atlas_error(folder, name):
    rng = np.random.default_rng(0)
    content = (folder / name).read_bytes()
    for _ in range(15):
        changed = bytearray(content)
        for position in rng.integers(len(content), size=3):
            changed[position] = rng.integers(256)
        (folder / name).write_bytes(changed)
        with suppress(AtlasError):
            load_atlas(folder)


def test_tables_of_different_lengths_are_called_damage(folder):
    with np.load(folder / "arrays.npz") as stored:
        arrays = dict(stored)
    np.savez(folder / "arrays.npz", **{**arrays, "descriptors": arrays["descriptors"][:-1]})
    with pytest.raises(AtlasError, match="descriptors and paintings differ in rows"):
        load_atlas(folder)


# What strangers send


class Explosive:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("name", ["words.npz", "arrays.npz", "model.npz"])
def test_objects_in_arrays_are_not_unpickled(folder, name, tmp_path):
    with np.load(folder / name) as stored:
        arrays = dict(stored)
    hostile = np.array([Explosive(tmp_path / "mark")], dtype=object)
    np.savez(folder / name, **dict.fromkeys(arrays, hostile))
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize("name", ["Popen", "os.system", "Pipeline", "PCA "])
def test_classes_that_are_not_known_are_not_made(folder, name):
    tree = json.loads((folder / "model.json").read_text())
    tree["topics"]["class"] = name
    (folder / "model.json").write_text(json.dumps(tree))
    with pytest.raises(AtlasError, match="names an estimator"):
        load_atlas(folder)


def test_an_atlas_half_moved_deletes_nothing_but_its_own(folder, tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    (folder / NEXT_FOLDER).mkdir()
    (folder / NEXT_FOLDER / COMPLETE).write_text("../letter.txt\nrun.json\n")
    load_atlas(folder)
    assert (tmp_path / "letter.txt").exists()


# What people open in spreadsheets


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]


def test_no_cell_becomes_a_formula(tmp_path):
    table = pd.DataFrame({"=title": [*HOSTILE, "a = b", "a\r=1"], "value": -1.5})
    write_csv(table, tmp_path / "table.csv")
    read = pd.read_csv(tmp_path / "table.csv", dtype=str)
    assert list(read.columns) == ["'=title", "value"]
    shown = [f"'{text}".replace("\r", "\n") for text in HOSTILE]
    assert list(read["'=title"]) == [*shown, "a = b", "a\n=1"]
    assert list(read["value"]) == ["-1.500000"] * 8


def test_painters_that_look_like_formulas_are_harmless_in_csv_and_themselves_in_python(saved):
    assert "=SUM(A1)" in set(load_atlas(saved).paintings["painter"])
    csv = (saved / "paintings.csv").read_text(encoding="utf-8")
    assert ",'=SUM(A1)," in csv
    assert ",=SUM" not in csv


def test_numbers_have_six_digits_and_nothing_is_written_for_missing_ones(tmp_path):
    table = pd.DataFrame(
        {"a": [1 / 3, -0.0, np.nan, 2], "b": [1, 2, 3, 4], "c": [None, "x", "", "y"]}
    )
    write_csv(table, tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_bytes() == (
        b"a,b,c\n0.333333,1,\n0.000000,2,x\n,3,\n2.000000,4,y\n"
    )


def test_a_table_written_in_blocks_is_that_written_at_once(tmp_path, monkeypatch):
    table = pd.DataFrame(
        {
            "n": pd.array([1, None, 3, 4], "Int64"),
            "t": ["a,b", None, "=x", "é"],
            "f": [1, -0.0, 2, 3],
        }
    )
    write_csv(table, tmp_path / "whole.csv")
    monkeypatch.setattr("artstylenet.storage.tables.ROWS_AT_ONCE", 2)
    write_csv(table, tmp_path / "blocks.csv")
    write_csv(table.iloc[:0], tmp_path / "empty.csv")
    assert (tmp_path / "blocks.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert (tmp_path / "empty.csv").read_bytes() == b"n,t,f\n"


ODD = ["Émile", "日本", "a\u202eb", "two\nlines", '"quoted", comma', "\U0001f3a8", "bad\udcff", ""]


def test_odd_text_survives(original, tmp_path):
    # Tables of Arrow refuse what is no Unicode; a name of a file may be no Unicode.
    titles = [*ODD, *original.paintings["title"][len(ODD) :]]
    atlas = replace(
        original, paintings=original.paintings.assign(title=pd.Series(titles, dtype=object))
    )
    folder = save_atlas(atlas, tmp_path / "atlas")
    expected = [title.replace("\udcff", "\\udcff") for title in titles]
    assert list(load_atlas(folder).paintings["title"]) == expected
    content = (folder / "paintings.csv").read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(folder / "paintings.csv", dtype=str, keep_default_na=False)
    assert list(read["title"]) == expected


def test_the_columns_of_paintings_are_those_promised(saved):
    columns = list(pd.read_csv(saved / "paintings.csv").columns)
    assert columns[:6] == ["id", "path", "hash", "painter", "title", "year"]
    styles = [f"style_{k:02d}" for k in range(5)]
    assert columns[-7:] == ["style", "entropy", *styles]


# What happens when somebody pulls the plug


@pytest.fixture(scope="module")
def editions(tmp_path_factory) -> tuple[Path, Path]:
    """Two atlases that differ in several files."""
    first = whole_atlas()
    second = replace(
        whole_atlas(with_painters=False),
        descriptors=first.descriptors[::-1].copy(),
        run={**first.run, "notes": ["second"]},
        styles=first.styles.assign(share=0.2),
    )
    root = tmp_path_factory.mktemp("editions")
    return save_atlas(first, root / "first"), save_atlas(second, root / "second")


def edition_of(atlas: StyleAtlas, editions: tuple[StyleAtlas, StyleAtlas]) -> int:
    """Return which of the two an atlas is; all that differs comes from the same one."""
    edition = int(atlas.run["notes"] == ["second"])
    expected = editions[edition]
    np.testing.assert_array_equal(atlas.descriptors, expected.descriptors)
    pd.testing.assert_frame_equal(atlas.styles, expected.styles)
    assert atlas.n_painters == expected.n_painters
    return edition


def test_a_cut_at_any_step_leaves_the_old_or_the_new(editions, tmp_path, monkeypatch):
    class PlugPulled(BaseException):
        pass

    old_and_new = tuple(load_atlas(folder) for folder in editions)
    found = []
    for last_step in range(1, 100, 3):
        folder = shutil.copytree(editions[0], tmp_path / str(last_step))
        steps_left = last_step

        def counted(step):
            def run(*args, **kwargs):
                nonlocal steps_left
                steps_left -= 1
                if steps_left <= 0:
                    raise PlugPulled
                return step(*args, **kwargs)

            return run

        with monkeypatch.context() as patched:
            for name in ("replace", "unlink", "mkdir"):
                patched.setattr(Path, name, counted(getattr(Path, name)))
            patched.setattr("artstylenet.storage.folder._sync", counted(lambda path: None))
            try:
                save_atlas(old_and_new[1], folder)
            except PlugPulled:
                pass
            else:
                break
        found.append(edition_of(load_atlas(folder), old_and_new))
        assert not (folder / NEXT_FOLDER / COMPLETE).exists()
    assert found == sorted(found), "once it is new it stays new"
    assert set(found) == {0, 1}
    assert len(found) > 15


def save_in_turn(sources: tuple[Path, Path], folder: Path) -> None:
    """Save one atlas over the other until killed."""
    atlases = [load_atlas(source) for source in sources]
    for edition in range(1000):
        save_atlas(atlases[edition % 2], folder)


def test_a_writer_killed_at_any_moment_leaves_a_whole_atlas(editions, tmp_path):
    both = tuple(load_atlas(source) for source in editions)
    save_atlas(both[0], tmp_path / "atlas")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.test_storage"])
    rng = np.random.default_rng(0)
    for _ in range(3):
        writer = context.Process(target=save_in_turn, args=(editions, tmp_path / "atlas"))
        started = (tmp_path / "atlas" / "run.json").stat().st_ino
        writer.start()
        while (tmp_path / "atlas" / "run.json").stat().st_ino == started:
            time.sleep(0.01)
        # While it writes, readers see one edition or the other.
        edition_of(load_atlas(tmp_path / "atlas"), both)
        time.sleep(rng.uniform(0, 0.1))
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        edition_of(load_atlas(tmp_path / "atlas"), both)
        # The next writer is not kept out by the dead one.
        save_atlas(both[0], tmp_path / "atlas")


def test_an_atlas_that_is_not_finished_counts_as_one(tmp_path, original):
    with atlas_lock(tmp_path / "atlas"):
        pass
    assert is_atlas_folder(tmp_path / "atlas")
    with pytest.raises(AtlasError, match="is not finished; run its build again"):
        load_atlas(tmp_path / "atlas")
    save_atlas(original, tmp_path / "atlas")
    load_atlas(tmp_path / "atlas")


def test_the_second_writer_waits_and_says_so(tmp_path):
    order = []
    waiting = threading.Event()

    def second() -> None:
        with atlas_lock(tmp_path / "atlas", waiting.set):
            order.append("second")

    with atlas_lock(tmp_path / "atlas"):
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def hold(folder: Path, ready) -> None:
    """Hold the lock of an atlas for ever."""
    with atlas_lock(folder):
        ready.set()
        signal.pause()


def test_a_lock_dies_with_its_holder(tmp_path):
    context = multiprocessing.get_context("forkserver")
    ready = context.Event()
    holder = context.Process(target=hold, args=(tmp_path / "atlas", ready))
    holder.start()
    assert ready.wait(60)
    threading.Timer(0.2, holder.kill).start()
    waited = []
    with atlas_lock(tmp_path / "atlas", lambda: waited.append(True)):
        assert waited == [True]
    holder.join()
