"""Stages are remembered by all that they depend on, and by nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from artstylenet.atomic_files import write_atomically
from artstylenet.stage_cache import KEPT_PER_STAGE, StageCache, digest


class Counted:
    """A stage that counts how often it is computed."""

    def __init__(self, value: float = 1.0) -> None:
        self.value = value
        self.n_calls = 0

    def __call__(self) -> dict[str, np.ndarray]:
        self.n_calls += 1
        return {"result": np.full(3, self.value)}


def test_the_same_inputs_are_computed_once(tmp_path):
    stage = Counted()
    first = StageCache(tmp_path).get("map", {"seed": 0}, stage)
    second = StageCache(tmp_path).get("map", {"seed": 0}, stage)
    assert stage.n_calls == 1
    assert list(first) == list(second) == ["result"]
    np.testing.assert_array_equal(first["result"], second["result"])


@pytest.mark.parametrize(
    ("stage", "inputs"),
    [
        ("map", {"seed": 1}),
        ("map", {"seed": "0"}),
        ("map", {"seed": 0, "x": None}),
        ("words", {"seed": 0}),
    ],
)
def test_other_inputs_or_another_stage_are_computed_anew(tmp_path, stage, inputs):
    cache = StageCache(tmp_path)
    cache.get("map", {"seed": 0}, Counted(1))
    assert cache.get(stage, inputs, Counted(2))["result"][0] == 2


@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.95])
def test_a_file_cut_off_is_made_again(tmp_path, kept):
    cache = StageCache(tmp_path)
    cache.get("map", {}, Counted(1))
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    path.write_bytes(content[: kept if kept > 1 else int(kept * len(content))])
    assert cache.get("map", {}, Counted(2))["result"][0] == 2
    assert cache.get("map", {}, Counted(3))["result"][0] == 2


def test_objects_are_not_unpickled(tmp_path):
    cache = StageCache(tmp_path)
    cache.get("map", {}, Counted(1))
    (path,) = tmp_path.iterdir()
    np.savez(path, result=np.array([{"a": 1}], dtype=object))
    assert cache.get("map", {}, Counted(2))["result"][0] == 2


def test_a_file_damaged_anywhere_is_made_again_or_read(tmp_path):
    StageCache(tmp_path).get("map", {}, Counted())
    (path,) = tmp_path.glob("map-*.npz")
    whole = path.read_bytes()
    stage = Counted()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        StageCache(tmp_path).get("map", {}, stage)
    assert stage.n_calls > len(whole) / 2


def test_a_file_of_a_stranger_takes_no_more_memory_than_it_is_long(tmp_path):
    StageCache(tmp_path).get("map", {}, Counted())
    (path,) = tmp_path.glob("map-*.npz")
    np.savez_compressed(path, result=np.zeros(1 << 27, np.uint8))
    stage = Counted()
    result = StageCache(tmp_path).get("map", {}, stage)
    assert stage.n_calls == 1
    assert result["result"].shape == (3,)


def test_only_the_newest_results_of_a_stage_are_kept(tmp_path):
    cache = StageCache(tmp_path)
    cache.get("words", {}, Counted())
    for seed in range(KEPT_PER_STAGE + 3):
        cache.get("map", {"seed": seed}, Counted())
    assert len(list(tmp_path.glob("map-*"))) == KEPT_PER_STAGE
    assert len(list(tmp_path.glob("words-*"))) == 1
    newest = Counted()
    cache.get("map", {"seed": KEPT_PER_STAGE + 2}, newest)
    assert newest.n_calls == 0


def test_without_a_folder_nothing_is_kept():
    stage = Counted()
    for _ in range(2):
        StageCache(None).get("map", {}, stage)
    assert stage.n_calls == 2


def test_a_stage_that_fails_leaves_nothing_behind(tmp_path):
    def fail() -> dict[str, np.ndarray]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        StageCache(tmp_path / "cache").get("map", {}, fail)
    assert not (tmp_path / "cache").exists()


def test_digests_are_the_same_in_every_process_and_for_every_order_of_keys():
    assert digest({"b": 1, "a": [1, 2]}) == digest({"a": [1, 2], "b": 1}) == "3813f9409eb0095b"
    assert digest({"a": 1}) != digest({"a": 1.5})


def test_a_file_is_there_whole_or_not_at_all(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail_half_way() -> None:
        with write_atomically(path) as file:
            file.write(b"half of the n")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert path.read_bytes() == b"old"
    with write_atomically(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
