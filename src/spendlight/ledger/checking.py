"""Determines what is wrong with a ledger file: in words for the user, and whether it is damaged."""

from __future__ import annotations

import sqlite3
from collections import deque
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from spendlight.errors import LedgerBusyError, LedgerCorruptError, LedgerUnusableError
from spendlight.ledger import page_file
from spendlight.ledger.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DAMAGE: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
UNREADABLE: Final = (sqlite3.Error, ValueError)
"""What reading a damaged file may raise; ValueError: text that is not valid UTF-8."""

_HEADER_BYTES: Final = 100
_LOCKS: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into words for the user."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if is_busy(error):
            raise LedgerBusyError(str(path)) from error
        from spendlight.ledger.answer_index import DamagedIndexError  # rarely needed
        from spendlight.ledger.chunks import DamagedChunkError  # as above
        from spendlight.ledger.sums.packing import DamagedSumsError  # as above

        is_spoilt = isinstance(error, (DamagedChunkError, DamagedIndexError, DamagedSumsError))
        if _code(error) in _DAMAGE or is_spoilt:
            raise LedgerCorruptError(str(path), str(error)) from error
        raise LedgerUnusableError(str(path), str(error)) from error


def is_busy(error: sqlite3.Error) -> bool:
    """Return whether another connection holds the lock."""
    return _code(error) in _LOCKS


def damage(path: Path) -> str:
    """Return what is damaged in a ledger file, or "" if nothing is. Reads all of it.

    Raises:
        LedgerBusyError: If another process keeps it locked.
        LedgerUnusableError: If it cannot be read.
    """
    return _damage(path, with_content=True)


def broken_structure(path: Path) -> str:
    """Return what SQLite cannot interpret in a ledger file, or "" if its structure is sound.

    Raises:
        LedgerBusyError: If another process keeps it locked.
        LedgerUnusableError: If it cannot be read.
    """
    return _damage(path, with_content=False)


def _damage(path: Path, *, with_content: bool) -> str:
    from spendlight.ledger.connection import connect_to  # it imports this module

    if not path.exists():
        return ""
    try:
        with translated_errors(path):
            if reason := _broken_header(path):
                return reason
            with closing(connect_to(path)) as connection:
                reason = _broken_tables(connection)
                is_todays = connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA
                if with_content and not reason and is_todays:
                    from spendlight.ledger.proving import fault_in  # rarely needed

                    reason = fault_in(connection)
    except LedgerCorruptError as error:
        return error.reason
    except (ValueError, TypeError, LookupError) as error:  # its contents are not what we write
        return str(error)
    return reason


def _broken_header(path: Path) -> str:
    """Return what is impossible in a ledger's header ("The Database Header" of SQLite's format).

    SQLite attributes some of it to another version, and then refuses to write or to read.
    """
    try:
        with page_file.opened(path) as file:
            header = file.read(_HEADER_BYTES)
    except OSError as error:
        raise LedgerUnusableError(str(path), error.strerror or str(error)) from error
    if not header:
        return ""
    is_whole = len(header) == _HEADER_BYTES and header.startswith(b"SQLite format 3\0")
    if not is_whole or header[18:20] not in {b"\1\1", b"\2\2"} or header[20:24] != b"\0@  ":
        return "its header is not one that SQLite writes"
    if header[44:48] != b"\0\0\0\4" or header[56:60] != b"\0\0\0\1" or any(header[68:92]):
        return "its header is damaged"
    return ""


def _broken_tables(connection: sqlite3.Connection) -> str:
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        return str(found)
    tables = _tables(connection)
    if connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA:
        for table in sorted(_expected_tables() - tables):
            return f"its table {table} is missing"
    for table in sorted(tables):
        try:  # invalid text is found only when it is read
            deque(connection.execute(f'SELECT * FROM "{table}"'), maxlen=0)  # noqa: S608  # its own names
        except sqlite3.OperationalError as error:
            if _code(error):  # SQLite's error, not Python's
                raise
            return str(error)
    return ""


def _tables(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {name for (name,) in rows}


def _expected_tables() -> set[str]:
    """Return the tables of the current schema."""
    from spendlight.ledger.migrations import MIGRATIONS  # rarely needed

    with closing(sqlite3.connect(":memory:")) as fresh:
        for step in MIGRATIONS:
            fresh.executescript(step)
        return _tables(fresh)


def demand_sound(path: Path) -> None:
    """Read a whole ledger file.

    Raises:
        LedgerCorruptError: If something in it is damaged.
        LedgerBusyError: If another process keeps it locked.
        LedgerUnusableError: If it cannot be read.
    """
    found = damage(path)
    if found:
        raise LedgerCorruptError(str(path), found)


def glance(connection: sqlite3.Connection) -> None:
    """Read both ends of each table, which takes no longer for a larger ledger.

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
    """Return SQLite's primary error code; Python's own errors have none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
