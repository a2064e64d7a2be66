"""Settles which copies of an answer count, when copies stand in several roots or on side chains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.metering.entry import rank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spendlight.metering.entry import Rank, UsageEntry


class Copy:
    """A copy of an answer: one that the ledger holds, or a new one.

    Attributes:
        entry: The copy itself.
        root: The number of the root it stands in.
        place: Where it ranks among the copies; the smallest counts.
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
    def of(cls, entry: UsageEntry, root: int, path: str) -> Copy:
        """Return a new copy that was found in the file at *path*."""
        return cls(entry, root, rank(entry, path))


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


def shadows(copies: Sequence[Copy]) -> list[frozenset[int]]:
    """Return, for each copy of one answer, the roots that hold a copy it loses against.

    A copy loses against a better one of the same request. On a side chain it also loses against a
    better one of the same moment: Claude Code replays an answer there under a new request id.
    Where none of these roots is looked at, the copy counts.
    """
    return [frozenset(other.root for other in copies if _loses(copy, other)) for copy in copies]


def _loses(copy: Copy, other: Copy) -> bool:
    if other is copy or other.place > copy.place:
        return False
    return other.entry.request == copy.entry.request or (
        copy.entry.is_sidechain and other.entry.at_ms == copy.entry.at_ms
    )
