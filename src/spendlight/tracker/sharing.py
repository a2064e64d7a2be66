"""How threads share the ledger in use: who waits for whom, and the connection that stays open."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spendlight.ledger.usage_ledger import UsageLedger

PATIENCE_S: Final = 2.0
"""So long the questions under way are waited for before the ledger is changed under them."""


class LedgerGate:
    """Lets any number of threads use the ledger, or one put another in its place."""

    def __init__(self) -> None:
        self._users = 0
        self._is_changing = False
        self._is_shut = False
        self._condition = threading.Condition()

    @contextmanager
    def using(self, when_left: Callable[[], object]) -> Iterator[None]:
        """Be one of those that use the ledger, which stays the same meanwhile.

        Args:
            when_left: Called after `shut` by the last of those that use it.
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
        """Keep everybody from using the ledger meanwhile; give whether nobody does."""
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
        """Let the last of those that use the ledger leave it for good, or do so now.

        Args:
            when_left: Called if nobody uses it.
        """
        with self._condition:
            self._is_shut = True
            if not self._users:
                when_left()


class SpareConnection:
    """A connection that stays open for the next time.

    SQLite tidies up whenever the last one is closed, which costs more than what is done meanwhile.

    Attributes:
        is_kept: Whether any stays open.
    """

    def __init__(self, *, is_kept: bool) -> None:
        self.is_kept = is_kept
        self._ledger: UsageLedger | None = None
        self._lock = threading.Lock()

    def take(self) -> UsageLedger | None:
        """Return what has stayed open, for this caller alone."""
        with self._lock:
            ledger, self._ledger = self._ledger, None
        return ledger

    def put_aside(self, ledger: UsageLedger) -> None:
        """Let a connection stay open, unless another does; else close it."""
        with self._lock:
            if self.is_kept and self._ledger is None:
                ledger.hold_little()
                self._ledger = ledger
                return
        ledger.close()
