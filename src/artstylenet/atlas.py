"""The atlas: everything found about a collection, aligned row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from scipy import sparse

    from artstylenet.evidence import Selection
    from artstylenet.features import FeatureSpace
    from artstylenet.style_model import StyleModel


def style_column(style: int) -> str:
    """Return the column name of a style: ``style_00``, ``style_01``, ..."""
    return f"style_{style:02d}"


@dataclass(frozen=True, eq=False, repr=False)
class StyleAtlas:
    """The styles of a collection, aligned and frozen: row i is painting i everywhere.

    Behaviour lives in plain functions over it (:mod:`artstylenet.ranking`,
    :mod:`artstylenet.similarity`, :mod:`artstylenet.figures`, ...). Styles are numbered by
    falling prevalence: style 0 has the largest share.

    Attributes
    ----------
    paintings : DataFrame of n_paintings rows
        Columns ``id`` (unique str), ``path`` (posix, relative to `image_root`), ``hash`` (of the
        file's bytes), ``painter`` (str or missing), ``title``, ``year`` (str as given or missing),
        ``width`` and ``height`` (pixels of the original), then every column of the input table.
    painting_styles : DataFrame of shape (n_paintings, n_styles), float64
        Mixture of each painting; index ``id``, columns ``style_00``, ...; rows sum to 1.
    painters : DataFrame of n_painters rows
        Columns ``painter``, ``n_paintings`` and what the collection says of painters; sorted by
        name. No rows if the collection names no painters.
    painter_styles : DataFrame of shape (n_painters, n_styles), float64
        Mean mixture of each painter's works; index ``painter``; rows sum to 1.
    styles : DataFrame of n_styles rows
        Columns ``style``, ``share`` (fraction of the collection, sums to 1),
        ``n_paintings_dominant``, ``n_painters_dominant`` (painters whose largest style it is),
        ``n_painters_tenth`` (painters with at least 10 % of it), ``distinctiveness`` (in [0, 1],
        Jensen-Shannon divergence in bits of its words from the collection's), ``stability``
        (in [-1, 1]) and, when asked for, ``coherence`` (NPMI in [-1, 1]).
    word_counts : csr_array of shape (n_paintings, n_words), uint16
        Visual words of each painting, in units of 1 / ``run["word_scale"]`` tokens.
    grid_words : ndarray of shape (n_paintings, 196), uint16
        Word of every cell of the 14 x 14 grid, row by row; region maps follow from them.
    descriptors : ndarray of shape (n_paintings, n_dimensions), float16
        Unit style descriptors; their dot product is the cosine similarity of features.
    map_positions : ndarray of shape (n_paintings, 2), float32
        Place on the 2-D map, in [0, 1].
    uncertainty : ndarray of shape (n_paintings, n_styles), float16
        Standard deviation of each weight over the fits that the model agrees on.
    thumbnails : ChunkedArray of n_paintings binary values
        JPEG bytes, at most 320 px on the longer side.
    model : StyleModel
        The fitted model.
    feature_space : FeatureSpace
        Turns raw features of new paintings into what `model` and `descriptors` need.
    selection : Selection
        How the number of styles was chosen.
    skipped : DataFrame
        Columns ``path``, ``reason``: files that could not be used.
    duplicates : DataFrame
        Columns ``group``, ``id``, ``path``, ``kind`` (``same bytes`` or ``near-duplicate``).
    run : mapping
        Provenance: versions, seeds, settings, hashes, layout, notes. No clock times.
    image_root : Path or None
        Folder that ``paintings.path`` is relative to; originals may be missing.
    """

    paintings: pd.DataFrame
    painting_styles: pd.DataFrame
    painters: pd.DataFrame
    painter_styles: pd.DataFrame
    styles: pd.DataFrame
    word_counts: sparse.csr_array
    grid_words: np.ndarray
    descriptors: np.ndarray
    map_positions: np.ndarray
    uncertainty: np.ndarray
    thumbnails: pa.ChunkedArray
    model: StyleModel
    feature_space: FeatureSpace
    selection: Selection
    skipped: pd.DataFrame
    duplicates: pd.DataFrame
    run: Mapping[str, Any]
    image_root: Path | None = None

    @property
    def n_paintings(self) -> int:
        """Number of paintings."""
        return len(self.paintings)

    @property
    def n_styles(self) -> int:
        """Number of styles."""
        return self.painting_styles.shape[1]

    @property
    def n_painters(self) -> int:
        """Number of named painters; 0 if the collection names none."""
        return len(self.painters)

    def __repr__(self) -> str:
        return (
            f"StyleAtlas({self.n_paintings} paintings, {self.n_painters} painters, "
            f"{self.n_styles} styles)"
        )

    def _repr_html_(self) -> str:
        """Show every style as a strip of its best paintings, in notebooks."""
        from artstylenet.atlas_html import strips_html

        return strips_html(
            repr(self), self.paintings, self.painting_styles.to_numpy(), self.thumbnails
        )
