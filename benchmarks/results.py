"""The results on a collection with named painters, written to ``docs/results.md``.

::

    python -m benchmarks.results PAINTINGS                # docs/results.md and docs/figures/*.svg,
                                                          # and the table in README.md
    python -m benchmarks.results PAINTINGS --docs DIR     # somewhere else, README.md left alone
    python -m benchmarks.results PAINTINGS --store DIR    # features are kept there

Builds the collection with the default recipe, and with the paper's recipe at the same number of
styles; the paper's curve is measured on a sample, since one of its fits takes a minute on thousands
of paintings. Charts and tables only: no picture of a painting is written.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import normalized_mutual_info_score

from artstylenet import (
    Collection,
    StyleAtlas,
    build_atlas,
    read_collection,
    style_table,
    top_painters,
    top_paintings,
)
from artstylenet.evidence import STABLE
from artstylenet.figures import (
    elbow_plot,
    painter_style_heatmap,
    painters_per_style,
    painting_style_heatmap,
    save_figure,
    stability_plot,
)
from artstylenet.similarity import nearest_paintings

DOCS = Path(__file__).resolve().parents[1] / "docs"
README = DOCS.parent / "README.md"
README_MARKS = ("<!-- results -->", "<!-- end of results -->")
COMMAND = "python -m benchmarks.results PAINTINGS"
STYLES = (5, 20)
KMEANS_SEEDS = range(3)
SAMPLE = 500  # paintings on which the paper's curve is measured
FLAT = 0.01  # a curve that moves by less than this fraction neither rises nor falls

FIGURES = {
    "elbow": elbow_plot,
    "stability": stability_plot,
    "painting-style-heatmap": painting_style_heatmap,
    "painter-style-heatmap": painter_style_heatmap,
    "painters-per-style": painters_per_style,
}


@dataclass(frozen=True)
class Measures:
    """What is compared between recipes.

    Attributes
    ----------
    n_styles : int
    nmi : float
        Normalised mutual information of largest style and painter, in [0, 1].
    precision : float
        Fraction in [0, 1] of the 10 nearest paintings that have the same painter.
    largest_weight : float
        Of any style in any painting, in [0, 1].
    effective_styles : float
        Median over paintings of exp(entropy of the mixture), at least 1.
    stability : float
        Mean over styles, in [-1, 1].
    """

    n_styles: int
    nmi: float
    precision: float
    largest_weight: float
    effective_styles: float
    stability: float


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    collection = read_collection(options.paintings)

    def build(
        recipe: str, n_styles: int | tuple[int, int], paintings: Collection = collection
    ) -> StyleAtlas:
        n_paintings = len(paintings.paintings)
        sys.stderr.write(f"Building: {recipe}, {n_styles} styles, {n_paintings:,} paintings\n")
        return build_atlas(
            paintings,
            n_styles,
            recipe=recipe,
            random_state=options.seed,
            store=options.store,
            n_jobs=options.jobs,
        )

    ours = build("default", STYLES)
    if not ours.n_painters:
        raise SystemExit("Results are told by painters, but this collection names none.")
    paper = build("paper", ours.n_styles)
    papers_curve = build("paper", STYLES, sample(collection, options.seed))
    for name, draw in FIGURES.items():
        save_figure(draw(ours), options.docs / "figures" / f"{name}.svg")
    save_figure(elbow_plot(papers_curve), options.docs / "figures" / "elbow-paper.svg")
    compared = comparison_table(ours, paper, papers_curve)
    path = options.docs / "results.md"
    path.write_text(page(ours, compared, options.seed), encoding="utf-8")
    if options.docs == DOCS:
        update_readme(compared)
    sys.stderr.write(f"Wrote {path}\n")


def sample(collection: Collection, seed: int) -> Collection:
    """Return a few of the paintings, in their order."""
    paintings = collection.paintings
    drawn = paintings.sample(min(SAMPLE, len(paintings)), random_state=seed).sort_index()
    return replace(collection, paintings=drawn.reset_index(drop=True))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.results", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("paintings", type=Path, help="folder or table with named painters")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder to write to")
    parser.add_argument("--store", type=Path, help="features; by default in your cache folder")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, help="processes and threads; by default one a CPU")
    return parser.parse_args(arguments)


def measure(atlas: StyleAtlas) -> Measures:
    mixtures = atlas.painting_styles.to_numpy()
    logs = np.log(np.where(mixtures > 0, mixtures, 1.0))
    return Measures(
        n_styles=atlas.n_styles,
        nmi=agreement(atlas, mixtures.argmax(axis=1)),
        precision=same_painter(atlas, nearest_paintings(atlas, by="styles", n=10)),
        largest_weight=float(mixtures.max()),
        effective_styles=float(np.median(np.exp(-(mixtures * logs).sum(axis=1)))),
        stability=float(atlas.styles["stability"].mean()),
    )


def agreement(atlas: StyleAtlas, groups: np.ndarray) -> float:
    """Return the NMI of groups with painters, over the paintings that have one."""
    named = atlas.paintings["painter"].notna().to_numpy()
    return float(normalized_mutual_info_score(atlas.paintings["painter"][named], groups[named]))


def same_painter(atlas: StyleAtlas, nearest: np.ndarray) -> float:
    """Return the fraction of neighbours with the same painter, over paintings that have one."""
    painters = atlas.paintings["painter"]
    codes = pd.factorize(painters)[0]
    named = codes >= 0
    return float((codes[nearest[named]] == codes[named, None]).mean())


def kmeans_nmi(atlas: StyleAtlas) -> float:
    """Return the NMI of plain k-means on the descriptors, as many clusters as styles."""
    rows = atlas.descriptors.astype(np.float32)
    found = [
        KMeans(atlas.n_styles, n_init=1, random_state=seed).fit_predict(rows)
        for seed in KMEANS_SEEDS
    ]
    return float(np.mean([agreement(atlas, labels) for labels in found]))


def update_readme(compared: str) -> None:
    """Put the comparison between the marks of the README."""
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(README_MARKS[0])
    after = rest.split(README_MARKS[1])[1]
    README.write_text(
        f"{before}{README_MARKS[0]}\n{compared}\n{README_MARKS[1]}{after}", encoding="utf-8"
    )


def page(ours: StyleAtlas, compared: str, seed: int) -> str:
    sections = [
        opening(ours, seed),
        number_section(ours),
        comparison_section(ours, compared),
        styles_section(ours),
        tops_section(ours),
        heatmaps_section(ours),
        settings_section(ours),
    ]
    return "\n\n".join(sections) + "\n"


def opening(atlas: StyleAtlas, seed: int) -> str:
    run = atlas.run
    versions = ", ".join(f"{name} {number}" for name, number in run["versions"].items())
    n_duplicates = len(atlas.duplicates)
    return f"""# Results on the paintings of the paper

