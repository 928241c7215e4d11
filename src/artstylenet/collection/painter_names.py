"""One spelling for every painter."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

NOT_A_NAME = frozenset(
    {
        "",
        "-",
        "?",
        "anon",
        "anon.",
        "anonymous",
        "anonymous artist",
        "anonymous painter",
        "artist unknown",
        "n/a",
        "nan",
        "none",
        "not known",
        "null",
        "painter unknown",
        "unidentified",
        "unidentified artist",
        "unidentified painter",
        "unknown",
        "unknown artist",
        "unknown painter",
    }
)
"""What stands where no painter is known.

Such works have no painter: as one painter they would be many hands under one name.
"""


def painter_key(name: str) -> str:
    """Return what two spellings of one painter have in common.

    Unicode form, case, and the width and kind of white space (underscores among them) do not
    count; accents do, since they tell real names apart.
    """
    folded = unicodedata.normalize("NFKC", _tidy(name)).casefold()
    return unicodedata.normalize("NFKC", folded)


def common_spellings(names: Iterable[str | None]) -> dict[str, str]:
    """Return the spelling to show for every painter, by :func:`painter_key`.

    The most frequent one wins; among equals one in mixed case, then the first in the alphabet.
    Names that say that nobody is known (:data:`NOT_A_NAME`) are left out.
    """
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, count in Counter(name for name in names if name is not None).items():
        key = painter_key(name)
        if key not in NOT_A_NAME:
            spellings[key][_tidy(name)] += count
    return {
        key: min(counts, key=lambda name: (-counts[name], name.isupper() or name.islower(), name))
        for key, counts in spellings.items()
    }


def shown_name(name: str | None, spellings: Mapping[str, str]) -> str | None:
    """Return the spelling to show for a name as given; None if it names nobody."""
    return None if name is None else spellings.get(painter_key(name))


def _tidy(name: str) -> str:
    """Return the name in composed characters with single spaces."""
    return " ".join(unicodedata.normalize("NFC", name).replace("_", " ").split())
