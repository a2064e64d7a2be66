"""Keeps other processes from doing the same thing at the same time."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Final

from spendlight.errors import LedgerBusyError
from spendlight.ledger.private_files import make_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK_TIMEOUT_S: Final = 20.0
_PRIVATE_FOLDER: Final = 0o700
_DAMAGE: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PARTS: Final = ("-journal", "-wal", "-shm")
"""Files from which SQLite would restore earlier contents."""


@contextmanager
def alone(lock: Path, timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[None]:
    """Hold a lock.

    SQLite does the locking: it works on every system, and a lock ends with its process. The lock
    file has no contents: a damaged one is emptied, and anything else in its place moved aside.

    Raises:
        OSError: If the lock file cannot be created or locked. The ledger may still be sound.
        LedgerBusyError: If another process holds the lock for too long.
    """
    lock.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    if os.path.lexists(lock) and not lock.is_file():
        _move_aside(lock)
    make_private(lock)
    try:
        held = _locked(lock, timeout_s)
    except sqlite3.DatabaseError as error:
        if _code(error) == sqlite3.SQLITE_BUSY:
            raise LedgerBusyError(str(lock)) from error
        reason = f"the lock file of the backups cannot be used ({error})"
        raise OSError(errno.EIO, reason, str(lock)) from None
    with closing(held):
        yield


def _locked(lock: Path, timeout_s: float) -> sqlite3.Connection:
    """Return a connection that holds a lock until it is closed; repair a damaged lock file.

    It stays the same file, so that others still compete for the same lock.

    Raises:
        sqlite3.DatabaseError: If the lock cannot be taken.
    """
    try:
        return _begun(lock, timeout_s)
    except sqlite3.DatabaseError as error:
        if _code(error) not in _DAMAGE:
            raise
    os.truncate(lock, 0)
    for part in _PARTS:
        with suppress(OSError):
            lock.with_name(lock.name + part).unlink()
    return _begun(lock, timeout_s)


def _begun(lock: Path, timeout_s: float) -> sqlite3.Connection:
    held = sqlite3.connect(lock, timeout=timeout_s, isolation_level=None)
    try:
        held.execute("BEGIN IMMEDIATE")
    except BaseException:
        held.close()
        raise
    return held


def _move_aside(lock: Path) -> None:
    number = 1
    while os.path.lexists(aside := lock.with_name(f"{lock.name}-aside-{number}")):
        number += 1
    with suppress(FileNotFoundError):  # another process was faster
        lock.rename(aside)


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
