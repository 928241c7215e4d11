"""Tables, JSON and atlases of strangers: refused with a sentence, never obeyed, never fatal."""

from __future__ import annotations

import io
import json
import os
import pickle
import random
import shutil
import struct
import tempfile
import warnings
import zipfile
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from artstylenet.atlas import StyleAtlas
from artstylenet.collection import read_collection
from artstylenet.counting import as_whole_numbers
from artstylenet.curation import CURATION_FILE, read_curation
from artstylenet.errors import ArtStyleNetError, AtlasError
from artstylenet.profiles import read_profile
from artstylenet.site import export_site
from artstylenet.storage import load_atlas as open_atlas
from artstylenet.storage import save_atlas
from tests.test_storage import FEATURES, whole_atlas
from tests.torture.mutants import flip, header_number, overwrite, splice

pytestmark = pytest.mark.torture

N_EXAMPLES = int(os.environ.get("ARTSTYLENET_EXAMPLES", "1000"))
N_DAMAGED = int(os.environ.get("ARTSTYLENET_DAMAGED", "1000"))
often = settings(max_examples=N_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


def load_atlas(folder: Path, **options: object) -> StyleAtlas:
    """Open an atlas and read all of it, also what is read when it is first asked for."""
    atlas = open_atlas(folder, **options)
    for field in fields(StyleAtlas):
        getattr(atlas, field.name)
    return atlas


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    toy = whole_atlas()
    words = as_whole_numbers(toy.model.count_words(FEATURES))
    return save_atlas(replace(toy, word_counts=words), tmp_path_factory.mktemp("atlas"))


@pytest.fixture
def folder(saved, tmp_path) -> Path:
    return shutil.copytree(saved, tmp_path / "atlas")


cells = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "a.jpg", "../../etc/passwd", "/etc/passwd", "-1", "1e999", "NaN", "c. 1",
                     "\x00", "=1+1", "99999999999999999999", "a.jpg/"]),
)  # fmt: skip
headers = st.sampled_from(
    ["file", "path", "artist", "painter", "title", "year", "id", "genre", "style_00", "", "x"]
)


