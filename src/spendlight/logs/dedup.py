"""Which of the copies of an answer counts."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from spendlight.metering.entry import FoundEntry, Rank, rank

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spendlight.metering.entry import UsageEntry


class DedupRegistry:
    """Holds the one entry that stands for each answer, until it is drained.

    A streamed reply is logged again and again as it grows, and a resumed session copies old lines
    into a new file. The rule of `rank` looks at the copies alone and never at who came first, so
    threads may report in any order. What an answer's copies in earlier passes were is known to the
    ledger, which settles them by the same rule.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._best: dict[tuple[str, int, int], tuple[Rank, FoundEntry]] = {}

    def add(self, path: str, root: str, entries: Iterable[UsageEntry]) -> None:
        """Take in the entries found in one file."""
        with self._lock:
            best = self._best
            for entry in entries:
                key = (root, entry.answer, entry.request)
                known = best.get(key)
                place = rank(entry, path)
                if known is None or place < known[0]:
                    best[key] = (place, FoundEntry(entry, path, root))

    def drain(self) -> list[FoundEntry]:
        """Return the entries that count so far, and forget them."""
        with self._lock:
            found = [entry for _, entry in self._best.values()]
            self._best = {}
        return found
