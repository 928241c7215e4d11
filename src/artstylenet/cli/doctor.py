"""``artstylenet doctor``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from artstylenet.cli.json_documents import print_document
from artstylenet.cli.options import AsJson

if TYPE_CHECKING:
    from artstylenet.diagnosis import Diagnosis


def doctor(as_json: AsJson = False) -> None:
    """Say what is installed, what works, how fast this machine is, and what is wrong.

    Takes a few seconds and no network. Ends with exit code 1 if something is wrong.
    """
    from artstylenet.diagnosis import diagnose

    found = diagnose()
    if as_json:
        print_document(asdict(found))
    else:
        _print(found)
    if found.problems:
        raise typer.Exit(1)


def _print(found: Diagnosis) -> None:
    machine, speed = found.machine, found.speed
    lines = [
        f"{machine['system']}, Python {machine['python']}",
        f"{machine['processor']}, {machine['cpus']} CPUs, {machine['memory_gb'] or '?'} GB free, "
        f"load {machine['load']}",
        "",
        "Packages",
    ]
    for package in found.packages:
        if package.extra is not None:
            continue
        lines.append(f"  {package.name:20s} {package.found or 'missing'}  ({package.needed})")
    for extra in sorted({package.extra for package in found.packages if package.extra}):
        inside = [package for package in found.packages if package.extra == extra]
        there = all(package.is_good for package in inside)
        how = "installed" if there else f"not installed: pip install 'artstylenet[{extra}]'"
        lines.append(f"  [{extra}]".ljust(23) + how)
    lines += ["", "ONNX Runtime"]
    for provider in found.providers:
        told = f"{provider.milliseconds} ms a picture" if provider.works else provider.problem
        lines.append(f"  {provider.name:30s} {'works, ' if provider.works else 'fails: '}{told}")
    lines += ["", "Speed of one thread"]
    lines += [f"  {name:30s} {value:g}" for name, value in speed.items() if "minute" not in name]
    if "paintings_a_minute" in speed:
        lines.append(
            f"  Extraction on {machine['cpus']} CPUs: about {speed['paintings_a_minute']:,.0f} "
            "paintings of two megapixels a minute"
        )
    cache = found.cache
    lines += [
        "",
        f"Feature store: {cache['folder']}",
        f"  {cache['used_gb']} GB used, {cache['free_gb']} GB free",
        "",
    ]
    lines += [f"Wrong: {problem}" for problem in found.problems] or ["Nothing is wrong."]
    typer.echo("\n".join(lines))
