"""Asks why usage cost what it did: by each dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.metering.dimensions import NOT_KNOWN, OFFERED, TOOL
from spendlight.metering.periods import DEFAULT_BLOCK_MS
from spendlight.metering.slices import Spending, add_up
from spendlight.tracker.questions.blocks import blocks_from
from spendlight.tracker.questions.breakdown import ranges_of, with_shares
from spendlight.tracker.questions.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from spendlight.metering.dimensions import Value
    from spendlight.metering.pricing import PriceSource
    from spendlight.metering.sums import UsageSlice
    from spendlight.tracker.questions.breakdown import BreakdownRow
    from spendlight.tracker.questions.source import Source


ALL: Final = tuple(dimension.name for dimension in OFFERED)
"""All dimensions of the command line."""


class WhyPart(NamedTuple):
    """All usage by one dimension, by its name: a row for each value, the most expensive first."""

    dimension: str
    rows: tuple[BreakdownRow, ...]


class WhyReport(NamedTuple):
    """Usage by each dimension; the rows of each add up to the total.

    Attributes:
        known_since_ms: The moment of the first answer of which anything else is known; None if
            there is none.
        unknown: Usage of which nothing is known but perhaps the tools.
    """

    parts: tuple[WhyPart, ...]
    total: Spending
    unknown: Spending
    prices: PriceSource
    known_since_ms: int | None


class Why(NamedTuple):
    """Usage by each dimension.

    Attributes:
        by: The names of the dimensions.
        between: A span of time in Unix milliseconds, the end exclusive, instead of the selection's
            days.
        is_last_block: Only the last block instead, which need not be active.
    """

    selection: Selection = EVERYTHING
    by: tuple[str, ...] = ALL
    between: tuple[int, int] | None = None
    is_last_block: bool = False

    def answer(self, source: Source) -> WhyReport:
        """Return the rows of each dimension."""
        between = self._last_block(source) if self.is_last_block else self.between
        ranges = ranges_of(source, self.selection, between)
        of_tools = [name for name in self.by if name == TOOL]
        others = [name for name in self.by if name != TOOL]
        found: dict[str, tuple[BreakdownRow, ...]] = {}
        sums = None
        for by in (others, of_tools):  # together they would be many times as many
            if by:
                one = _sums(source, self.selection, tuple(by), ranges)
                found |= one.rows
                sums = sums or one
        if sums is None:
            return WhyReport((), Spending(), Spending(), source.prices.source, None)
        return WhyReport(
            tuple(WhyPart(name, found[name]) for name in self.by),
            sums.total,
            sums.unknown,
            source.prices.source,
            sums.known_since_ms,
        )

    def _last_block(self, source: Source) -> tuple[int, int]:
        """Return when the last block begins and ends."""
        _, last_ms = source.extent()
        mode, since_ms = self.selection.mode, last_ms - DEFAULT_BLOCK_MS
        blocks = blocks_from(source.of_all(), mode, DEFAULT_BLOCK_MS, since_ms)
        used = [block for block in blocks if block.spending.answers]
        if not used:
            return 0, 0
        return used[-1].spending.first_ms or 0, (used[-1].spending.last_ms or 0) + 1


class _Sums(NamedTuple):
    """Rows by several dimensions; the rest as in `WhyReport`."""

    rows: dict[str, tuple[BreakdownRow, ...]]
    total: Spending
    unknown: Spending
    known_since_ms: int | None


def _sums(
    source: Source, selection: Selection, by: tuple[str, ...], ranges: Sequence[tuple[int, int]]
) -> _Sums:
    """Return sums by each of some dimensions."""
    found = source.attributed(by, selection.project).pieces(ranges)
    everything: list[UsageSlice] = []
    nothing_known: list[UsageSlice] = []
    parts: list[dict[Value, list[UsageSlice]]] = [{} for _ in by]
    known_since_ms: int | None = None
    for values, some in found.items():
        pieces = list(source.named(some))
        if not pieces:
            continue
        everything += pieces
        for of_values, value in zip(parts, values, strict=True):
            of_values.setdefault(value, []).extend(pieces)
        if all(value is NOT_KNOWN for value in values):
            nothing_known += pieces
        elif known_since_ms is None or pieces[0].first_ms < known_since_ms:
            known_since_ms = pieces[0].first_ms

    def total(pieces: Iterable[UsageSlice]) -> Spending:
        return add_up(pieces, source.prices, selection.mode)

    rows = {
        name: with_shares(((value,), total(pieces)) for value, pieces in of_values.items())
        for name, of_values in zip(by, parts, strict=True)
    }
    return _Sums(rows, total(everything), total(nothing_known), known_since_ms)
