"""The visual words that come with the network: a file beside it, for collections too small."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from artstylenet.backbones import DEFAULT_MODEL
from artstylenet.checked_arrays import load_arrays
from artstylenet.features import FeatureSpace
from artstylenet.storage.estimator_files import dump_words, restore_words
from artstylenet.style_model import StyleModel

VOCABULARY_FILE = DEFAULT_MODEL.with_name("words.npz")
_TREE = "described"


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Words that were learnt from other paintings.

    Attributes
    ----------
    backbone : str
        Key of the network whose features they are of.
    space : FeatureSpace
    model : StyleModel
        Its words are fitted, and it has no styles.
    """

    backbone: str
    space: FeatureSpace
    model: StyleModel


def write_vocabulary(vocabulary: Vocabulary, path: Path) -> None:
    """Write a vocabulary as named arrays; see ``python -m training.words``."""
    tree, arrays = dump_words(vocabulary.model, vocabulary.space)
    described = json.dumps({"backbone": vocabulary.backbone, "words": tree})
    arrays[_TREE] = np.frombuffer(described.encode(), np.uint8)
    np.savez_compressed(path, allow_pickle=False, **arrays)


def read_vocabulary(path: Path = VOCABULARY_FILE) -> Vocabulary:
    """Read a vocabulary; without a path the one of the package.

    Raises
    ------
    AtlasError
        If a part of it is missing or of no known class.
    OSError, ValueError
        If it is no such file.
    """
    arrays = load_arrays(path)
    described = json.loads(arrays.pop(_TREE).tobytes())
    model, space = restore_words(described["words"], arrays)
    return Vocabulary(str(described["backbone"]), space, model)


@cache
def vocabulary_of(backbone: str) -> Vocabulary | None:
    """Return the package's vocabulary if it is of the network with this key, else None."""
    vocabulary = read_vocabulary() if VOCABULARY_FILE.exists() else None
    return vocabulary if vocabulary is not None and vocabulary.backbone == backbone else None
