"""Which painters may teach, and which are held apart for measuring.

Two rules, both decided by the painters' names alone, so that nobody can move a painter later:

- a painter is *held apart* when the name is in the third of its data set with the least hashes;
- a painter may *teach* when not held apart and known to have died before 1955: by ``years`` in
  ``artists_info.csv`` for a Dacon folder, by ``painters.csv`` beside this module for WikiArt.
  Whoever is neither held apart nor allowed to teach is only measured while choosing settings.
"""

from __future__ import annotations

import csv
import hashlib
import math
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TAUGHT_BEFORE = 1955
HELD_APART_FRACTION = 1 / 3
PAINTERS_CSV = Path(__file__).with_name("painters.csv")
DATASETS = ("paintings", "wikiart")


def data_folder() -> Path:
    """Return the folder that holds ``paintings`` and ``wikiart``.

    It is ``ARTSTYLENET_DATA`` if that is set, else ``shared`` beside the repository.
    """
    given = os.environ.get("ARTSTYLENET_DATA")
    return Path(given) if given else Path(__file__).resolve().parents[2] / "shared"


def name_key(name: str) -> str:
    """Reduce a painter's name to its ASCII letters in lower case.

    WikiArt's file names have lost their accents in several ways; what is left is the same.

    >>> name_key("Joaquín Sorolla") == name_key("Joaqu?N Sorolla")
    True
    """
    return re.sub("[^a-z]", "", name.lower())


def held_apart_painters(names: Iterable[str]) -> set[str]:
    """Return the painters of one data set that are never trained on: a third, rounded up.

    Parameters
    ----------
    names : iterable of str
        Painters of the whole data set; repeats do not matter.

    Returns
    -------
    set of str
        The names with the least SHA-256 of their :func:`name_key`.
    """
    distinct = set(names)
    n_apart = math.ceil(len(distinct) * HELD_APART_FRACTION)
    ranked = sorted(distinct, key=lambda name: hashlib.sha256(name_key(name).encode()).digest())
    return set(ranked[:n_apart])


def death_year(years: str) -> int:
    """Return the last year in a messy span such as ``1840 - 1926``; 9999 if there is none."""
    found = re.findall(r"\d{4}", years)
    return int(found[-1]) if len(found) > 1 else 9999


def known_deaths(dacon_folder: Path | None = None) -> dict[str, int]:
    """Return the year of death by :func:`name_key`.

    Parameters
    ----------
    dacon_folder : Path or None
        Folder with ``artists_info.csv``, whose painters are added to those of ``painters.csv``.
    """
    with PAINTERS_CSV.open(encoding="utf-8", newline="") as file:
        died = {name_key(row["name"]): int(row["died"]) for row in csv.DictReader(file)}
    if dacon_folder is not None:
        with (dacon_folder / "artists_info.csv").open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                died[name_key(row["name"])] = death_year(row["years"])
    return died


@dataclass(frozen=True)
class LabelledPaintings:
    """One data set, row i everywhere the same painting.

    Attributes
    ----------
    name : str
        ``paintings`` or ``wikiart``.
    paths : list of Path, of length n_paintings
        Where the pictures are.
    painters, movements : ndarray of shape (n_paintings,), str
        Labels as the data set gives them.
    held_apart : ndarray of shape (n_paintings,), bool
        Painter is never trained on.
    may_teach : ndarray of shape (n_paintings,), bool
        Painter may be trained on; never true together with ``held_apart``.
    """

    name: str
    paths: list[Path]
    painters: np.ndarray
    movements: np.ndarray
    held_apart: np.ndarray
    may_teach: np.ndarray


def read_labelled(name: str, folder: Path | None = None) -> LabelledPaintings:
    """Read ``metadata.csv`` of one data set and split its painters.

    Parameters
    ----------
    name : {"paintings", "wikiart"}
        Name of the data set, a folder inside :func:`data_folder`.
    folder : Path or None
        Another place for that data set.
    """
    if name not in DATASETS:
        message = f"data set {name!r} is unknown; expected one of {', '.join(DATASETS)}"
        raise ValueError(message)
    folder = folder or data_folder() / name
    with (folder / "metadata.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    painters = np.array([row["artist"] for row in rows])
    died = known_deaths(folder if name == "paintings" else None)
    apart = np.isin(painters, list(held_apart_painters(painters.tolist())))
    dead = np.array([died.get(name_key(painter), 9999) < TAUGHT_BEFORE for painter in painters])
    return LabelledPaintings(
        name=name,
        paths=[folder / row["path"] for row in rows],
        painters=painters,
        movements=np.array([row["movement"] for row in rows]),
        held_apart=apart,
        may_teach=dead & ~apart,
    )