{atlas.n_paintings:,} paintings by {atlas.n_painters} painters (read as: {run["layout"]}); \
{len(atlas.skipped)} files skipped, {n_duplicates} in groups of duplicates. This page and its \
figures are written by

```
{COMMAND}
```

where `PAINTINGS` holds `train.csv`, `artists_info.csv` and the images of the Dacon data set. Seed \
{seed}; ArtStyleNet {run["artstylenet"]}, backbone {run["backbone"]["name"]} (key \
`{run["backbone"]["key"]}`), {versions}. All tables but the comparison follow from the atlas \
itself:

```
artstylenet build PAINTINGS -o atlas --styles {STYLES[0]}..{STYLES[1]} --seed {seed}
```"""


def number_section(atlas: StyleAtlas) -> str:
    selection = atlas.selection
    columns = ["n_styles", "perplexity", "perplexity_low", "perplexity_high", "standard_error"]
    rows = selection.table[[*columns, "stability"]].itertuples(index=False)
    elbow = "none" if selection.elbow is None else str(selection.elbow)
    steady = (
        "largest number that is stable"
        if selection.any_stable
        else f"most stable number (no correlation reaches {STABLE})"
    )
    table = markdown(
        ("styles", "perplexity", "lowest seed", "highest seed", "standard error", "stability"),
        [
            (str(n), *(f"{v:.1f}" for v in (mean, low, high)), f"{error:.2f}", f"{steady:.2f}")
            for n, mean, low, high, error, steady in rows
        ],
    )
    return f"""## How many styles

**{atlas.n_styles}**, by the rule `{selection.rule}`. {selection.reason}

![Held-out perplexity by number of styles](figures/elbow.svg)

![Stability by number of styles](figures/stability.svg)

| evidence | number |
|---|---|
| elbow (Kneedle) | {elbow}, within one in {100 * selection.elbow_agreement:.0f} % of resamples |
| smallest within one standard error of the lowest | {selection.one_standard_error} |
| lowest perplexity | {selection.minimum} |
| {steady} | {selection.stable} |
| word frequencies alone, without styles | perplexity {selection.unigram_perplexity:.1f} |

