"""Why this number of styles, how it was done, and with what."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from artstylenet.site.catalogue import Catalogue, style_chip, texts
from artstylenet.site.payload.frame import Page, fact_name, new_page
from artstylenet.site.words import count, percent


def number_page(catalogue: Catalogue, charts: Sequence[dict[str, Any]]) -> Page:
    """Return why this number of styles; `charts` are drawn by the caller."""
    selection = catalogue.atlas.selection
    page = new_page(
        catalogue, "number", "how-many.html", f"Why {count(selection.n_styles, 'style')}?"
    )
    page["reason"] = selection.reason
    page["compared"] = len(selection.table) > 1
    page["charts"] = list(charts)
    page["baseline"] = f"{selection.unigram_perplexity:.1f}"
    page["candidates"] = _candidates(catalogue)
    columns = ["n_styles", "perplexity", "perplexity_low", "perplexity_high", "stability"]
    page["rows"] = [
        {
            "n_styles": int(number),
            "perplexity": _decimal(mean, 1),
            "low": _decimal(low, 1),
            "high": _decimal(high, 1),
            "stability": _decimal(stability, 2),
            "is_chosen": int(number) == selection.n_styles,
        }
        for number, mean, low, high, stability in selection.table[columns].to_numpy(dtype=float)
    ]
    return page


def method_page(catalogue: Catalogue) -> Page:
    """Return how it was done: method, provenance, what was left out, how to cite."""
    atlas = catalogue.atlas
    page = new_page(catalogue, "method", "method.html", "Method and provenance")
    page["citation"] = _citation(catalogue)
    page["settings"] = _settings(atlas.run)
    page["notes"] = [str(note) for note in atlas.run.get("notes", [])]
    page["skipped"] = [
        {"path": path, "reason": reason}
        for path, reason in zip(
            texts(atlas.skipped["path"]), texts(atlas.skipped["reason"]), strict=True
        )
    ]
    page["n_skipped"] = count(len(atlas.skipped), "file")
    page["duplicates"] = _duplicates(catalogue)
    page["rights"] = _rights(catalogue)
    page["audited"] = bool(catalogue.labels)
    page["doubts"] = [
        style_chip(style) | {"badge": badge}
        for style, label in enumerate(catalogue.labels)
        for badge in label.badges
    ]
    page["pictures"] = catalogue.pictures
    page["n_missing"] = (
        count(atlas.n_paintings - len(catalogue.large), "original")
        if catalogue.pictures == "full" and len(catalogue.large) < atlas.n_paintings
        else ""
    )
    return page


def _candidates(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return the numbers that the rules point at, each with its meaning."""
    selection = catalogue.atlas.selection
    elbow = (
        f"where the curve bends most; the same within one in "
        f"{percent(selection.elbow_agreement)} of resamples"
        if selection.elbow is not None
        else "the curve has no bend"
    )
    stable = (
        "the largest number whose styles return from other random starts"
        if selection.any_stable
        else "comes nearest to styles that return from other random starts; none surely do"
    )
    return [
        {"name": "Elbow", "number": selection.elbow, "meaning": elbow},
        {
            "name": "One standard error",
            "number": selection.one_standard_error,
            "meaning": "the smallest number that is not clearly worse than the best",
        },
        {
            "name": "Minimum",
            "number": selection.minimum,
            "meaning": "the lowest perplexity within the range tried",
        },
        {
            "name": "Stable",
            "number": selection.stable,
            "meaning": stable,
        },
    ]


def _decimal(value: float, digits: int) -> str:
    return "" if math.isnan(value) else f"{value:.{digits}f}"


def _settings(run: Any) -> list[dict[str, Any]]:
    """Return the provenance as sections of names and values."""
    plain = {key: value for key, value in run.items() if key != "notes"}
    sections = [
        {
            "name": "Run",
            "facts": [
                {"name": fact_name(str(key)), "value": _plain_value(value)}
                for key, value in plain.items()
                if not isinstance(value, dict)
            ],
        }
    ]
    sections += [
        {
            "name": fact_name(str(key)),
            "facts": [
                {"name": str(name), "value": _plain_value(inner)} for name, inner in value.items()
            ],
        }
        for key, value in plain.items()
        if isinstance(value, dict) and value
    ]
    return sections


def _plain_value(value: Any) -> str:
    """Return a setting as a person would write it."""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_plain_value(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        separator = "; " if any(isinstance(inner, dict) for inner in value) else ", "
        return separator.join(_plain_value(inner) for inner in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "not set"
    return str(value)


def _duplicates(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return groups of files that show the same picture."""
    table = catalogue.atlas.duplicates
    pages = {card["id"]: card["page"] for card in catalogue.cards}
    return [
        {
            "kind": str(group["kind"].iloc[0]),
            "works": [
                {"path": path, "page": pages.get(painting_id, "")}
                for path, painting_id in zip(texts(group["path"]), texts(group["id"]), strict=True)
            ],
        }
        for _, group in table.groupby("group", sort=True)
    ]


def _rights(catalogue: Catalogue) -> list[dict[str, str]]:
    """Return the statements of rights with how many paintings bear each."""
    stated = pd.Series([card["rights"] for card in catalogue.cards], dtype=object)
    counts = stated[stated != ""].value_counts().sort_index()
    rights = [
        {"statement": str(statement), "n": count(int(n), "painting")}
        for statement, n in counts.items()
    ]
    n_unstated = int((stated == "").sum())
    if n_unstated:
        rights.append({"statement": "not stated", "n": count(n_unstated, "painting")})
    return rights


def _citation(catalogue: Catalogue) -> str:
    """Return a sentence that names what was done, with what, on what."""
    atlas = catalogue.atlas
    backbone = atlas.run.get("backbone", {})
    settings = atlas.run.get("settings", {})
    model = backbone.get("name", "") if isinstance(backbone, dict) else str(backbone)
    seed = settings.get("seed", "") if isinstance(settings, dict) else ""
    return (
        f"{catalogue.title}. ArtStyleNet {atlas.run.get('artstylenet', '')}: "
        f"{count(atlas.n_paintings, 'painting')}, {count(atlas.n_styles, 'style')}"
        + (f", backbone {model}" if model else "")
        + (f", seed {seed}" if seed != "" else "")
        + "."
    )
