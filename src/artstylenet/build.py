"""From a collection to an atlas: the stages, one after the other."""

from __future__ import annotations

import mmap
import platform
import tempfile
from collections.abc import Iterator, Sequence, Set
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import sparse
from threadpoolctl import threadpool_limits

from artstylenet.atlas import StyleAtlas
from artstylenet.backbones import Backbone, load_backbone
from artstylenet.coherence import style_coherence
from artstylenet.collection import Collection
from artstylenet.consensus import extend_consensus, fit_consensus
from artstylenet.counting import (
    WORD_SCALE,
    Tabulated,
    as_whole_numbers,
    count_block,
    gather_counts,
    gather_tables,
    tabulate_block,
    word_totals,
)
from artstylenet.cpus import usable_cpus
from artstylenet.duplicates import find_duplicates
from artstylenet.errors import InputError
from artstylenet.evidence import Selection
from artstylenet.extraction import Engine, Extraction, LocalEngine
from artstylenet.feature_store import FeatureTable, open_store
from artstylenet.features import FeatureSpace, learn_feature_space, raw_columns
from artstylenet.map_layout import lay_out_map
from artstylenet.progress import Progress, silent
from artstylenet.recipes import RECIPES, RECIPES_VERSION, Recipe, make_recipe
from artstylenet.results import mixtures_table, painter_tables, styles_table
from artstylenet.row_files import open_nameless
from artstylenet.sampling import sample_rows
from artstylenet.selection import (
    FEWEST_HELD_OUT,
    HELD_OUT,
    RULES,
    Documents,
    Rule,
    choose_n_styles,
    given_number,
)
from artstylenet.stage_cache import StageCache, digest
from artstylenet.storage import SCHEMA_VERSION
from artstylenet.storage.vocabulary_file import Vocabulary, vocabulary_of
from artstylenet.style_model import StyleModel

DEFAULT_STYLES = (5, 20)
ENOUGH_FOR_WORDS = 80
MOST_NAMED = 10
"""From so many paintings on words are learnt from them; fewer get those of the network."""
LIBRARIES = ("numpy", "scipy", "scikit-learn", "numba", "onnxruntime", "pillow")
RESERVED_COLUMNS = ("hash", "width", "height", "style", "entropy")


@dataclass(frozen=True)
class BuildSettings:
    """What a build does, as far as its result depends on it.

    Attributes
    ----------
    styles : tuple of two int
        Smallest and largest number of styles to try; equal for a given number.
    choose : {"auto", "elbow", "one-se", "minimum", "stable"}
    seed : int
    recipe : {"default", "paper"}
    backbone : str
        See :func:`artstylenet.backbones.load_backbone`.
    components : int, float or None
        Principal components of each block: a number, or a fraction of variance in (0, 1).
    duplicates : {"keep", "drop"}
        ``drop`` keeps the first of each group of duplicates.
    coherence : bool
        Also measure the coherence of styles.
    """

    styles: tuple[int, int] = DEFAULT_STYLES
    choose: Rule = "auto"
    seed: int = 0
    recipe: str = "default"
    backbone: str = "default"
    components: float | None = None
    duplicates: str = "keep"
    coherence: bool = False

    def __post_init__(self) -> None:
        low, high = self.styles
        problems = []
        if not 2 <= low <= high:
            problems.append(f"styles must be a range of 2 or more, got {low}..{high}")
        if self.choose not in RULES:
            problems.append(f"choose must be one of {', '.join(RULES)}; got {self.choose!r}")
        if self.recipe not in RECIPES:
            problems.append(f"recipe must be one of {', '.join(RECIPES)}; got {self.recipe!r}")
        if self.duplicates not in ("keep", "drop"):
            problems.append(f"duplicates must be keep or drop; got {self.duplicates!r}")
        if self.seed < 0:
            problems.append(f"seed must be 0 or more; got {self.seed}")
        components = self.components
        if components is not None and not (
            0 < components < 1 or (components >= 1 and components == int(components))
        ):
            problems.append(
                f"components must be a whole number, or a fraction in (0, 1); got {components}"
            )
        if problems:
            raise InputError("; ".join(problems) + ".")


