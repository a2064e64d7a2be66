"""Settles a team's answers without the cache, partition by partition, wherever a map runs it.

`settle_part` is a function of plain values that needs nothing but the segments, so it can run in
this process (`map`), in threads (`Executor.map`) or on the workers of a cluster. Partitions share
no answer, so their sums are added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.metering.sums import MEASURES, UsageSlice, merged
from spendlight.metering.sums import Sum as SumOfEntries
from spendlight.team.cache import TeamCache
from spendlight.team.engine import connect
from spendlight.team.intake import take_in
from spendlight.team.settling import Partition, partitions
from spendlight.team.shared_folder import SharedFolder
from spendlight.team.totals import TeamFilter, TeamPiece, TeamTotals

if TYPE_CHECKING:
    from spendlight.team.intake import Unreadable

_FIRST_SUM: Final = UsageSlice._fields.index(MEASURES[0].name)


class Part(NamedTuple):
    """A part of the work.

    Attributes:
        url: Where the team's files lie, as seen by whoever settles it.
        partition: Which answers.
        context_thresholds: Context sizes at which any price changes, ascending.
        which: Which usage.
        by: What separates sums, see `TeamTotals.pieces`.
        by_day: Whether local days are separate.
        threads: How many threads it may use; None for as many as there are processors.
    """

    url: str
    partition: Partition
    context_thresholds: tuple[int, ...]
    which: TeamFilter
    by: tuple[str, ...] = ()
    by_day: bool = False
    threads: int | None = None


class SettledPart(NamedTuple):
    """The sums of a part.

    Attributes:
        unreadable: Segments that could not be read.
    """

    pieces: list[TeamPiece]
    unreadable: tuple[Unreadable, ...]


PartMap = Callable[[Callable[[Part], SettledPart], list[Part]], Iterable[SettledPart]]
"""How work is spread: applies a function to parts, in any order; the built-in `map` is one."""


def settle_part(part: Part) -> SettledPart:
    """Return the sums of a part, from the segments alone.

    Raises:
        SharedFolderError: If the team's folder cannot be used.
        TeamMissingError: If the libraries for teams are not installed.
    """
    with closing(connect(threads=part.threads)) as connection:
        cache = TeamCache(connection, lambda _: part.context_thresholds, part.partition)
        found = take_in(SharedFolder(part.url), cache)
        pieces = TeamTotals(cache).pieces(part.which, by=part.by, by_day=part.by_day)
    return SettledPart(pieces, found.unreadable)


def settle_all(whole: Part, count: int, spread: PartMap = map) -> SettledPart:
    """Return the sums of all answers.

    Args:
        whole: The work; its partition is divided.
        count: Into how many partitions.
        spread: How they are spread.
    """
    parts = [whole._replace(partition=one) for one in partitions(count)]
    found: dict[tuple[object, ...], list[UsageSlice]] = {}
    unreadable: set[Unreadable] = set()
    for settled in spread(settle_part, parts):
        unreadable.update(settled.unreadable)
        for piece in settled.pieces:
            key = (piece.label, *piece.slice[:_FIRST_SUM])
            found.setdefault(key, []).append(piece.slice)
    pieces = [TeamPiece(str(key[0]), _added(slices)) for key, slices in found.items()]
    return SettledPart(pieces, tuple(sorted(unreadable)))


def _added(slices: list[UsageSlice]) -> UsageSlice:
    """Return the sum of slices of the same group, session, model and price class."""
    sums = merged(SumOfEntries._make(piece[_FIRST_SUM:]) for piece in slices)
    return UsageSlice._make((*slices[0][:_FIRST_SUM], *sums))
