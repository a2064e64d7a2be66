"""Settles which copies of an answer count, when copies stand in several roots or on side chains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spendlight.metering.entry import Rank, UsageEntry


@dataclass(slots=True)
class Copy:
    """A copy of an answer: one that the ledger holds, or a new one.

    Attributes:
        row: Its row in the ledger, or None while it is new.
        root: The root it stands in.
        place: Where it ranks among the copies; the smallest counts.
        entry: The new entry, or None for a copy the ledger holds.
        file: The number of its file.
        shadow: The number of its shadow as the ledger has it; None while it is new.
    """

    row: int | None
    root: int
    request: int
    at_ms: int
    place: Rank
    entry: UsageEntry | None
    file: int
    shadow: int | None

    @property
    def is_sidechain(self) -> bool:
        """Whether it stands on a side chain."""
        return self.place[0]


def best_copies(copies: Sequence[Copy]) -> list[Copy]:
    """Return the best copy of each request in each root.

    A better one takes the row of the one it replaces, so that a row stands for an answer for ever.
    """
    best: dict[tuple[int, int], Copy] = {}
    for copy in copies:
        known = best.get((copy.root, copy.request))
        if known is None:
            best[copy.root, copy.request] = copy
        elif copy.place < known.place:
            if copy.row is None:
                copy.row, known.row = known.row, None
            best[copy.root, copy.request] = copy
        elif known.row is None:
            known.row, copy.row = copy.row, None
    return list(best.values())


def shadows(copies: Sequence[Copy]) -> list[frozenset[int]]:
    """Return, for each copy of one answer, the roots that hold a copy it loses against.

    A copy loses against a better one of the same request. On a side chain it also loses against a
    better one of the same moment: Claude Code replays an answer there under a new request id.
    Where none of these roots is looked at, the copy counts.
    """
    if len(copies) == 1:
        return [frozenset()]
    return [frozenset(other.root for other in copies if _loses(copy, other)) for copy in copies]


def _loses(copy: Copy, other: Copy) -> bool:
    if other is copy or other.place > copy.place:
        return False
    return other.request == copy.request or (copy.is_sidechain and other.at_ms == copy.at_ms)