@dataclass(frozen=True, eq=False)
class Extracted:
    """A collection whose features are in the store; row i is painting i.

    Attributes
    ----------
    collection : Collection
        Without the paintings that were skipped or dropped.
    hashes : tuple of str
    table : FeatureTable
    backbone : Backbone
    skipped, duplicates : DataFrame
    sizes : ndarray of shape (n_paintings, 2), int32
        Width and height of the originals, pixels.
    """

    collection: Collection
    hashes: tuple[str, ...]
    table: FeatureTable
    backbone: Backbone
    skipped: pd.DataFrame
    duplicates: pd.DataFrame
    sizes: np.ndarray

    def read(self, columns: Sequence[str]) -> Iterator[dict[str, np.ndarray]]:
        """Read features block by block, in the order of the paintings."""
        return self.table.read(self.hashes, columns)


def build_atlas(
    collection: Collection,
    n_styles: int | tuple[int, int] = DEFAULT_STYLES,
    *,
    random_state: int = 0,
    choose: Rule = "auto",
    recipe: str = "default",
    backbone: str = "default",
    components: float | None = None,
    duplicates: str = "keep",
    coherence: bool = False,
    store: str | Path | None = None,
    n_jobs: int | None = None,
    engine: Engine | None = None,
    progress: Progress = silent,
) -> StyleAtlas:
    """Find the hidden styles of a collection.

    Parameters
    ----------
    collection : Collection
        From :func:`artstylenet.read_collection`.
    n_styles : int or (int, int), default=(5, 20)
        A number of styles, or the range in which one is chosen.
    random_state : int, default=0
        The same seed gives the same atlas.
    choose, recipe, backbone, components, duplicates, coherence
        See :class:`BuildSettings`.
    store : path or None, default=None
        Folder of the feature store; None is in the user's cache folder.
    n_jobs : int or None, default=None
        Processes and threads; None is one a CPU. The result does not depend on it.
    engine : Engine or None, default=None
        Who extracts features and assigns visual words, such as a
        :class:`artstylenet.RayEngine`; None is this machine.
    progress : callable, optional

    Returns
    -------
    StyleAtlas

    Raises
    ------
    InputError
        If a setting is out of range, no painting can be read, or there are fewer paintings than
        styles.
    """
    settings = BuildSettings(
        styles=(n_styles, n_styles) if isinstance(n_styles, int) else n_styles,
        choose=choose,
        seed=random_state,
        recipe=recipe,
        backbone=backbone,
        components=components,
        duplicates=duplicates,
        coherence=coherence,
    )
    extracted = extract_collection(
        collection, settings, store=store, n_jobs=n_jobs, engine=engine, progress=progress
    )
    return fit_atlas(extracted, settings, n_jobs=n_jobs, engine=engine, progress=progress)


