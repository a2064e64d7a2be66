"""What the ledger has lost: answers that were damaged in it and exist nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.ledger.imported_files import forget_imported_files
from spendlight.metering.periods import to_ms
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime


class Loss(NamedTuple):
    """Answers of one log that are lost.

    Attributes:
        path: The log that they were in.
        first_ms: The earliest moment they can be of, in Unix milliseconds; 0 if unknown.
        last_ms: The latest moment they can be of, in Unix milliseconds.
        answers: How many there are.
    """

    path: str
    first_ms: int
    last_ms: int
    answers: int


def note_losses(connection: sqlite3.Connection, losses: Iterable[Loss], now: datetime) -> None:
    """Remember what is lost. Within a transaction."""
    rows = [(*loss, to_ms(now)) for loss in losses]
    connection.executemany("INSERT OR REPLACE INTO losses VALUES (?, ?, ?, ?, ?)", rows)
    if rows:  # a file that is imported again may bring them back
        forget_imported_files(connection)


def losses_in(connection: sqlite3.Connection) -> list[Loss]:
    """Return what is lost, log by log."""
    rows = connection.execute("SELECT path, first_ms, last_ms, answers FROM losses ORDER BY path")
    return list(map(Loss._make, rows))


def forget_losses(connection: sqlite3.Connection, files: Iterable[int]) -> None:
    """Forget what was lost of some files, by their numbers, as these are read again."""
    if connection.execute("SELECT 1 FROM losses LIMIT 1").fetchone():
        connection.executemany(
            "DELETE FROM losses WHERE path = (SELECT path FROM files WHERE id = ?)",
            ((number,) for number in files),
        )
