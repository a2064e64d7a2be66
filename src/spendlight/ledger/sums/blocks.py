"""Sums of five-hour blocks, kept so that reports over years are fast.

Where a block begins depends on the one before, so after a change blocks are recomputed from the one
that contains it until one begins where one began before: from there on all are unchanged.
"""

from __future__ import annotations

from itertools import groupby, repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from spendlight.ledger.machines import scope_of_blocks
from spendlight.ledger.sums.offsets import are_blocks_kept
from spendlight.ledger.sums.on_demand import HOUR_MS, hour_of, hours_in_use, sums_by_stretch
from spendlight.ledger.sums.packing import pack_sums, proven
from spendlight.ledger.sums.runs import Runs
from spendlight.ledger.sums.slicing import in_order_of_time, kinds
from spendlight.metering.blocks import hours_by_block
from spendlight.metering.entry import NO_SESSION
from spendlight.metering.periods import DEFAULT_BLOCK_MS, Span
from spendlight.metering.sums import Sum

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from spendlight.ledger.machines import Scope
    from spendlight.ledger.sums.slicing import Row, Slicer
    from spendlight.metering.sums import UsageSlice

_LONGEST: Final = 2 * DEFAULT_BLOCK_MS // HOUR_MS
"""The greatest possible difference between the numbers of a block's first and last hour."""

_APART: Final = 48
"""Changes further apart than this, in numbers of hours, are treated separately: a day."""

_LAST_HOUR: Final = 1 << 40
_FIRST_MS: Final = 4 + Sum._fields.index("first_ms")
_OFFSET: Final = 4 + Sum._fields.index("first_offset")


Summed = list[tuple[int, bytes]]
"""The first hour of blocks, and their packed sums."""


def make(connection: sqlite3.Connection, blocks: Sequence[tuple[int, int]]) -> None:
    """Sum up blocks and write them. Within a transaction.

    Args:
        connection: Where to write.
        blocks: The first and the last hour of each.
    """
    write(connection, _sum_up(connection, blocks))


def write(connection: sqlite3.Connection, summed: Summed) -> None:
    """Write blocks that are not kept yet. Within a transaction."""
    from spendlight.ledger.signing import sign  # reports sign nothing

    connection.executemany(
        "INSERT INTO block_sums VALUES (?, ?, ?)",
        ((hour, sums, sign(sums, hour)) for hour, sums in summed),
    )


def sum_up_all(connection: sqlite3.Connection) -> Summed:
    """Sum up all blocks."""
    return _sum_up(connection, _blocks_between(connection, 0, _LAST_HOUR))


def _sum_up(connection: sqlite3.Connection, blocks: Sequence[tuple[int, int]]) -> Summed:
    kind_of = kinds(connection)

    def by_time(row: Row) -> tuple[object, ...]:
        return row[0], row[_FIRST_MS], row[_OFFSET], kind_of[row[2]], row[3]

    found = sorted(sums_by_stretch(connection, blocks, scope_of_blocks(connection)), key=by_time)
    return [
        (blocks[index][0], pack_sums(row[2:] for row in rows))
        for index, rows in groupby(found, itemgetter(0))
    ]


def rebuild(connection: sqlite3.Connection) -> None:
    """Recompute all blocks, if they are kept. Within a transaction."""
    if are_blocks_kept(connection):
        connection.execute("DELETE FROM block_sums")
        write(connection, sum_up_all(connection))


def renew(connection: sqlite3.Connection, slots: Iterable[int]) -> None:
    """Recompute the blocks that have changed. Within a transaction.

    Args:
        connection: Where to write.
        slots: The slots in which something has changed.
    """
    if not are_blocks_kept(connection):
        return
    runs: list[list[int]] = []
    for hour in sorted({hour_of(slot) for slot in slots}):
        if runs and hour - runs[-1][-1] <= _APART:
            runs[-1].append(hour)
        else:
            runs.append([hour])
    for run in runs:
        _renew(connection, run[0], run[-1])


def read(  # noqa: PLR0913, PLR0917  # where, what and how
    connection: sqlite3.Connection,
    slicer: Slicer,
    scope: Scope,
    span: Span,
    block_ms: int,
    context_thresholds: Sequence[int],
) -> list[UsageSlice]:
    """Return slices in chronological order; none extends beyond the end of a block.

    Args:
        connection: Where to read, within one transaction.
        slicer: Makes the slices.
        scope: Which roots.
        span: When; what comes before it in its first hour, or in its block, is included.
        block_ms: How long blocks are: whole hours.
        context_thresholds: The context sizes by which sums are separated, ascending.
    """
    kept = None
    if block_ms == DEFAULT_BLOCK_MS:
        kept = read_kept(connection, slicer, scope, span, context_thresholds)
    if kept is None:
        stretches = hours_by_block(hours_in_use(connection, span, scope), block_ms)
        rows = sums_by_stretch(connection, stretches, scope)
        return in_order_of_time(slicer.slices(rows, context_thresholds))
    return kept.slices()


def read_kept(
    connection: sqlite3.Connection,
    slicer: Slicer,
    scope: Scope,
    span: Span,
    context_thresholds: Sequence[int],
) -> Runs | None:
    """Return a run for each block of five hours, or None if they are not kept; see `read`."""
    if scope != scope_of_blocks(connection) or not are_blocks_kept(connection):
        return None
    first, last = span.start_ms // HOUR_MS * 2 - _LONGEST, span.end_ms // HOUR_MS * 2 + 1
    found = connection.execute(
        "SELECT sums, first_hour, signature FROM block_sums"
        " WHERE first_hour >= ? AND first_hour <= ?"
        " ORDER BY first_hour",
        (first, last),
    ).fetchall()
    sums, hours = proven(found)
    runs = list(zip(hours, repeat(NO_SESSION), sums))
    return Runs(runs, slicer, context_thresholds)


def _renew(connection: sqlite3.Connection, first: int, last: int) -> None:
    """Recompute blocks from the one that contains an hour, until they are unchanged."""
    (before,) = connection.execute(
        "SELECT MAX(first_hour) FROM block_sums WHERE first_hour <= ?", (first,)
    ).fetchone()
    begin = first if before is None else before
    (slot,) = connection.execute("SELECT MAX(slot) FROM buckets").fetchone()
    end = None if slot is None else hour_of(slot)
    reach = _APART
    while True:
        until = last + reach
        made = _blocks_between(connection, begin, until)
        known = {
            row[0]
            for row in connection.execute(
                "SELECT first_hour FROM block_sums WHERE first_hour > ?  AND first_hour <= ?",
                (last, until),
            )
        }
        same = next((start for start, _ in made if start in known), None)
        if same is not None or end is None or until >= end:
            break
        reach *= 4
    until = _LAST_HOUR if same is None else same
    connection.execute(
        "DELETE FROM block_sums WHERE first_hour >= ? AND first_hour < ?", (begin, until)
    )
    make(connection, [block for block in made if block[0] < until])


def _blocks_between(connection: sqlite3.Connection, first: int, last: int) -> list[tuple[int, int]]:
    """Return the first and last hour of each block, given that one begins with the first hour."""
    span = Span(first // 2 * HOUR_MS, (last // 2 + 1) * HOUR_MS, 0)
    scope = scope_of_blocks(connection)
    used = [hour for hour in hours_in_use(connection, span, scope) if first <= hour[0] <= last]
    return hours_by_block(used, DEFAULT_BLOCK_MS)
