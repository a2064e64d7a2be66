"""Opens a ledger's file beside SQLite, and takes none of SQLite's locks on it away.

POSIX ends all locks that a process has on a file as soon as the process closes that file once,
whoever opened it ("How To Corrupt An SQLite Database File", 2.2). Another process would then take
itself for the only one, and move the write-ahead log away under a connection that is in use. So a
file that was opened here is closed only when this process has no connection to any ledger.
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
"""How deep the thread that holds the lock is in files. While it reads one, a connection that nobody
uses any more may be thrown away, and closing that reads the same file, from another place."""


def connected() -> None:
    """Note that there will be a connection; to be called before it opens the file."""
    global _connections  # noqa: PLW0603  # the process's locks are global, too
    with _lock:
        _connections += 1


def disconnected() -> None:
    """Note that a connection is no more."""
    global _connections  # noqa: PLW0603  # as above
    with _lock:
        _connections -= 1
        _close_unneeded()


@contextmanager
def opened(path: Path, mode: str = "rb") -> Iterator[IO[bytes]]:
    """Give a ledger's file, unbuffered and at its beginning, to one thread at a time.

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
