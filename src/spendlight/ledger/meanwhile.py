"""Reads a ledger on a second thread while its only writer prepares something else.

SQLite sums up without the GIL, so both take place at the same time.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from spendlight.ledger.connection import LedgerConnection
from spendlight.ledger.opening import reading
from spendlight.worker_threads import WorkerThreads, start_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MANY_CHUNKS: Final = 1_000
"""With fewer, a thread and a connection take longer than they save."""

_Found = TypeVar("_Found")


@contextmanager
def found_meanwhile(
    connection: sqlite3.Connection, read: Callable[[sqlite3.Connection], _Found]
) -> Iterator[Callable[[], _Found]]:
    """Yield a function that returns what *read* finds in what the ledger holds by now.

    Args:
        connection: The ledger. It must be within a transaction that has not written anything, and
            must not write anything that *read* reads until the function has returned.
        read: Called with this connection or another one; it may only read.
    """
    threads: WorkerThreads[Path, _Found] = WorkerThreads(
        lambda: partial(_on_another, read), start_thread
    )
    if not isinstance(connection, LedgerConnection) or not _has_much(connection):
        yield partial(read, connection)
        return
    threads.start(1)
    if not threads.count:
        yield partial(read, connection)
        return
    try:
        threads.give(connection.path)
        yield threads.take
    finally:
        threads.end(waits=True)


def _has_much(connection: sqlite3.Connection) -> bool:
    (chunks,) = connection.execute("SELECT MAX(id) FROM chunks").fetchone()
    return (chunks or 0) > MANY_CHUNKS


def _on_another(read: Callable[[sqlite3.Connection], _Found], path: Path) -> _Found:
    """Call *read* with another connection to a ledger; the writer's stays open until it returns."""
    with closing(sqlite3.connect(path, isolation_level=None)) as another:
        another.execute("PRAGMA query_only = 1")
        with reading(another):
            return read(another)
