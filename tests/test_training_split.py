"""Painters held apart never teach, and nobody teaches who may still be in copyright."""

import csv

import numpy as np
import pytest

from training.split import (
    DATASETS,
    PAINTERS_CSV,
    TAUGHT_BEFORE,
    data_folder,
    death_year,
    held_apart_painters,
    known_deaths,
    name_key,
    read_labelled,
)

NAMES = [f"Painter {chr(ord('A') + i)}" for i in range(26)]


def test_painters_csv_lists_each_painter_once_with_a_source_and_an_early_death():
    with PAINTERS_CSV.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    keys = [name_key(row["name"]) for row in rows]
    assert len(set(keys)) == len(keys) > 100
    assert all(1500 < int(row["died"]) < TAUGHT_BEFORE for row in rows)
    assert all(row["source"] for row in rows)
    assert [row["name"] for row in rows] == sorted((row["name"] for row in rows), key=str.lower)


def test_living_painters_are_not_known_to_have_died():
    died = known_deaths()
    assert name_key("Bridget Riley") not in died
    assert died[name_key("Johannes Vermeer")] == 1675


def test_a_third_is_held_apart_whatever_the_order():
    held = held_apart_painters(NAMES)
    assert len(held) == 9
    assert held_apart_painters(reversed(NAMES)) == held
    assert held_apart_painters(NAMES + NAMES) == held


def test_a_split_once_chosen_stays():
    assert held_apart_painters(["Monet", "Vermeer", "Dürer"]) == {"Dürer"}


@pytest.mark.parametrize(
    ("spelling", "key"),
    [("Joaquín Sorolla", "joaqunsorolla"), ("JOAQU?N SOROLLA", "joaqunsorolla"), ("", "")],
)
def test_keys_survive_lost_accents(spelling, key):
    assert name_key(spelling) == key


@pytest.mark.parametrize(
    ("years", "year"),
    [("1840 - 1926", 1926), ("1853 \u2013 1890", 1890), ("1950", 9999), ("", 9999)],
)
def test_death_year_reads_messy_spans(years, year):
    assert death_year(years) == year


def test_an_unknown_data_set_is_named():
    with pytest.raises(ValueError, match="'mnist' is unknown; expected one of paintings, wikiart"):
        read_labelled("mnist")


@pytest.mark.shared
@pytest.mark.parametrize("name", DATASETS)
def test_no_held_apart_painter_teaches(name):
    if not (data_folder() / name).is_dir():
        pytest.skip(f"needs the data set {name} in {data_folder()}")
    data = read_labelled(name)
    painters = np.unique(data.painters)
    held = set(data.painters[data.held_apart])
    assert 3 * len(held) >= len(painters)
    assert not held & set(data.painters[data.may_teach])
    assert "Pablo Picasso" not in data.painters[data.may_teach]
    assert data.may_teach.sum() > 1000
