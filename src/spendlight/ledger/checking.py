"""Says what is wrong with a ledger file: in words for the user, and whether it is damaged."""

from __future__ import annotations

import sqlite3
from collections import deque
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from spendlight.errors import LedgerBusyError, LedgerCorruptError, LedgerUnusableError
from spendlight.ledger.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DAMAGE: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_LOCKS: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into words for the user."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if is_busy(error):
            raise LedgerBusyError(str(path)) from error
        from spendlight.ledger.chunks import DamagedChunkError  # nearly never needed
        from spendlight.ledger.packed_sums import DamagedSumsError  # as above

        is_spoilt = isinstance(error, (DamagedChunkError, DamagedSumsError))
        if _code(error) in _DAMAGE or is_spoilt:
            raise LedgerCorruptError(str(path), str(error)) from error
        raise LedgerUnusableError(str(path), str(error)) from error


def is_busy(error: sqlite3.Error) -> bool:
    """Return whether another connection is in the way."""
    return _code(error) in _LOCKS


def damage(path: Path, *, with_entries: bool = True) -> str:
    """Return what is damaged in a whole ledger file, or "" where nothing is. Reads all of it.

    Args:
        path: The file.
        with_entries: Whether to unpack the entries too, which takes ten times as long.

    Raises:
        LedgerBusyError: If another process keeps it locked.
        LedgerUnusableError: If it cannot be read.
    """
    if not path.exists():
        return ""
    try:
        with translated_errors(path), closing(sqlite3.connect(path)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            is_todays = connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA
            if found == "ok" and with_entries and is_todays:
                from spendlight.ledger import chunks  # as above

                deque(chunks.load(connection, "1"), maxlen=0)
    except LedgerCorruptError as error:
        return error.reason
    return "" if found == "ok" else str(found)


def demand_sound(path: Path) -> None:
    """Read all of a ledger file.

    Raises:
        LedgerCorruptError: If something is damaged in it.
        LedgerBusyError: If another process keeps it locked.
        LedgerUnusableError: If it cannot be read.
    """
    found = damage(path)
    if found:
        raise LedgerCorruptError(str(path), found)


def glance(connection: sqlite3.Connection) -> None:
    """Look at both ends of each table, which takes no longer for a larger ledger.

    Raises:
        sqlite3.DatabaseError: If something is damaged there.
    """
    keys = connection.execute(
        "SELECT m.name, k.name FROM sqlite_master m, pragma_table_info(m.name) k"
        " WHERE m.type = 'table' AND k.pk = 1"
    )
    for table, key in keys.fetchall():
        for order in ("ASC", "DESC"):
            connection.execute(
                f'SELECT * FROM "{table}" ORDER BY "{key}" {order} LIMIT 1'  # noqa: S608  # its own names
            ).fetchall()


def _code(error: sqlite3.Error) -> int:
    """Return SQLite's primary code; Python's own errors have none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
