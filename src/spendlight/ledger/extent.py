"""The first and last moments of the answers in some of the ledger's roots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

_AT_AN_END: Final = 64
"""This many of the first buckets and of the last chunks are tried before all chunks of the roots
are read."""


def extent_within(connection: sqlite3.Connection, roots: Collection[int]) -> tuple[int, int] | None:
    """Return the moments of the first and the last answer in some roots, or None."""
    numbers = ",".join(map(str, roots))
    first, last = _first(connection, numbers), _last(connection, numbers)
    return None if first is None or last is None else (first, last)


def _first(connection: sqlite3.Connection, roots: str) -> int | None:
    """Return the first moment in some roots; None if there is none.

    Usually one of the outermost buckets is theirs, so a long archive need not be searched.
    """
    within = f"JOIN sessions s ON s.id = b.session WHERE s.root IN ({roots})"
    firsts = f"(SELECT slot, session FROM buckets ORDER BY slot LIMIT {_AT_AN_END})"  # noqa: S608  # our own number
    first = f"SELECT MIN(b.slot) FROM {firsts} b {within}"  # noqa: S608  # as above
    for statement in (
        f"SELECT MIN(b.first_ms) FROM buckets b {within} AND b.slot = ({first})",  # noqa: S608  # our own numbers
        _of_chunks("MIN(c.first_ms)", "chunks", roots),
    ):
        found: int | None = connection.execute(statement).fetchone()[0]
        if found is not None:
            break
    return found


def _last(connection: sqlite3.Connection, roots: str) -> int | None:
    """Return the last moment in some roots, likewise from the outermost chunks."""
    lasts = f"(SELECT file, last_ms FROM chunks ORDER BY last_ms DESC LIMIT {_AT_AN_END})"  # noqa: S608  # our own number
    for chunks in (lasts, "chunks"):
        statement = _of_chunks("MAX(c.last_ms)", chunks, roots)
        found: int | None = connection.execute(statement).fetchone()[0]
        if found is not None:
            break
    return found


def _of_chunks(column: str, chunks: str, roots: str) -> str:
    return (
        f"SELECT {column} FROM {chunks} c JOIN files f ON f.id = c.file WHERE f.root IN ({roots})"  # noqa: S608  # our own numbers
    )
