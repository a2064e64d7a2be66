"""Finds the answers of which there are several records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.team.settling import which_of

if TYPE_CHECKING:
    from spendlight.team.engine import Connection
    from spendlight.team.settling import Partition

_MANY: Final = 500_000
"""From this many records on, sorting them is so much faster than grouping that it pays to load
numpy."""


def note_several(connection: Connection, part: Partition) -> None:
    """Add the answers with several records in the table ``answers`` to the table ``several``.

    Args:
        connection: The database.
        part: The answers to look at.
    """
    answers = f"SELECT answer FROM answers c WHERE {which_of(part)}"
    (rows,) = connection.execute(f"SELECT COUNT(*) FROM ({answers})").fetchone()
    if rows < _MANY:
        connection.execute(f"INSERT INTO several {answers} GROUP BY answer HAVING COUNT(*) > 1")
        return
    import numpy as np  # large

    found = np.sort(np.asarray(connection.execute(answers).fetchnumpy()["answer"]))
    again = np.unique(found[1:][found[1:] == found[:-1]])
    connection.register("found_again", {"answer": again})
    connection.execute("INSERT INTO several SELECT answer FROM found_again")
    connection.unregister("found_again")
