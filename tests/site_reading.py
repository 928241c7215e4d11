"""Reads an exported site as a browser would: elements, links and words of every page."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"}
REFERENCES = ("href", "src", "action", "data-thumb", "xlink:href")


@dataclass
class PageRead(HTMLParser):
    """What one page holds; raises where elements are not closed in order."""

    text: str
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)
        self.close()
        assert not self.open_tags, f"never closed: {self.open_tags}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open_tags.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags, f"</{tag}> closes nothing"
        assert self.open_tags.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every element of that name."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def references(self) -> list[str]:
        """Return everything that the page refers to."""
        return [
            value
            for _, attributes in self.elements
            for name, value in attributes.items()
            if name in REFERENCES and value is not None
        ]

    @property
    def ids(self) -> list[str]:
        """Return the ids in the page."""
        return [
            value for _, a in self.elements for name, value in a.items() if name == "id" and value
        ]


def read_pages(folder: Path) -> dict[str, PageRead]:
    """Return every page of a site by its path."""
    return {
        path.relative_to(folder).as_posix(): PageRead(path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.html"))
    }