def extract_collection(
    collection: Collection,
    settings: BuildSettings,
    *,
    known: Set[str] = frozenset(),
    store: str | Path | None = None,
    n_jobs: int | None = None,
    engine: Engine | None = None,
    progress: Progress = silent,
) -> Extracted:
    """Bring the store up to date; leave out what cannot be read and, if asked for, duplicates.

    Files whose bytes have a hash in `known` are left out too, and their features not looked for.
    """
    backbone = load_backbone(settings.backbone)
    feature_store = open_store(None if store is None else Path(store))
    extraction = (engine or LocalEngine(n_jobs)).extract(
        collection.root,
        collection.paintings["path"].tolist(),
        partial(load_backbone, _wherever(settings.backbone)),
        feature_store,
        known=known,
        progress=progress,
    )
    skipped = pd.concat([collection.skipped, extraction.skipped], ignore_index=True)
    kept = np.array([image_hash is not None for image_hash in extraction.hashes])
    if not kept.any():
        raise InputError(_all_unreadable(collection, extraction))
    kept &= np.array([image_hash not in known for image_hash in extraction.hashes])
    table = feature_store.table(extraction.backbone_key)
    hashes = np.array(extraction.hashes, dtype=object)[kept]
    paintings = collection.paintings[kept].reset_index(drop=True)
    facts = read_facts(table, hashes.tolist())
    found = find_duplicates(
        paintings["id"].tolist(),
        paintings["path"].tolist(),
        hashes.tolist(),
        facts["perceptual_hash"],
    )
    if settings.duplicates == "drop" and len(found):
        repeated = found.loc[found["group"].duplicated(), "id"]
        keep = ~paintings["id"].isin(repeated).to_numpy()
        paintings = paintings[keep].reset_index(drop=True)
        hashes = hashes[keep]
        facts = {name: values[keep] for name, values in facts.items()}
    return Extracted(
        collection=replace(collection, paintings=paintings),
        hashes=tuple(hashes.tolist()),
        table=table,
        backbone=backbone,
        skipped=skipped,
        duplicates=found,
        sizes=np.column_stack([facts["width"], facts["height"]]),
    )


def _wherever(backbone: str) -> str:
    """Return the name of a backbone as it is understood in every folder."""
    return str(Path(backbone).absolute()) if backbone.endswith(".onnx") else backbone


def read_facts(table: FeatureTable, hashes: Sequence[str]) -> dict[str, np.ndarray]:
    """Return ``perceptual_hash`` (uint64), ``width`` and ``height`` (int32) of pictures."""
    kinds = {"perceptual_hash": np.uint64, "width": np.int32, "height": np.int32}
    blocks = list(table.read(hashes, list(kinds)))
    return {
        name: np.concatenate([np.empty(0, kind), *(block[name] for block in blocks)]).astype(kind)
        for name, kind in kinds.items()
    }


def inputs_digest(extracted: Extracted, settings: BuildSettings) -> str:
    """Return a hash of all that an atlas is made from."""
    collection = extracted.collection
    return digest(
        {
            "settings": asdict(settings),
            "version": version("artstylenet"),
            "recipes": RECIPES_VERSION,
            "backbone": extracted.backbone.key,
            "hashes": extracted.hashes,
            "paintings": _digest_columns(collection.paintings),
            "painters": _digest_columns(collection.painters),
            "skipped": _digest_columns(extracted.skipped),
        }
    )


def _digest_columns(table: pd.DataFrame) -> dict[str, str]:
    """Return a hash of every column; one at a time is text, as all of a million would be large."""
    return {str(name): digest(values.astype(str).tolist()) for name, values in table.items()}


