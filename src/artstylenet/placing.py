"""New paintings among the styles of an atlas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from artstylenet.backbones import Backbone, load_backbone
from artstylenet.errors import BackboneError
from artstylenet.feature_store import to_float16
from artstylenet.features import raw_columns
from artstylenet.imaging import decode_picture, read_file
from artstylenet.results import mixtures_table

if TYPE_CHECKING:
    from artstylenet.atlas import StyleAtlas


@dataclass(frozen=True, eq=False)
class Placed:
    """New paintings as the atlas sees them; row i is image i.

    Attributes
    ----------
    painting_styles : ndarray of shape (n, n_styles), float64
        Rows sum to 1.
    descriptors : ndarray of shape (n, n_dimensions), float32
        Unit rows.
    grid_words : ndarray of shape (n, 196), uint16
    """

    painting_styles: np.ndarray
    descriptors: np.ndarray
    grid_words: np.ndarray


def place(atlas: StyleAtlas, images: Sequence[str | Path]) -> pd.DataFrame:
    """Return the mixtures of new images.

    Parameters
    ----------
    atlas : StyleAtlas
    images : sequence of paths

    Returns
    -------
    DataFrame of shape (n_images, n_styles), float64
        Index: the paths as given; columns ``style_00``, ...; rows sum to 1.

    Raises
    ------
    ImageError
        If an image cannot be read.
    BackboneError
        If the backbone of the atlas is not at hand.
    """
    placed = place_pictures(atlas, [read_file(Path(image)) for image in images])
    return mixtures_table(placed.painting_styles, pd.Index([str(image) for image in images]))


def place_pictures(atlas: StyleAtlas, files: Sequence[bytes]) -> Placed:
    """Place pictures given as the bytes of their files; see :func:`place`."""
    size = backbone_of(atlas).input_size
    return place_pixels(atlas, np.stack([decode_picture(data, size).pixels for data in files]))


def place_pixels(atlas: StyleAtlas, pixels: np.ndarray) -> Placed:
    """Place pictures that are decoded already.

    Parameters
    ----------
    atlas : StyleAtlas
    pixels : ndarray of shape (n, size, size, 3), uint8
        As of :func:`artstylenet.imaging.decode_picture`, `size` being the backbone's.
    """
    raw = raw_features(backbone_of(atlas), pixels)
    grid_words = atlas.feature_space.grid_words.assign(raw["local"])
    features = atlas.feature_space.tabulate(raw, grid_words)
    return Placed(
        painting_styles=atlas.model.mixtures(atlas.model.count_words(features)),
        descriptors=atlas.feature_space.describe(raw),
        grid_words=grid_words,
    )


def raw_features(
    backbone: Backbone, pixels: Sequence[np.ndarray] | np.ndarray
) -> dict[str, np.ndarray]:
    """Extract what :func:`artstylenet.features.raw_columns` names, as a store would give it.

    Parameters
    ----------
    backbone : Backbone
    pixels : sequence of ndarray of shape (size, size, 3), uint8, or such an array
    """
    # One at a time, as when an atlas is built: results must not depend on the batch.
    rows = [backbone.extract(picture[None]) for picture in pixels]
    columns = {
        name: np.concatenate([getattr(row, name) for row in rows]) for name in raw_columns(backbone)
    }
    # The store holds half precision: the same picture must get the same words.
    return {
        name: values if name == "local" else to_float16(values) for name, values in columns.items()
    }


def backbone_of(atlas: StyleAtlas) -> Backbone:
    """Open the backbone that an atlas was built with.

    Raises
    ------
    BackboneError
        If it is not at hand, or has changed since.
    """
    try:
        spec, key = atlas.run["settings"]["backbone"], atlas.run["backbone"]["key"]
    except (KeyError, TypeError) as error:
        raise BackboneError(
            "The atlas does not say which backbone it was built with, so no picture can be placed."
        ) from error
    backbone = _open(spec)
    if backbone.key != key:
        raise BackboneError(
            f"The atlas was built with another version of the backbone {spec!r} (key {key}, here "
            f"{backbone.key}); build it again to place new pictures."
        )
    return backbone


@cache
def _open(spec: str) -> Backbone:
    return load_backbone(spec)
