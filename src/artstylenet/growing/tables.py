"""What follows from the rows of an atlas, made anew after they have changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from artstylenet.atlas import StyleAtlas
from artstylenet.coherence import style_coherence
from artstylenet.counting import word_totals
from artstylenet.results import painter_tables, styles_table
from artstylenet.sampling import sample_rows
from artstylenet.stage_cache import digest


def with_tables(atlas: StyleAtlas, known_painters: pd.DataFrame) -> StyleAtlas:
    """Return an atlas whose tables of painters and styles are those of its paintings.

    Parameters
    ----------
    atlas : StyleAtlas
        With new rows and old tables. The stability of its styles is taken over from these.
    known_painters : DataFrame
        Column ``painter`` and what is known of each.
    """
    painters, painter_styles = painter_tables(
        atlas.painting_styles, atlas.paintings["painter"], known_painters
    )
    styles = styles_table(
        atlas.painting_styles.to_numpy(),
        painter_styles.to_numpy(),
        atlas.model.style_words_,
        word_totals(atlas.word_counts, atlas.run["word_scale"]),
        atlas.styles["stability"].to_numpy(),
    )
    if "coherence" in atlas.styles:
        sample = sample_rows(atlas.n_paintings, int(atlas.run["settings"]["seed"]))
        styles["coherence"] = style_coherence(atlas.model.style_words_, atlas.word_counts[sample])
    return replace(atlas, painters=painters, painter_styles=painter_styles, styles=styles)


def changes_since_fit(atlas: StyleAtlas) -> list[dict[str, Any]]:
    """Return what was added and removed since the styles were last fitted, oldest first."""
    since: list[dict[str, Any]] = []
    for change in atlas.run.get("changes", []):
        since = [] if change["action"] == "refit" else [*since, change]
    return since


def changed_run(atlas: StyleAtlas, change: Mapping[str, Any], made_from: Any) -> dict[str, Any]:
    """Return the provenance of an atlas after a change.

    Parameters
    ----------
    atlas : StyleAtlas
        Before it.
    change : mapping
        What is written down of it.
    made_from : JSON value
        All that the change depended on, beside the atlas.
    """
    run = dict(atlas.run)
    n_paintings = atlas.n_paintings + change.get("n_added", 0) - change.get("n_removed", 0)
    return {
        **run,
        "inputs": digest([run["inputs"], change["action"], made_from]),
        # Names and notes belong to styles, which are those of the build.
        "styles_from": run.get("styles_from", run["inputs"]),
        "n_paintings": n_paintings,
        "changes": [*run.get("changes", []), dict(change)],
    }
