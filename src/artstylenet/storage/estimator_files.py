"""Fitted estimators as named arrays and JSON; only known classes are made again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.decomposition import PCA, LatentDirichletAllocation
from sklearn.preprocessing import StandardScaler

from artstylenet.errors import AtlasError
from artstylenet.features import FeatureSpace
from artstylenet.style_model import BlockWords, StyleModel
from artstylenet.topics import CollapsedTopics
from artstylenet.visual_words import Block, GridWords, ShiftedScores, SoftWords

KNOWN: dict[str, Any] = {
    cls.__name__: cls
    for cls in (
        PCA,
        StandardScaler,
        SoftWords,
        ShiftedScores,
        GridWords,
        CollapsedTopics,
        LatentDirichletAllocation,
    )
}
SPACE_ROLES = ("similarity_scaler", "similarity_pca")
"""What a feature space may have learnt besides its grid words."""

MOST_OF_ANYTHING = 100_000
"""Words, sweeps or components that a model may ask for."""

_FITTED = re.compile(r"[a-z][a-z_]*_")

TUPLES = ("scored_parts", "left_out", "shares")
"""What of a block is a tuple, which JSON has no word for."""

Arrays = dict[str, np.ndarray]


def dump_model(model: StyleModel, space: FeatureSpace) -> tuple[dict[str, Any], Arrays]:
    """Take a fitted model and its feature space apart into JSON and arrays."""
    tree, arrays = dump_words(model, space)
    arrays |= {"style_words": model.style_words_, "style_order": model.style_order_}
    tree |= {"n_styles": model.n_styles, "topics": _dump(model.topics_, "topics", arrays)}
    return tree, arrays


def dump_words(model: StyleModel, space: FeatureSpace) -> tuple[dict[str, Any], Arrays]:
    """Take the words of a model and its feature space apart; the model may have no styles yet."""
    arrays: Arrays = {}
    blocks = []
    for i, words in enumerate(model.block_words_):
        described: dict[str, Any] = {"block": vars(words.block) | {}, "n_words": words.n_words_}
        if not words.block.counted:
            for role in ("scaler", "reducer", "words"):
                fitted = getattr(words, f"{role}_")
                described[role] = _dump(fitted, f"block_{i}/{role}", arrays)
        blocks.append(described)
    tree = {
        "n_features": model.n_features_in_,
        "blocks": blocks,
        "grid_words": _dump(space.grid_words, "grid_words", arrays),
    }
    for role in SPACE_ROLES:
        fitted = getattr(space, role)
        tree[role] = None if fitted is None else _dump(fitted, role, arrays)
    return tree, arrays


def restore_model(tree: Mapping[str, Any], arrays: Arrays) -> tuple[StyleModel, FeatureSpace]:
    """Put together what :func:`dump_model` took apart.

    Raises
    ------
    AtlasError
        If a class is not known or a part is missing.
    """
    model, space = restore_words(tree, arrays)
    try:
        model.n_styles = int(tree["n_styles"])
        model.topics_ = _restore(tree["topics"], "topics", arrays)
        model.style_words_ = arrays["style_words"]
        model.style_order_ = arrays["style_order"]
        _check_shapes(model)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AtlasError(f"The model of the atlas is damaged ({error!r}).") from error
    return model, space


def restore_words(tree: Mapping[str, Any], arrays: Arrays) -> tuple[StyleModel, FeatureSpace]:
    """Put together what :func:`dump_words` took apart: a model without styles, and its space.

    Raises
    ------
    AtlasError
        If a class is not known or a part is missing.
    """
    try:
        blocks = [_restore_block(described["block"]) for described in tree["blocks"]]
        model = StyleModel(blocks=blocks)
        model.n_features_in_ = int(tree["n_features"])
        model.block_words_ = []
        for i, (block, described) in enumerate(zip(blocks, tree["blocks"], strict=True)):
            words = BlockWords(block, None, None)
            words.n_words_ = int(described["n_words"])
            if not block.counted:
                for role in ("scaler", "reducer", "words"):
                    fitted = _restore(described[role], f"block_{i}/{role}", arrays)
                    setattr(words, f"{role}_", fitted)
                if isinstance(words.words_, SoftWords):
                    _check_vocabularies(words.words_)
            model.block_words_.append(words)
        learnt = {
            role: None if tree[role] is None else _restore(tree[role], role, arrays)
            for role in SPACE_ROLES
        }
        space = FeatureSpace(_restore(tree["grid_words"], "grid_words", arrays), **learnt)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AtlasError(f"The words of the atlas are damaged ({error!r}).") from error
    return model, space


def _check_vocabularies(words: SoftWords) -> None:
    """Refuse vocabularies that are not one after the other: words are counted by where they are."""
    if not hasattr(words, "first_words_"):  # written when there was only one
        words.first_words_ = np.array([0, len(words.prototypes_)])
        words.temperatures_ = np.array([words.temperature_])
    first = words.first_words_
    if first.ndim != 1 or first.dtype.kind not in "iu" or len(first) < 2:
        raise ValueError(f"first_words_ is of shape {first.shape}, {first.dtype}")
    ends_meet = first[0] == 0 and first[-1] == len(words.prototypes_)
    if not ends_meet or (first[1:] <= first[:-1]).any():
        raise ValueError(f"vocabularies start at {first} of {len(words.prototypes_)} words")
    if words.temperatures_.shape != (len(first) - 1,):
        raise ValueError(f"temperatures_ is of shape {words.temperatures_.shape}")


def _check_shapes(model: StyleModel) -> None:
    """Refuse topics whose arrays do not fit each other: compiled loops would read beyond them."""
    topics, n_styles = model.topics_, model.n_styles
    n_words = sum(words.n_words_ for words in model.block_words_)
    expected = {
        "style_words": (model.style_words_, (n_styles, n_words)),
        "style_order": (model.style_order_, (n_styles,)),
        "components": (topics.components_, (n_styles, n_words)),
    }
    if isinstance(topics, CollapsedTopics):
        expected["document_prior"] = (topics.document_prior_, (n_styles,))
    for name, (array, shape) in expected.items():
        if array.shape != shape:
            raise ValueError(f"{name} is of shape {array.shape} instead of {shape}")
    if topics.n_features_in_ != n_words:
        raise ValueError(f"topics are of {topics.n_features_in_} words instead of {n_words}")
    if sorted(model.style_order_.tolist()) != list(range(n_styles)):
        raise ValueError("style_order is no order")


def _restore_block(described: Mapping[str, Any]) -> Block:
    known = {name: described[name] for name in TUPLES if described.get(name) is not None}
    tuples: dict[str, Any] = {name: tuple(values) for name, values in known.items()}
    if described["scored_parts"] is None:  # how earlier versions said that all parts are left out
        tuples |= {"scored_parts": (), "left_out": tuple(range(described["n_parts"]))}
    return Block(**dict(described) | tuples)


def _dump(estimator: Any, prefix: str, arrays: Arrays) -> dict[str, Any]:
    """Describe an estimator: class, parameters, fitted numbers; its arrays go to `arrays`."""
    name = type(estimator).__name__
    if KNOWN.get(name) is not type(estimator):
        raise AtlasError(f"An atlas cannot hold a fitted {name}; it knows {sorted(KNOWN)}.")
    numbers = {}
    for attribute, value in vars(estimator).items():
        if not attribute.endswith("_") or attribute.startswith("_"):
            continue
        if isinstance(value, np.ndarray) and value.dtype != object:
            arrays[f"{prefix}/{attribute}"] = value
        elif isinstance(value, (bool, int, float, np.integer, np.floating)):
            # JSON has no word for what is not a number, such as the noise of what never varies.
            if np.isfinite(value):
                numbers[attribute] = value.item() if isinstance(value, np.generic) else value
            else:
                arrays[f"{prefix}/{attribute}"] = np.asarray(value)
    parameters = {
        key: value
        for key, value in estimator.get_params(deep=False).items()
        if value is None or isinstance(value, (bool, int, float, str))
    }
    return {
        "class": name,
        "parameters": parameters,
        "numbers": numbers,
        "n_features": getattr(estimator, "n_features_in_", None),
    }


def _restore(described: Mapping[str, Any], prefix: str, arrays: Arrays) -> Any:
    name = described["class"]
    if name not in KNOWN:
        raise AtlasError(f"The atlas names an estimator {name!r}; known are {sorted(KNOWN)}.")
    estimator = KNOWN[name](**described["parameters"])
    _check_parameters(estimator)
    start = f"{prefix}/"
    fitted = {key.removeprefix(start): a for key, a in arrays.items() if key.startswith(start)}
    for attribute, value in (described["numbers"] | fitted).items():
        is_number = isinstance(value, (bool, int, float))
        if not (is_number or isinstance(value, np.ndarray)) or not _FITTED.fullmatch(attribute):
            raise ValueError(f"{attribute} of {name} is {value!r}")
        setattr(estimator, attribute, value)
    if described["n_features"] is not None:
        estimator.n_features_in_ = int(described["n_features"])
    return estimator


def _check_parameters(estimator: Any) -> None:
    """Refuse what would keep a machine busy: processes by the thousand, sweeps by the million."""
    for key, value in estimator.get_params(deep=False).items():
        if key == "n_jobs" and value is not None:
            raise ValueError("the model asks for processes")
        if key.startswith(("max_", "n_")) and not _is_moderate(value):
            raise ValueError(f"{key} of {type(estimator).__name__} is {value!r}")


def _is_moderate(value: Any) -> bool:
    if value is None or value == "auto":
        return True
    return isinstance(value, (int, float)) and abs(value) <= MOST_OF_ANYTHING
