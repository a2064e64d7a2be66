"""Asks for blocks, with the projection of the active one."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from spendlight.metering.blocks import SessionBlock, blocks_of, split_into_blocks
from spendlight.metering.burnrate import against_limit, burn_rate, project
from spendlight.metering.dimensions import heading_of
from spendlight.metering.divisions import by_cost, divided
from spendlight.metering.periods import (
    DAY_MS,
    DEFAULT_BLOCK_MS,
    EVER,
    HOUR_MS,
    Span,
    day_number,
    day_of,
    to_ms,
)
from spendlight.metering.reports import (
    BlockRow,
    Report,
    SortOrder,
    block_columns,
)
from spendlight.metering.slices import QUARTER_MS, Tally, add_up, combine
from spendlight.tracker.questions.selection import EVERYTHING, Selection
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spendlight.metering.described_blocks import BlockBounds
    from spendlight.metering.pricing import CostMode
    from spendlight.metering.sums import UsageSlice
    from spendlight.tracker.questions.source import Source

RECENT_MS: Final = 3 * DAY_MS
"""How far back recent blocks go (ccusage 20.0.24)."""

LIMIT_OF_FULLEST_BLOCK: Final = "max"
"""Means the tokens of the fullest block that has ended."""


class Blocks(NamedTuple):
    """Usage by five-hour block, with the projection of the active one.

    The selection may be a part of the usage; where blocks begin and end depends on all of it.

    Attributes:
        now: The moment to take as the current time; None means now.
        by_machine: A row for each machine that used a block.
        by: A row for each value of this dimension, see `metering.dimensions`; "" for none.
        block_ms: The length of a block.
        is_active_only: Only the active block.
        is_recent_only: Only blocks of the last three days.
        token_limit: A limit to compare the active block with; "max" means the fullest past block.
    """

    selection: Selection = EVERYTHING
    now: datetime | None = None
    order: SortOrder = SortOrder.ASCENDING
    by_machine: bool = False
    by: str = ""
    block_ms: int = DEFAULT_BLOCK_MS
    is_active_only: bool = False
    is_recent_only: bool = False
    token_limit: int | str | None = None

    def answer(self, source: Source) -> Report[BlockRow]:
        """Return a row for each block and each gap; with a filter, without gaps."""
        selection = self.selection
        now = self.now or datetime.now(UTC)
        source = source.with_blocks()
        everything, since_ms = source.of_all(), self._first_start_ms(now)
        found = blocks_from(everything, selection.mode, self.block_ms, since_ms)
        limit_tokens = self._limit_tokens(found, now)
        now_ms = to_ms(now)
        blocks = found
        if selection.days != EVER:
            blocks = [
                block
                for block in blocks
                if day_of(block.start_ms, selection.zone) in selection.days
            ]
        if self.is_active_only:
            blocks = [block for block in blocks if block.is_active(now)]
        elif self.is_recent_only:
            recent_ms = now_ms - RECENT_MS
            blocks = [
                block for block in blocks if block.start_ms >= recent_ms or block.is_active(now)
            ]
        if selection.is_filtered:
            blocks = self._filtered(source, blocks)
        rows = [
            BlockRow(block, is_active=False, limit_tokens=limit_tokens)
            if block.end_ms <= now_ms  # most have ended, in reports over years
            else block_row(block, now, limit_tokens)
            for block in blocks
        ]
        if self.order is SortOrder.DESCENDING:
            rows.reverse()
        if self.by or (self.by_machine and selection.where):
            rows = self._divided(source, rows)
        elif self.by_machine:
            rows = self._split_by_machine(source, rows)

        def moment_text(moment: datetime) -> str:
            return f"{moment.astimezone(selection.zone):%Y-%m-%d %H:%M}"

        return Report(
            divided(
                block_columns(moment_text), by_machine=self.by_machine, heading=heading_of(self.by)
            ),
            tuple(rows),
            combine(row.spending for row in rows),
            source.prices.source,
        )

    def _first_start_ms(self, now: datetime) -> int | None:
        """Return a moment before which no selected block begins; None means the first of all."""
        if self.token_limit == LIMIT_OF_FULLEST_BLOCK:
            return None
        bounds: list[int] = []
        since = self.selection.days.since
        if since is not None:
            bounds.append((day_number(since) - 1) * DAY_MS)  # no zone is a day away from UTC
        active_ms = to_ms(now) - self.block_ms
        if self.is_active_only:
            bounds.append(active_ms)
        elif self.is_recent_only:
            bounds.append(min(active_ms, to_ms(now) - RECENT_MS))
        return max(bounds, default=None)

    def _limit_tokens(self, blocks: list[SessionBlock], now: datetime) -> int | None:
        """Return the limit asked for; "max" considers all blocks that have ended."""
        if self.token_limit != LIMIT_OF_FULLEST_BLOCK:
            return self.token_limit if isinstance(self.token_limit, int) else None
        ended = (block for block in blocks if not block.is_gap and not block.is_active(now))
        return max((block.spending.tokens.total for block in ended), default=None)

    def _filtered(self, source: Source, blocks: list[SessionBlock]) -> list[SessionBlock]:
        """Return the blocks with the filtered usage; those without any are left out."""
        known = [block for block in blocks if not block.is_gap]
        if not known:
            return []
        starts = [block.spending.first_ms or 0 for block in known]
        tallies = [Tally(source.prices, self.selection.mode) for _ in known]
        last_ms = known[-1].spending.last_ms or 0  # after its end, if blocks are short
        end_ms = max(known[-1].end_ms, last_ms) + 1
        pieces: Iterable[UsageSlice]
        if source.where:
            ranges = list(zip(starts, [*starts[1:], end_ms], strict=True))
            ((_, pieces),) = source.pieces_of_each("", ranges, self.selection.project)
        else:
            pieces = self._pieces(source, Span(starts[0], end_ms, 0))
        for piece in pieces:
            index = bisect_right(starts, piece.first_ms) - 1
            tallies[index].add(piece)
        filtered = (
            block._replace(spending=tally.total())
            for block, tally in zip(known, tallies, strict=True)
        )
        return [block for block in filtered if block.spending.answers]

    def _divided(self, source: Source, rows: list[BlockRow]) -> list[BlockRow]:
        """Return a row for each part of a block, the most expensive first; gaps stay as they are.

        Parts are values of the dimension, of each machine if these are asked for, too.
        """
        used = sorted(
            (row.spending.first_ms, (row.spending.last_ms or 0) + 1, index)
            for index, row in enumerate(rows)
            if row.spending.first_ms is not None
        )
        ranges: list[tuple[int, int]] = []
        at: list[int] = []
        for start, end, index in used:
            if ranges and start < ranges[-1][1]:  # short blocks that begin in the same moment
                ranges[-1] = ranges[-1][0], max(end, ranges[-1][1])
            else:
                ranges.append((start, end))
                at.append(index)
        shares: list[list[BlockRow]] = [[] for _ in rows]
        mode, project = self.selection.mode, self.selection.project
        for machine, of_one in source.parts(by_machine=self.by_machine):
            for part, pieces in of_one.pieces_of_each(self.by, ranges, project):
                for number, found in groupby(pieces, attrgetter("group")):
                    index = at[number]
                    row, spending = rows[index], add_up(found, source.prices, mode)
                    block = row.block._replace(spending=spending)
                    share = _share(row, block)._replace(machine=machine, part=part)
                    shares[index].append(share)
        divided_rows: list[BlockRow] = []
        for row, found_shares in zip(rows, shares, strict=True):
            if row.block.is_gap:
                divided_rows.append(row)
            divided_rows += sorted(found_shares, key=by_cost)
        return divided_rows

    def _split_by_machine(self, source: Source, rows: list[BlockRow]) -> list[BlockRow]:
        """Return a row for each machine that used a block; gaps stay as they are.

        Blocks belong to the account, whichever machines use it, so their bounds do not change.
        """
        shares: list[dict[str | None, Tally]] = [{} for _ in rows]
        used = sorted(
            (row.spending.first_ms, row.spending.last_ms or 0, index)
            for index, row in enumerate(rows)
            if row.spending.first_ms is not None
        )
        if not used:
            return rows
        starts = [first_ms for first_ms, _, _ in used]
        mode = self.selection.mode
        for machine, part in source.parts(by_machine=True):
            for piece in self._pieces(part, part.everything()):
                _, last_ms, index = used[bisect_right(starts, piece.first_ms) - 1]
                if starts[0] <= piece.first_ms <= last_ms:
                    shares[index].setdefault(machine, Tally(source.prices, mode)).add(piece)
        split: list[BlockRow] = []
        for row, tallies in zip(rows, shares, strict=True):
            split += [
                _share(row, row.block._replace(spending=tally.total()))._replace(machine=machine)
                for machine, tally in tallies.items()
            ]
            if row.block.is_gap:
                split.append(row)
        return split

    def _pieces(self, source: Source, span: Span) -> Iterable[UsageSlice]:
        """Return the selected slices; none extends beyond the end of a block."""
        project = self.selection.project
        if project is None:
            return pieces_of_blocks(source, span, self.block_ms)
        if self.block_ms % QUARTER_MS == 0 and self.block_ms >= HOUR_MS:
            return source.named(source.ledger.by_slot(source.scope, span, project=project))
        answers = source.named(source.ledger.answers(source.scope, span))
        return (piece for piece in answers if piece.session.project == project)


def _share(row: BlockRow, block: SessionBlock) -> BlockRow:
    """Return a row for a share of a block, which has no projection of its own."""
    return BlockRow(block, row.is_active, limit_tokens=row.limit_tokens, has_begun=row.has_begun)


def active_block(source: Source, now: datetime, mode: CostMode) -> SessionBlock | None:
    """Return the block that contains the current time, reading no further back than needed."""
    source = source.with_blocks()
    blocks = blocks_from(source, mode, DEFAULT_BLOCK_MS, to_ms(now) - DEFAULT_BLOCK_MS)
    return next((block for block in reversed(blocks) if block.is_present(now)), None)


def block_row(block: SessionBlock, now: datetime, limit_tokens: int | None = None) -> BlockRow:
    """Return a block as a row; the active one with its projection."""
    has_begun = block.start_ms <= to_ms(now)
    if not block.is_active(now):
        return BlockRow(block, is_active=False, limit_tokens=limit_tokens, has_begun=has_begun)
    rate = burn_rate(block)
    projection = project(block, rate, now) if rate is not None else None
    limit = (
        against_limit(projection, limit_tokens)
        if projection is not None and limit_tokens is not None
        else None
    )
    return BlockRow(
        block,
        is_active=True,
        rate=rate,
        projection=projection,
        limit=limit,
        limit_tokens=limit_tokens,
        has_begun=has_begun,
    )


def blocks_from(
    source: Source, mode: CostMode, block_ms: int, since_ms: int | None
) -> list[SessionBlock]:
    """Return blocks and gaps in chronological order: all from a moment on, possibly more.

    Blocks are counted afresh after a pause longer than a block, so usage before the last such pause
    need not be known.

    Args:
        source: Where to read.
        mode: How costs are determined.
        block_ms: The length of a block.
        since_ms: The moment; None asks for all blocks.
    """
    everything = source.everything()
    bounds = described_bounds(source, block_ms)
    first_ms = everything.start_ms
    wanted_ms = first_ms if since_ms is None else min(since_ms, everything.end_ms)
    if not bounds:
        kept = _kept_blocks(source, mode, block_ms, everything._replace(start_ms=wanted_ms))
        if kept is not None:
            return kept
    back_ms = max(2 * DAY_MS, 2 * block_ms)
    while True:
        start_ms = max(wanted_ms - back_ms, first_ms)
        pieces = pieces_of_blocks(source, everything._replace(start_ms=start_ms), block_ms)
        begin = 0 if start_ms == first_ms else _after_last_pause(pieces, block_ms, wanted_ms)
        if begin is not None:
            return split_into_blocks(pieces[begin:], source.prices, mode, block_ms, bounds)
        back_ms *= 4


def _kept_blocks(
    source: Source, mode: CostMode, block_ms: int, span: Span
) -> list[SessionBlock] | None:
    """Return blocks and gaps from the sums that are kept of each block, or None without them.

    Args:
        source: Where to read.
        mode: How costs are determined.
        block_ms: The length of a block.
        span: When; at least one block that begins before it is included, if there is one, as a
            gap begins after a block.
    """
    if block_ms != DEFAULT_BLOCK_MS or source.model:
        return None
    first_ms, back_ms = source.everything().start_ms, 2 * DAY_MS
    while True:
        start_ms = max(span.start_ms - back_ms, first_ms)
        runs = source.ledger.runs_by_block(source.scope, span._replace(start_ms=start_ms))
        if runs is None:
            return None
        count = len(runs.keys)
        spent = [found for found in source.add_up(runs, range(count), count, mode) if found]
        blocks = blocks_of(spent, block_ms) if len(spent) == count else None
        is_all = start_ms == first_ms or (blocks and blocks[0].start_ms < span.start_ms)
        if blocks is None or is_all:
            return blocks
        back_ms *= 4


def described_bounds(source: Source, block_ms: int) -> list[BlockBounds]:
    """Return the bounds from session-block files, which have five-hour blocks only."""
    if block_ms != DEFAULT_BLOCK_MS:
        return []
    return source.ledger.described_blocks(source.scope)


def pieces_of_blocks(source: Source, span: Span, block_ms: int) -> list[UsageSlice]:
    """Return slices in chronological order; none extends beyond the end of a block.

    If blocks are whole hours, the slices begin with the first block after a long pause.
    """
    if bounds := described_bounds(source, block_ms):
        if any(moment % QUARTER_MS for block in bounds for moment in block):
            return list(source.named(source.ledger.answers(source.scope, span)))
        return list(source.named(source.ledger.by_slot(source.scope, span)))
    if block_ms % HOUR_MS == 0:
        return list(source.named(source.ledger.by_block(source.scope, span, block_ms)))
    if block_ms % QUARTER_MS == 0 and block_ms > HOUR_MS:
        return list(source.named(source.ledger.by_slot(source.scope, span)))
    return list(source.named(source.ledger.answers(source.scope, span)))


def _after_last_pause(pieces: list[UsageSlice], block_ms: int, since_ms: int) -> int | None:
    """Return the index of the last slice before a moment that follows a long pause, or None.

    Only after a pause longer than a block are blocks counted afresh.
    """
    found = None
    last_ms = pieces[0].last_ms if pieces else 0
    for index, piece in enumerate(pieces):
        if piece.first_ms > since_ms:
            break
        if piece.first_ms - last_ms > block_ms:
            found = index
        last_ms = max(last_ms, piece.last_ms)
    return found
