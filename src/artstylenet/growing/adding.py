"""New paintings among the styles of an atlas."""

from __future__ import annotations

import copy
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import sparse
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

from artstylenet.atlas import StyleAtlas
from artstylenet.build import (
    BuildSettings,
    Extracted,
    describe_paintings,
    extract_collection,
    read_facts,
    read_thumbnails,
)
from artstylenet.collection import Collection
from artstylenet.collection.painter_names import painter_key
from artstylenet.collection.painting_ids import free_ids
from artstylenet.counting import as_whole_numbers
from artstylenet.duplicates import find_duplicates
from artstylenet.errors import BackboneError
from artstylenet.feature_store import FeatureTable
from artstylenet.features import raw_columns
from artstylenet.growing.explained import Explained, explain_new
from artstylenet.growing.tables import changed_run, changes_since_fit, with_tables
from artstylenet.imaging.perceptual_hash import FLAT
from artstylenet.map_layout import place_on_map
from artstylenet.placing import backbone_of
from artstylenet.progress import Progress, silent
from artstylenet.results import mixtures_table

N_LIKE = 5
"""Old paintings of the most similar mixture, whose uncertainty stands for a new one's."""


@dataclass(frozen=True, eq=False)
class Added:
    """An atlas with new paintings.

    Attributes
    ----------
    atlas : StyleAtlas
        Old rows first, as they were; then the new ones.
    ids : tuple of str
        Of the new paintings.
    n_known : int
        Files whose bytes were in the atlas already; nothing was done with them.
    skipped : DataFrame
        Columns ``path``, ``reason``: files among the new that could not be used.
    outdated : tuple of str
        Paintings of the atlas whose file now holds another picture, which was added.
    explained : Explained or None
        How well the old styles explain the new paintings; None if there are none.
    """

    atlas: StyleAtlas
    ids: tuple[str, ...]
    n_known: int
    skipped: pd.DataFrame
    outdated: tuple[str, ...]
    explained: Explained | None


def extract_new(
    atlas: StyleAtlas,
    collection: Collection,
    *,
    store: str | Path | None = None,
    n_jobs: int | None = None,
    progress: Progress = silent,
) -> Extracted:
    """Extract those paintings of a collection whose files the atlas does not hold.

    Raises
    ------
    BackboneError
        If the backbone of the atlas is not at hand, or has changed since.
    InputError
        If no picture of the collection can be read.
    """
    key = backbone_of(atlas).key
    settings = settings_of(atlas)
    extracted = extract_collection(
        collection,
        # Duplicates are looked for among old and new together, later.
        replace(settings, duplicates="keep"),
        known=set(atlas.paintings["hash"]),
        store=store,
        n_jobs=n_jobs,
        progress=progress,
    )
    if extracted.backbone.key != key:
        raise BackboneError(f"The backbone {settings.backbone!r} has just been changed.")
    return extracted


