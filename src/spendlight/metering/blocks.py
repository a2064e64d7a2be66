"""Five-hour session blocks: where they begin and end, and what was used in them."""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING

from spendlight.metering.periods import DEFAULT_BLOCK_MS, HOUR_MS, to_ms, to_utc
from spendlight.metering.slices import Spending, add_up
from spendlight.values import NamedTuple

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
        spending: The usage; empty in a gap.
        is_gap: Whether there is no usage from start to end.
    """

    start_ms: int
    end_ms: int
    spending: Spending
    is_gap: bool = False

    @property
    def start(self) -> datetime:
        """Its beginning, in UTC."""
        return to_utc(self.start_ms)

    @property
    def end(self) -> datetime:
        """Its end, in UTC."""
        return to_utc(self.end_ms)

    @property
    def last_at(self) -> datetime | None:
        """The last answer's moment, in UTC."""
        return None if self.spending.last_ms is None else to_utc(self.spending.last_ms)

    def is_active(self, now: datetime) -> bool:
        """Whether an answer made *now* would still fall into this block, as ccusage sees it.

        This includes a block that has not begun: a clock that is ahead can produce one.
        """
        now_ms = to_ms(now)
        last = self.spending.last_ms
        length = self.end_ms - self.start_ms
        return last is not None and now_ms - last < length and now_ms < self.end_ms

    def is_present(self, now: datetime) -> bool:
        """Whether it is active and has begun: the one block that contains *now*."""
        return self.start_ms <= to_ms(now) and self.is_active(now)


class _Chain:
    """Finds where each block begins, one after the other.

    Attributes:
        start_ms: The beginning of the last one.
        end_ms: Its end, whatever follows.
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
        """Add the next usage, from one moment to another; return whether it begins a block."""
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
        """Like `begins` if there are described blocks: usage within one belongs to it."""
        index = bisect_right(self._bounds, first_ms, key=_start_of) - 1
        around = self._bounds[index] if index >= 0 else None
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
        if index + 1 < len(self._bounds):
            self.end_ms = min(self.end_ms, self._bounds[index + 1].start_ms)
        return True


def split_into_blocks(
    pieces: Iterable[UsageSlice],
    prices: PricingTable,
    mode: CostMode,
    block_ms: int = DEFAULT_BLOCK_MS,
    bounds: Sequence[BlockBounds] = (),
) -> list[SessionBlock]:
    """Split usage into blocks and gaps, in the order of their starts.

    An answer opens a new block if it comes more than a block's length after the block's start or
    after the previous answer; exactly that length still belongs to it. If the pause was longer,
    there is a gap in between, from that length after the last answer to the new one.

    Args:
        pieces: Slices of one slot each (or finer, or of `hours_by_block`), sorted by their first
            moment.
        prices: The price list.
        mode: Whether costs are calculated or taken as recorded.
        block_ms: The blocks' length. No slice may extend beyond a block's end: for a multiple of a
            quarter of an hour slots will do, anything else needs slices of single answers. So do
            blocks of less than an hour, which may have ended before their first answer.
        bounds: Blocks that are described elsewhere, in chronological order and without overlaps:
            each holds exactly the usage within it, and no other block extends into it. No slice
            may cross one of these bounds.
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
    return sorted(blocks, key=_start_of)


def blocks_of(totals: Iterable[Spending], block_ms: int) -> list[SessionBlock] | None:
    """Return blocks that were added up before, and the gaps between them, like `split_into_blocks`.

    Args:
        totals: What was used in each block, in chronological order.
        block_ms: The blocks' length.

    Returns:
        The blocks and gaps, or None if one of the totals is not that of a block.
    """
    blocks: list[SessionBlock] = []
    chain = _Chain(block_ms)
    for spending in totals:
        first_ms, last_ms = spending.first_ms, spending.last_ms
        if first_ms is None or last_ms is None:
            return None
        gap_start = chain.last_ms + block_ms
        if not chain.begins(first_ms, last_ms):
            return None
        if blocks and first_ms > gap_start:
            blocks.append(SessionBlock(gap_start, first_ms, Spending(), is_gap=True))
        blocks.append(SessionBlock(chain.start_ms, chain.end_ms, spending))
    return sorted(blocks, key=_start_of)


def hours_by_block(hours: Iterable[tuple[int, int, int]], block_ms: int) -> list[tuple[int, int]]:
    """Return the first and the last hour of each block, without any sums.

    Args:
        hours: Numbers of hours, each with its first and last moment of usage. An hour has two
            numbers, one for the millisecond in which it begins and one for the rest.
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
