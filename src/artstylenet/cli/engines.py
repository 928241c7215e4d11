"""``--engine``: who extracts features and assigns words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from artstylenet.errors import InputError

if TYPE_CHECKING:
    from artstylenet.extraction import Engine

EngineName = Annotated[
    str,
    typer.Option(
        help="Who extracts features and assigns words: local, or ray: a Ray cluster (needs [ray])."
    ),
]
Address = Annotated[
    str | None,
    typer.Option(
        help="Ray cluster that this machine belongs to: auto, or host:port of its head [default: "
        "one of this machine alone, started for the build]."
    ),
]
Gpus = Annotated[
    float,
    typer.Option(min=0, help="Part of a GPU for each worker of Ray; 0.25: four on each GPU."),
]


@contextmanager
def open_engine(name: str, address: str | None, gpus: float, jobs: int | None) -> Iterator[Engine]:
    """Open the engine of that name for as long as it is needed."""
    if name == "local":
        if address is not None or gpus:
            raise InputError("--address and --gpus are for --engine ray.")
        from artstylenet.extraction import LocalEngine

        yield LocalEngine(jobs)
        return
    if name != "ray":
        raise InputError(f"--engine is local or ray, not {name!r}.")
    from artstylenet.extraction.ray_engine import RayEngine

    typer.echo("Connecting to Ray", err=True)
    with RayEngine(address, gpus=gpus, n_jobs=jobs) as engine:
        yield engine
