"""``artstylenet audit``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from artstylenet.cli.json_documents import print_document, records
from artstylenet.cli.options import AsJson, Atlas

if TYPE_CHECKING:
    import pandas as pd


def audit(
    atlas: Atlas,
    everything: Annotated[
        bool, typer.Option("--all", help="Also show the tests that found nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Test whether styles are really greyscale reproductions, frames, a tint or one painter.

    A badge needs a corrected p-value below 0.05 and a difference of 15 points or more to the
    other paintings. Also names the paintings that are farthest from every style.
    """
    from artstylenet.audit import CONFOUNDS, audit_styles, novelty
    from artstylenet.cli.progress_bars import progress_bars
    from artstylenet.looks import looks_of
    from artstylenet.looks.cache import looks_cache
    from artstylenet.storage import load_atlas

    loaded = load_atlas(atlas)
    with progress_bars() as progress:
        looks = looks_of(loaded, looks_cache(atlas), progress=progress)
    tests, strangers = audit_styles(loaded, looks=looks), novelty(loaded)
    if as_json:
        document = {
            "confounds": CONFOUNDS,
            "tests": records(tests),
            "novelty": records(strangers.reset_index()),
        }
        print_document(document)
        return
    shown = tests if everything else tests[tests["badge"]]
    _print(shown, n_tests=len(tests))
    typer.echo(f"Farthest from every style: {', '.join(map(str, strangers.index[:10]))}")


def _print(tests: pd.DataFrame, *, n_tests: int) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not len(tests):
        typer.echo(f"No style stands out in any of {n_tests} tests.")
        return
    shown = Table()
    for column in ("style", "may be", "of it", "elsewhere", "corrected p"):
        shown.add_column(column, justify="left" if column == "may be" else "right")
    for row in tests.to_dict("records"):
        what = f"{row['confound']} ({row['detail']})" if row["detail"] else row["confound"]
        p_value = row["p_corrected"]
        shown.add_row(
            str(row["style"]),
            Text(what),
            f"{row['share']:.0%}",
            f"{row['elsewhere']:.0%}",
            "< 0.0001" if p_value < 0.0001 else f"{p_value:.4f}",
        )
    Console().print(shown)
