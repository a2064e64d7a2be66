"""Opens a ledger's file besides SQLite without releasing SQLite's locks on it.

POSIX releases all locks of a process on a file as soon as the process closes that file once,
whoever opened it ("How To Corrupt An SQLite Database File", 2.2). Another process would then
believe that it is the only one, and remove the write-ahead log under a connection that is in use.
So a file opened here is closed only when this process has no connection to any ledger.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HAS_LOCKS_OF_PROCESSES: Final = os.name == "posix"

_lock = threading.RLock()
_kept: dict[tuple[str, int, int, int], IO[bytes]] = {}
_connections = 0
_readers = 0
"""How many files the thread that holds the lock has open, nested. While it reads one, a connection
may be garbage-collected, and closing that reads the same file at another position."""


def connected() -> None:
    """Register a connection; must be called before it opens the file."""
    global _connections  # noqa: PLW0603  # the process's locks are global, too
    with _lock:
        _connections += 1


def disconnected() -> None:
    """Unregister a connection that was closed."""
    global _connections  # noqa: PLW0603  # as above
    with _lock:
        _connections -= 1
        _close_unneeded()


@contextmanager
def opened(path: Path, mode: str = "rb") -> Iterator[IO[bytes]]:
    """Yield a ledger's file, unbuffered and at its beginning, to one thread at a time.

    Args:
        path: The file.
        mode: "rb", or "r+b" to write to it.

    Raises:
        OSError: If it cannot be opened.
    """
    global _readers  # noqa: PLW0603  # as above
    with _lock:
        status = path.stat()
        file = _kept.get((mode, status.st_dev, status.st_ino, _readers))
        if file is None:
            file = path.open(mode, buffering=0)
            status = os.fstat(file.fileno())
            _kept[mode, status.st_dev, status.st_ino, _readers] = file
        _readers += 1
        try:
            file.seek(0)
            yield file
        finally:
            _readers -= 1
            _close_unneeded()


def _close_unneeded() -> None:
    if _readers or (_HAS_LOCKS_OF_PROCESSES and _connections):
        return
    while _kept:
        _kept.popitem()[1].close()