def fit_atlas(
    extracted: Extracted,
    settings: BuildSettings,
    *,
    n_jobs: int | None = None,
    engine: Engine | None = None,
    cache: StageCache | None = None,
    progress: Progress = silent,
) -> StyleAtlas:
    """Find the styles of a collection whose features are in the store.

    Parameters
    ----------
    extracted : Extracted
    settings : BuildSettings
    n_jobs : int or None, default=None
    engine : Engine or None, default=None
        Who assigns visual words.
    cache : StageCache or None, default=None
        Where results of stages are kept between builds.
    progress : callable, optional

    Returns
    -------
    StyleAtlas
    """
    n_jobs = n_jobs or usable_cpus()
    cache = cache or StageCache(None)
    n_paintings, seed = len(extracted.hashes), settings.seed
    numbers, notes = possible_numbers(settings.styles, n_paintings)
    if shipped_words(extracted, settings) is not None:
        notes += (
            "The collection is small: its visual words are those that come with the network.",
        )
    sample = sample_rows(n_paintings, seed)
    streamed = len(sample) < n_paintings
    folder = (cache.folder or Path(tempfile.gettempdir())) if streamed else None
    # One thread in each library call: results do not depend on the machine's number of cores,
    # and the fits that run side by side do not fight for them.
    with threadpool_limits(1):
        words = _learn_words(
            extracted, settings, sample, engine or LocalEngine(n_jobs), folder, progress
        )
        model, documents = words.recipe.model, words.documents
        topics = words.recipe.sweep_topics
        selection = _choose(documents, numbers, topics, settings, n_jobs, progress)
        model.n_styles = selection.n_styles
        options: dict[str, Any] = {"random_state": seed, "n_jobs": n_jobs, "progress": progress}
        consensus = fit_consensus(model, documents.words, **options)
        if streamed:
            consensus = extend_consensus(consensus, words.counts, sample, **options)
            notes += (
                f"Words and the number of styles were learnt from {len(sample):,} paintings drawn "
                "at random.",
            )
        progress("Laying out the map", 0, 1)
        key = {"hashes": extracted.hashes, "backbone": extracted.backbone.key, "seed": seed}
        positions = cache.get(
            "map",
            key,
            lambda: {"positions": lay_out_map(words.table.descriptors, random_state=seed)},
        )["positions"]
        progress("Laying out the map", 1, 1)
    paintings = describe_paintings(extracted)
    notes += without_words(paintings["id"].tolist(), words.counts)
    mixtures = mixtures_table(consensus.painting_styles, pd.Index(paintings["id"], name="id"))
    painters, painter_styles = painter_tables(
        mixtures, paintings["painter"], extracted.collection.painters
    )
    styles = styles_table(
        consensus.painting_styles,
        painter_styles.to_numpy(),
        consensus.model.style_words_,
        # As they are kept: tables made again from an atlas are the same to the last digit.
        word_totals(words.counts),
        consensus.style_stability,
    )
    if settings.coherence:
        styles["coherence"] = style_coherence(consensus.model.style_words_, words.counts[sample])
    return StyleAtlas(
        paintings=paintings,
        painting_styles=mixtures,
        painters=painters,
        painter_styles=painter_styles,
        styles=styles,
        word_counts=words.counts,
        grid_words=words.table.grid_words,
        descriptors=words.table.descriptors,
        map_positions=positions,
        uncertainty=consensus.uncertainty.astype(np.float16),
        thumbnails=read_thumbnails(extracted, folder),
        model=consensus.model,
        feature_space=words.space,
        selection=selection,
        skipped=extracted.skipped,
        duplicates=extracted.duplicates,
        run=_provenance(extracted, settings, consensus.model, notes),
        image_root=extracted.collection.root,
    )


@dataclass(frozen=True, eq=False)
class _Words:
    """Words of a collection.

    Attributes
    ----------
    space : FeatureSpace
    recipe : Recipe
        The words of its model are fitted.
    table : Tabulated
    documents : Documents
        Of the paintings that styles are learnt from.
    counts : csr_array of shape (n_paintings, n_words), uint16
        Of all, as kept.
    """

    space: FeatureSpace
    recipe: Recipe
    table: Tabulated
    documents: Documents
    counts: sparse.csr_array