Perplexity is per word, of parts of unseen paintings, over {len(selection.perplexities)} seeds \
(`docs/decisions/002-number-of-styles.md`). Command: `artstylenet build` as above; the table is \
`atlas/selection.csv`.

{table}"""


def comparison_table(ours: StyleAtlas, paper: StyleAtlas, papers_curve: StyleAtlas) -> str:
    measured = [measure(atlas) for atlas in (ours, paper)]

    def row(name: str, form: str, values: Iterable[float]) -> tuple[str, ...]:
        return (name, *(format(value, form) for value in values))

    curves = [atlas.selection.table["perplexity"].to_numpy() for atlas in (ours, papers_curve)]
    unigrams = [atlas.selection.unigram_perplexity for atlas in (ours, papers_curve)]
    numbers = ours.selection.table["n_styles"]
    return markdown(
        ("", "default", "paper's recipe"),
        [
            row("styles", "d", [m.n_styles for m in measured]),
            row("NMI of largest style and painter", ".3f", [m.nmi for m in measured]),
            row(
                "same painter among the 10 nearest mixtures", ".3f", [m.precision for m in measured]
            ),
            row("largest weight in any painting", ".2f", [m.largest_weight for m in measured]),
            row("median effective number of styles", ".2f", [m.effective_styles for m in measured]),
            row("mean stability of the styles", ".2f", [m.stability for m in measured]),
            (
                f"perplexity at {numbers.min()} and at {numbers.max()} styles",
                *(f"{curve[0]:.1f}, {curve[-1]:.1f}: {verdict(curve)}" for curve in curves),
            ),
            ("perplexity of word frequencies alone", *(f"{value:.1f}" for value in unigrams)),
        ],
    )


def comparison_section(ours: StyleAtlas, compared: str) -> str:
    features = same_painter(ours, nearest_paintings(ours, by="features", n=10))
    return f"""## The paper's recipe beside ours

{compared}

Controls, on the descriptors of the default backbone: k-means into {ours.n_styles} clusters has an \
NMI of {kmeans_nmi(ours):.3f} (mean of {len(KMEANS_SEEDS)} seeds); of the 10 nearest descriptors \
{features:.3f} have the same painter. Chance is {chance(ours):.3f}.

The paper's recipe is `artstylenet build PAINTINGS -o paper --recipe paper`: pooled features of \
the last layer, PCA to 64 components, each scaled to [0, 1], scikit-learn's LDA on these. Its \
perplexity is that of our test, not scikit-learn's own, on {min(SAMPLE, ours.n_paintings):,} \
paintings drawn at random. Its words are other words: only the shape of the two curves and their \
distance from word frequencies alone can be compared. Command: `{COMMAND}`.

