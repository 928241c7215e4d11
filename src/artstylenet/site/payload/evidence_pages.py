"""Why this number of styles, how it was done, and with what."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from artstylenet.backbones import default_name
from artstylenet.site.cards import texts
from artstylenet.site.catalogue import Catalogue, style_chip
from artstylenet.site.payload.frame import Page, fact_name, new_page
from artstylenet.site.words import count, percent

NOT_TOLD = frozenset({"notes", "image_root", "source"})
"""What stands elsewhere on the page, and where on whose disk the collection is."""

SETTING_NAMES = {
    "artstylenet": "ArtStyleNet",
    "backbone": "Network",
    "choose": "Rule for the number of styles",
    "components": "Principal components",
    "inputs": "Hash of all that the build was made from",
    "key": "Hash of the network",
    "layout": "Layout of the collection",
    "layout_asked": "Layout asked for",
    "schema": "Version of the format",
    "styles": "Numbers of styles tried, from and to",
    "styles_from": "Hash of all that the styles were found in",
}


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
    page["model"] = _model(atlas.run)
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


def _model(run: Any) -> dict[str, Any]:
    """Return what the model card says first: name, licence, and whether it is the shipped one."""
    backbone = run.get("backbone", {})
    known = backbone if isinstance(backbone, dict) else {"name": str(backbone)}
    name = str(known.get("name", ""))
    return {
        "name": name,
        "licence": str(known.get("licence", "")),
        "is_shipped": name == default_name(),
    }


def _settings(run: Any) -> list[dict[str, Any]]:
    """Return the provenance as sections of names and values."""
    plain = {key: value for key, value in run.items() if key not in NOT_TOLD}
    sections = {
        "Run": {
            _name(key): value for key, value in plain.items() if not isinstance(value, dict | list)
        }
    }
    for key, value in plain.items():
        if isinstance(value, dict):
            # Packages are called what they call themselves.
            sections[_name(key)] = {
                str(name) if key == "versions" else _name(name): inner
                for name, inner in value.items()
            }
        elif isinstance(value, list):
            sections[_name(key)] = dict(_row(row) for row in value)
    return [
        {
            "name": name,
            "facts": [{"name": fact, "value": _plain_value(of)} for fact, of in facts.items()],
        }
        for name, facts in sections.items()
        if facts
    ]


def _name(key: Any) -> str:
    """Return what a person would call a setting."""
    return SETTING_NAMES.get(str(key)) or fact_name(str(key))


def _row(row: Any) -> tuple[str, Any]:
    """Return a row of a list of settings as a name and the rest."""
    if not isinstance(row, dict):
        return _plain_value(row), ""
    first, *rest = row.items()
    return fact_name(str(first[1])), dict(rest)


def _plain_value(value: Any) -> str:
    """Return a setting as a person would write it."""
    if isinstance(value, dict):
        return ", ".join(f"{_name(k).lower()} {_plain_value(inner)}" for k, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_plain_value(inner) for inner in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}"
    return "not set" if value is None else str(value)


def _duplicates(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return groups of files that show the same picture."""
    table = catalogue.atlas.duplicates
    rows = catalogue.atlas.painting_styles.index.get_indexer(pd.Index(table["id"], dtype=object))
    pages = {
        painting_id: catalogue.cards[row]["page"]
        for painting_id, row in zip(texts(table["id"]), rows.tolist(), strict=True)
        if row >= 0
    }
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
    paintings = catalogue.atlas.paintings
    if "rights" in paintings:
        stated = pd.Series(texts(paintings["rights"]), dtype=object)
    else:
        stated = pd.Series("", index=paintings.index, dtype=object)
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
    settings = atlas.run.get("settings", {})
    model = _model(atlas.run)["name"]
    seed = settings.get("seed", "") if isinstance(settings, dict) else ""
    return (
        f"{catalogue.title}. ArtStyleNet {atlas.run.get('artstylenet', '')}: "
        f"{count(atlas.n_paintings, 'painting')}, {count(atlas.n_styles, 'style')}"
        + (f", backbone {model}" if model else "")
        + (f", seed {seed}" if seed != "" else "")
        + "."
    )
