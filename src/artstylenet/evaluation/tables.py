"""One table: every contender, every measure, several seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from artstylenet.atlas import StyleAtlas
from artstylenet.backbones import Backbone
from artstylenet.build import Extracted, widths
from artstylenet.collection import Collection
from artstylenet.counting import tabulate
from artstylenet.errors import InputError
from artstylenet.evaluation.collages import (
    CollageResult,
    draw_pairs,
    make_collages,
    mean_of_draws,
    measure_collages,
)
from artstylenet.evaluation.contenders import CONTENDERS, FEATURES, Contender, View
from artstylenet.evaluation.scores import Evaluation, Scores
from artstylenet.feature_store import open_store
from artstylenet.features import learn_feature_space, raw_columns
from artstylenet.imaging import decode_picture, read_file
from artstylenet.placing import backbone_of, raw_features
from artstylenet.progress import Progress, silent
from artstylenet.sampling import sample_rows
from artstylenet.selection import mean_stability

N_SEEDS = 10
UNSEEN_SHARE = 1 / 3
"""Share of the painters (without painters: of the paintings) that styles are not learnt from."""
MOST_PROBED = 256
"""Principal components of features that neighbours and the linear probe are given."""
MOST_UNSEEN = 0.25
"""Share of the paintings that collages are made of, at most; the rest is learnt from."""


@dataclass(frozen=True, eq=False)
class Material:
    """Paintings to evaluate on.

    Attributes
    ----------
    extracted : Extracted
        Paintings whose features are in the store.
    labels : mapping of str to Series of n_paintings values
        Missing where unknown.
    n_styles : int
    """

    extracted: Extracted
    labels: Mapping[str, pd.Series]
    n_styles: int


def material_of_atlas(
    atlas: StyleAtlas, labels: Mapping[str, pd.Series], *, store: Path | None = None
) -> Material:
    """Find the features of an atlas' paintings again.

    Raises
    ------
    InputError
        If the store does not hold them.
    BackboneError
        If the backbone of the atlas is not at hand.
    """
    backbone = backbone_of(atlas)
    table = open_store(store).table(backbone.key)
    hashes = atlas.paintings["hash"].tolist()
    stored = table.stored()
    n_missing = sum(image_hash not in stored for image_hash in hashes)
    if n_missing:
        raise InputError(
            f"The features of {n_missing} of {len(hashes)} paintings are not in the store; name "
            "the store of the build (--store), or evaluate the folder of paintings."
        )
    extracted = Extracted(
        collection=Collection(
            root=atlas.image_root or Path(),
            paintings=atlas.paintings,
            painters=atlas.painters,
            layout=str(atlas.run["layout"]),
            skipped=atlas.skipped,
            notes=(),
        ),
        hashes=tuple(hashes),
        table=table,
        backbone=backbone,
        skipped=atlas.skipped,
        duplicates=atlas.duplicates,
        sizes=atlas.paintings[["width", "height"]].to_numpy(),
    )
    return Material(extracted, labels, atlas.n_styles)


def evaluate(
    material: Material,
    *,
    n_seeds: int = N_SEEDS,
    contenders: Mapping[str, Contender] = CONTENDERS,
    random_state: int = 0,
    progress: Progress = silent,
) -> Evaluation:
    """Measure every contender with every seed.

    Each seed draws everything anew: the vocabularies, the starts, and the painters held apart. Of
    a large collection a sample is looked at.

    Parameters
    ----------
    material : Material
    n_seeds : int, default=10
    contenders : mapping of str to Contender, optional
    random_state : int, default=0
        The first seed; the others follow.
    progress : callable, optional

    Returns
    -------
    Evaluation
        For every label ``L``: ``L_nmi``, ``L_ari``, ``L_ami``, ``L_purity`` of dominant styles,
        ``L_precision_at_10`` and ``L_probe`` of mixtures; ``L_nmi_unseen``: the same with a third
        of the painters held apart, measured on their works alone; ``perplexity_ratio`` there;
        ``effective_styles`` (median); ``stability`` between seeds. Features themselves have only
        ``L_precision_at_10`` and ``L_probe``: the supervised ceiling.
    """
    material = sampled(material, random_state)
    painters = material.extracted.collection.paintings["painter"]
    scores = Scores()
    mixtures: dict[str, list[np.ndarray]] = {name: [] for name in contenders}
    n_steps, done = n_seeds * (len(contenders) + 1), 0
    with threadpool_limits(1):
        for seed in range(random_state, random_state + n_seeds):
            view = look_at(material.extracted, seed)
            unseen = hold_apart(painters, seed)
            if seed == random_state:
                for name, columns in FEATURES.items():
                    vectors = principal_components(columns(view))
                    scores.add_vectors(f"features: {name}", seed, vectors, material.labels)
            done += 1
            progress("Evaluating", done, n_steps)
            for name, fit in contenders.items():
                weights = fit(view, material.n_styles, seed).weigh(view)
                mixtures[name].append(weights)
                scores.add_mixtures(name, seed, weights, material.labels)
                seen = fit(take(view, np.flatnonzero(~unseen)), material.n_styles, seed)
                others = take(view, np.flatnonzero(unseen))
                scores.add_agreement(
                    name, seed, seen.weigh(others), _rows(material.labels, unseen), "_unseen"
                )
                if seen.perplexity_ratio is not None:
                    scores.add(name, "perplexity_ratio", seed, seen.perplexity_ratio(others))
                done += 1
                progress("Evaluating", done, n_steps)
    if n_seeds > 1:
        for name, all_weights in mixtures.items():
            scores.add(name, "stability", -1, mean_stability(all_weights))
    return scores.finish()


def evaluate_collages(
    material: Material,
    n_collages: int,
    *,
    n_draws: int = 1,
    contenders: Mapping[str, Contender] = CONTENDERS,
    random_state: int = 0,
    progress: Progress = silent,
) -> list[CollageResult]:
    """Learn styles from most paintings; read collages of halves of the others.

    Parameters
    ----------
    material : Material
        The originals must be there.
    n_collages : int
        Collages made in a draw; those whose halves have one dominant style are left out.
    n_draws : int, default=1
        How often paintings are drawn, and styles learnt from the others.
    contenders : mapping of str to Contender, optional
    random_state : int, default=0
        The first draw's; the others follow.
    progress : callable, optional

    Returns
    -------
    list of CollageResult
        One a contender, the mean of its draws.
    """
    n_steps = n_draws * (len(contenders) + 1)
    draws = [
        _read_collages(
            material,
            n_collages,
            contenders,
            random_state + draw,
            partial(_report_draw, progress, draw * (len(contenders) + 1), n_steps),
        )
        for draw in range(n_draws)
    ]
    return [mean_of_draws(results) for results in zip(*draws, strict=True)]


def _report_draw(progress: Progress, n_before: int, n_steps: int, done: int) -> None:
    progress("Reading collages", n_before + done, n_steps)


def _read_collages(
    material: Material,
    n_collages: int,
    contenders: Mapping[str, Contender],
    random_state: int,
    report: Callable[[int], None],
) -> list[CollageResult]:
    """Return what every contender reads in one draw of collages."""
    extracted = sampled(material, random_state).extracted
    n_paintings = len(extracted.hashes)
    order = np.random.default_rng(random_state).permutation(n_paintings)
    n_unseen = max(2, min(2 * n_collages, round(MOST_UNSEEN * n_paintings)))
    pairs = draw_pairs(order[:n_unseen].tolist(), n_collages, random_state=random_state)
    rest = np.sort(order[n_unseen:])
    paths = extracted.collection.paintings["path"]
    size = extracted.backbone.input_size

    def read_picture(row: int) -> np.ndarray:
        path = extracted.collection.root / paths.iloc[row]
        return decode_picture(read_file(path), size).pixels

    with threadpool_limits(1):
        report(0)
        taught = replace(extracted, hashes=tuple(np.take(extracted.hashes, rest)))
        view = look_at(taught, random_state)
        rows, places = np.unique(pairs, return_inverse=True)
        backbone = extracted.backbone
        whole = look_at_pictures([read_picture(row) for row in rows], backbone, view)
        collages = look_at_pictures(make_collages(pairs, read_picture), backbone, view)
        report(1)
        results = []
        for i, (name, fit) in enumerate(contenders.items()):
            fitted = fit(view, material.n_styles, random_state)
            of_pairs = fitted.weigh(whole)[places.reshape(pairs.shape)]
            results.append(measure_collages(name, fitted.weigh(collages), of_pairs))
            report(i + 2)
    return results


def sampled(material: Material, random_state: int = 0) -> Material:
    """Return the paintings that stand for all, where there are too many to look at at once."""
    extracted = material.extracted
    rows = sample_rows(len(extracted.hashes), random_state)
    if len(rows) == len(extracted.hashes):
        return material
    paintings = extracted.collection.paintings.iloc[rows].reset_index(drop=True)
    return replace(
        material,
        extracted=replace(
            extracted,
            collection=replace(extracted.collection, paintings=paintings),
            hashes=tuple(extracted.hashes[row] for row in rows.tolist()),
            sizes=extracted.sizes[rows],
        ),
        labels={
            name: values.iloc[rows].reset_index(drop=True)
            for name, values in material.labels.items()
        },
    )


def look_at(extracted: Extracted, seed: int) -> View:
    """Learn a feature space with a seed; return all paintings in it."""
    columns = raw_columns(extracted.backbone)
    space = learn_feature_space(
        lambda: extracted.read(columns), len(extracted.hashes), random_state=seed
    )
    tabulated = tabulate(extracted.read(columns), space)
    return View(
        features=tabulated.features,
        descriptors=tabulated.descriptors,
        space=space,
        stage_channels=extracted.backbone.stage_channels,
        n_window_statistics=widths(extracted)["n_window_statistics"],
        has_descriptor=extracted.backbone.has_descriptor,
    )


def look_at_pictures(pictures: Sequence[np.ndarray], backbone: Backbone, view: View) -> View:
    """Return pictures of shape (size, size, 3) in the feature space of another View."""
    raw = raw_features(backbone, pictures)
    grid_words = view.space.grid_words.assign(raw["local"])
    return replace(
        view,
        features=view.space.tabulate(raw, grid_words),
        descriptors=view.space.describe(raw).astype(np.float16),
    )


def take(view: View, rows: np.ndarray) -> View:
    """Return some of the paintings of a View."""
    return replace(view, features=view.features[rows], descriptors=view.descriptors[rows])


def principal_components(features: np.ndarray) -> np.ndarray:
    """Return standardised features in at most 256 dimensions, float32."""
    scaled = StandardScaler().fit_transform(features.astype(np.float32))
    n_components = min(MOST_PROBED, *scaled.shape)
    pca = PCA(n_components, svd_solver="randomized", random_state=0)
    reduced: np.ndarray = pca.fit_transform(scaled)
    return reduced


def hold_apart(painters: pd.Series, seed: int) -> np.ndarray:
    """Return which paintings are by the third of the painters that a seed holds apart.

    With fewer than three painters a third of the paintings is held apart.
    """
    rng = np.random.default_rng(seed)
    names = np.sort(painters.dropna().unique())
    if len(names) < 3:
        return np.asarray(rng.random(len(painters)) < UNSEEN_SHARE)
    apart = rng.choice(names, round(UNSEEN_SHARE * len(names)), replace=False)
    return painters.isin(apart).to_numpy()


def _rows(labels: Mapping[str, pd.Series], kept: np.ndarray) -> dict[str, pd.Series]:
    return {name: values[kept].reset_index(drop=True) for name, values in labels.items()}
