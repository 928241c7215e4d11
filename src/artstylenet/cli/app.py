"""All commands, in the order of a first visit."""

from __future__ import annotations

import typer

from artstylenet.cli.add import add, refit, remove
from artstylenet.cli.associations import associations
from artstylenet.cli.audit import audit
from artstylenet.cli.backbones import backbones
from artstylenet.cli.build import build
from artstylenet.cli.compare import compare
from artstylenet.cli.demo import demo
from artstylenet.cli.doctor import doctor
from artstylenet.cli.evaluate import evaluate
from artstylenet.cli.exhibition import exhibition
from artstylenet.cli.explain import explain
from artstylenet.cli.explore import explore
from artstylenet.cli.export import export
from artstylenet.cli.painter import painter
from artstylenet.cli.path import path
from artstylenet.cli.recommend import recommend
from artstylenet.cli.similar import similar
from artstylenet.cli.style import style
from artstylenet.cli.styles import styles

app = typer.Typer(
    name="artstylenet",
    help="Discover the hidden styles of a collection of paintings.\n\n"
    "Start with:  artstylenet demo   or   artstylenet build PAINTINGS -o my-atlas",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(version("artstylenet"))
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Show the version."
    ),
) -> None:
    """Hold the options of the program itself."""


for command in (
    demo,
    build,
    add,
    remove,
    refit,
    styles,
    style,
    explain,
    similar,
    recommend,
    path,
    painter,
    associations,
    audit,
    exhibition,
    export,
    explore,
    evaluate,
    compare,
    backbones,
    doctor,
):
    app.command()(command)
