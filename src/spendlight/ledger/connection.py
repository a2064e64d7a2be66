"""A connection to a ledger's file: notes what it writes there, so that it can be verified later."""

from __future__ import annotations

import sqlite3
from functools import cache
from typing import TYPE_CHECKING

from spendlight.ledger import page_file
from spendlight.ledger.page_seals import checkpoint, sealing_when_closed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class LedgerConnection(sqlite3.Connection):
    """A connection that always leaves the ledger's file in a form that can be verified.

    Attributes:
        path: The ledger.
    """

    path: Path
    _is_open: bool = True

    def close(self) -> None:
        """Close it; the last connection moves what was written into the ledger."""
        with sealing_when_closed(self.path):
            super().close()
            if self._is_open:
                self._is_open = False
                page_file.disconnected()

    def tidy(self) -> None:
        """Move what was written into the ledger if it has grown large. After a transaction."""
        checkpoint(self, self.path)


def connect_to(path: Path, timeout_s: float = 5.0) -> LedgerConnection:
    """Open a ledger's file without migrating it; create it if there is none.

    Args:
        path: The ledger.
        timeout_s: How long to wait for another process that writes.

    Raises:
        sqlite3.Error: If it cannot be opened.
    """
    page_file.connected()
    try:
        connection = sqlite3.connect(
            path,
            timeout=timeout_s,
            isolation_level=None,
            check_same_thread=False,  # several threads may use it, one after the other
            factory=LedgerConnection,
        )
    except BaseException:
        page_file.disconnected()
        raise
    connection.path = path
    connection.execute("PRAGMA wal_autocheckpoint = 0")  # moved only where that can be noted
    connection.execute("PRAGMA journal_size_limit = 0")  # its size says how much must be moved
    connection.create_function("sign_row", -1, _sign_row, deterministic=True)
    return connection


def _sign_row(*fields: float | str | bytes | None) -> int:
    """Sign a row; triggers call it when something is written."""
    return _signer()(*fields)


@cache
def _signer() -> Callable[..., int]:
    from spendlight.ledger.signing import sign_row  # reports sign nothing

    return sign_row
