"""Reads a ledger while its only writer does something else.

SQLite sums up without the GIL, so both take place at the same time. The ledger starts no thread
itself: whoever calls it says how (`Meanwhile`).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from spendlight.ledger.connection import LedgerConnection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

MANY_CHUNKS: Final = 1_000
"""With fewer, a thread and a connection take longer than they save."""

_Found = TypeVar("_Found")


class Meanwhile(Protocol):
    """Does something while the caller does something else."""

    def __call__(
        self, function: Callable[[], _Found], /
    ) -> AbstractContextManager[Callable[[], _Found]]:
        """Call *function*; what is returned waits for its result."""
        ...


@contextmanager
def found_meanwhile(
    connection: sqlite3.Connection,
    read: Callable[[sqlite3.Connection], _Found],
    meanwhile: Meanwhile | None,
) -> Iterator[Callable[[], _Found]]:
    """Yield a function that returns what *read* finds in what the ledger holds by now.

    Args:
        connection: The ledger. It must be within a transaction that has not written anything, and
            must not write anything that *read* reads until the function has returned.
        read: Called with this connection or another one; it may only read.
        meanwhile: How to do that at the same time, if at all.
    """
    if meanwhile is None or not isinstance(connection, LedgerConnection) or _is_small(connection):
        yield partial(read, connection)
        return
    with meanwhile(partial(_on_another, read, connection.path)) as found:
        yield found


def _is_small(connection: sqlite3.Connection) -> bool:
    (chunks,) = connection.execute("SELECT MAX(id) FROM chunks").fetchone()
    return (chunks or 0) <= MANY_CHUNKS


def _on_another(read: Callable[[sqlite3.Connection], _Found], path: Path) -> _Found:
    """Call *read* with another connection to a ledger; the writer's stays open until it returns."""
    with closing(sqlite3.connect(path, isolation_level=None)) as another:
        another.execute("PRAGMA query_only = 1")
        another.execute("BEGIN")  # so that several queries see the same; closing it ends this
        return read(another)
