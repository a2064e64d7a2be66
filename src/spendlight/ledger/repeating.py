"""Marks logs to be read again where the ledger disagrees with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.ledger import chunks
from spendlight.ledger.sums.buckets import context_thresholds_in
from spendlight.ledger.sums.kept import rebuild_all
from spendlight.metering.log_names import read_with

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Mapping


def drop_copies(
    connection: sqlite3.Connection, wrong: Mapping[str, Collection[tuple[int, int]]]
) -> None:
    """Forget copies of answers, and how far their logs were read. Within a transaction.

    Args:
        connection: Where to write.
        wrong: Hashes of answer and request, by the log whose copy is wrong; the log exists.
    """
    for path, keys in wrong.items():
        for chunk in list(chunks.load(connection, "f.path = ?", (path,))):
            rows = {row for row, entry in enumerate(chunk.entries) if entry[:2] in keys}
            if rows:
                chunks.replace(connection, chunk.without(rows))
        read_again(connection, path)
    rebuild_all(connection, context_thresholds_in(connection))


def read_again(connection: sqlite3.Connection, path: str) -> None:
    """Mark a log, if it exists, to be read from its beginning. Within a transaction."""
    names = (path, read_with(path))
    connection.execute("UPDATE files SET size = -1, read_to = 0 WHERE path IN (?, ?)", names)
