"""Data as classic scripts: pages opened by double click may not fetch anything."""

from __future__ import annotations

import json
from typing import Any

# A script ends at the first "</script", wherever it stands; U+2028 and U+2029 end a line in
# JavaScript before 2019; "<!--" begins a comment.
_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def data_script(name: str, value: Any) -> str:
    """Return a script that puts a value into ``window.ArtStyleNet``.

    Parameters
    ----------
    name : str
        Property of ``window.ArtStyleNet``.
    value : any
        What JSON can hold; NaN is refused.

    Returns
    -------
    str
        One statement; the value holds no character that could end the script or the line.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (
        "window.ArtStyleNet=window.ArtStyleNet||{};"
        f"window.ArtStyleNet.{name}={text.translate(_ESCAPES)};\n"
    )
