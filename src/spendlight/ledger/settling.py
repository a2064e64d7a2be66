"""Settles which copies of an answer count, when copies stand in several roots or on side chains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.metering.entry import rank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spendlight.ledger.machines import Shadow
    from spendlight.metering.entry import Rank, UsageEntry


class Copy:
    """A copy of an answer: one that the ledger holds, or a new one.

    Attributes:
        entry: The copy itself.
        root: The number of the root it stands in.
        place: Where it ranks among the copies; the smallest counts. Of equal ones in two roots it
            is the one whose path below ``projects`` comes first, as if they stood in one.
        row: The number of its chunk and its place there, or None where it is new.
        shadow: The number of its shadow in the ledger, or None while it has none.
    """

    __slots__ = ("entry", "place", "root", "row", "shadow")

    def __init__(
        self,
        entry: UsageEntry,
        root: int,
        place: Rank,
        row: tuple[int, int] | None = None,
        shadow: int | None = None,
    ) -> None:
        self.entry = entry
        self.root = root
        self.place = place
        self.row = row
        self.shadow = shadow

    @classmethod
    def of(cls, entry: UsageEntry, root: int, order: str) -> Copy:
        """Return a new copy; *order* sorts its file among all others (`file_order`)."""
        return cls(entry, root, rank(entry, order))


def best_copies(copies: Sequence[Copy]) -> list[Copy]:
    """Return the best copy of each request in each root; of equal ones, the one that is held.

    An entry read again is no new copy.
    """
    best: dict[tuple[int, int], Copy] = {}
    for copy in copies:
        key = (copy.root, copy.entry.request)
        known = best.setdefault(key, copy)
        is_held = copy.row is not None and known.row is None
        if copy.place < known.place or (is_held and copy.place == known.place):
            best[key] = copy
    return list(best.values())


def shadows(copies: Sequence[Copy]) -> list[Shadow]:
    """Return, for each of the best copies of one answer, what it loses against.

    A copy loses against a better one of the same request. On a side chain it also loses against a
    better one of the same moment: Claude Code replays an answer there under a new request id. But
    it does so only where that one is the best of its request: with all copies in one root no other
    is left, and where they stand must make no difference.
    """
    found: list[Shadow] = []
    for copy in copies:
        beaten_by: dict[tuple[int, frozenset[int]], None] = {}
        for other in copies:
            if other is copy or other.place > copy.place:
                continue
            if other.entry.request == copy.entry.request:
                beaten_by[other.root, frozenset()] = None
            elif copy.entry.is_sidechain and other.entry.at_ms == copy.entry.at_ms:
                better = frozenset(
                    third.root
                    for third in copies
                    if third.entry.request == other.entry.request and third.place < other.place
                )
                if copy.root not in better:
                    beaten_by[other.root, better] = None
        found.append(
            frozenset(
                rival
                for rival in beaten_by
                if not rival[1] or (rival[0], frozenset()) not in beaten_by
            )
        )
    return found