def _learn_words(
    extracted: Extracted,
    settings: BuildSettings,
    sample: np.ndarray,
    engine: Engine,
    folder: Path | None,
    progress: Progress,
) -> _Words:
    """Learn words from the paintings of a sample, and count those of all.

    `folder` is where rows of all are kept meanwhile; None if the sample is all.
    """
    progress("Learning visual words", 0, 3)
    columns = raw_columns(extracted.backbone)
    streamed = len(sample) < len(extracted.hashes)
    taught = replace(extracted, hashes=tuple(extracted.hashes[row] for row in sample.tolist()))
    shipped = shipped_words(extracted, settings)
    space = (
        learn_feature_space(lambda: taught.read(columns), len(sample), random_state=settings.seed)
        if shipped is None
        else shipped.space
    )
    recipe = make_recipe(
        settings.recipe,
        stage_channels=extracted.backbone.stage_channels,
        **widths(extracted),
        space=space,
        n_components=_whole_or_fraction(settings.components),
        random_state=settings.seed,
    )
    model = recipe.model
    work = partial(tabulate_block, space=space, families=(model.blocks or ()) if streamed else ())
    wanted = np.isin(np.arange(len(extracted.hashes)), sample)
    blocks = engine.map_blocks(work, extracted.table, extracted.hashes, columns, wanted)
    table = gather_tables(blocks, folder=folder)
    progress("Learning visual words", 1, 3)
    if shipped is None:
        model.fit_words(table.features, settings.seed, table.moments or None)
    else:
        model.block_words_ = shipped.model.block_words_
        model.n_features_in_ = shipped.model.n_features_in_
    progress("Learning visual words", 2, 3)
    documents = Documents(model.count_words(table.features), *model.split_words(table.features))
    if streamed:
        count = partial(count_block, space=space, model=model)
        without_cells = [column for column in columns if column != "local"]
        known = (extracted.table, extracted.hashes, without_cells, table.grid_words)
        counts = gather_counts(engine.map_blocks(count, *known), folder=folder)
    else:
        counts = as_whole_numbers(documents.words)
    progress("Learning visual words", 3, 3)
    return _Words(space, recipe, table, documents, counts)


def shipped_words(extracted: Extracted, settings: BuildSettings) -> Vocabulary | None:
    """Return the words that came with the network, if the collection is too small to learn any."""
    asked_for_others = settings.recipe != "default" or settings.components is not None
    if len(extracted.hashes) >= ENOUGH_FOR_WORDS or asked_for_others:
        return None
    return vocabulary_of(extracted.backbone.key)


