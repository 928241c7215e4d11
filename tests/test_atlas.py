"""The atlas itself, and how a notebook shows it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from html.parser import HTMLParser

import pytest

from artstylenet.atlas import StyleAtlas, style_column
from tests.toy_atlas import toy_atlas


class Pictures(HTMLParser):
    """Collect the attributes of every picture, and the names of all elements."""

    def __init__(self) -> None:
        super().__init__()
        self.pictures: list[dict[str, str | None]] = []
        self.elements: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        if tag == "img":
            self.pictures.append(dict(attrs))


def test_an_atlas_says_what_it_holds(atlas: StyleAtlas) -> None:
    assert repr(atlas) == "StyleAtlas(60 paintings, 6 painters, 5 styles)"


def test_an_atlas_cannot_be_changed(atlas: StyleAtlas) -> None:
    with pytest.raises(FrozenInstanceError):
        atlas.styles = atlas.paintings  # type: ignore[misc]


@pytest.mark.parametrize("with_painters", [True, False])
def test_a_notebook_shows_five_pictures_a_style(*, with_painters: bool) -> None:
    shown = Pictures()
    shown.feed(toy_atlas(with_painters=with_painters)._repr_html_())
    assert len(shown.pictures) == 5 * 5
    assert all(picture["alt"] for picture in shown.pictures)
    assert all(str(picture["src"]).startswith("data:image/jpeg") for picture in shown.pictures)


def test_a_notebook_shows_the_best_painting_first(atlas: StyleAtlas) -> None:
    shown = Pictures()
    shown.feed(atlas._repr_html_())
    best = atlas.painting_styles[style_column(0)].argmax()
    title = atlas.paintings["title"].iloc[best]
    assert title in str(shown.pictures[0]["alt"])


def test_markup_in_titles_is_shown_as_text() -> None:
    # A style for every painting, so that each is the best of one: none is left out.
    shown = Pictures()
    shown.feed(toy_atlas(n_paintings=12, n_styles=12)._repr_html_())
    assert any("<script>" in str(picture["alt"]) for picture in shown.pictures)
    assert shown.elements == {"p", "b", "table", "tr", "th", "td", "img"}
