"""Inserts many rows with few statements."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

_AT_ONCE: Final = 100
"""So many rows in one statement take two thirds of the time of as many statements."""


def insert_rows(
    connection: sqlite3.Connection,
    into: str,
    rows: Sequence[tuple[Any, ...]],
    afterwards: str = "",
) -> None:
    """Insert rows.

    Args:
        connection: Where to write.
        into: The statement up to the values, such as "INSERT INTO files".
        rows: The rows, all with the same number of values.
        afterwards: What follows the values in the statement.
    """
    if not rows:
        return
    whole = len(rows) - len(rows) % _AT_ONCE
    statement = _statement(into, len(rows[0]), _AT_ONCE, afterwards)
    for start in range(0, whole, _AT_ONCE):
        values = tuple(chain.from_iterable(rows[start : start + _AT_ONCE]))
        connection.execute(statement, values)
    if whole < len(rows):
        connection.executemany(_statement(into, len(rows[0]), 1, afterwards), rows[whole:])


@lru_cache(maxsize=32)
def _statement(into: str, columns: int, rows: int, afterwards: str) -> str:
    row = f"({', '.join('?' * columns)})"
    return f"{into} VALUES {', '.join([row] * rows)} {afterwards}"
