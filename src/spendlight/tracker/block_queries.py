"""What can be asked of blocks: which there were, and where the active one leads."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from spendlight.metering.blocks import SessionBlock, split_into_blocks
from spendlight.metering.burnrate import against_limit, burn_rate, project
from spendlight.metering.periods import DAY_MS, DEFAULT_BLOCK_MS, HOUR_MS, day_number, day_of, to_ms
from spendlight.metering.reports import BlockRow, Report, SortOrder, block_columns
from spendlight.metering.slices import QUARTER_MS, Tally, combine
from spendlight.tracker.queries import (
    LIMIT_OF_FULLEST_BLOCK,
    RECENT_MS,
    days_of,
    with_machines,
)

if TYPE_CHECKING:
    from spendlight.metering.described_blocks import BlockBounds
    from spendlight.metering.periods import Span
    from spendlight.metering.pricing import CostMode
    from spendlight.metering.slices import UsageSlice
    from spendlight.tracker.queries import ReportRequest, Source


def block_report(source: Source, request: ReportRequest) -> Report[BlockRow]:
    """Return usage by block of five hours, and where the active one leads."""
    now = request.now or datetime.now(UTC)
    blocks = blocks_from(source, request.mode, request.block_ms, first_start_ms(request, now))
    limit_tokens = _limit_tokens(request, blocks, now)
    days = days_of(request)
    recent_ms = to_ms(now) - RECENT_MS
    rows = [
        block_row(block, now, limit_tokens)
        for block in blocks
        if day_of(block.start_ms, request.zone) in days
        and (not request.is_active_only or block.is_active(now))
        and (not request.is_recent_only or block.start_ms >= recent_ms or block.is_active(now))
    ]
    if request.order is SortOrder.DESCENDING:
        rows.reverse()
    if request.by_machine:
        rows = _split_by_machine(source, request, rows)

    def moment_text(moment: datetime) -> str:
        return f"{moment.astimezone(request.zone):%Y-%m-%d %H:%M}"

    return Report(
        request.kind,
        with_machines(block_columns(moment_text), request),
        tuple(rows),
        combine(row.spending for row in rows),
        source.prices.source,
    )


def active_block(source: Source, now: datetime, mode: CostMode) -> SessionBlock | None:
    """Return the block that the present is in, looking no further back than needed."""
    blocks = blocks_from(source, mode, DEFAULT_BLOCK_MS, to_ms(now) - DEFAULT_BLOCK_MS)
    return next((block for block in reversed(blocks) if block.is_present(now)), None)


def block_row(block: SessionBlock, now: datetime, limit_tokens: int | None = None) -> BlockRow:
    """Return a block as a row: the active one with where it leads."""
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


def first_start_ms(request: ReportRequest, now: datetime) -> int | None:
    """Return a moment before which no block begins that is asked for; None is the first of all."""
    if request.token_limit == LIMIT_OF_FULLEST_BLOCK:
        return None
    bounds: list[int] = []
    since = days_of(request).since
    if since is not None:
        bounds.append((day_number(since) - 1) * DAY_MS)  # no zone is a day away
    active_ms = to_ms(now) - request.block_ms
    if request.is_active_only:
        bounds.append(active_ms)
    elif request.is_recent_only:
        bounds.append(min(active_ms, to_ms(now) - RECENT_MS))
    return max(bounds, default=None)


def blocks_from(
    source: Source, mode: CostMode, block_ms: int, since_ms: int | None
) -> list[SessionBlock]:
    """Return blocks and gaps in the order of their starts: all from a moment on, and maybe more.

    A pause longer than a block's length starts the count of blocks anew, so what lies before the
    last such pause need not be known.

    Args:
        source: What is known.
        mode: Whose word to take for the cost.
        block_ms: How long a block is.
        since_ms: The moment; None asks for all there ever were.
    """
    everything = source.everything()
    bounds = described_bounds(source, block_ms)
    first_ms = everything.start_ms
    wanted_ms = first_ms if since_ms is None else min(since_ms, everything.end_ms)
    back_ms = max(2 * DAY_MS, 2 * block_ms)
    while True:
        start_ms = max(wanted_ms - back_ms, first_ms)
        pieces = pieces_of_blocks(source, everything._replace(start_ms=start_ms), block_ms)
        begin = 0 if start_ms == first_ms else _after_last_pause(pieces, block_ms, wanted_ms)
        if begin is not None:
            return split_into_blocks(pieces[begin:], source.prices, mode, block_ms, bounds)
        back_ms *= 4


def described_bounds(source: Source, block_ms: int) -> list[BlockBounds]:
    """Return the bounds that session-block files set, which know blocks of five hours only."""
    if block_ms != DEFAULT_BLOCK_MS:
        return []
    return source.ledger.described_blocks(source.scope)


def pieces_of_blocks(source: Source, span: Span, block_ms: int) -> list[UsageSlice]:
    """Return slices none of which reaches across the end of a block, in the order of time.

    Where blocks are whole hours, these begin where the first block after a long pause does.
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
    """Return the place of the last slice before a moment that follows a pause, or None.

    Only a pause longer than a block starts the count of blocks anew.
    """
    found = None
    last_ms = pieces[0].last_ms if pieces else 0
    for place, piece in enumerate(pieces):
        if piece.first_ms > since_ms:
            break
        if piece.first_ms - last_ms > block_ms:
            found = place
        last_ms = max(last_ms, piece.last_ms)
    return found


def _split_by_machine(
    source: Source, request: ReportRequest, rows: list[BlockRow]
) -> list[BlockRow]:
    """Return a row for each machine that used a block; gaps, which none did, stay as they are.

    Blocks are the account's, whichever machine it is used on, so each begins and ends as ever.
    """
    shares: list[dict[str | None, Tally]] = [{} for _ in rows]
    used = sorted(
        (row.spending.first_ms, row.spending.last_ms or 0, place)
        for place, row in enumerate(rows)
        if row.spending.first_ms is not None
    )
    if not used:
        return rows
    starts = [first_ms for first_ms, _, _ in used]
    for machine, part in source.parts(request):
        for piece in pieces_of_blocks(part, part.everything(), request.block_ms):
            _, last_ms, place = used[bisect_right(starts, piece.first_ms) - 1]
            if starts[0] <= piece.first_ms <= last_ms:
                tally = shares[place].setdefault(machine, Tally(source.prices, request.mode))
                tally.add(piece)
    split: list[BlockRow] = []
    for row, tallies in zip(rows, shares, strict=True):
        split += [
            BlockRow(
                row.block._replace(spending=tally.total()),
                row.is_active,
                limit_tokens=row.limit_tokens,
                machine=machine,
                has_begun=row.has_begun,
            )
            for machine, tally in tallies.items()
        ]
        if row.block.is_gap:
            split.append(row)
    return split


def _limit_tokens(request: ReportRequest, blocks: list[SessionBlock], now: datetime) -> int | None:
    """Return the limit asked for; that of the fullest block looks at all that have ended."""
    if request.token_limit != LIMIT_OF_FULLEST_BLOCK:
        return request.token_limit if isinstance(request.token_limit, int) else None
    ended = (block for block in blocks if not block.is_gap and not block.is_active(now))
    return max((block.spending.tokens.total for block in ended), default=None)
