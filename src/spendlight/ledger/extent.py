"""The first and last moments of the answers in some of the ledger's roots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

_CHUNKS_AT_AN_END: Final = 64
"""This many of the first and last chunks are tried before all chunks of the roots are read."""


def extent_within(connection: sqlite3.Connection, roots: Collection[int]) -> tuple[int, int] | None:
    """Return the moments of the first and the last answer in some roots, or None."""
    first = _end(connection, roots, "MIN", "first_ms", "ASC")
    last = _end(connection, roots, "MAX", "last_ms", "DESC")
    return None if first is None or last is None else (first, last)


def _end(
    connection: sqlite3.Connection, roots: Collection[int], end: str, column: str, order: str
) -> int | None:
    """Return the first or last moment in some roots; None if there is none.

    Usually one of the outermost chunks is theirs, so a long archive need not be searched.
    """
    within = f"JOIN files f ON f.id = c.file WHERE f.root IN ({','.join(map(str, roots))})"
    for chunks in (
        f"(SELECT file, {column} FROM chunks ORDER BY {column} {order} LIMIT {_CHUNKS_AT_AN_END})",  # noqa: S608  # our own names
        "chunks",
    ):
        statement = f"SELECT {end}(c.{column}) FROM {chunks} c {within}"  # noqa: S608  # as above
        found: int | None = connection.execute(statement).fetchone()[0]
        if found is not None:
            break
    return found
