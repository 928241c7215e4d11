"""``artstylenet backbones``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import typer

from artstylenet.cli.options import AsJson

if TYPE_CHECKING:
    from artstylenet.backbones import Backbone

PICTURES_TIMED = 8


def backbones(as_json: AsJson = False) -> None:
    """List the networks that features can come from, and how fast they are here.

    The time is processor time for one picture, on one thread.
    """
    import json

    from artstylenet.backbones import DEFAULT_MODEL, load_backbone

    default = load_backbone()
    rows: list[dict[str, Any]] = [
        {
            "backbone": "default",
            "name": default.name,
            "megabytes": round(DEFAULT_MODEL.stat().st_size / 1e6, 1),
            "milliseconds": round(1000 * _seconds_a_picture(default), 1),
            "licence": default.licence,
            "good_for": "styles of paintings: a metric learnt from painters; works offline",
        },
        {
            "backbone": "path/to/model.onnx",
            "good_for": "a network of your own, described by model.json beside it",
        },
        {
            "backbone": "timm/NAME",
            "good_for": f"comparing with other networks ({_timm_here()}); fetched at first use",
        },
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{row['backbone']:20s}{row['good_for']}")
        if "name" in row:
            facts = f"{row['name']}, {row['megabytes']} MB, {row['milliseconds']} ms a picture here"
            typer.echo(f"{'':20s}{facts}; {row['licence']}")


def _seconds_a_picture(backbone: Backbone) -> float:
    """Measure processor time, which other programs disturb less than the clock."""
    import numpy as np

    size = backbone.input_size
    picture = np.random.default_rng(0).integers(0, 256, (1, size, size, 3), dtype=np.uint8)
    backbone.extract(picture)
    start = time.process_time()
    for _ in range(PICTURES_TIMED):
        backbone.extract(picture)
    return (time.process_time() - start) / PICTURES_TIMED


def _timm_here() -> str:
    from importlib.util import find_spec

    installed = find_spec("timm") is not None and find_spec("torch") is not None
    return "installed" if installed else "needs: pip install 'artstylenet[torch]'"
