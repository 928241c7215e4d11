"""One atlas, many files: what is written where."""

from __future__ import annotations

import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from artstylenet.atlas import StyleAtlas, style_column
from artstylenet.checked_arrays import load_arrays
from artstylenet.errors import AtlasError
from artstylenet.evidence import Selection
from artstylenet.memory_limit import memory_limited
from artstylenet.storage.checked_files import check_plain_files
from artstylenet.storage.folder import (
    RUN_FILE,
    atlas_lock,
    is_atlas_folder,
    is_being_moved,
    replace_files,
)
from artstylenet.storage.opened import open_later
from artstylenet.storage.tables import read_table, write_table

if TYPE_CHECKING:
    from scipy import sparse

# What models are made of takes two seconds to import: it is imported where it is needed.

SCHEMA_VERSION = 1
THUMBNAILS_A_BATCH = 1000
ALWAYS_ALLOWED_MEMORY = 1 << 30
MOST_UNPACKED = 20
# What readers of NumPy, Arrow and JSON raise at files that were cut off or changed.
DAMAGED = (
    OSError,
    KeyError,
    TypeError,
    ValueError,
    EOFError,
    NotImplementedError,
    AttributeError,
    IndexError,
    AssertionError,
    ArithmeticError,
    MemoryError,
    RecursionError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
    pa.ArrowException,
)


def save_atlas(atlas: StyleAtlas, folder: str | Path) -> Path:
    """Write an atlas; the files of an older one are replaced all together.

    Parameters
    ----------
    atlas : StyleAtlas
    folder : str or Path
        New, empty, or an atlas. Its ``curation.jsonl`` stays.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    AtlasError
        If the folder holds something else or cannot be written.
    """
    folder = Path(folder)
    with atlas_lock(folder):
        write_atlas(atlas, folder)
    return folder


def write_atlas(
    atlas: StyleAtlas, folder: Path, also: Callable[[Path], object] = lambda _: None
) -> None:
    """Write an atlas into a folder whose lock is held.

    `also` may write more files to the folder that it is given; they are replaced together with
    the atlas' own.
    """
    with replace_files(folder) as staged:
        write_table(paintings_table(atlas), staged, "paintings")
        if atlas.n_painters:
            write_table(painters_table(atlas), staged, "painters")
        write_table(atlas.styles, staged, "styles")
        write_table(atlas.skipped, staged, "skipped")
        write_table(atlas.duplicates, staged, "duplicates")
        write_table(atlas.selection.table, staged, "selection")
        write_table(atlas.selection.transitions, staged, "transitions")
        write_table(uncertainty_table(atlas), staged, "uncertainty")
        counts = atlas.word_counts
        np.savez_compressed(
            staged / "words.npz",
            data=counts.data,
            indices=counts.indices.astype(np.uint16),
            indptr=counts.indptr.astype(np.int64),
            shape=np.array(counts.shape),
            grid_words=atlas.grid_words,
        )
        np.savez(
            staged / "arrays.npz",
            descriptors=atlas.descriptors,
            map_positions=atlas.map_positions,
            uncertainty=atlas.uncertainty.astype(np.float16),
            perplexities=atlas.selection.perplexities,
        )
        from artstylenet.storage.estimator_files import dump_model

        tree, arrays = dump_model(atlas.model, atlas.feature_space)
        np.savez(staged / "model.npz", allow_pickle=False, **arrays)
        _write_json(tree, staged / "model.json")
        _write_json(_selection_tree(atlas.selection), staged / "selection.json")
        _write_thumbnails(atlas.thumbnails, staged / "thumbnails.arrow")
        root = None if atlas.image_root is None else str(atlas.image_root)
        _write_json({**atlas.run, "image_root": root}, staged / RUN_FILE)
        also(staged)


