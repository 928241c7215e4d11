"""Styles of what an atlas holds now, numbered as the old ones where they match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from artstylenet.atlas import StyleAtlas
from artstylenet.backbones import load_backbone
from artstylenet.build import Extracted, fit_atlas
from artstylenet.collection import Collection
from artstylenet.consensus import extend_consensus, fit_consensus, with_words
from artstylenet.counting import as_tokens
from artstylenet.errors import InputError
from artstylenet.evidence import STABLE
from artstylenet.extraction import extract
from artstylenet.feature_store import open_store
from artstylenet.growing.adding import settings_of
from artstylenet.growing.tables import changed_run, changes_since_fit, with_tables
from artstylenet.placing import backbone_of
from artstylenet.progress import Progress, silent
from artstylenet.results import mixtures_table
from artstylenet.sampling import sample_rows
from artstylenet.selection import match_styles
from artstylenet.stage_cache import StageCache
from artstylenet.topics import CollapsedTopics


@dataclass(frozen=True, eq=False)
class Refitted:
    """An atlas whose styles were fitted again.

    Attributes
    ----------
    atlas : StyleAtlas
    same : mapping of int to int
        Old styles that came back (their weights correlate by 0.8 or more), and their new numbers.
    correlations : ndarray of shape (n_matched,), float64
        Correlation of each matched pair, by new number; in [-1, 1].
    """

    atlas: StyleAtlas
    same: Mapping[int, int]
    correlations: np.ndarray


def is_fitted(atlas: StyleAtlas, *, warm: bool) -> bool:
    """Tell whether a refit would find the styles that are there, from the paintings that are."""
    changes = atlas.run.get("changes", [])
    if changes_since_fit(atlas):
        return False
    # Words and number are those of the last build; only a refit from nothing learns them again.
    return warm or not changes or not changes[-1]["warm"]


def refit_warm(
    atlas: StyleAtlas, *, n_jobs: int | None = None, progress: Progress = silent
) -> Refitted:
    """Fit the same number of styles again, starting from the old ones, on all paintings.

    Words, map and features stay, so neither pictures nor the feature store are needed. New style
    k is the one that matches old style k.

    Parameters
    ----------
    atlas : StyleAtlas
    n_jobs : int or None, default=None
        Threads; the result does not depend on it.
    progress : callable, optional

    Returns
    -------
    Refitted
    """
    old = atlas.painting_styles.to_numpy()
    topics = clone(atlas.model.topics_)
    if isinstance(topics, CollapsedTopics):
        found = atlas.model.topics_.components_[atlas.model.style_order_]
        topics.set_params(init=found)
    model = with_words(atlas.model).set_params(topics=topics, n_styles=atlas.n_styles)
    seed = int(atlas.run["settings"]["seed"])
    sample = sample_rows(atlas.n_paintings, seed)
    scale = atlas.run["word_scale"]
    options: dict[str, Any] = {
        "random_state": seed,
        "n_jobs": n_jobs or 1,
        "progress": progress,
    }
    with threadpool_limits(1):
        counts = as_tokens(atlas.word_counts[sample], scale)
        consensus = fit_consensus(model, counts, **options)
        if len(sample) < atlas.n_paintings:
            consensus = extend_consensus(
                consensus, atlas.word_counts, sample, word_scale=scale, **options
            )
    order, correlations = match_styles(old, consensus.painting_styles)
    fitted = consensus.model
    fitted.style_order_ = fitted.style_order_[order]
    fitted.style_words_ = fitted.style_words_[order]
    ids = atlas.painting_styles.index
    change = {"action": "refit", "warm": True, "n_paintings": atlas.n_paintings}
    run = changed_run(atlas, change, None)
    refitted = replace(
        atlas,
        painting_styles=mixtures_table(consensus.painting_styles[:, order], ids),
        uncertainty=consensus.uncertainty[:, order].astype(np.float16),
        styles=atlas.styles.assign(stability=consensus.style_stability[order]),
        model=fitted,
        run={**run, "styles_from": run["inputs"]},
    )
    known = atlas.painters.drop(columns="n_paintings")
    same = {k: k for k in np.flatnonzero(correlations >= STABLE).tolist()}
    return Refitted(with_tables(refitted, known), same, correlations)


def refit_all(
    atlas: StyleAtlas,
    *,
    store: str | Path | None = None,
    n_jobs: int | None = None,
    cache: StageCache | None = None,
    progress: Progress = silent,
) -> Refitted:
    """Build again from the paintings of an atlas: words, number of styles, styles and map.

    Features that the store has lost are extracted from the originals. Where the number of styles
    is the old one, each gets the number of the old style that it matches; else they are numbered
    by falling share.

    Parameters
    ----------
    atlas : StyleAtlas
    store, n_jobs, progress
        See :func:`artstylenet.build.build_atlas`.
    cache : StageCache or None, default=None

    Returns
    -------
    Refitted

    Raises
    ------
    InputError
        If features are not stored and the originals are gone or have changed.
    BackboneError
        If the backbone of the atlas is not at hand, or has changed since.
    """
    extracted = _extract_again(atlas, store, n_jobs, progress)
    built = fit_atlas(extracted, settings_of(atlas), n_jobs=n_jobs, cache=cache, progress=progress)
    old, new = atlas.painting_styles.to_numpy(), built.painting_styles.to_numpy()
    pairs, correlations = _match_any(old, new)
    change = {"action": "refit", "warm": False, "n_paintings": atlas.n_paintings}
    run = changed_run(atlas, change, built.run["inputs"])
    built = replace(
        built,
        run={
            **built.run,
            "inputs": run["inputs"],
            "styles_from": run["inputs"],
            "changes": run["changes"],
            **{name: atlas.run[name] for name in ("source", "layout_asked") if name in atlas.run},
        },
    )
    if built.n_styles == atlas.n_styles:
        order = np.array([new_style for _, new_style in pairs])
        built = _renumbered(built, order)
        pairs = [(k, k) for k in range(len(order))]
    same = {
        one: other
        for (one, other), correlation in zip(pairs, correlations, strict=True)
        if correlation >= STABLE
    }
    return Refitted(built, same, correlations)


def _match_any(old: np.ndarray, new: np.ndarray) -> tuple[list[tuple[int, int]], np.ndarray]:
    """Match styles one to one, as many as both have; pairs are sorted by the old number."""
    n_old, n_new = old.shape[1], new.shape[1]
    if n_old <= n_new:
        order, correlations = match_styles(old, new)
        return list(enumerate(order.tolist())), correlations
    order, correlations = match_styles(new, old)
    by_old = np.argsort(order)
    return [(int(order[k]), int(k)) for k in by_old], correlations[by_old]


def _renumbered(atlas: StyleAtlas, order: np.ndarray) -> StyleAtlas:
    """Return an atlas whose style k is style ``order[k]`` of this one."""
    model = atlas.model
    model.style_order_ = model.style_order_[order]
    model.style_words_ = model.style_words_[order]
    mixtures = atlas.painting_styles.to_numpy()[:, order]
    renumbered = replace(
        atlas,
        painting_styles=mixtures_table(mixtures, atlas.painting_styles.index),
        uncertainty=atlas.uncertainty[:, order],
        styles=atlas.styles.iloc[order].reset_index(drop=True),
    )
    return with_tables(renumbered, atlas.painters.drop(columns="n_paintings"))


def _extract_again(
    atlas: StyleAtlas, store: str | Path | None, n_jobs: int | None, progress: Progress
) -> Extracted:
    """Return the paintings of an atlas with their features, extracting those that are lost."""
    backbone = backbone_of(atlas)
    feature_store = open_store(None if store is None else Path(store))
    table = feature_store.table(backbone.key)
    hashes = np.array(atlas.paintings["hash"], dtype=object)
    lost = table.stored().find(hashes.tolist()) < 0
    if lost.any():
        again = extract(
            atlas.image_root or Path(),
            atlas.paintings["path"][lost].tolist(),
            partial(load_backbone, str(atlas.run["settings"]["backbone"])),
            feature_store,
            n_jobs=n_jobs,
            progress=progress,
        )
        n_gone = sum(one != other for one, other in zip(again.hashes, hashes[lost], strict=True))
        if n_gone:
            raise InputError(
                f"The features of {n_gone} paintings are not stored, and their originals are gone "
                "or changed: remove these paintings, name the store of the build (--store), or "
                "refit with --warm, which needs neither."
            )
    own = ["hash", "width", "height"]
    return Extracted(
        collection=Collection(
            root=atlas.image_root or Path(),
            paintings=atlas.paintings.drop(columns=own),
            painters=atlas.painters.drop(columns="n_paintings"),
            layout=str(atlas.run["layout"]),
            skipped=atlas.skipped,
            notes=tuple(atlas.run["notes"]),
        ),
        hashes=tuple(hashes.tolist()),
        table=table,
        backbone=backbone,
        skipped=atlas.skipped,
        duplicates=atlas.duplicates,
        sizes=atlas.paintings[["width", "height"]].to_numpy(),
    )
