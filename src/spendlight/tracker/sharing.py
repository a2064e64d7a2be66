"""How threads share the ledger in use: who waits for whom, and which connection stays open."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spendlight.ledger.usage_ledger import UsageLedger

PATIENCE_S: Final = 2.0
"""How long to wait for running questions before the ledger is changed under them."""


class LedgerGate:
    """Lets any number of threads use the ledger, or one replace it."""

    def __init__(self) -> None:
        self._users = 0
        self._is_changing = False
        self._is_shut = False
        self._condition = threading.Condition()

    @contextmanager
    def using(self, when_left: Callable[[], object]) -> Iterator[None]:
        """Use the ledger together with others; it stays the same meanwhile.

        Args:
            when_left: Called after `shut` by the last thread that uses it.
        """
        with self._condition:
            self._condition.wait_for(lambda: not self._is_changing)
            self._users += 1
        try:
            yield
        finally:
            with self._condition:
                self._users -= 1
                if self._is_shut and not self._users:
                    when_left()
                self._condition.notify_all()

    @contextmanager
    def changing(self) -> Iterator[bool]:
        """Keep all others from using the ledger; yield whether nobody does."""
        with self._condition:
            self._is_changing = True
            is_free = self._condition.wait_for(lambda: not self._users, PATIENCE_S)
        try:
            yield is_free
        finally:
            with self._condition:
                self._is_changing = False
                self._condition.notify_all()

    def shut(self, when_left: Callable[[], object]) -> None:
        """Have the last thread that uses the ledger call *when_left*, or call it now.

        Args:
            when_left: Called if nobody uses it.
        """
        with self._condition:
            self._is_shut = True
            if not self._users:
                when_left()


class SpareConnection:
    """A connection that stays open for the next use.

    SQLite tidies up whenever the last connection is closed, which costs more than a typical use.

    Attributes:
        is_kept: Whether any stays open.
    """

    def __init__(self, *, is_kept: bool) -> None:
        self.is_kept = is_kept
        self._ledger: UsageLedger | None = None
        self._lock = threading.Lock()

    def take(self) -> UsageLedger | None:
        """Return the open connection, for this caller alone."""
        with self._lock:
            ledger, self._ledger = self._ledger, None
        return ledger

    def put_aside(self, ledger: UsageLedger) -> None:
        """Keep a connection open, unless there is another one; otherwise close it."""
        with self._lock:
            if self.is_kept and self._ledger is None:
                ledger.hold_little()
                self._ledger = ledger
                return
        ledger.close()
