"""Opens a ledger file: makes it, brings it to today's form, and says what is wrong with it."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from spendlight.errors import LedgerCorruptError, LedgerTooNewError, LedgerUnusableError
from spendlight.ledger.checking import is_busy, translated_errors
from spendlight.ledger.private_files import make_private
from spendlight.ledger.schema import (
    BOUNDS_COUNTS,
    FOLLOWS_PATHS,
    MIGRATIONS,
    ORDERS_BY_PLACE,
    PACKS_SESSIONS,
    SCHEMA,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUSY_TIMEOUT_S: Final = 20.0
"""How long to wait for another process that writes; a first scan commits far more often."""

_RETRY_S: Final = 0.01
_PRIVATE_FOLDER: Final = 0o700


def connect(path: Path) -> sqlite3.Connection:
    """Open the ledger at *path* in today's form; make it if there is none.

    It is made for the user alone. Other processes may have it open at the same time.

    Raises:
        LedgerTooNewError: If a newer version wrote it.
        LedgerCorruptError: If it is damaged.
        LedgerUnusableError: If it cannot be made, opened or written.
        LedgerBusyError: If another process keeps it locked.
    """
    with translated_errors(path):
        try:
            path.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            if _is_lost(path):
                raise LedgerCorruptError(str(path), "its file is empty or gone")
            make_private(path)
        except FileExistsError as error:  # in the place of its folder
            raise LedgerUnusableError(str(path), os.strerror(errno.ENOTDIR)) from error
        except OSError as error:
            raise LedgerUnusableError(str(path), error.strerror or str(error)) from error
        connection = sqlite3.connect(
            path,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,  # one after the other may use it
        )
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def file_at(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from every other, or None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_lost(path: Path) -> bool:
    try:
        if os.stat(path).st_size:  # noqa: PTH116  # asked each time, and a Path takes longer
            return False
    except FileNotFoundError:
        pass
    from spendlight.ledger.backups import is_lost  # nearly never needed

    return is_lost(path)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Run statements all or none of which take effect, as the only writer."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # a full disk may have ended it already
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[None]:
    """Let several questions see the ledger as it is at one moment."""
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
    if found > SCHEMA:
        raise LedgerTooNewError(str(path), found, SCHEMA)
    if found == SCHEMA:
        return
    if not found and _is_foreign(connection):
        raise LedgerUnusableError(str(path), "it is the database of another program")
    if found:
        _copy_first(path, found)
    _use_wal(connection)
    with transaction(connection):
        known = _schema(connection)  # another process may have been faster
        for step in MIGRATIONS[known:]:
            for statement in _statements(step):
                connection.execute(statement)
        if known:
            _renew(connection, known)
        connection.execute(f"PRAGMA user_version = {SCHEMA}")


def _renew(connection: sqlite3.Connection, known: int) -> None:
    """Do what a form needs that SQL alone cannot. Within a transaction.

    Args:
        connection: Where the tables have it already.
        known: The form before.
    """
    if known < PACKS_SESSIONS:
        from spendlight.ledger.session_sums import rebuild_session_sums  # once

        rebuild_session_sums(connection)
    if known < FOLLOWS_PATHS:
        from spendlight.ledger.renaming import follow_paths  # once

        follow_paths(connection)
    if known < BOUNDS_COUNTS:
        from spendlight.ledger.impossible import strike_impossible  # once

        strike_impossible(connection)
    if known < ORDERS_BY_PLACE:
        from spendlight.ledger.kept_sums import rebuild_sums  # once
        from spendlight.ledger.renaming import cuts_of

        rebuild_sums(connection, cuts_of(connection))


def _copy_first(path: Path, found: int) -> None:
    from spendlight.ledger.backups import copy_before_migration  # once a version

    try:
        copy_before_migration(path, found)
    except OSError as error:
        reason = (
            f"no copy can be made before it is brought to a new form ({error.strerror or error})"
        )
        raise LedgerUnusableError(str(path), reason) from error


def _is_foreign(connection: sqlite3.Connection) -> bool:
    """Return whether there are tables, but no schema of ours."""
    connection.execute("BEGIN")  # both at one moment: another process may be making the ledger
    has_tables = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
    is_ours = _schema(connection) > 0
    connection.execute("COMMIT")
    return has_tables and not is_ours


def _use_wal(connection: sqlite3.Connection) -> None:
    """Let others read while one writes.

    SQLite itself does not wait here for another process that opens the same new ledger.
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


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script one by one; ``executescript`` would end the transaction."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
