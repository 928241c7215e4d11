"""A small hand-made atlas for tests of what reads one: no model is run."""

from __future__ import annotations

import io
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
from PIL import Image
from scipy import sparse

from artstylenet.atlas import StyleAtlas, style_column
from artstylenet.evidence import Selection

PAINTERS = ("Ada Müller", "Bo <b>Lind</b>", "Chen Wei", "Dora Ng", "Émile O'Neil", "=SUM(A1)")


def toy_selection(n_styles: int) -> Selection:
    """Return a curve over 3..8 styles whose elbow is at 5."""
    numbers = np.arange(3, 9)
    rng = np.random.default_rng(0)
    curve = 40 + 100 / (numbers - 1.5)
    perplexities = curve + rng.normal(0, 0.5, (3, len(numbers)))
    table = pd.DataFrame(
        {
            "n_styles": numbers,
            "perplexity": perplexities.mean(axis=0),
            "perplexity_low": perplexities.min(axis=0),
            "perplexity_high": perplexities.max(axis=0),
            "standard_error": perplexities.std(axis=0, ddof=1) / np.sqrt(3),
            "stability": np.linspace(0.95, 0.7, len(numbers)),
        }
    )
    return Selection(
        table=table,
        perplexities=perplexities,
        elbow=5,
        elbow_agreement=0.9,
        one_standard_error=8,
        minimum=8,
        stable=6,
        n_styles=n_styles,
        rule="elbow",
        reason="The curve only falls; its elbow is at 5 in 90 % of resamples.",
        unigram_perplexity=150.0,
    )


def toy_atlas(
    n_paintings: int = 60, n_styles: int = 5, *, with_painters: bool = True
) -> StyleAtlas:
    """Return an atlas of coloured rectangles with planted mixtures, hostile titles included."""
    rng = np.random.default_rng(0)
    columns = [style_column(k) for k in range(n_styles)]
    strength = np.linspace(1.0, 0.5, n_styles)
    mixtures = rng.dirichlet(0.3 * strength, n_paintings)
    mixtures = mixtures[:, np.argsort(-mixtures.sum(axis=0))]
    ids = [f"toy-{i:03d}" for i in range(n_paintings)]
    names = [PAINTERS[i % len(PAINTERS)] for i in range(n_paintings)]
    thumbnails = []
    for i in range(n_paintings):
        shade = tuple(int(v) for v in rng.integers(30, 226, 3))
        image = Image.new("RGB", (120 + (i % 5) * 40, 160), shade)
        image.paste(tuple(255 - v for v in shade), (20, 20, 60 + i % 30, 100))
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=80)
        thumbnails.append(buffer.getvalue())
    paintings = pd.DataFrame(
        {
            "id": ids,
            "path": [f"works/{i:03d}.jpg" for i in range(n_paintings)],
            "hash": [f"{i:064x}" for i in range(n_paintings)],
            "painter": names if with_painters else [None] * n_paintings,
            "title": [
                "<script>alert(1)</script>" if i == 3 else f"Study no. {i}"
                for i in range(n_paintings)
            ],
            "year": [None if i % 7 == 0 else f"c. {1500 + 5 * i}" for i in range(n_paintings)],
            "width": 1200,
            "height": 900,
            "movement": [("Baroque", "Cubism", "Rococo")[i % 3] for i in range(n_paintings)],
            "rights": "CC0",
            "credit": [f"Toy collection, gift {i}" for i in range(n_paintings)],
        }
    )
    painting_styles = pd.DataFrame(mixtures, index=pd.Index(ids, name="id"), columns=columns)
    if with_painters:
        painter_styles = painting_styles.groupby(pd.Index(names, name="painter")).mean()
        painters = pd.DataFrame(
            {
                "painter": painter_styles.index,
                "n_paintings": pd.Series(names)
                .value_counts()
                .reindex(painter_styles.index)
                .to_numpy(),
                "years": "1880 - 1950",
                "nationality": "Toyland",
            }
        )
    else:
        painter_styles = painting_styles.iloc[:0].rename_axis("painter")
        painters = pd.DataFrame({"painter": [], "n_paintings": []})
    dominant = mixtures.argmax(axis=1)
    painter_dominant = painter_styles.to_numpy().argmax(axis=1) if with_painters else np.empty(0)
    styles = pd.DataFrame(
        {
            "style": range(n_styles),
            "share": mixtures.mean(axis=0),
            "n_paintings_dominant": np.bincount(dominant, minlength=n_styles),
            "n_painters_dominant": [(painter_dominant == k).sum() for k in range(n_styles)],
            "n_painters_tenth": (painter_styles.to_numpy() >= 0.1).sum(axis=0),
            "distinctiveness": np.linspace(0.6, 0.3, n_styles),
            "stability": np.linspace(0.98, 0.8, n_styles),
        }
    )
    descriptors = rng.normal(size=(n_paintings, 16))
    descriptors /= np.linalg.norm(descriptors, axis=1, keepdims=True)
    return StyleAtlas(
        paintings=paintings,
        painting_styles=painting_styles,
        painters=painters,
        painter_styles=painter_styles,
        styles=styles,
        word_counts=sparse.csr_array(rng.poisson(1.0, (n_paintings, 30)).astype(np.uint16)),
        grid_words=rng.integers(0, 20, (n_paintings, 196)).astype(np.uint16),
        uncertainty=np.full((n_paintings, n_styles), 0.05, np.float16),
        descriptors=descriptors.astype(np.float16),
        map_positions=rng.random((n_paintings, 2), dtype=np.float32),
        thumbnails=pa.chunked_array([pa.array(thumbnails, pa.binary())]),
        # Nothing that reads a toy atlas runs its model; region maps look at its words.
        model=SimpleNamespace(  # type: ignore[arg-type]
            style_words_=rng.dirichlet(np.full(30, 0.3), n_styles) + 1e-6,
            block_words_=[
                SimpleNamespace(n_words_=10, block=SimpleNamespace(name="statistics")),
                SimpleNamespace(n_words_=20, block=SimpleNamespace(name="grid")),
            ],
        ),
        feature_space=None,  # type: ignore[arg-type]
        selection=toy_selection(n_styles),
        skipped=pd.DataFrame({"path": ["works/bad.jpg"], "reason": ["truncated: ends early"]}),
        duplicates=pd.DataFrame(
            {
                "group": [0, 0],
                "id": ids[:2],
                "path": ["works/000.jpg", "works/001.jpg"],
                "kind": ["same bytes", "same bytes"],
            }
        ),
        run={
            "artstylenet": "0.1.0",
            "schema": 1,
            "layout": "painter folders",
            "notes": ["6 painters"],
            "settings": {"styles": "3..8", "seed": 0, "recipe": "default"},
            "backbone": {"name": "toy", "licence": "MIT"},
            "versions": {"numpy": np.__version__},
            "word_scale": 64,
        },
    )
