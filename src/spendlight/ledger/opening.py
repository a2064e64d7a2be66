"""Opens a ledger file: creates it, migrates it, and reports what is wrong with it."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from spendlight.errors import LedgerCorruptError, LedgerTooNewError, LedgerUnusableError
from spendlight.ledger import page_seals
from spendlight.ledger.checking import is_busy, translated_errors
from spendlight.ledger.connection import LedgerConnection, connect_to
from spendlight.ledger.private_files import make_private
from spendlight.ledger.schema import (
    BOUNDS_COUNTS,
    FOLLOWS_PATHS,
    KNOWS_AGENTS,
    KNOWS_SESSION_DAYS,
    KNOWS_SLOTS,
    ORDERS_BY_OFFSET,
    SCHEMA,
    SCHEMA_KEY,
    SIGNS,
    SIGNS_NOTES,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUSY_TIMEOUT_S: Final = 20.0
"""How long to wait for another process that writes; a first scan commits far more often."""

_RETRY_S: Final = 0.01
_PRIVATE_FOLDER: Final = 0o700


def connect(path: Path) -> LedgerConnection:
    """Open the ledger at *path* with the current schema; create it if there is none.

    Only the user gets access to it. Other processes may have it open at the same time.

    Raises:
        LedgerTooNewError: If a newer version wrote it.
        LedgerCorruptError: If it is damaged.
        LedgerUnusableError: If it cannot be created, opened or written.
        LedgerBusyError: If another process keeps it locked.
    """
    with translated_errors(path):
        try:
            path.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            if _is_lost(path):
                raise LedgerCorruptError(str(path), "its file is empty or missing")
            make_private(path)
        except FileExistsError as error:  # a file where its folder should be
            raise LedgerUnusableError(str(path), os.strerror(errno.ENOTDIR)) from error
        except OSError as error:
            raise LedgerUnusableError(str(path), error.strerror or str(error)) from error
        connection = connect_to(path, BUSY_TIMEOUT_S)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _is_lost(path: Path) -> bool:
    try:
        if os.stat(path).st_size:  # noqa: PTH116  # done each time, and a Path is slower
            return False
    except FileNotFoundError:
        pass
    from spendlight.ledger.backups import is_lost  # rarely needed

    return is_lost(path)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Run statements that all take effect or none, as the only writer."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # a full disk may have ended it already
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    if isinstance(connection, LedgerConnection):
        connection.tidy()


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[None]:
    """Let several queries see the same snapshot of the ledger."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:  # damage may have ended it already
            connection.execute("ROLLBACK")


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA temp_store = MEMORY")
    found = _schema(connection)
    if found != SCHEMA and has_flipped_version(connection):
        raise LedgerCorruptError(str(path), "its version number is damaged")
    if found > SCHEMA:
        raise LedgerTooNewError(str(path), found, SCHEMA)
    if found == SCHEMA:
        return
    if not found and _is_foreign(connection):
        raise LedgerUnusableError(str(path), "it belongs to another program")
    if found:
        _copy_first(path, found)
    else:
        connection.execute("PRAGMA synchronous = OFF")  # nothing in it has to outlast a power cut
    _use_wal(connection)
    with transaction(connection):
        _take_steps(connection, path)
    connection.execute("PRAGMA synchronous = NORMAL")


def _take_steps(connection: sqlite3.Connection, path: Path) -> None:
    """Migrate a ledger to the current schema. Within a transaction."""
    known = _schema(connection)
    if known == SCHEMA:  # another process was faster
        return
    if not known:
        page_seals.begin(path)
        known = _make_tables(connection)
    if known < SCHEMA:
        _migrate(connection, known)
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (SCHEMA_KEY, str(SCHEMA)))
    connection.execute(f"PRAGMA user_version = {SCHEMA}")


