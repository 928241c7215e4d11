"""Which paintings an answer may name, and what is said when none may be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from artstylenet.atlas import StyleAtlas
from artstylenet.collection import parse_years
from artstylenet.constraints import Constraints, allowed_paintings, parse_where
from artstylenet.errors import InputError
from artstylenet.metadata import column_names, labels_in, painting_values
from artstylenet.similarity import similar_paintings
from tests.toy_atlas import toy_atlas


def dated(atlas: StyleAtlas, years: list[str | None]) -> StyleAtlas:
    """Return the atlas with years as its collection would have parsed them, in turn."""
    given = [years[i % len(years)] for i in range(atlas.n_paintings)]
    spans = [parse_years(text or "") for text in given]
    return replace(
        atlas,
        paintings=atlas.paintings.assign(
            year=given,
            year_from=pd.array([span and span[0] for span in spans], dtype="Int64"),
            year_to=pd.array([span and span[1] for span in spans], dtype="Int64"),
        ),
    )


@pytest.fixture(scope="module")
def years_given() -> StyleAtlas:
    return dated(toy_atlas(), ["c. 1650", "1650-60", "1655", "16th century", None, "1700"])


def years_of(atlas: StyleAtlas, constraints: Constraints) -> set[str]:
    return set(atlas.paintings["year"][allowed_paintings(atlas, constraints)])


def test_only_what_is_surely_before_or_after(years_given: StyleAtlas) -> None:
    assert years_of(years_given, Constraints(before=1655)) == {"c. 1650", "16th century"}
    assert years_of(years_given, Constraints(before=1601)) == {"16th century"}
    assert years_of(years_given, Constraints(after=1650)) == {"1655", "1700"}
    assert years_of(years_given, Constraints(after=1649, before=1661)) == {
        "c. 1650",
        "1650-60",
        "1655",
    }


def test_labels_of_one_column_are_alternatives_and_columns_add_up(atlas: StyleAtlas) -> None:
    either = allowed_paintings(atlas, Constraints({"movement": ["baroque", "Cubism"]}))
    assert set(atlas.paintings["movement"][either]) == {"Baroque", "Cubism"}
    both = allowed_paintings(atlas, Constraints({"Movement": "Baroque", "painter": "ada müller"}))
    assert both.sum() == 10  # the toy painters keep to one movement each


def test_columns_of_painters_are_asked_too() -> None:
    atlas = toy_atlas()
    painters = atlas.painters.assign(nationality=["French,British", "Dutch"] * 3)
    atlas = replace(atlas, painters=painters)
    british = allowed_paintings(atlas, Constraints({"nationality": ["british"]}))
    assert british.sum() == 30
    whole_cell = allowed_paintings(atlas, Constraints({"nationality": ["French,British"]}))
    assert (whole_cell == british).all()


def test_labels_in_cells() -> None:
    assert labels_in("French,British") == ("French", "British")
    assert labels_in("India, (Gujarat, Jaunpur); Asia") == ("India", "(Gujarat, Jaunpur)", "Asia")
    assert labels_in("a, a") == ("a",)
    assert labels_in(None) == labels_in(float("nan")) == labels_in(" , ") == ()


def test_centuries_come_from_years(years_given: StyleAtlas) -> None:
    assert "century" in column_names(years_given)
    assert painting_values(years_given, "century").iloc[:6].tolist() == [
        "17th century",
        "17th century",
        "17th century",
        "16th century",
        None,
        "17th century",
    ]
    ancient = dated(toy_atlas(4), ["120 BC", "1st century", "2001", "1212"])
    assert painting_values(ancient, "century").tolist() == [
        "2nd century BC",
        "1st century",
        "21st century",
        "13th century",
    ]


def test_other_painters_are_named_ones(atlas: StyleAtlas) -> None:
    some_unknown = atlas.paintings["painter"].where(atlas.paintings.index % 10 != 9)
    atlas = replace(atlas, paintings=atlas.paintings.assign(painter=some_unknown))
    allowed = allowed_paintings(atlas, Constraints(other_painters=True), [0])
    painters = atlas.paintings["painter"][allowed]
    assert painters.notna().all()
    assert set(painters) == set(some_unknown.dropna()) - {"Ada Müller"}
    with pytest.raises(InputError, match="painter is known"):
        allowed_paintings(atlas, Constraints(other_painters=True), [9])


def test_what_was_asked_about_is_never_allowed(atlas: StyleAtlas) -> None:
    allowed = allowed_paintings(atlas, Constraints(), [3, 4])
    assert np.flatnonzero(~allowed).tolist() == [3, 4]


def test_contradictions_are_named(years_given: StyleAtlas) -> None:
    with pytest.raises(InputError, match=r"'after 1700' and 'before 1700' contradict"):
        Constraints(after=1700, before=1700)
    with pytest.raises(InputError, match="no year between"):
        Constraints(after=1700, before=1701)
    wanted = Constraints({"movement": ["Baroque"], "painter": ["Bo <b>Lind</b>"]})
    with pytest.raises(
        InputError,
        match="'movement=Baroque' leaves 20 paintings, 'painter=Bo <b>Lind</b>' leaves 10 paint",
    ):
        allowed_paintings(years_given, wanted)
    own = Constraints({"painter": ["Ada Müller"]}, other_painters=True)
    with pytest.raises(InputError, match=r"'other painters' leaves 50 paintings, and none meets"):
        allowed_paintings(years_given, own, [0])
    with pytest.raises(InputError, match=r"to choose from: 'before 1000' leaves 0 paintings\."):
        allowed_paintings(years_given, Constraints(before=1000))
    with pytest.raises(InputError, match="No other painting is left"):
        allowed_paintings(years_given, Constraints(), range(60))


def test_what_does_not_exist_is_named_with_near_words(atlas: StyleAtlas) -> None:
    with pytest.raises(InputError, match="no column 'movment'; did you mean movement"):
        allowed_paintings(atlas, Constraints({"movment": ["Baroque"]}))
    with pytest.raises(InputError, match="No painting has movement 'Barok'; did you mean Baroque"):
        allowed_paintings(atlas, Constraints({"movement": ["Barok"]}))
    with pytest.raises(InputError, match="No painting of this atlas is dated"):
        allowed_paintings(atlas, Constraints(before=1800))


def test_conditions_as_text() -> None:
    assert parse_where(["movement=Baroque", "movement = Cubism", "medium=oil=1"]) == {
        "movement": ["Baroque", "Cubism"],
        "medium": ["oil=1"],
    }
    for text in ("movement", "=Baroque", "movement="):
        with pytest.raises(InputError, match="COLUMN=LABEL"):
            parse_where([text])


def test_similar_paintings_keep_to_them(atlas: StyleAtlas) -> None:
    for by in ("styles", "features"):
        found = similar_paintings(
            atlas,
            "toy-000",
            by=by,  # type: ignore[arg-type]
            n=60,
            constraints=Constraints({"movement": ["Baroque"]}, other_painters=True),
        )
        assert len(found) == 10
        assert set(atlas.paintings["movement"][found.index]) == {"Baroque"}
        assert "Ada Müller" not in set(found["painter"])