![Held-out perplexity of the paper's recipe](figures/elbow-paper.svg)

Read off the figures of the paper: perplexity rises from 135 at 5 styles to 237 at 19, and the \
largest weight is about 0.36."""


def verdict(curve: np.ndarray) -> str:
    """Say whether a curve rises or falls."""
    if np.ptp(curve) < FLAT * curve.min():
        return "flat"
    steps = np.diff(curve)
    if (steps < 0).all():
        return "only falls"
    if (steps > 0).all():
        return "only rises"
    return "falls, not at every step" if curve[-1] < curve[0] else "rises, not at every step"


def chance(atlas: StyleAtlas) -> float:
    """Return the probability that two different paintings have the same painter."""
    counts = atlas.painters["n_paintings"].to_numpy()
    total = counts.sum()
    return float((counts * (counts - 1)).sum() / (total * (total - 1)))


def styles_section(atlas: StyleAtlas) -> str:
    table = markdown(
        (
            "style",
            "share",
            "paintings whose largest it is",
            "painters whose largest it is",
            "painters with at least 10 %",
            "distinctiveness",
            "stability",
        ),
        [
            (
                str(row.style),
                f"{100 * row.share:.1f} %",
                f"{row.n_paintings_dominant:,}",
                str(row.n_painters_dominant),
                str(row.n_painters_tenth),
                f"{row.distinctiveness:.2f}",
                f"{row.stability:.2f}",
            )
            for row in atlas.styles.itertuples(index=False)
        ],
    )
    return f"""## The styles

Command: `artstylenet styles atlas --csv`; columns are explained in \
[atlas-format.md](atlas-format.md#styles).

{table}

![Painters per style](figures/painters-per-style.svg)"""


def tops_section(atlas: StyleAtlas) -> str:
    parts = [
        """## Top 10 painters and paintings

Command: `artstylenet styles atlas`. Weights are fractions of the mean mixture of a painter's \
works, and of a painting. `artstylenet export atlas site/` shows the paintings themselves."""
    ]
    for style in style_table(atlas, 1)["style"]:
        painters = top_painters(atlas, style)
        paintings = top_paintings(atlas, style)
        table = markdown(
            ("", "painter", "weight", "painting", "weight"),
            [
                (str(i + 1), *painter, *painting)
                for i, (painter, painting) in enumerate(
                    zip(
                        _weighted(painters, "painter"),
                        _weighted(paintings, "id"),
                        strict=True,
                    )
                )
            ],
        )
        parts.append(f"### Style {style}\n\n{table}")
    return "\n\n".join(parts)


def _weighted(table: pd.DataFrame, column: str) -> list[tuple[str, str]]:
    pairs = zip(table[column], table["weight"], strict=True)
    rows = [(cell(name), f"{weight:.2f}") for name, weight in pairs]
    return rows + [("", "")] * (10 - len(rows))


def heatmaps_section(atlas: StyleAtlas) -> str:
    rows = min(50, atlas.n_paintings)
    return f"""## Heatmaps

Yellow is high, dark is low. Command: `artstylenet build` as above; the figures are \
`atlas/figures/painting-style-heatmap.svg` and `atlas/figures/painter-style-heatmap.svg`.

![The first {rows} paintings by style](figures/painting-style-heatmap.svg)

![The painters by style](figures/painter-style-heatmap.svg)"""


def settings_section(atlas: StyleAtlas) -> str:
    families = {block["block"]: block for block in atlas.run["components"]}
    topics = atlas.model.topics_
    rows = []
    for words in atlas.model.block_words_:
        block = words.block
        reduced = families.get(block.name)
        components = "counted directly"
        if reduced:
            kept = 100 * reduced["variance_kept"]
            components = f"{reduced['components']} ({kept:.0f} % of variance)"
        rows.append(
            (
                f"`{block.name}`",
                components,
                vocabulary(words),
                "1" if block.counted else str(block.n_neighbors),
                tokens(block),
            )
        )
    table = markdown(
        ("family of words", "principal components", "vocabulary", "words a part", "tokens"), rows
    )
    return f"""## What the paper leaves open

| question | here |
|---|---|
| which features | channel statistics of the network and a learnt descriptor, of the whole picture \
and of its parts ([why](decisions/001-families-of-words.md)) |
| how many components, how much variance | the table below |
| how signed scores become counts | soft assignment to prototypes, not a shift |
| which inference, which priors | CVB0; a document prior of {topics.document_prior_.sum():.1f} \
pseudo-counts in all, a word prior of {topics.word_prior:g} each |
| how perplexity is measured | document completion on unseen paintings, \
{len(atlas.selection.perplexities)} seeds ([decision](decisions/002-number-of-styles.md)) |
| whether styles come back with another seed | stability, above; the model is the consensus of \
five fits ([decision](decisions/003-consensus.md)) |
| how painters' styles follow | mean mixture of their works |
| which painters count for a style | both counts, above |

Command: `artstylenet build` as above; the numbers are in `atlas/run.json` and `atlas/model.json`.

{table}"""


def vocabulary(words: object) -> str:
    """Say how many words a family has."""
    n_words, block = words.n_words_, words.block  # type: ignore[attr-defined]
    if block.counted or block.n_vocabularies == 1:
        return f"{n_words:,}"
    return f"{n_words:,} in {block.n_vocabularies} vocabularies"


def tokens(block: object) -> str:
    """Say how many tokens a painting has in a family of words."""
    n_parts, n_tokens = block.n_parts, block.n_tokens  # type: ignore[attr-defined]
    if block.counted:  # type: ignore[attr-defined]
        return f"{n_tokens:g} a cell of the grid"
    if block.shares:  # type: ignore[attr-defined]
        return f"{n_parts * n_tokens:g}, shared among {n_parts} parts"
    return f"{n_parts} x {n_tokens:g}" if n_parts > 1 else f"{n_tokens:g}"


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def cell(text: object) -> str:
    """Return text that stays in its cell."""
    return " ".join(str(text).replace("|", "\\|").split())


if __name__ == "__main__":
    main()
