"""An atlas that somebody sends may be wrong in any way: it is refused with a sentence, soon."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from artstylenet.atlas import StyleAtlas
from artstylenet.counting import as_whole_numbers
from artstylenet.curation import CURATION_FILE, name_style, read_curation
from artstylenet.errors import ArtStyleNetError, AtlasError, BackboneError, ImageError
from artstylenet.imaging import open_thumbnail
from artstylenet.placing import backbone_of
from artstylenet.site.sprites import make_sheet
from artstylenet.storage import load_atlas as open_atlas
from artstylenet.storage import save_atlas
from tests.test_storage import FEATURES, whole_atlas


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    toy = whole_atlas()
    words = as_whole_numbers(toy.model.count_words(FEATURES))
    atlas = replace(toy, word_counts=words, run={**toy.run, "inputs": "a build"})
    return save_atlas(atlas, tmp_path_factory.mktemp("atlas"))


@pytest.fixture
def folder(saved, tmp_path) -> Path:
    return shutil.copytree(saved, tmp_path / "atlas")


def load_atlas(folder: Path) -> StyleAtlas:
    """Open an atlas and read all of it, also what is read when it is first asked for."""
    atlas = open_atlas(folder, whole=False)
    for field in fields(StyleAtlas):
        getattr(atlas, field.name)
    return atlas


def change_json(folder: Path, name: str, change: Callable[[dict], object]) -> None:
    tree = json.loads((folder / name).read_text())
    change(tree)
    (folder / name).write_text(json.dumps(tree))


def change_table(folder: Path, name: str, **columns: object) -> None:
    table = pd.read_parquet(folder / f"{name}.parquet")
    table.assign(**columns).to_parquet(folder / f"{name}.parquet", index=False)


def change_arrays(folder: Path, name: str, **arrays: np.ndarray) -> None:
    with np.load(folder / name) as stored:
        changed = {**stored, **arrays}
    np.savez(folder / name, **changed)


def picture(file_format: str, side: int = 40) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), "red").save(buffer, file_format)
    return buffer.getvalue()


def test_the_atlas_itself_is_read(folder):
    assert load_atlas(folder).n_paintings == 60


@pytest.mark.parametrize("n_styles", [10**12, 1e308, -1, 0, True, "5", [5], None, 4])
def test_a_number_of_styles_that_is_not_that_of_the_tables_is_refused(n_styles, folder):
    change_json(folder, "run.json", lambda run: run.update(n_styles=n_styles))
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)


@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "EPS", "BMP"])
def test_thumbnails_are_decoded_as_jpeg_alone(file_format, saved):
    """Among all formats that Pillow knows is one for which it starts another program."""
    data = picture(file_format)
    with pytest.raises(ImageError, match="no JPEG"):
        open_thumbnail(data)
    with pytest.raises(ImageError, match="no JPEG"):
        make_sheet(pa.chunked_array([[data]], pa.binary()), 0)


def test_a_thumbnail_as_large_as_a_wall_is_refused():
    with pytest.raises(ImageError, match="2000 x 2000"):
        open_thumbnail(picture("JPEG", 2000))
    assert open_thumbnail(picture("JPEG")).size == (40, 40)


def write_thumbnails(folder: Path, column: pa.Array, **options: object) -> None:
    table = pa.table({"thumbnail": column})
    with (
        pa.OSFile(str(folder / "thumbnails.arrow"), "wb") as sink,
        pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer,
    ):
        writer.write_table(table)


@pytest.mark.parametrize("offset", [1 << 30, 1000, -5])
def test_offsets_that_lie_are_refused(offset, folder):
    """What they point at would be memory of others, shown as a picture."""
    write_thumbnails(folder, pa.array([b"12345"] * 60))
    data = (folder / "thumbnails.arrow").read_bytes()
    offsets = np.arange(61, dtype=np.int32) * 5
    assert offsets.tobytes() in data
    lying = offsets.copy()
    lying[30] = offset
    (folder / "thumbnails.arrow").write_bytes(data.replace(offsets.tobytes(), lying.tobytes()))
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["text"] * 60),
        pa.array([[b"x"]] * 60),
        pa.array([b"x"] * 60).dictionary_encode(),
        pa.array([None] * 60, pa.binary()),
        pa.array(range(60)),
    ],
    ids=lambda column: str(column.type),
)
def test_thumbnails_of_another_kind_are_refused(column, folder):
    write_thumbnails(folder, column)
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)


def assert_refused_in_little_memory(folder: Path) -> None:
    before = psutil.Process().memory_info().rss
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)
    assert psutil.Process().memory_info().rss - before < 3 << 30


def test_thumbnails_that_unpack_to_gigabytes_are_refused(folder):
    nothing = bytes(100 << 20)
    column = pa.chunked_array([pa.array([nothing], pa.binary())] * 60)
    write_thumbnails(folder, column, compression="zstd")
    assert (folder / "thumbnails.arrow").stat().st_size < 2 << 20
    assert_refused_in_little_memory(folder)


def test_a_long_text_that_ten_thousand_rows_share_is_refused(folder):
    """A dictionary of one text takes little room in Parquet, and each row of a table its own."""
    text = "x" * (8 << 20)
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 10_000, pa.int32()), pa.array([text]))
    rows = pa.table({"path": column, "reason": column})
    pq.write_table(rows, folder / "skipped.parquet", compression="zstd", store_schema=False)
    assert (folder / "skipped.parquet").stat().st_size < 1 << 20
    assert_refused_in_little_memory(folder)


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.list_(pa.int8())),
        pa.struct([("a", pa.int8())]),
        pa.map_(pa.string(), pa.int8()),
        pa.binary(4),
        pa.timestamp("ns"),
    ],
    ids=str,
)
def test_tables_hold_text_and_numbers_alone(kind, folder):
    column = pa.nulls(3, kind)
    pq.write_table(pa.table({"path": column, "reason": column}), folder / "skipped.parquet")
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("paintings", {"id": "the same"}),
        ("paintings", {"id": 7}),
        ("paintings", {"path": 7}),
        ("paintings", {"style_00": "0.5"}),
        ("paintings", {"style_00": float("nan")}),
        ("paintings", {"style_01": -0.5}),
        ("paintings", {"width": "wide"}),
        ("painters", {"painter": "the same"}),
        ("painters", {"style_00": float("inf")}),
        ("styles", {"share": "much"}),
        ("styles", {"style": 3}),
    ],
    ids=str,
)
def test_columns_of_the_wrong_kind_are_refused(name, columns, folder):
    change_table(folder, name, **columns)
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)


@pytest.mark.parametrize(
    "arrays",
    [
        {"descriptors": np.zeros((60, 0), np.float16)},
        {"descriptors": np.zeros(60, np.float16)},
        {"descriptors": np.zeros((60, 4), "U3")},
        {"descriptors": np.full((60, 4), np.nan, np.float16)},
        {"map_positions": np.zeros((60, 3), np.float32)},
        {"map_positions": np.full((60, 2), np.inf, np.float32)},
        {"uncertainty": np.zeros((60, 4), np.float16)},
    ],
    ids=lambda arrays: next(f"{name}-{array.shape}" for name, array in arrays.items()),
)
def test_arrays_of_the_wrong_shape_are_refused(arrays, folder):
    change_arrays(folder, "arrays.npz", **arrays)
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)


def test_more_words_than_the_model_knows_are_refused(folder):
    """Compiled loops would look beyond the end of its topics."""
    with np.load(folder / "words.npz") as stored:
        indices, shape = stored["indices"].copy(), stored["shape"].copy()
    indices[-1], shape[1] = 40_000, 50_000
    change_arrays(folder, "words.npz", indices=indices, shape=shape)
    atlas = load_atlas(folder)
    with pytest.raises(ValueError, match="features"):
        atlas.model.mixtures(atlas.word_counts)


@pytest.mark.parametrize(("place", "value"), [(6, 1), (8, 99)], ids=["encrypted", "method"])
def test_members_that_cannot_be_opened_are_damage(place, value, folder):
    """The headers of every member say that it is encrypted, or compressed in an unknown way."""
    content = bytearray((folder / "arrays.npz").read_bytes())
    for signature, shift in ((b"PK\x03\x04", 0), (b"PK\x01\x02", 2)):
        start = 0
        while (start := content.find(signature, start)) >= 0:
            content[start + place + shift] = value
            start += 4
    (folder / "arrays.npz").write_bytes(content)
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder).descriptors  # noqa: B018 - read when it is asked for


@pytest.mark.parametrize(
    "changed",
    [
        {"first_words_": np.array([0, 10**9])},
        {"first_words_": np.array([-(10**9), 6])},
        {"first_words_": np.array([0, 6, 6])},
        {"first_words_": np.array([0.0, 6.0])},
        {"first_words_": np.array([[0, 6]])},
        {"first_words_": np.zeros(0, np.int64)},
        {"temperatures_": np.ones(7)},
        {"temperatures_": np.float64(1)},
    ],
    ids=str,
)
def test_vocabularies_that_do_not_follow_each_other_are_refused(changed, folder):
    """Words are counted by where their vocabulary starts."""
    model = load_atlas(folder).model
    assert model.block_words_[0].words_.first_words_.tolist() == [0, 6]
    change_arrays(folder, "model.npz", **{f"block_0/words/{k}": v for k, v in changed.items()})
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)


@pytest.mark.parametrize(
    "grid_words", [np.full((60, 196), -1), np.full((60, 196), 0.5), np.zeros(60, np.uint16)]
)
def test_cells_without_a_number_of_a_word_are_refused(grid_words, folder):
    change_arrays(folder, "words.npz", grid_words=grid_words)
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)


@pytest.mark.parametrize(
    "described",
    [
        {"numbers": {"transform": 1.0}},
        {"numbers": {"__class__": 1.0}},
        {"numbers": {"n_iter_": [1, 2]}},
        {"numbers": {"n_iter_": "many"}},
        {"parameters": {"max_iter": 10**9}},
        {"parameters": {"n_jobs": 10_000}},
        {"parameters": {"max_iter": "many"}},
        {"n_features": "many"},
    ],
    ids=str,
)
def test_a_model_that_is_more_than_numbers_is_refused(described, folder):
    def change(tree: dict) -> None:
        for part, values in described.items():
            changed = {**tree["topics"][part], **values} if isinstance(values, dict) else values
            tree["topics"][part] = changed

    change_json(folder, "model.json", change)
    with pytest.raises(AtlasError, match="damaged"):
        load_atlas(folder)


@pytest.mark.parametrize("name", ["run.json", "curation.jsonl", "paintings.parquet", ".cache"])
def test_links_in_an_atlas_are_not_followed(name, folder, tmp_path):
    """Through a link it could show a file of another folder, or have one written there."""
    elsewhere = tmp_path / "elsewhere"
    if (folder / name).exists():
        (folder / name).rename(elsewhere)
    elif name == ".cache":
        elsewhere.mkdir()
    else:
        elsewhere.touch()
    (folder / name).symlink_to(elsewhere)
    with pytest.raises(AtlasError, match="link"):
        load_atlas(folder)
    with pytest.raises(AtlasError, match="link"):
        name_style(folder, 0, "mine")
    assert elsewhere.is_dir() or b"mine" not in elsewhere.read_bytes()


def test_an_atlas_may_itself_be_reached_by_a_link(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    assert load_atlas(tmp_path / "link").n_paintings == 60
    assert name_style(tmp_path / "link", 0, "mine").names == {0: "mine"}


@pytest.mark.parametrize("name", ["run.json", "curation.jsonl", "paintings.parquet"])
def test_pipes_in_an_atlas_are_not_waited_for(name, folder):
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    with pytest.raises(AtlasError, match="no plain file"):
        load_atlas(folder)
    with pytest.raises(AtlasError, match="no plain file"):
        read_curation(folder)


@pytest.mark.parametrize(
    "line",
    [
        {"action": "hide", "style": 77},
        {"action": "hide", "style": -1},
        {"action": "hide", "style": True},
        {"action": "hide", "style": 10**400},
        {"action": "merge", "style": 0, "into": 99},
        {"action": "merge", "style": 0, "into": 0},
        {"action": "name", "style": 0, "text": "\ud800"},
        {"action": "name", "style": 0, "text": "x" * 100_000},
        {"action": ["name"], "style": 0},
        {"action": "name", "style": 0, "text": None},
    ],
    ids=lambda line: str(line)[:60],
)
def test_what_is_said_of_no_style_is_refused(line, folder):
    (folder / CURATION_FILE).write_text(json.dumps({**line, "build": "a build"}) + "\n")
    with pytest.raises(ArtStyleNetError, match=r"cannot be (understood|merged)"):
        read_curation(folder)


@pytest.mark.parametrize(
    "spec",
    ["timm/hf-hub:somebody/model", "timm/local-dir:/somewhere", "timm/../x", "timm/hf_hub:a"],
)
def test_an_atlas_does_not_name_a_network_of_a_stranger(spec, folder):
    """Weights from anywhere may be a pickle, and fetching them tells somebody."""
    change_json(
        folder,
        "run.json",
        lambda run: run.update(settings={"backbone": spec}, backbone={"key": "x"}),
    )
    with pytest.raises(BackboneError, match="not a network of timm's own"):
        backbone_of(load_atlas(folder))
