"""A connection to a ledger's file: whatever it writes there is noted, to be proven later."""

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
    """A connection that leaves the ledger's file only in a form that can be proven.

    Attributes:
        path: The ledger.
    """

    path: Path
    _is_open: bool = True

    def close(self) -> None:
        """Close it; the last one moves what was written into the ledger."""
        with sealing_when_closed(self.path):
            super().close()
            if self._is_open:
                self._is_open = False
                page_file.disconnected()

    def tidy(self) -> None:
        """Move what was written into the ledger, if it has become much. After a transaction."""
        checkpoint(self, self.path)


def connect_to(path: Path, timeout_s: float = 5.0) -> LedgerConnection:
    """Open a ledger's file as it is; the file is made if there is none.

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
            check_same_thread=False,  # one after the other may use it
            factory=LedgerConnection,
        )
    except BaseException:
        page_file.disconnected()
        raise
    connection.path = path
    connection.execute("PRAGMA wal_autocheckpoint = 0")  # it is moved when that can be noted
    connection.execute("PRAGMA journal_size_limit = 0")  # its size says how much is to be moved
    connection.create_function("sign_row", -1, _sign_row, deterministic=True)
    return connection


def _sign_row(*fields: float | str | bytes | None) -> int:
    """Do what triggers need when something is written."""
    return _signer()(*fields)


@cache
def _signer() -> Callable[..., int]:
    from spendlight.ledger.signing import sign_row  # reports sign nothing

    return sign_row