def load_atlas(
    folder: str | Path, *, images: str | Path | None = None, whole: bool = True
) -> StyleAtlas:
    """Open an atlas.

    Parameters
    ----------
    folder : str or Path
    images : str or Path, optional
        Folder of the originals, where they have moved since the atlas was built.
    whole : bool, default=True
        False reads the model and the counts of words when they are first asked for, which opens
        an atlas in a fraction of a second. Damage in them then shows only when they are.

    Returns
    -------
    StyleAtlas

    Raises
    ------
    AtlasError
        If the folder is no atlas, is not finished, is damaged, or comes from a newer version.
    """
    folder = Path(folder)
    while True:
        run = read_run(folder)
        before = _edition(folder)
        problem = None
        try:
            with memory_limited(_allowance(folder)):
                atlas = _read_atlas(folder, run, images)
            if whole:
                for name in _LATER:
                    getattr(atlas, name)
        except DAMAGED as error:
            problem = error
        if before is None or before != _edition(folder):
            # Its files were replaced meanwhile: what was read is of two editions.
            continue
        if problem is None:
            return atlas
        if isinstance(problem, AtlasError):
            raise problem
        raise AtlasError(
            f"The atlas {folder} is damaged ({problem}); build it again to repair it."
        ) from problem


def _allowance(folder: Path) -> int:
    """Return the bytes that opening an atlas may take: what is stored is packed tenfold at most."""
    n_bytes = sum(entry.stat().st_size for entry in os.scandir(folder) if entry.is_file())
    return max(ALWAYS_ALLOWED_MEMORY, MOST_UNPACKED * n_bytes)


def _edition(folder: Path) -> tuple[int, int] | None:
    """Tell one edition of an atlas from the next; None while files are being replaced."""
    status = (folder / RUN_FILE).stat()
    return None if is_being_moved(folder) else (status.st_ino, status.st_mtime_ns)


def read_run(folder: Path) -> dict[str, Any]:
    """Return ``run.json`` of a finished atlas; errors as of :func:`load_atlas`."""
    if not folder.is_dir():
        raise AtlasError(f"There is no atlas {folder}.")
    if not is_atlas_folder(folder):
        raise AtlasError(f"{folder} is not an atlas: it has no {RUN_FILE}.")
    check_plain_files(folder)
    if is_being_moved(folder):
        with atlas_lock(folder):
            # Whoever has the lock has finished the moves.
            pass
    try:
        run = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
        schema = int(run["schema"])
    except FileNotFoundError as error:
        raise AtlasError(
            f"The atlas {folder} is not finished; run its build again, it goes on where it was."
        ) from error
    except DAMAGED as error:
        raise AtlasError(f"The atlas {folder} is damaged: {RUN_FILE} cannot be read.") from error
    if schema > SCHEMA_VERSION:
        raise AtlasError(
            f"The atlas {folder} comes from a newer ArtStyleNet (format {schema}, this version "
            f"reads up to {SCHEMA_VERSION}); update with: pip install -U artstylenet"
        )
    return dict(run)


def paintings_table(atlas: StyleAtlas) -> pd.DataFrame:
    """Return paintings with their mixtures: the columns of ``paintings.csv``."""
    mixtures = atlas.painting_styles.to_numpy()
    logs = np.log(np.where(mixtures > 0, mixtures, 1.0))
    summary = pd.DataFrame(
        {"style": mixtures.argmax(axis=1), "entropy": -(mixtures * logs).sum(axis=1)}
    )
    return pd.concat(
        [atlas.paintings, summary, atlas.painting_styles.reset_index(drop=True)], axis=1
    )


def uncertainty_table(atlas: StyleAtlas) -> pd.DataFrame:
    """Return how much each weight varies between the fits: the columns of ``uncertainty.csv``."""
    ids = pd.Index(atlas.paintings["id"], name="id")
    from artstylenet.results import mixtures_table

    return mixtures_table(atlas.uncertainty.astype(np.float64), ids).reset_index()


def painters_table(atlas: StyleAtlas) -> pd.DataFrame:
    """Return painters with their mixtures: the columns of ``painters.csv``."""
    dominant = atlas.painter_styles.to_numpy().argmax(axis=1)
    return pd.concat(
        [
            atlas.painters.reset_index(drop=True),
            pd.DataFrame({"style": dominant}),
            atlas.painter_styles.reset_index(drop=True),
        ],
        axis=1,
    )


