"""Whether the audit finds what was planted into real paintings, and leaves clean styles in peace.

::

    python -m benchmarks.audit ATLAS

In every draw a third of the paintings of a style that has no badge for it are turned grey, framed,
tinted, or shrunk. Clean: the mixtures are dealt anew to the paintings, so that styles have nothing
to do with pictures; at most one audit in twenty may then find anything.
"""

from __future__ import annotations

import argparse
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from artstylenet import StyleAtlas, audit_styles, load_atlas
from artstylenet.looks import Looks, looks_of, measure_looks
from artstylenet.looks.cache import looks_cache
from artstylenet.results import mixtures_table

FRAMES = ((96, 66, 28), (182, 148, 72), (32, 28, 26), (238, 236, 230))
"""Wood, gold, black, and a white margin."""
TINT = (235, 170, 60)
FEWEST_MEMBERS = 24


def grey(picture: Image.Image, _: np.random.Generator) -> Image.Image:
    return picture.convert("L").convert("RGB")


def tinted(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    return Image.blend(picture, Image.new("RGB", picture.size, TINT), rng.uniform(0.3, 0.5))


def framed(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a picture in a frame of 4 to 12 % of its shorter side, with a grain and a shadow."""
    width = max(3, round(rng.uniform(0.04, 0.12) * min(picture.size)))
    grain = rng.normal(0, 6, (*picture.size[::-1], 1))
    frame = np.array(FRAMES[rng.integers(len(FRAMES))]) + grain
    frame[-width:] *= 0.85
    whole = Image.fromarray(np.clip(frame, 0, 255).astype(np.uint8))
    inner = picture.resize((picture.width - 2 * width, picture.height - 2 * width))
    whole.paste(inner, (width, width))
    return whole


CHANGES = {"grey": grey, "tinted": tinted, "framed": framed}


def planted(atlas: StyleAtlas, looks: Looks, confound: str, draws: range) -> dict[str, float | str]:
    """Return how many planted confounds get their badge, and how sure frames and tints are seen."""
    styles = atlas.painting_styles.to_numpy().argmax(axis=1)
    members = np.bincount(styles, minlength=atlas.n_styles)
    before = _badges(atlas, looks)
    free = [k for k in range(atlas.n_styles) if members[k] >= FEWEST_MEMBERS]
    free = [k for k in free if (k, confound) not in before]
    found, seen, spilled = 0, [], 0
    missed: list[int] = []
    for draw in draws:
        rng = np.random.default_rng(draw)
        style = int(rng.choice(free))
        own = np.flatnonzero(styles == style)
        changed = rng.choice(own, round(len(own) / 3), replace=False)
        paintings, facts = atlas.paintings.copy(), looks.facts.copy()
        if confound == "small":
            paintings.loc[changed, ["width", "height"]] //= 3
        else:
            remade = _measured(atlas, changed, confound, rng)
            facts[changed] = remade.facts
            seen.append(remade.fact("monochrome" if confound == "grey" else confound).mean())
        badges = _badges(replace(atlas, paintings=paintings), replace(looks, facts=facts))
        hit = (style, confound) in badges
        found += hit
        missed += [] if hit else [style]
        spilled += bool({badge for badge in badges - before if badge[0] != style})
    return {
        "found": found,
        "draws": len(draws),
        "pictures seen": round(float(np.mean(seen)), 3) if seen else 1.0,
        "draws with another style accused": spilled,
        "missed in styles": ", ".join(map(str, missed)),
    }


def clean(atlas: StyleAtlas, looks: Looks, draws: int) -> int:
    """Return how many audits of dealt-anew mixtures find anything."""
    rng = np.random.default_rng(0)
    mixtures = atlas.painting_styles.to_numpy()
    dealt = (
        mixtures_table(rng.permutation(mixtures), atlas.painting_styles.index) for _ in range(draws)
    )
    return sum(bool(_badges(replace(atlas, painting_styles=table), looks)) for table in dealt)


def _badges(atlas: StyleAtlas, looks: Looks) -> set[tuple[int, str]]:
    tests = audit_styles(atlas, looks=looks)
    tests = tests[tests["badge"]]
    return set(zip(tests["style"].tolist(), tests["confound"].tolist(), strict=True))


def _measured(
    atlas: StyleAtlas, rows: np.ndarray, confound: str, rng: np.random.Generator
) -> Looks:
    changed = []
    for row in rows:
        with Image.open(io.BytesIO(atlas.thumbnails[int(row)].as_py())) as image:
            picture = CHANGES[confound](image.convert("RGB"), rng)
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=85)
        changed.append(buffer.getvalue())
    sizes = atlas.paintings[["width", "height"]].to_numpy()[rows]
    return measure_looks(changed, sizes, n_jobs=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("atlas", type=Path)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="seed of the first draw")
    parser.add_argument("--only", nargs="*", default=[*CHANGES, "small"], metavar="CONFOUND")
    given = parser.parse_args()
    atlas = load_atlas(given.atlas)
    looks = looks_of(atlas, looks_cache(given.atlas))
    tests = audit_styles(atlas, looks=looks)
    print(f"{atlas}\n\nBadges of the atlas as it is:")
    print(tests[tests["badge"]].drop(columns="badge").round(4).to_string(index=False), flush=True)
    draws = range(given.first, given.first + given.draws)
    rows = {kind: planted(atlas, looks, kind, draws) for kind in given.only}
    print(f"\n{pd.DataFrame(rows).T.to_string()}\n", flush=True)
    n_clean = 5 * given.draws
    print(f"clean: {clean(atlas, looks, n_clean)} of {n_clean} audits find something")


if __name__ == "__main__":
    main()
