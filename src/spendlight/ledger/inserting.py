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

_NONE: Final = "NULL"
_GIVEN: Final = "?"


def insert_rows(
    connection: sqlite3.Connection,
    into: str,
    rows: Sequence[tuple[Any, ...]],
    afterwards: str = "",
    *,
    values: Sequence[str] = (),
) -> None:
    """Insert rows.

    Args:
        connection: Where to write.
        into: The statement up to the values, such as "INSERT INTO files".
        rows: The rows, all with the same number of values.
        afterwards: What follows the values in the statement.
        values: What is inserted, with a question mark for each value of a row; by default these.
    """
    if not rows:
        return
    terms = tuple(values) or (_GIVEN,) * len(rows[0])
    whole = len(rows) - len(rows) % _AT_ONCE
    for start in range(0, whole, _AT_ONCE):
        given = list(chain.from_iterable(rows[start : start + _AT_ONCE]))
        connection.execute(_statement(into, _adapted(given, terms), _AT_ONCE, afterwards), given)
    if whole < len(rows):
        connection.executemany(_statement(into, terms, 1, afterwards), rows[whole:])


def _adapted(given: list[Any], terms: tuple[str, ...]) -> tuple[str, ...]:
    """Change what several rows pass to SQLite to what is passed fast; return the terms for it.

    Python looks for an adapter of each value that is None or bytes, in vain, and that takes as long
    as passing several integers. So None is written in the statement if it is in all rows, and bytes
    become the only other type that needs no adapter.
    """
    count = len(terms)
    for at in range(count - 1, -1, -1):
        first = given[at]
        if first is None:
            if given[at::count].count(None) == len(given) // count:
                del given[at::count]
                terms = (*terms[:at], _NONE, *terms[at + 1 :])
                count -= 1
        elif isinstance(first, bytes):
            column = given[at::count]
            if set(map(type, column)) == {bytes}:
                given[at::count] = map(bytearray, column)
    return terms


@lru_cache(maxsize=32)
def _statement(into: str, terms: tuple[str, ...], rows: int, afterwards: str) -> str:
    row = f"({', '.join(terms)})"
    return f"{into} VALUES {', '.join([row] * rows)} {afterwards}"
