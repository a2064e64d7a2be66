"""Decides which copy of an answer counts."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from spendlight.metering.entry import Rank, UsageEntry, rank
from spendlight.metering.packed import PackedEntries, hashes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet


LostCopy = tuple[int, int, int, int]
"""A copy that does not count: its file, its answer, its offset, and the file it lost to."""


class DedupRegistry:
    """Holds the entries found until they are drained, with only the copies that count.

    A streamed answer is logged repeatedly as it grows, and a resumed session copies old lines into
    a new file. `rank` depends on the copies alone and never on their order, so threads may report
    in any order. The ledger knows the copies of an answer from earlier passes, and applies the same
    rule.

    Most answers are found once. Only those found again are handled one by one.

    Args:
        paths: The path of each file, by its number.
        context_thresholds: Context sizes at which any price changes, ascending.
    """

    def __init__(self, paths: Mapping[int, str], context_thresholds: Sequence[int] = ()) -> None:
        self._paths = paths
        self._context_thresholds = context_thresholds
        self._lock = threading.Lock()
        self._found: list[tuple[str, PackedEntries]] = []
        self._seen: set[int] = set()
        self._disputed: set[int] = set()
        self._lost: list[LostCopy] = []

    def add(self, root: str, found: PackedEntries) -> None:
        """Add the entries found in a file of a root.

        Copies in other roots are kept separately, as a report may be about one root alone.
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
        """Return what was found so far, and remove it.

        `take_lost` returns the copies that lost against one in another file.

        Returns:
            Entries by file, of answers with a single remaining copy; and the copies of all others,
            which are in several roots or belong to several requests.
        """
        with self._lock:
            found, disputed = self._found, self._disputed
            self._found, self._seen, self._disputed = [], set(), set()
        lost, disputed_entries = self._settle(found, disputed)
        single = [
            packed.without(lost[index], self._context_thresholds) if index in lost else packed
            for index, (_, packed) in enumerate(found)
        ]
        return single, disputed_entries

    def take_lost(self) -> list[LostCopy]:
        """Return which copies have lost against one in another file, and remove them."""
        with self._lock:
            lost, self._lost = self._lost, []
        return lost

    def _settle(
        self, found: Sequence[tuple[str, PackedEntries]], disputed: AbstractSet[int]
    ) -> tuple[dict[int, set[int]], list[UsageEntry]]:
        """Return which entries must be removed from their file, and those of them that may count.

        Of the copies of one request in one root all but the best have lost. If a single copy of an
        answer remains, it stays; if several do, in other roots or of other requests, the ledger
        decides which count.
        """
        lost: dict[int, set[int]] = {}
        beaten: list[tuple[tuple[str, int], UsageEntry]] = []
        best: dict[int, dict[tuple[str, int], tuple[Rank, int, int, UsageEntry]]] = {}
        for index, (root, packed) in enumerate(found):
            if disputed.isdisjoint(hashes(packed.answers)):
                continue
            for row, entry in packed.pick(disputed):
                copy = (rank(entry, self._paths[entry.file]), index, row, entry)
                copies = best.setdefault(entry.answer, {})
                key = (root, entry.request)
                known = copies.get(key)
                if known is None or copy[0] < known[0]:
                    copies[key], worse = copy, known
                else:
                    worse = copy
                if worse is not None:
                    lost.setdefault(worse[1], set()).add(worse[2])
                    beaten.append((key, worse[3]))
        self._lost += [
            (entry.file, entry.answer, entry.offset, winner)
            for key, entry in beaten
            if (winner := best[entry.answer][key][3].file) != entry.file
        ]
        left: list[UsageEntry] = []
        for copies in best.values():
            if len(copies) > 1:
                for _, index, row, entry in copies.values():
                    lost.setdefault(index, set()).add(row)
                    left.append(entry)
        return lost, left


def _repeated(answers: Sequence[int]) -> set[int]:
    seen: set[int] = set()
    repeated: set[int] = set()
    for answer in answers:
        (repeated if answer in seen else seen).add(answer)
    return repeated