def _make_tables(connection: sqlite3.Connection) -> int:
    """Make the tables of a new ledger; return their schema. Within a transaction."""
    from spendlight.ledger.tables import TABLES, TABLES_SCHEMA  # once

    for statement in _statements(TABLES):
        connection.execute(statement)
    return TABLES_SCHEMA


def _migrate(connection: sqlite3.Connection, known: int) -> None:
    """Take the steps from an earlier schema to the current one. Within a transaction."""
    from spendlight.ledger.migrations import MIGRATIONS  # once a version

    for step in MIGRATIONS[known:]:
        for statement in _statements(step):
            connection.execute(statement)
    if known < SIGNS:
        from spendlight.ledger.proving import sign_all  # once

        sign_all(connection)
    elif known < KNOWS_AGENTS:
        from spendlight.ledger.proving import sign_roots_again  # once

        sign_roots_again(connection)
    _renew(connection, known)


def _renew(connection: sqlite3.Connection, known: int) -> None:
    """Do the parts of a migration that SQL alone cannot. Within a transaction.

    Args:
        connection: Where the tables have been migrated already.
        known: The schema before.
    """
    if known < SIGNS_NOTES:
        from spendlight.ledger.session_notes import sign_all  # once

        sign_all(connection)
    if known < KNOWS_SLOTS:
        from spendlight.ledger.sums import sessions  # once

        sessions.rebuild(connection)
    elif known < KNOWS_SESSION_DAYS:
        from spendlight.ledger.sums import session_days  # once
        from spendlight.ledger.sums.packing import DamagedSumsError

        with suppress(DamagedSumsError):  # repaired by the next report
            session_days.rebuild(connection)
    from spendlight.ledger.chunks import DamagedChunkError  # once

    # damage is repaired next, and all sums are rebuilt then
    if known < FOLLOWS_PATHS:
        from spendlight.ledger.renaming import follow_paths  # once

        with suppress(DamagedChunkError):
            follow_paths(connection)
    if known < BOUNDS_COUNTS:
        from spendlight.ledger.impossible import strike_impossible  # once

        with suppress(DamagedChunkError):
            strike_impossible(connection)
    if known < ORDERS_BY_OFFSET:
        from spendlight.ledger.sums.buckets import context_thresholds_in
        from spendlight.ledger.sums.kept import rebuild_all  # once

        with suppress(DamagedChunkError):
            rebuild_all(connection, context_thresholds_in(connection))


def _copy_first(path: Path, found: int) -> None:
    from spendlight.ledger.backups import copy_before_migration  # once a version

    try:
        copy_before_migration(path, found)
    except OSError as error:
        reason = f"it cannot be backed up before it is upgraded ({error.strerror or error})"
        raise LedgerUnusableError(str(path), reason) from error


def _is_foreign(connection: sqlite3.Connection) -> bool:
    """Return whether there are tables, but not ours."""
    connection.execute("BEGIN")  # one snapshot, as another process may be creating the ledger
    has_tables = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
    is_ours = _schema(connection) > 0
    connection.execute("COMMIT")
    return has_tables and not is_ours


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging, so that others can read while one writes.

    Here SQLite itself does not wait for another process that opens the same new ledger.
    """
    give_up_at = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > give_up_at:
                raise
            time.sleep(_RETRY_S)
        else:
            return


def _schema(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def has_flipped_version(connection: sqlite3.Connection) -> bool:
    """Return whether a ledger's version differs by a single bit from the one noted in its data."""
    noted = noted_schema(connection)
    return noted is not None and (noted ^ _schema(connection)).bit_count() == 1


def noted_schema(connection: sqlite3.Connection) -> int | None:
    """Return the schema number noted in the ledger's own data; None if there is none."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
        return None
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (SCHEMA_KEY,)).fetchone()
    return int(row[0]) if row and str(row[0]).isdecimal() else None


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script one by one; ``executescript`` would end the transaction."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if ";" in line and sqlite3.complete_statement(statement):
            yield statement
            statement = ""