def _read_atlas(folder: Path, run: dict[str, Any], images: str | Path | None) -> StyleAtlas:
    paintings = read_table(folder, "paintings")
    columns = _style_columns(run["n_styles"], paintings)
    _check_table(paintings, "id", [*columns, "width", "height"])
    _check_texts(paintings["path"])
    ids = pd.Index(paintings["id"], name="id")
    painting_styles = paintings[columns].set_axis(ids)
    paintings = paintings.drop(columns=["style", "entropy", *columns])
    if (folder / "painters.parquet").exists():
        painters = read_table(folder, "painters")
        _check_table(painters, "painter", columns)
        names = pd.Index(painters["painter"], name="painter")
        painter_styles = painters[columns].set_axis(names)
        painters = painters.drop(columns=["style", *columns])
    else:
        painters = pd.DataFrame(
            {"painter": pd.Series(dtype=str), "n_paintings": pd.Series(dtype=int)}
        )
        painter_styles = painting_styles.iloc[:0].rename_axis("painter")
    arrays = load_arrays(folder / "arrays.npz")
    root = images if images is not None else run.pop("image_root", None)
    run.pop("image_root", None)
    edition = _edition(folder)

    def later(read: Callable[[Path, int], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
        def read_now() -> dict[str, Any]:
            try:
                with memory_limited(_allowance(folder)):
                    found = read(folder, len(paintings))
            except AtlasError:
                raise
            except DAMAGED as error:
                raise AtlasError(
                    f"The atlas {folder} is damaged ({error}); build it again to repair it."
                ) from error
            if edition != _edition(folder):
                raise AtlasError(
                    f"The atlas {folder} has been built again since it was opened; open it again."
                )
            return found

        return read_now

    styles = read_table(folder, "styles")
    if styles["style"].tolist() != list(range(len(columns))):
        raise ValueError("styles.parquet is of other styles")
    _check_numbers(styles[["share", "distinctiveness", "stability"]])
    atlas = open_later(
        {name: later(read) for name, read in _LATER.items()},
        paintings=paintings,
        painting_styles=painting_styles,
        painters=painters,
        painter_styles=painter_styles,
        styles=styles,
        descriptors=arrays["descriptors"],
        map_positions=arrays["map_positions"],
        uncertainty=arrays["uncertainty"],
        thumbnails=_read_thumbnails(folder / "thumbnails.arrow"),
        selection=_read_selection(folder, arrays["perplexities"]),
        skipped=read_table(folder, "skipped"),
        duplicates=read_table(folder, "duplicates"),
        run=run,
        image_root=None if root is None else Path(root),
    )
    widths = {
        "descriptors": max(1, arrays["descriptors"].shape[-1]),
        "map_positions": 2,
        "uncertainty": len(columns),
    }
    _check_rows(folder, len(paintings), {name: arrays[name] for name in widths})
    for name, width in widths.items():
        if arrays[name].shape != (len(paintings), width) or not np.isfinite(arrays[name]).all():
            raise ValueError(f"{name} is of shape {arrays[name].shape} or not of numbers")
    if len(atlas.thumbnails) != len(paintings):
        raise AtlasError(f"The atlas {folder} is damaged: thumbnails and paintings differ in rows.")
    return atlas


def _style_columns(n_styles: Any, paintings: pd.DataFrame) -> list[str]:
    """Return the columns of the mixtures: just as many as there are styles."""
    if type(n_styles) is not int or not 0 < n_styles < paintings.shape[1]:
        raise ValueError(f"{RUN_FILE} says that there are {n_styles} styles")
    if style_column(n_styles) in paintings:
        raise ValueError(f"{RUN_FILE} says that there are {n_styles} styles, tables have more")
    return [style_column(k) for k in range(n_styles)]


def _check_table(table: pd.DataFrame, key: str, numbers: list[str]) -> None:
    """Refuse a table whose rows have not each a name of its own, or whose numbers are none."""
    _check_texts(table[key])
    if not table[key].is_unique:
        raise ValueError(f"the same {key} stands in several rows")
    _check_numbers(table[numbers])


def _check_texts(column: pd.Series) -> None:
    if column.isna().any() or not pd.api.types.is_string_dtype(column):
        raise ValueError(f"{column.name} is not text")


def _check_numbers(table: pd.DataFrame) -> None:
    for name, column in table.items():
        if not pd.api.types.is_numeric_dtype(column):
            raise ValueError(f"{name} is not of numbers")
    mixtures = table.filter(regex=r"^style_\d+$").to_numpy()
    if not ((mixtures >= 0) & (mixtures <= 1)).all():
        raise ValueError("mixtures are not between 0 and 1")


def _check_rows(folder: Path, n_paintings: int, aligned: dict[str, Any]) -> None:
    for name, values in aligned.items():
        if values.shape[0] != n_paintings:
            raise AtlasError(f"The atlas {folder} is damaged: {name} and paintings differ in rows.")


def _read_words(folder: Path, n_paintings: int) -> dict[str, sparse.csr_array]:
    from scipy import sparse

    words = load_arrays(folder / "words.npz")
    counts = sparse.csr_array(
        (words["data"], words["indices"].astype(np.int32), words["indptr"].astype(np.int32)),
        shape=tuple(words["shape"]),
    )
    # Compiled loops follow these indices without looking.
    counts.check_format(full_check=True)
    _check_rows(folder, n_paintings, {"word_counts": counts})
    return {"word_counts": counts}


def _read_grid_words(folder: Path, n_paintings: int) -> dict[str, np.ndarray]:
    grid_words = load_arrays(folder / "words.npz", "grid_words")["grid_words"]
    _check_rows(folder, n_paintings, {"grid_words": grid_words})
    if grid_words.ndim != 2 or grid_words.dtype.kind != "u":
        raise ValueError(f"grid_words is of {grid_words.dtype} and shape {grid_words.shape}")
    return {"grid_words": grid_words}


def _read_model(folder: Path, _: int) -> dict[str, Any]:
    from artstylenet.storage.estimator_files import restore_model

    model, space = restore_model(
        json.loads((folder / "model.json").read_text(encoding="utf-8")),
        load_arrays(folder / "model.npz"),
    )
    return {"model": model, "feature_space": space}


_LATER: dict[str, Callable[[Path, int], dict[str, Any]]] = {
    "word_counts": _read_words,
    "grid_words": _read_grid_words,
    "model": _read_model,
    "feature_space": _read_model,
}
"""What is read when it is first asked for; a reader may find more than what was asked."""


def read_style_words(folder: Path) -> dict[str, np.ndarray]:
    """Return the probabilities of the words of an atlas in each style, without its model.

    Returns
    -------
    dict of str to ndarray of shape (n_styles, n_words_of_block), float64
        By name of the block of words; all blocks of a style sum to 1.

    Raises
    ------
    AtlasError
        If the atlas is damaged.
    """
    try:
        tree = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        style_words = load_arrays(folder / "model.npz", "style_words")["style_words"]
        names = [block["block"]["name"] for block in tree["blocks"]]
        stops = np.cumsum([int(block["n_words"]) for block in tree["blocks"]])
    except DAMAGED as error:
        raise AtlasError(f"The atlas {folder} is damaged ({error}).") from error
    return dict(zip(names, np.split(style_words, stops[:-1], axis=1), strict=True))


def _write_json(tree: Any, path: Path) -> None:
    text = json.dumps(tree, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")


def _selection_tree(selection: Selection) -> dict[str, Any]:
    return {
        field.name: getattr(selection, field.name)
        for field in fields(selection)
        if field.name not in ("table", "perplexities", "transitions")
    }


def _read_selection(folder: Path, perplexities: np.ndarray) -> Selection:
    tree = json.loads((folder / "selection.json").read_text(encoding="utf-8"))
    table = read_table(folder, "selection")
    transitions = read_table(folder, "transitions")
    return Selection(table=table, perplexities=perplexities, transitions=transitions, **tree)


def _write_thumbnails(thumbnails: pa.ChunkedArray, path: Path) -> None:
    table = pa.table({"thumbnail": thumbnails})
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=THUMBNAILS_A_BATCH)


def _read_thumbnails(path: Path) -> pa.ChunkedArray:
    """Map the file into memory: only the thumbnails that are looked at are read."""
    with pa.memory_map(str(path)) as source:
        thumbnails = pa.ipc.open_file(source).read_all()["thumbnail"]
    # Offsets that lie would show what else is in memory.
    thumbnails.validate(full=True)
    if thumbnails.type != pa.binary() or thumbnails.null_count:
        raise ValueError(f"{path.name} holds {thumbnails.type}")
    return thumbnails
