"""Tables with one row for each painter."""

from __future__ import annotations

from artstylenet.collection.columns import plain_header
from artstylenet.collection.painter_names import painter_key
from artstylenet.collection.tables import Columns, Table
from artstylenet.collection.words import listed, rows_in_words
from artstylenet.errors import CollectionError

NAME = "name"


def painters_of_table(table: Table) -> tuple[Columns, tuple[str, ...]]:
    """Return the column ``painter`` with all others as given, and notes.

    A painter's first row counts; rows without a name are left out.

    Raises
    ------
    CollectionError
        If the table is malformed or has no column ``name``.
    """
    header = next((given for given in table.columns if plain_header(given) == NAME), None)
    problems = list(table.problems)
    if header is None:
        problems.append(
            f"the column {NAME} is missing; the columns are "
            f"{listed([repr(given) for given in table.columns], most=12) or 'none'}"
        )
    if problems or header is None:
        raise CollectionError(f"{table.path.name} cannot be used: {'; '.join(problems)}")
    seen: set[str] = set()
    keep: list[int] = []
    repeated: list[int] = []
    for i, name in enumerate(table.columns[header]):
        if name is None:
            continue
        (repeated if painter_key(name) in seen else keep).append(i)
        seen.add(painter_key(name))
    painters: Columns = {"painter": [table.columns[header][i] for i in keep]}
    for given, values in table.columns.items():
        if given != header:
            painters["painter_given" if given == "painter" else given] = [values[i] for i in keep]
    notes = table.notes
    if repeated:
        rows = rows_in_words(table.rows[i] for i in repeated)
        notes += (f"{table.path.name}: painters of {rows} were there before; first rows count.",)
    return painters, notes