def add_paintings(atlas: StyleAtlas, extracted: Extracted, n_known: int = 0) -> Added:
    """Place new paintings among the styles of an atlas; what is there stays as it is.

    Ids, styles, the map and the mixtures of old paintings do not change. Shares of styles, means
    of painters and groups of duplicates follow from all paintings.

    Parameters
    ----------
    atlas : StyleAtlas
    extracted : Extracted
        From :func:`extract_new`.
    n_known : int, default=0
        Passed on to the result.

    Returns
    -------
    Added
    """
    skipped = _only_new(extracted.skipped, atlas.skipped)
    if not extracted.hashes:
        return Added(atlas, (), n_known, skipped, (), None)
    paintings, root, old_paths = _describe_new(atlas, extracted)
    outdated = _outdated(atlas, old_paths, paintings["path"].tolist())
    looks = _looks(extracted.table, [*atlas.paintings["hash"], *extracted.hashes])
    duplicates = find_duplicates(
        [*atlas.paintings["id"], *paintings["id"]],
        [*old_paths, *paintings["path"]],
        [*atlas.paintings["hash"], *extracted.hashes],
        looks,
    )
    if settings_of(atlas).duplicates == "drop":
        repeated = set(duplicates.loc[duplicates["group"].duplicated(), "id"])
        kept = ~paintings["id"].isin(repeated).to_numpy()
        n_known += int((~kept).sum())
        if not kept.any():
            return Added(atlas, (), n_known, skipped, outdated, None)
        paintings = paintings[kept].reset_index(drop=True)
        hashes = np.array(extracted.hashes)[kept]
        extracted = replace(extracted, hashes=tuple(hashes.tolist()))
    # One thread in each library call, as in a build.
    with threadpool_limits(1):
        counts, shown, scored, grid_words, descriptors = _count_words(atlas, extracted)
        mixtures = atlas.model.mixtures(counts)
        n_all = atlas.n_paintings + len(paintings)
        n_unseen = sum(change.get("n_added", 0) for change in changes_since_fit(atlas))
        unseen = min(1.0, (n_unseen + len(paintings)) / n_all)
        explained = explain_new(atlas, shown, scored, descriptors, unseen)
        seed = int(atlas.run["settings"]["seed"])
        places = place_on_map(
            atlas.descriptors, atlas.map_positions, descriptors, random_state=seed
        )
        uncertainty = _uncertainty_of_like(atlas, mixtures)
    ids = pd.Index(paintings["id"], name="id")
    old_paintings = atlas.paintings.assign(path=old_paths)
    grown = replace(
        atlas,
        paintings=_stack(old_paintings, paintings),
        painting_styles=pd.concat([atlas.painting_styles, mixtures_table(mixtures, ids)]),
        word_counts=sparse.csr_array(
            sparse.vstack([atlas.word_counts, as_whole_numbers(counts)], format="csr")
        ),
        grid_words=np.concatenate([atlas.grid_words, grid_words]),
        descriptors=np.concatenate([atlas.descriptors, descriptors]),
        map_positions=np.concatenate([atlas.map_positions, places]),
        uncertainty=np.concatenate([atlas.uncertainty, uncertainty]),
        thumbnails=pa.chunked_array(
            [*atlas.thumbnails.chunks, *read_thumbnails(extracted).chunks], pa.binary()
        ),
        skipped=_stack(atlas.skipped, skipped),
        duplicates=duplicates,
        image_root=root,
        run=changed_run(
            _with_sources(atlas, root),
            {
                "action": "add",
                "source": _relative(extracted.collection, root),
                "layout_asked": extracted.collection.asked,
                "n_added": len(paintings),
                "explained": {
                    name: round(value, 6)
                    for name, value in asdict(explained).items()
                    if np.isfinite(value)
                },
            },
            [*extracted.hashes, *paintings.astype(str).to_dict("list").values()],
        ),
    )
    return Added(
        with_tables(grown, _known_painters(atlas, extracted.collection)),
        tuple(ids),
        n_known,
        skipped,
        outdated,
        explained,
    )


def settings_of(atlas: StyleAtlas) -> BuildSettings:
    """Return the settings that an atlas was built with."""
    settings = dict(atlas.run["settings"])
    low, high = settings.pop("styles")
    return BuildSettings(styles=(int(low), int(high)), **settings)


def _describe_new(
    atlas: StyleAtlas, extracted: Extracted
) -> tuple[pd.DataFrame, Path | None, list[str]]:
    """Return rows of new paintings, the folder of all originals, and the old paths within it."""
    collection = extracted.collection
    old_root = atlas.image_root
    root = collection.root if old_root is None else _common_folder(old_root, collection.root)
    old_paths = _moved(atlas.paintings["path"].tolist(), old_root or root, root)
    paintings = describe_paintings(extracted)
    paintings["id"] = free_ids(
        paintings["id"].tolist(), list(extracted.hashes), atlas.paintings["id"]
    )
    paintings["path"] = _moved(paintings["path"].tolist(), collection.root, root)
    spellings = {painter_key(name): name for name in atlas.painters["painter"]}
    paintings["painter"] = paintings["painter"].map(lambda name: _spelt(name, spellings))
    return paintings, root, old_paths


def _spelt(name: Any, spellings: dict[str, str]) -> Any:
    """Return a painter's name as the atlas spells it."""
    return spellings.get(painter_key(name), name) if isinstance(name, str) else name


def _common_folder(first: Path, second: Path) -> Path:
    try:
        return Path(os.path.commonpath([first, second]))
    except ValueError:  # on different drives: the old originals are looked for where they were
        return first


def _moved(paths: Sequence[str], before: Path, now: Path) -> list[str]:
    """Return paths relative to `before` as paths relative to `now`, a folder above it."""
    try:
        between = PurePosixPath(before.relative_to(now).as_posix())
    except ValueError:
        between = PurePosixPath()
    return [(between / path).as_posix() for path in paths]


