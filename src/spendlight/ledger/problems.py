"""Lines of logs that should have been an answer and are not, or not completely."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.metering.entry import LineProblem

if TYPE_CHECKING:
    import sqlite3

    from spendlight.ledger.machines import Scope


def problems_in(connection: sqlite3.Connection) -> list[LineProblem]:
    """Return the lines that could not be read, by file and offset."""
    rows = connection.execute(
        "SELECT f.path, p.offset, p.reason, p.is_counted FROM problems p"
        " JOIN files f ON f.id = p.file ORDER BY f.path, p.offset"
    )
    return [LineProblem(path, offset, reason, bool(ok)) for path, offset, reason, ok in rows]


def unread_lines(connection: sqlite3.Connection, scope: Scope) -> int:
    """Return how many lines should have been an answer and could not be read."""
    statement = "SELECT COUNT(*) FROM problems p WHERE NOT p.is_counted"
    if scope.roots is not None:  # by file: problems are few, the files of a root many
        roots = ",".join(map(str, scope.roots))
        statement += f" AND (SELECT root FROM files WHERE id = p.file) IN ({roots})"  # noqa: S608  # ours
    return int(connection.execute(statement).fetchone()[0])