def possible_numbers(styles: tuple[int, int], n_paintings: int) -> tuple[range, tuple[str, ...]]:
    """Return the numbers of styles that so many paintings allow, and notes for the summary.

    Raises
    ------
    InputError
        If there are too few paintings for the smallest number.
    """
    low, high = styles
    most = n_paintings - max(FEWEST_HELD_OUT, round(HELD_OUT * n_paintings))
    if low > most:
        raise InputError(
            f"{n_paintings} paintings are too few for {low} styles: some are held out as a test, "
            f"and each style needs one of the others. Ask for fewer styles (--styles) or add "
            "paintings."
        )
    # A style of fewer than four paintings could not be told from chance.
    sensible = max(low, min(high, most, n_paintings // 4))
    if sensible == high:
        return range(low, high + 1), ()
    note = f"The collection is small: numbers of styles above {sensible} were not tried."
    return range(low, sensible + 1), (note,)


def without_words(ids: Sequence[str], word_counts: sparse.csr_array) -> tuple[str, ...]:
    """Return a note that names the paintings whose mixture is no finding, if there are any."""
    wordless = np.flatnonzero(np.diff(word_counts.indptr) == 0)
    if not len(wordless):
        return ()
    named = ", ".join(ids[row] for row in wordless[:MOST_NAMED])
    more = f" and {len(wordless) - MOST_NAMED:,} more" if len(wordless) > MOST_NAMED else ""
    return (f"Without visual words, so that their mixture is only what is usual: {named}{more}.",)


def describe_paintings(extracted: Extracted) -> pd.DataFrame:
    """Return the paintings with hash and size; given columns that clash get ``given_`` in front."""
    given = extracted.collection.paintings.rename(
        columns=lambda name: f"given_{name}" if _clashes(name) else name
    )
    leading = ["id", "path", "painter", "title", "year"]
    paintings = given[leading].copy()
    paintings.insert(2, "hash", list(extracted.hashes))
    paintings["width"], paintings["height"] = extracted.sizes.T
    return pd.concat([paintings, given.drop(columns=leading)], axis=1)


def _clashes(column: str) -> bool:
    """Tell whether an atlas has a column of its own by this name."""
    return column in RESERVED_COLUMNS or column.startswith("style_")


def widths(extracted: Extracted) -> dict[str, int]:
    """Return ``n_window_statistics`` and ``n_descriptor``, the one that there is not being 0."""
    names = {"windows": "n_window_statistics", "descriptor": "n_descriptor"}
    given = "descriptor" if extracted.backbone.has_descriptor else "windows"
    first = next(extracted.table.read(extracted.hashes[:1], [given]))
    return dict.fromkeys(names.values(), 0) | {names[given]: int(first[given].shape[-1])}


def _choose(
    documents: Documents,
    numbers: range,
    topics: Any,
    settings: BuildSettings,
    n_jobs: int,
    progress: Progress,
) -> Selection:
    options = {
        "topics": topics,
        "random_state": settings.seed,
        "n_jobs": n_jobs,
        "progress": progress,
    }
    if settings.styles[0] == settings.styles[1]:
        return given_number(documents, numbers[0], **options)
    return choose_n_styles(documents, numbers, rule=settings.choose, **options)


def read_thumbnails(extracted: Extracted, folder: Path | None = None) -> pa.ChunkedArray:
    """Return the thumbnails of a collection, block by block.

    They are in memory, or, if a folder is given, in a file without a name in it.
    """
    blocks = (
        pa.array(block["thumbnail"].tolist(), pa.binary())
        for block in extracted.read(["thumbnail"])
    )
    if folder is None:
        return pa.chunked_array(blocks, pa.binary())
    schema = pa.schema({"thumbnail": pa.binary()})
    with open_nameless(folder) as file:
        with pa.ipc.new_file(file, schema) as writer:
            for block in blocks:
                writer.write_batch(pa.record_batch([block], schema=schema))
        file.flush()
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return pa.ipc.open_file(pa.BufferReader(mapped)).read_all()["thumbnail"]


def _whole_or_fraction(components: float | None) -> float | None:
    return int(components) if components is not None and components >= 1 else components


def _all_unreadable(collection: Collection, extraction: Extraction) -> str:
    first = extraction.skipped.iloc[0]
    return (
        f"None of the {len(collection.paintings)} pictures in {collection.root} can be read; "
        f"the first, {first['path']}: {first['reason']}."
    )


def _provenance(
    extracted: Extracted, settings: BuildSettings, model: StyleModel, notes: Sequence[str]
) -> dict[str, Any]:
    """Return what is needed to repeat the run; no clock times."""
    backbone = extracted.backbone
    return {
        "artstylenet": version("artstylenet"),
        "schema": SCHEMA_VERSION,
        "inputs": inputs_digest(extracted, settings),
        "n_paintings": len(extracted.hashes),
        "n_styles": model.n_styles,
        "layout": extracted.collection.layout,
        "source": extracted.collection.source,
        "layout_asked": extracted.collection.asked,
        "notes": [*extracted.collection.notes, *notes],
        "settings": {**asdict(settings), "styles": list(settings.styles)},
        "backbone": {"name": backbone.name, "key": backbone.key, "licence": backbone.licence},
        "components": _variance_kept(model),
        "word_scale": WORD_SCALE,
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in LIBRARIES},
        },
    }


def _variance_kept(model: StyleModel) -> list[dict[str, Any]]:
    """Return, block by block, how many components are kept and what fraction of variance."""
    kept = []
    for words in model.block_words_:
        if not words.block.counted and hasattr(words.reducer_, "explained_variance_ratio_"):
            ratios = words.reducer_.explained_variance_ratio_
            kept.append(
                {
                    "block": words.block.name,
                    "components": len(ratios),
                    # A family that never varies has no variance to keep: NaN, which no JSON holds.
                    "variance_kept": round(float(np.nan_to_num(ratios).sum()), 6),
                }
            )
    return kept
