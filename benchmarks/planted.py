"""Whether a planted number of styles is found.

``python -m benchmarks.planted [--draws 10] [--paintings 600]`` draws counts of words from 3 to 10
topics, whose words come in four families as those of real pictures do, lets every rule choose
among 2 to 14, and prints how often it is within one of the truth. Two other criteria stand beside
the rules of the package:

- *marginal gain*: the largest number at which one more style still lowers the logarithm of
  held-out perplexity by at least a fifth of what the first two styles lowered it;
- *perplexity and stability*: the number with the largest product of stability and of the share of
  the fall, from word frequencies to the lowest perplexity, that is reached.

``python -m benchmarks.planted --atlas ATLAS`` says what they all choose on the curve of an atlas,
such as one of ``artstylenet build PAINTINGS ATLAS --styles 3..48``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy import sparse

from artstylenet.selection import Documents, Selection, choose_n_styles
from artstylenet.storage import load_atlas

NUMBERS = range(2, 15)
WORDS_A_FAMILY, TOKENS_A_FAMILY, N_FAMILIES = 60, 25, 4
GAIN_SHARE = 0.2


def plant(n_paintings: int, n_styles: int, seed: int) -> Documents:
    """Draw paintings with four families of words, of which every other is scored."""
    rng = np.random.default_rng(seed)
    mixtures = rng.dirichlet(np.full(n_styles, 2.4 / n_styles), n_paintings)
    families = [
        rng.multinomial(
            TOKENS_A_FAMILY, mixtures @ rng.dirichlet(np.full(WORDS_A_FAMILY, 0.1), n_styles)
        )
        for _ in range(N_FAMILIES)
    ]
    empty = np.zeros_like(families[0])
    sides = [families] + [
        [family if f % 2 == side else empty for f, family in enumerate(families)] for side in (0, 1)
    ]
    return Documents(*(sparse.csr_array(np.hstack(side).astype(np.float32)) for side in sides))


def marginal_gain(selection: Selection) -> int:
    """Choose where the gain of one more style falls below a share of the first gain."""
    logs = np.log(selection.table["perplexity"].to_numpy())
    gains = -np.diff(logs)
    first = np.log(selection.unigram_perplexity) - logs[0]
    enough = np.flatnonzero(gains >= GAIN_SHARE * first)
    numbers = selection.table["n_styles"].to_numpy()
    return int(numbers[enough[-1] + 1] if len(enough) else numbers[0])


def perplexity_and_stability(selection: Selection) -> int:
    """Choose the largest product of stability and of the share of the fall that is reached."""
    logs = np.log(selection.table["perplexity"].to_numpy())
    start = np.log(selection.unigram_perplexity)
    reached = (start - logs) / (start - logs.min())
    product = reached * selection.table["stability"].to_numpy()
    return int(selection.table["n_styles"].to_numpy()[product.argmax()])


def choices(selection: Selection) -> dict[str, int | None]:
    """Return what every rule and both other criteria choose; None where a rule has no answer."""
    return {
        f"auto ({selection.rule})": selection.n_styles,
        "elbow": selection.elbow,
        "one-se": selection.one_standard_error,
        "minimum": selection.minimum,
        "stable": selection.stable,
        "marginal gain": marginal_gain(selection),
        "perplexity and stability": perplexity_and_stability(selection),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--paintings", type=int, default=600)
    parser.add_argument("--atlas", type=Path, help="an atlas whose curve is read instead")
    options = parser.parse_args()
    if options.atlas:
        chosen = choices(load_atlas(options.atlas).selection)
        print(", ".join(f"{rule} {number}" for rule, number in chosen.items()))
        return
    hits: dict[str, int] = {}
    for draw in range(options.draws):
        truth = 3 + draw % 8
        documents = plant(options.paintings, truth, draw)
        selection = choose_n_styles(documents, NUMBERS, random_state=100 * draw)
        chosen = choices(selection)
        print(f"planted {truth}:", ", ".join(f"{rule} {n}" for rule, n in chosen.items()))
        for rule, number in chosen.items():
            name = rule.split(" (")[0]
            hits[name] = hits.get(name, 0) + (number is not None and abs(number - truth) <= 1)
    for name, count in hits.items():
        print(f"{name:26} within one of the planted number in {count} of {options.draws}")


if __name__ == "__main__":
    main()