def _relative(collection: Collection, root: Path | None) -> str:
    source = (collection.root / collection.source).resolve()
    return Path(os.path.relpath(source, root or collection.root)).as_posix()


def _with_sources(atlas: StyleAtlas, root: Path | None) -> StyleAtlas:
    """Return the atlas with the sources in its run relative to another folder of originals."""
    if atlas.image_root is None or root is None or atlas.image_root == root:
        return atlas
    run = copy.deepcopy(dict(atlas.run))
    for named in (run, *run.get("changes", [])):
        if "source" in named:
            source = atlas.image_root / named["source"]
            named["source"] = Path(os.path.relpath(source, root)).as_posix()
    return replace(atlas, run=run)


def _outdated(atlas: StyleAtlas, old_paths: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    changed = set(new)
    ids = atlas.paintings["id"]
    return tuple(one for one, path in zip(ids, old_paths, strict=True) if path in changed)


def _only_new(skipped: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Leave out files that an earlier build or addition has listed with the same reason."""
    listed = set(zip(before["path"], before["reason"], strict=True))
    pairs = zip(skipped["path"], skipped["reason"], strict=True)
    new = np.array([pair not in listed for pair in pairs], dtype=bool)
    return skipped[new].reset_index(drop=True)


def _looks(table: FeatureTable, hashes: Sequence[str]) -> np.ndarray:
    """Return perceptual hashes; where the store has lost them, that of flat pictures.

    Those are compared by their bytes alone.
    """
    looks = np.full(len(hashes), FLAT, np.uint64)
    stored = table.stored().find(hashes) >= 0
    there = [image_hash for image_hash, one in zip(hashes, stored, strict=True) if one]
    looks[stored] = read_facts(table, there)["perceptual_hash"]
    return looks


def _count_words(
    atlas: StyleAtlas, extracted: Extracted
) -> tuple[sparse.csr_array, sparse.csr_array, sparse.csr_array, np.ndarray, np.ndarray]:
    """Return words, words shown, words scored, grid words and descriptors of new paintings."""
    counts, shown, scored, grid_words, descriptors = [], [], [], [], []
    for raw in extracted.read(raw_columns(extracted.backbone)):
        words = atlas.feature_space.grid_words.assign(raw["local"])
        features = atlas.feature_space.tabulate(raw, words)
        counts.append(atlas.model.count_words(features))
        sides = atlas.model.split_words(features)
        shown.append(sides[0])
        scored.append(sides[1])
        grid_words.append(words)
        descriptors.append(atlas.feature_space.describe(raw).astype(np.float16))
    stacked = (sparse.csr_array(sparse.vstack(rows)) for rows in (counts, shown, scored))
    return (*stacked, np.concatenate(grid_words), np.concatenate(descriptors))


def _uncertainty_of_like(atlas: StyleAtlas, mixtures: np.ndarray) -> np.ndarray:
    """Return the mean uncertainty of the old paintings whose mixtures are most similar."""
    n_like = min(N_LIKE, atlas.n_paintings)
    finder = NearestNeighbors(n_neighbors=n_like, algorithm="kd_tree")
    rows = finder.fit(atlas.painting_styles.to_numpy()).kneighbors(mixtures)[1]
    like = atlas.uncertainty.astype(np.float32)[rows].mean(axis=1)
    return like.astype(atlas.uncertainty.dtype)


def _known_painters(atlas: StyleAtlas, collection: Collection) -> pd.DataFrame:
    """Return what is known of painters: what the atlas says first, then the new collection."""
    before = atlas.painters.drop(columns="n_paintings")
    spellings = {painter_key(name): name for name in before["painter"]}
    new = collection.painters.copy()
    new["painter"] = new["painter"].map(lambda name: _spelt(name, spellings))
    return _stack(before, new[~new["painter"].isin(before["painter"])])


def _stack(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Put one table below another; a column that only one of them has is missing in the other.

    Columns of nothing say nothing of their type, so the other's is taken.
    """
    columns = [*first.columns, *(name for name in second.columns if name not in first.columns)]
    stacked = {}
    for name in columns:
        parts = [
            table[name]
            if name in table.columns
            else pd.Series([pd.NA] * len(table), dtype=other[name].dtype)
            for table, other in ((first, second), (second, first))
        ]
        told = [part for part in parts if part.notna().any()] or parts[:1]
        kind = told[0].dtype
        stacked[name] = pd.concat([part.astype(kind) for part in parts], ignore_index=True)
    return pd.DataFrame(stacked)
