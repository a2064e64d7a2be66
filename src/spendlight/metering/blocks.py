"""Five-hour session blocks: where they begin and end, and what was used in them."""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from spendlight.metering.periods import DEFAULT_BLOCK_MS, HOUR_MS, to_ms, to_utc
from spendlight.metering.slices import Spending, add_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from spendlight.metering.described_blocks import BlockBounds
    from spendlight.metering.pricing import CostMode, PricingTable
    from spendlight.metering.sums import UsageSlice

_start_of = attrgetter("start_ms")


class SessionBlock(NamedTuple):
    """A window of five hours and what was used in it, or a gap between two windows.

    Attributes:
        start_ms: Unix milliseconds; a full hour in UTC, unless it is a gap.
        end_ms: Five hours later; for a gap, the next answer.
        spending: What was used; empty in a gap.
        is_gap: Whether nothing was used from start to end.
    """

    start_ms: int
    end_ms: int
    spending: Spending
    is_gap: bool = False

    @property
    def start(self) -> datetime:
        """Where it begins, in UTC."""
        return to_utc(self.start_ms)

    @property
    def end(self) -> datetime:
        """Where it ends, in UTC."""
        return to_utc(self.end_ms)

    @property
    def last_at(self) -> datetime | None:
        """The last answer's moment, in UTC."""
        return None if self.spending.last_ms is None else to_utc(self.spending.last_ms)

    def is_active(self, now: datetime) -> bool:
        """Whether an answer made *now* would still fall into this block, as ccusage sees it.

        A block that has not begun is active, too: answers of a clock that is ahead make such.
        """
        now_ms = to_ms(now)
        last = self.spending.last_ms
        length = self.end_ms - self.start_ms
        return last is not None and now_ms - last < length and now_ms < self.end_ms

    def is_present(self, now: datetime) -> bool:
        """Whether it is active and has begun: the one block that *now* lies in."""
        return self.start_ms <= to_ms(now) and self.is_active(now)


class _Chain:
    """Where one block after the other begins.

    Attributes:
        start_ms: Where the last one began.
        end_ms: Where it ends, whatever comes next.
        last_ms: The last moment so far.
    """

    __slots__ = (
        "_bounds",
        "_described",
        "_is_empty",
        "_length_ms",
        "end_ms",
        "last_ms",
        "start_ms",
    )

    def __init__(self, length_ms: int, bounds: Sequence[BlockBounds] = ()) -> None:
        self.start_ms = self.end_ms = self.last_ms = 0
        self._length_ms = length_ms
        self._bounds = bounds
        self._described: BlockBounds | None = None
        self._is_empty = True

    def begins(self, first_ms: int, last_ms: int) -> bool:
        """Take in what was used next, from one moment to another; return whether a block begins."""
        if self._bounds:
            return self._begins_between(first_ms, last_ms)
        length_ms = self._length_ms
        if (
            self._is_empty
            or first_ms - self.start_ms > length_ms
            or first_ms - self.last_ms > length_ms
        ):
            self._is_empty = False
            self.start_ms, self.last_ms = first_ms // HOUR_MS * HOUR_MS, last_ms
            self.end_ms = self.start_ms + length_ms
            return True
        self.last_ms = max(self.last_ms, last_ms)
        return False

    def _begins_between(self, first_ms: int, last_ms: int) -> bool:
        """Do as `begins` does, where some blocks are described: what lies in one belongs to it."""
        place = bisect_right(self._bounds, first_ms, key=_start_of) - 1
        around = self._bounds[place] if place >= 0 else None
        described = around if around is not None and first_ms < around.end_ms else None
        length_ms = self._length_ms
        is_new = (
            self._is_empty
            or described != self._described
            or (
                described is None
                and (
                    first_ms - self.start_ms > length_ms
                    or first_ms - self.last_ms > length_ms
                    or (around is not None and around.start_ms > self.start_ms)
                )
            )
        )
        if not is_new:
            self.last_ms = max(self.last_ms, last_ms)
            return False
        self._is_empty = False
        self._described, self.last_ms = described, last_ms
        if described is not None:
            self.start_ms, self.end_ms = described
            return True
        others_end_ms = around.end_ms if around is not None else 0
        self.start_ms = max(first_ms // HOUR_MS * HOUR_MS, self.end_ms, others_end_ms)
        self.end_ms = self.start_ms + length_ms
        if place + 1 < len(self._bounds):
            self.end_ms = min(self.end_ms, self._bounds[place + 1].start_ms)
        return True


def split_into_blocks(
    pieces: Iterable[UsageSlice],
    prices: PricingTable,
    mode: CostMode,
    block_ms: int = DEFAULT_BLOCK_MS,
    bounds: Sequence[BlockBounds] = (),
) -> list[SessionBlock]:
    """Split usage into blocks and gaps, in the order of their starts.

    An answer opens a new block when it comes more than a block's length after the block's start, or
    after the answer before it; exactly that length still belongs. Where the pause was longer, a gap
    stands between: from that length after the last answer to the new one.

    Args:
        pieces: Slices of one slot each (or finer, or of `hours_by_block`), sorted by their first
            moment.
        prices: What tokens cost.
        mode: Whose word to take for the cost.
        block_ms: The blocks' length. Slices must not reach across a block's end: a multiple of a
            quarter of an hour suits slots, anything else needs slices of single answers. So do
            blocks of less than an hour, which may have ended before their first answer.
        bounds: Blocks that are described elsewhere, in the order of time and without overlaps: each
            holds what was used in it and nothing else, and no other block reaches into it. No slice
            may reach across one of these bounds.
    """
    blocks: list[SessionBlock] = []
    chain = _Chain(block_ms, bounds)
    start_ms = end_ms = last_ms = 0
    within: list[UsageSlice] = []

    def end_block() -> None:
        spending = add_up(within, prices, mode)
        blocks.append(SessionBlock(start_ms, end_ms, spending))

    for piece in pieces:
        first_ms = piece.first_ms
        if chain.begins(first_ms, piece.last_ms):
            if within:
                end_block()
                gap_start = last_ms + block_ms
                if bounds:
                    gap_start = max(gap_start, end_ms)
                if first_ms > gap_start:
                    blocks.append(SessionBlock(gap_start, first_ms, Spending(), is_gap=True))
                within = []
            start_ms, end_ms = chain.start_ms, chain.end_ms
        within.append(piece)
        last_ms = chain.last_ms
    if within:
        end_block()
    return sorted(blocks, key=lambda block: block.start_ms)


def hours_by_block(hours: Iterable[tuple[int, int, int]], block_ms: int) -> list[tuple[int, int]]:
    """Return the first and the last hour of each block, without a sum of anything.

    Args:
        hours: Numbers of hours, twice as many as there are: what happens in the millisecond in
            which one begins stands apart; with the first and the last moment of usage in each.
        block_ms: The blocks' length, whole hours.
    """
    chain = _Chain(block_ms)
    found: list[tuple[int, int]] = []
    for hour, first_ms, last_ms in hours:
        if chain.begins(first_ms, last_ms):
            found.append((hour, hour))
        else:
            found[-1] = (found[-1][0], hour)
    return found
