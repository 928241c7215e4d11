"""Learn the visual words that come with the network: ``python -m training.words``.

Collections that are too small to learn words use these. They are learnt from some of the
paintings that may teach (see :mod:`training.split`), by the code that learns those of a
collection, and written beside the network. Run it again whenever the network has changed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from artstylenet.backbones import DEFAULT_MODEL, load_backbone
from artstylenet.backbones.features import Backbone
from artstylenet.counting import tabulate
from artstylenet.features import learn_feature_space
from artstylenet.imaging import decode_picture, read_file
from artstylenet.placing import raw_features
from artstylenet.recipes import make_recipe
from artstylenet.storage.vocabulary_file import VOCABULARY_FILE, Vocabulary, write_vocabulary
from training.start import teaching_paths

N_PAINTINGS = 4000
AT_ONCE = 250


def learn_vocabulary(backbone: Backbone, raw_blocks: list[dict[str, np.ndarray]]) -> Vocabulary:
    """Learn words from raw features of paintings, block by block as a store gives them."""
    n_paintings = sum(len(raw["local"]) for raw in raw_blocks)
    space = learn_feature_space(lambda: iter(raw_blocks), n_paintings)
    model = make_recipe(
        "default",
        stage_channels=backbone.stage_channels,
        n_window_statistics=0,
        n_descriptor=raw_blocks[0]["descriptor"].shape[1],
        space=space,
    ).model
    model.fit_words(tabulate(raw_blocks, space).features, 0)
    return Vocabulary(backbone.key, space, model)


def main() -> None:
    """Look at the paintings that teach, learn words, and write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="the network's file")
    parser.add_argument("--output", type=Path, default=VOCABULARY_FILE, help="file to write")
    arguments = parser.parse_args()
    backbone = load_backbone(
        "default" if arguments.model == DEFAULT_MODEL else str(arguments.model)
    )
    paths = teaching_paths()
    chosen = np.random.default_rng(0).permutation(len(paths))[:N_PAINTINGS]

    def look(rows: np.ndarray) -> dict[str, np.ndarray]:
        files = (read_file(paths[row]) for row in rows)
        size = backbone.input_size
        return raw_features(backbone, [decode_picture(data, size).pixels for data in files])

    # One thread to a sum: the file is then the same however many cores made it.
    with threadpool_limits(1):
        starts = range(0, len(chosen), AT_ONCE)
        raw_blocks = [look(chosen[start : start + AT_ONCE]) for start in starts]
        write_vocabulary(learn_vocabulary(backbone, raw_blocks), arguments.output)


if __name__ == "__main__":
    main()
