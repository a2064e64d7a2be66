"""Asks why usage cost what it did: by each dimension, in one pass over the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.metering.dimensions import NOT_KNOWN, OFFERED
from spendlight.metering.periods import DEFAULT_BLOCK_MS
from spendlight.metering.slices import Spending, Tally
from spendlight.tracker.questions.blocks import blocks_from
from spendlight.tracker.questions.breakdown import ranges_of, with_shares
from spendlight.tracker.questions.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from spendlight.metering.pricing import PriceSource
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
        known_since_ms: The moment of the first answer of which anything is known; None if there
            is none.
        unknown: Usage of which nothing is known.
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
        selection = self.selection
        between = self._last_block(source) if self.is_last_block else self.between
        usage = source.attributed(self.by, selection.project)
        found = usage.rows(ranges_of(source, selection, between), by_session=False)
        slices = source.ledger.attributed_slices(list(found.values()))

        def tally() -> Tally:
            return Tally(source.prices, selection.mode)

        parts: list[dict[str | None, Tally]] = [{} for _ in self.by]
        total, unknown = tally(), tally()
        known_since_ms: int | None = None
        for values, some in zip(found, slices, strict=True):
            pieces = list(source.named(some))
            if not pieces:
                continue
            total.add_all(pieces)
            for tallies, value in zip(parts, values, strict=True):
                if value not in tallies:
                    tallies[value] = tally()
                tallies[value].add_all(pieces)
            if all(value is NOT_KNOWN for value in values):
                unknown.add_all(pieces)
            elif known_since_ms is None or pieces[0].first_ms < known_since_ms:
                known_since_ms = pieces[0].first_ms
        return WhyReport(
            tuple(
                WhyPart(
                    name, with_shares(((value,), one.total()) for value, one in tallies.items())
                )
                for name, tallies in zip(self.by, parts, strict=True)
            ),
            total.total(),
            unknown.total(),
            source.prices.source,
            known_since_ms,
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
