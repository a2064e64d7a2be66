"""Decides which copies of an answer count if there are several, in roots or on side chains."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

from spendlight.metering.entry import rank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from spendlight.ledger.machines import Shadow
    from spendlight.metering.entry import Rank, UsageEntry


class Copy:
    """A copy of an answer: one that the ledger holds, or a new one.

    Attributes:
        entry: The copy itself.
        root: The number of the root it is in.
        rank: Its position in the order of the copies; the smallest counts. Of equal ones in two
            roots it is the one whose path below ``projects`` comes first, as if they were in one.
        row: The number of its chunk and its row there, or None if it is new.
        shadow: The number of its shadow in the ledger, or None if it has none yet.
    """

    __slots__ = ("entry", "rank", "root", "row", "shadow")

    def __init__(
        self,
        entry: UsageEntry,
        root: int,
        rank: Rank,
        row: tuple[int, int] | None = None,
        shadow: int | None = None,
    ) -> None:
        self.entry = entry
        self.root = root
        self.rank = rank
        self.row = row
        self.shadow = shadow

    @classmethod
    def of(cls, entry: UsageEntry, root: int, order: str) -> Copy:
        """Return a new copy; *order* sorts its file among all others (`file_order`)."""
        return cls(entry, root, rank(entry, order))


def best_copies(copies: Sequence[Copy]) -> list[Copy]:
    """Return the best copy of each request in each root; of equal ones, the one already held.

    An entry that is read again is not a new copy.
    """
    best: dict[tuple[int, int], Copy] = {}
    for copy in copies:
        key = (copy.root, copy.entry.request)
        known = best.setdefault(key, copy)
        is_held = copy.row is not None and known.row is None
        if copy.rank < known.rank or (is_held and copy.rank == known.rank):
            best[key] = copy
    return list(best.values())


def unite_tools(
    verdicts: Iterable[tuple[Copy, int | None]], united: Callable[[int, int], int]
) -> list[Copy]:
    """Have copies call the tools, too, of those that have lost to them; return which changed.

    Args:
        verdicts: The copies of an answer, each with its shadow, or None if it has lost.
        united: Returns the number of the tools of two sets.
    """
    verdicts = list(verdicts)
    stays = {(copy.root, copy.entry.request): copy for copy, s in verdicts if s is not None}
    changed = []
    for copy, _ in verdicts:
        winner = stays[copy.root, copy.entry.request]
        tools = united(winner.entry.tools, copy.entry.tools)
        if tools != winner.entry.tools:
            winner.entry = winner.entry._replace(tools=tools)
            changed.append(winner)
    return changed


def shadows(copies: Sequence[Copy]) -> list[Shadow]:
    """Return, for each of the best copies of one answer, what it loses against.

    A copy loses against a better one of the same request. On a side chain it also loses against a
    better one of the same moment, as Claude Code replays an answer there under a new request id;
    but only if that one is the best of its request: with all copies in one root no other would be
    left, and where they are must make no difference.
    """
    of_request: dict[int, list[Copy]] = {}
    of_moment: dict[int, dict[_Rival, list[Copy]]] = {}
    for copy in sorted(copies, key=attrgetter("rank")):
        ahead = of_request.setdefault(copy.entry.request, [])
        better = frozenset(other.root for other in ahead if other.rank < copy.rank)
        rivals = of_moment.setdefault(copy.entry.at_ms, {})
        foremost = rivals.setdefault((copy.root, better), [])
        if len(foremost) < _ENOUGH:
            foremost.append(copy)
        ahead.append(copy)
    return [
        _beaten_by(copy, of_request[copy.entry.request], of_moment[copy.entry.at_ms])
        for copy in copies
    ]


_Rival = tuple[int, frozenset[int]]
"""A root, and the roots that must not be in the scope at the same time, see `Shadow`."""

_ENOUGH: Final = 2
"""The best two copies of each rival suffice: at most one of them is of the same request."""


def _beaten_by(
    copy: Copy, of_request: Iterable[Copy], of_moment: Mapping[_Rival, Sequence[Copy]]
) -> Shadow:
    """Return what a copy loses against.

    Args:
        copy: The copy.
        of_request: All copies of its request.
        of_moment: Copies of the same moment, by rival; the best of each.
    """
    found: set[_Rival] = {
        (other.root, frozenset())
        for other in of_request
        if other is not copy and other.rank <= copy.rank
    }
    if copy.entry.is_sidechain:
        found |= {
            rival
            for rival, foremost in of_moment.items()
            if copy.root not in rival[1]
            and any(
                other.entry.request != copy.entry.request and other.rank <= copy.rank
                for other in foremost
            )
        }
    return frozenset(
        rival for rival in found if not rival[1] or (rival[0], frozenset()) not in found
    )
