"""Which of the copies of an answer counts."""

from __future__ import annotations

import threading
from operator import itemgetter
from typing import TYPE_CHECKING

from spendlight.metering.entry import UsageEntry, rank

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KEY = itemgetter(UsageEntry._fields.index("answer"), UsageEntry._fields.index("request"))


class DedupRegistry:
    """Holds the one entry that stands for each answer in each root, until it is drained.

    A streamed reply is logged again and again as it grows, and a resumed session copies old lines
    into a new file. The rule of `rank` looks at the copies alone and never at who came first, so
    threads may report in any order. What an answer's copies in earlier passes were is known to the
    ledger, which settles them by the same rule.

    Args:
        paths: Each file by its number.
    """

    def __init__(self, paths: Mapping[int, str]) -> None:
        self._paths = paths
        self._lock = threading.Lock()
        self._best: dict[str, dict[tuple[int, int], UsageEntry]] = {}

    def add(self, root: str, entries: Sequence[UsageEntry]) -> None:
        """Take in entries found in files of one root.

        Copies in other roots are kept apart, as a report may speak of one of the roots alone.
        """
        fresh = dict(zip(map(_KEY, entries), entries, strict=True))
        with self._lock:
            best = self._best.setdefault(root, {})
            if len(fresh) == len(entries):
                for key in best.keys() & fresh.keys():
                    fresh[key] = self._better(best[key], fresh[key])
                best.update(fresh)
            else:
                for entry in entries:
                    key = _KEY(entry)
                    best[key] = self._better(best[key], entry) if key in best else entry

    def drain(self) -> list[UsageEntry]:
        """Return the entries that count so far, and forget them."""
        with self._lock:
            found = [entry for best in self._best.values() for entry in best.values()]
            self._best = {}
        return found

    def _better(self, one: UsageEntry, other: UsageEntry) -> UsageEntry:
        return min(one, other, key=lambda entry: rank(entry, self._paths[entry.file]))
