"""Named blocks of columns of a feature table, each a family of words of the same document."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """A family of words and the columns that it is made from.

    Attributes
    ----------
    name : str
    start, stop : int
        Columns ``start:stop`` of the feature table.
    n_parts : int
        The columns hold so many parts of the picture, of equal width, in the same space (the four
        quarters of the windows, for instance); their words are added up in one vocabulary.
    counted : bool
        The columns are counts of words already.
    n_words : int
        Size of the vocabulary; ignored for counts.
    n_neighbors : int
        Prototypes of each vocabulary that one part is shared among; ignored for counts.
    n_vocabularies : int
        Vocabularies, each of `n_words`, that share the tokens evenly; ignored for counts.
    n_tokens : float
        Tokens that one part gives to the document; for counts, tokens a count is worth.
    scored_parts : tuple of int
        Parts whose words score a held-out painting; its other parts are shown.
    left_out : tuple of int
        Parts that are left out of that test, because their words would give away what is scored.
    shares : tuple of two int or None
        Columns ``first:last`` that hold, for every part, its share of the tokens of all parts.
        None shares them evenly.
    """

    name: str
    start: int
    stop: int
    n_parts: int = 1
    counted: bool = False
    n_words: int = 128
    n_neighbors: int = 5
    n_vocabularies: int = 1
    n_tokens: float = 20.0
    scored_parts: tuple[int, ...] = ()
    left_out: tuple[int, ...] = ()
    shares: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.start < 0 or self.n_parts < 1:
            raise ValueError(
                f"block {self.name!r} needs start of 0 or more and n_parts of 1 or more, got "
                f"{self.start} and {self.n_parts}"
            )
        width = self.stop - self.start
        if width < 1 or width % self.n_parts:
            raise ValueError(
                f"block {self.name!r} has {width} columns, which are not {self.n_parts} equal parts"
            )
        numbers = (self.n_tokens, self.n_words, self.n_neighbors, self.n_vocabularies)
        if min(numbers) <= 0:
            raise ValueError(
                f"block {self.name!r} needs positive n_tokens, n_words, n_neighbors and "
                f"n_vocabularies, got {', '.join(map(str, numbers))}"
            )
        if self.shares is not None and self.shares[1] - self.shares[0] != self.n_parts:
            raise ValueError(
                f"block {self.name!r} needs a column of shares for each of {self.n_parts} parts, "
                f"got {self.shares}"
            )
        for name, parts in (("scored_parts", self.scored_parts), ("left_out", self.left_out)):
            if not set(parts) <= set(range(self.n_parts)):
                raise ValueError(
                    f"block {self.name!r} has {self.n_parts} parts, but {name} names {parts}"
                )
        if both := set(self.scored_parts) & set(self.left_out):
            raise ValueError(f"block {self.name!r} both scores and leaves out {sorted(both)}")

    @property
    def part_width(self) -> int:
        """Columns of one part."""
        return (self.stop - self.start) // self.n_parts