@often
@given(
    names=st.lists(headers, min_size=1, max_size=6),
    rows=st.lists(st.lists(cells, max_size=7), max_size=6),
    separator=st.sampled_from([",", ";", "\t"]),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_table_is_read_or_refused(names, rows, separator, ending):
    text = ending.join(separator.join(row) for row in [names, *rows])
    with tempfile.TemporaryDirectory() as folder:
        for name in ("works.csv", "works.tsv"):
            table = Path(folder) / name
            table.write_bytes(text.encode("utf-8", "surrogatepass"))
            read_or_refuse(table, Path(folder))


@often
@given(data=st.binary(max_size=300), name=st.sampled_from(["csv", "jsonl", "parquet", "tsv"]))
def test_any_bytes_are_no_table_or_one(data, name):
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / f"works.{name}"
        table.write_bytes(data)
        read_or_refuse(table, Path(folder))


def read_or_refuse(table: Path, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"picture")
    try:
        collection = read_collection(table)
    except ArtStyleNetError as error:
        assert str(error)
        return
    root = collection.root.resolve()
    for path in collection.paintings["path"]:
        assert (root / path).resolve().is_relative_to(folder.resolve())


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["action", "style", "text", "into", "build", "schema", "n_styles", "id"]
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@often
@given(value=json_values, name=st.sampled_from(["run.json", "selection.json", "model.json"]))
def test_any_json_in_an_atlas_is_refused_or_read(value, name, saved):
    with changed(saved, name, json.dumps(value).encode()) as folder:
        load_or_refuse(folder)


@often
@given(values=st.lists(json_values, max_size=3), end=st.sampled_from(["\n", "", "\n\n"]))
def test_any_lines_in_a_curation_or_profile_are_refused_or_read(values, end, saved):
    text = "\n".join(json.dumps(value) for value in values) + end
    with changed(saved, CURATION_FILE, text.encode()) as folder:
        for read in (
            lambda: read_curation(folder),
            lambda: read_profile(load_atlas(saved), folder / CURATION_FILE),
        ):
            try:
                read()
            except ArtStyleNetError as error:
                assert str(error)


class changed:
    """A copy of an atlas, by links, with one file replaced."""

    def __init__(self, atlas: Path, name: str, data: bytes) -> None:
        self.atlas, self.name, self.data = atlas, name, data

    def __enter__(self) -> Path:
        self.temporary = tempfile.TemporaryDirectory()
        folder = Path(self.temporary.name)
        for path in self.atlas.iterdir():
            if path.is_file() and path.name != self.name:
                os.link(path, folder / path.name)
        (folder / self.name).write_bytes(self.data)
        return folder

    def __exit__(self, *error: object) -> None:
        self.temporary.cleanup()


def load_or_refuse(folder: Path) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            atlas = load_atlas(folder)
            # What was read can be used without touching memory that is not its own.
            atlas.model.mixtures(atlas.word_counts.astype(np.float32))
    except (ArtStyleNetError, ValueError) as error:
        assert str(error)
        return False
    return True


def test_damaged_files_of_an_atlas_are_refused_or_read(saved):
    names = sorted(
        path.name
        for path in saved.iterdir()
        if path.suffix in (".npz", ".parquet", ".arrow", ".json")
    )
    n_read = 0
    for number in range(N_DAMAGED):
        rng = random.Random(number)
        name = names[number % len(names)]
        data = (saved / name).read_bytes()
        for _ in range(rng.choice((1, 1, 3))):
            data = rng.choice((flip, overwrite, splice, header_number))(data, rng)
        with changed(saved, name, data) as folder:
            n_read += load_or_refuse(folder)
    print(f"{n_read} of {N_DAMAGED} damaged atlases were read, the others refused")
    assert n_read < N_DAMAGED


class Evil:
    def __reduce__(self):
        return (os.system, ("touch /tmp/artstylenet-was-here",))


def npz(path: Path, name: str, member: bytes, compression: int = zipfile.ZIP_STORED) -> None:
    """Replace one array of an archive by the bytes of a file."""
    with zipfile.ZipFile(path) as archive:
        others = {one: archive.read(one) for one in archive.namelist() if one != f"{name}.npy"}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for one, data in others.items():
            archive.writestr(one, data)
        archive.writestr(f"{name}.npy", member)


def header(shape: str, kind: str, body: bytes = b"") -> bytes:
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (64 - (len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + body


@pytest.mark.parametrize("file", ["words.npz", "arrays.npz", "model.npz"])
def test_no_pickle_is_loaded(file, folder):
    evil = header("(1,)", "|O", pickle.dumps(np.array([Evil()], dtype=object)))
    with zipfile.ZipFile(folder / file) as archive:
        names = [name.removesuffix(".npy") for name in archive.namelist()]
    for name in names[:3]:
        npz(folder / file, name, evil)
        with pytest.raises(AtlasError, match="damaged"):
            load_atlas(folder)
    assert not Path("/tmp/artstylenet-was-here").exists()
    (folder / file).write_bytes(pickle.dumps(Evil()))
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)
    assert not Path("/tmp/artstylenet-was-here").exists()


@pytest.mark.parametrize("shape", ["(1000000000000,)", "(1000000, 1000000)", "(-1,)", "(2**60,)"])
def test_a_size_that_is_only_claimed_takes_no_memory(shape, folder):
    npz(folder / "arrays.npz", "descriptors", header(shape, "<f8", bytes(64)))
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)


def test_a_bomb_is_not_unpacked(folder):
    n_bytes = 256 << 20
    body = header(f"({n_bytes},)", "|u1", bytes(n_bytes))
    npz(folder / "arrays.npz", "descriptors", body, zipfile.ZIP_DEFLATED)
    with pytest.raises(AtlasError, match=r"expands to 0\.3 GB"):
        load_atlas(folder)


def test_a_table_of_a_billion_equal_rows_is_refused(folder):
    rows = pa.table({"path": pa.array(["x"] * 1_000_000), "reason": pa.array(["y"] * 1_000_000)})
    pq.write_table(rows, folder / "skipped.parquet", compression="zstd")
    assert (folder / "skipped.parquet").stat().st_size < 1_000_000
    with pytest.raises(AtlasError, match="claims 1000000 rows"):
        load_atlas(folder)


def test_deep_json_is_refused(folder):
    (folder / "model.json").write_text("[" * 100_000)
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)
    (folder / "run.json").write_text("[" * 100_000)
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)


def test_indices_beyond_the_vocabulary_are_refused(folder):
    with np.load(folder / "words.npz") as stored:
        words = dict(stored)
    words["indices"][:] = 60_000
    np.savez_compressed(folder / "words.npz", **words)
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)


def test_topics_smaller_than_they_say_are_refused(folder):
    with np.load(folder / "model.npz") as stored:
        arrays = dict(stored)
    arrays["topics/components_"] = arrays["topics/components_"][:, :3]
    np.savez(folder / "model.npz", **arrays)
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)


def test_paths_that_leave_the_folder_of_pictures_are_not_followed(folder, tmp_path):
    secret = tmp_path / "secret.png"
    Image.new("RGB", (400, 400), (9, 9, 9)).save(secret)
    table = pd.read_parquet(folder / "paintings.parquet")
    table.loc[0, "path"] = "../secret.png"
    table.loc[1, "path"] = str(secret)
    table.to_parquet(folder / "paintings.parquet", index=False)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "link.png").symlink_to(secret)
    atlas = load_atlas(folder, images=pictures)
    site = export_site(atlas, tmp_path / "site", pictures="full")
    for path in Path(site).rglob("*.*"):
        if path.suffix in (".jpg", ".jpeg", ".png"):
            image = Image.open(io.BytesIO(path.read_bytes()))
            assert image.convert("RGB").getpixel((0, 0)) != (9, 9, 9)


def test_names_of_columns_and_files_stay_inside(folder):
    """What the journal may delete is named by us, not by the atlas."""
    staged = folder / ".next"
    staged.mkdir()
    victim = folder.parent / "victim.txt"
    victim.write_text("mine")
    (staged / "complete").write_text("../victim.txt\npainters.csv")
    load_atlas(folder)
    assert victim.read_text() == "mine"
