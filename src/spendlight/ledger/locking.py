"""Keeps other processes from doing the same thing meanwhile."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from spendlight.errors import LedgerBusyError
from spendlight.ledger.private_files import make_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK_TIMEOUT_S: Final = 20.0
_PRIVATE_FOLDER: Final = 0o700


@contextmanager
def alone(lock: Path, timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[None]:
    """Hold a lock.

    SQLite does the locking: it knows how on every system, and a lock ends with its process.

    Raises:
        OSError: If its file cannot be made, or not be locked. The ledger may be well all the same.
        LedgerBusyError: If another process holds it for too long.
    """
    lock.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    make_private(lock)
    with closing(_locked(lock, timeout_s)):
        yield


def _locked(lock: Path, timeout_s: float) -> sqlite3.Connection:
    """Return what holds a lock until it is closed."""
    try:
        held = sqlite3.connect(lock, timeout=timeout_s, isolation_level=None)
        try:
            held.execute("BEGIN IMMEDIATE")
        except BaseException:
            held.close()
            raise
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            raise LedgerBusyError(str(lock)) from error
        reason = f"the lock beside the backups cannot be used ({error})"
        raise OSError(errno.EIO, reason, str(lock)) from None
    return held
