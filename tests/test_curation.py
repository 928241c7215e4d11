"""What people say of styles is kept, taken back, and never touches the model."""

from __future__ import annotations

import errno
import json
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from artstylenet.curation import (
    Curation,
    hide_style,
    merge_style,
    name_style,
    note_style,
    read_curation,
    show_style,
    undo,
)
from artstylenet.errors import AtlasError, InputError, UnknownIdError


@pytest.fixture
def folder(tmp_path) -> Path:
    """The least that is an atlas of five styles."""
    write_run(tmp_path, "first build")
    return tmp_path


def write_run(folder: Path, inputs: str) -> None:
    run = {"n_styles": 5, "schema": 1, "inputs": inputs}
    (folder / "run.json").write_text(json.dumps(run))


def test_without_a_file_everything_is_as_it_was_found(folder, atlas):
    curation = read_curation(folder)
    assert curation == Curation()
    assert curation.name(3) == "Style 3"
    assert curation.view(atlas.painting_styles).equals(atlas.painting_styles)


def test_names_notes_hidden_and_merged_styles_are_kept_and_undone_one_by_one(folder):
    stages = [
        read_curation(folder),
        name_style(folder, 0, "  Pale   seascapes "),
        name_style(folder, 0, "Wide skies — «ciel»"),
        note_style(folder, 1, "Ask the print room."),
        hide_style(folder, 2),
        merge_style(folder, 3, into=0),
    ]
    last = stages[-1]
    assert last.last == "style 3 merged into style 0"
    assert last.names == {0: "Wide skies — «ciel»"}
    assert last.notes == {1: ("Ask the print room.",)}
    assert last.hidden == {2}
    assert last.merged == {3: 0}
    for earlier in reversed(stages[:-1]):
        assert undo(folder) == earlier == read_curation(folder)
    with pytest.raises(InputError, match="nothing to undo"):
        undo(folder)


def test_the_file_only_ever_grows(folder):
    name_style(folder, 0, "a")
    before = (folder / "curation.jsonl").read_bytes()
    undo(folder)
    hide_style(folder, 1)
    assert (folder / "curation.jsonl").read_bytes().startswith(before)


def test_names_of_an_earlier_build_do_not_move_to_other_styles(folder):
    name_style(folder, 0, "Pale seascapes")
    write_run(folder, "second build")
    assert read_curation(folder) == Curation(n_outdated=1)
    with pytest.raises(InputError, match="nothing to undo"):
        undo(folder)
    assert name_style(folder, 0, "Ink").names == {0: "Ink"}
    write_run(folder, "first build")
    assert read_curation(folder).names == {0: "Pale seascapes"}


def test_the_view_adds_up_merged_styles_and_leaves_out_hidden_ones(folder, atlas):
    merge_style(folder, 4, into=3)
    merge_style(folder, 3, into=1)
    curation = hide_style(folder, 2)
    assert curation.merged == {4: 1, 3: 1}
    mixtures = atlas.painting_styles
    shown = curation.view(mixtures)
    assert list(shown.columns) == ["style_00", "style_01"]
    expected = mixtures["style_01"] + mixtures["style_03"] + mixtures["style_04"]
    np.testing.assert_allclose(shown["style_01"], expected)
    np.testing.assert_allclose(shown.sum(axis=1), 1 - mixtures["style_02"])
    assert shown.index.equals(mixtures.index)


def test_circles_unknown_styles_and_empty_names_change_nothing(folder):
    merge_style(folder, 1, into=2)
    merge_style(folder, 2, into=3)
    before = (folder / "curation.jsonl").read_bytes()
    for style, into in ((3, 1), (3, 2), (4, 4)):
        with pytest.raises(InputError, match="cannot be merged"):
            merge_style(folder, style, into)
    with pytest.raises(UnknownIdError, match="0 to 4"):
        hide_style(folder, 5)
    with pytest.raises(UnknownIdError):
        merge_style(folder, 0, into=-1)
    with pytest.raises(InputError, match="empty"):
        name_style(folder, 0, " \n")
    with pytest.raises(InputError, match="longer"):
        name_style(folder, 0, "x" * 2001)
    assert (folder / "curation.jsonl").read_bytes() == before


def test_a_line_cut_off_by_a_crash_costs_only_itself(folder):
    name_style(folder, 0, "kept")
    path = folder / "curation.jsonl"
    path.write_bytes(path.read_bytes() + b'{"action": "na')
    assert read_curation(folder).names == {0: "kept"}
    assert hide_style(folder, 1).names == {0: "kept"}
    assert len(path.read_text().splitlines()) == 2


@pytest.mark.parametrize("n_written", [5, None])
def test_a_full_disk_is_said_and_costs_only_that_name(folder, monkeypatch, n_written):
    name_style(folder, 0, "kept")
    write = os.write

    def write_on_a_full_disk(handle, data):
        if n_written is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, data[:n_written])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write_on_a_full_disk)
        with pytest.raises(AtlasError, match=r"written whole|No space left"):
            name_style(folder, 0, "lost")
    assert read_curation(folder).names == {0: "kept"}
    assert name_style(folder, 1, "room again").names == {0: "kept", 1: "room again"}


@pytest.mark.parametrize(
    "line",
    ["nonsense", '{"action": "paint"}', '{"action": "name", "style": "0", "text": "x"}', "3"],
)
def test_a_line_that_is_not_ours_is_named(folder, line):
    (folder / "curation.jsonl").write_text(line + "\n")
    with pytest.raises(AtlasError, match="Line 1"):
        read_curation(folder)


def test_a_folder_that_is_no_atlas_gets_no_file(tmp_path):
    with pytest.raises(AtlasError, match=r"no atlas|not an atlas"):
        name_style(tmp_path, 0, "x")
    assert not list(tmp_path.iterdir())


def test_many_at_once_lose_nothing(folder):
    threads = [
        threading.Thread(target=note_style, args=(folder, k % 5, f"note {k}")) for k in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    notes = [note for kept in read_curation(folder).notes.values() for note in kept]
    assert sorted(notes) == sorted(f"note {k}" for k in range(20))


def test_what_was_hidden_or_merged_can_be_shown_again(folder):
    hide_style(folder, 2)
    merge_style(folder, 3, into=0)
    name_style(folder, 3, "Ink")
    assert show_style(folder, 2).hidden == frozenset()
    shown = show_style(folder, 3)
    assert (shown.merged, shown.names) == ({}, {3: "Ink"})
    assert undo(folder).merged == {3: 0}
