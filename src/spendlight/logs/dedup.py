"""Which of the copies of an answer counts."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from spendlight.metering.entry import UsageEntry, rank
from spendlight.metering.packed import PackedEntries, hashes, pack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class DedupRegistry:
    """Holds the entries found until they are drained, and of copies the one that counts.

    A streamed reply is logged again and again as it grows, and a resumed session copies old lines
    into a new file. The rule of `rank` looks at the copies alone and never at who came first, so
    threads may report in any order. What an answer's copies in earlier passes were is known to the
    ledger, which settles them by the same rule.

    Most answers are found once. Only those found again are looked at one by one.

    Args:
        paths: Each file by its number.
        cuts: Context sizes at which some price changes, ascending.
    """

    def __init__(self, paths: Mapping[int, str], cuts: Sequence[int] = ()) -> None:
        self._paths = paths
        self._cuts = cuts
        self._lock = threading.Lock()
        self._found: list[tuple[str, PackedEntries]] = []
        self._seen: set[int] = set()
        self._disputed: set[int] = set()

    def add(self, root: str, found: PackedEntries) -> None:
        """Take in the entries found in a file of a root.

        Copies in other roots are kept apart, as a report may speak of one of the roots alone.
        """
        answers = hashes(found.answers)
        fresh = set(answers)
        with self._lock:
            if len(fresh) < len(answers):
                self._disputed |= _repeated(answers)
            self._disputed |= self._seen & fresh
            self._seen |= fresh
            self._found.append((root, found))

    def drain(self) -> tuple[list[PackedEntries], list[UsageEntry]]:
        """Return what was found so far, and forget it.

        Returns:
            Entries of answers found once, by file; and of all others, for each request in each
            root the entry that counts.
        """
        with self._lock:
            found, disputed = self._found, self._disputed
            self._found, self._seen, self._disputed = [], set(), set()
        single: list[PackedEntries] = []
        best: dict[tuple[str, int, int], UsageEntry] = {}
        for root, packed in found:
            if disputed.isdisjoint(hashes(packed.answers)):
                single.append(packed)
                continue
            entries = packed.entries()
            for entry in entries:
                if entry.answer in disputed:
                    key = (root, entry.answer, entry.request)
                    best[key] = self._better(best[key], entry) if key in best else entry
            rest = [entry for entry in entries if entry.answer not in disputed]
            single.append(pack(packed.file, rest, self._cuts))
        return single, list(best.values())

    def _better(self, one: UsageEntry, other: UsageEntry) -> UsageEntry:
        return min(one, other, key=lambda entry: rank(entry, self._paths[entry.file]))


def _repeated(answers: Sequence[int]) -> set[int]:
    seen: set[int] = set()
    repeated: set[int] = set()
    for answer in answers:
        (repeated if answer in seen else seen).add(answer)
    return repeated
