"""The toy atlas with a model: words of the grid drawn from styles planted into regions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from artstylenet.atlas import StyleAtlas
from artstylenet.datasets.planting import plant_regions
from artstylenet.results import mixtures_table
from artstylenet.style_model import BlockWords, StyleModel
from artstylenet.visual_words import Block
from tests.toy_atlas import toy_atlas

N_WHOLE_WORDS, N_GRID_WORDS = 24, 60
WORD_SCALE = 64
SHARPNESS = 0.12  # Dirichlet parameter of styles over words: smaller tells them apart better


def planted_atlas(seed: int = 0) -> tuple[StyleAtlas, np.ndarray]:
    """Return the toy atlas with planted words, and the style of every cell, (n, 14, 14)."""
    rng = np.random.default_rng(seed)
    atlas = toy_atlas()
    n, n_styles = atlas.n_paintings, atlas.n_styles
    mixtures = rng.dirichlet(np.full(n_styles, 0.5), n)
    style_maps = np.stack([plant_regions(mixture, rng) for mixture in mixtures])
    whole = rng.dirichlet(np.full(N_WHOLE_WORDS, SHARPNESS), n_styles) + 1e-4
    local = rng.dirichlet(np.full(N_GRID_WORDS, SHARPNESS), n_styles) + 1e-4
    local /= local.sum(axis=1, keepdims=True)
    grid_words = np.array(
        [[rng.choice(N_GRID_WORDS, p=local[k]) for k in cells.ravel()] for cells in style_maps]
    )
    counts = [
        np.concatenate(
            [rng.multinomial(60, whole_words), np.bincount(cells, minlength=N_GRID_WORDS)]
        )
        for whole_words, cells in zip(
            mixtures @ (whole / whole.sum(axis=1, keepdims=True)), grid_words, strict=True
        )
    ]
    return (
        replace(
            atlas,
            painting_styles=mixtures_table(mixtures, atlas.painting_styles.index),
            grid_words=grid_words.astype(np.uint16),
            word_counts=sparse.csr_array(WORD_SCALE * np.array(counts, np.uint16)),
            model=_model(whole, local),
        ),
        style_maps,
    )


def _model(whole: np.ndarray, local: np.ndarray) -> StyleModel:
    blocks = (
        Block("metric_0", 0, 8),
        Block("grid", 8, 8 + 4 * N_GRID_WORDS, n_parts=4, counted=True, n_tokens=1.0),
    )
    model = StyleModel(len(whole), blocks=blocks)
    model.block_words_ = [BlockWords(block, None, None) for block in blocks]
    model.block_words_[0].n_words_ = whole.shape[1]
    model.block_words_[1].n_words_ = local.shape[1]
    words = np.concatenate([whole, local], axis=1)
    model.style_words_ = words / words.sum(axis=1, keepdims=True)
    return model
