"""Asks for usage by day, week or month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.metering.dimensions import heading_of
from spendlight.metering.periods import Period
from spendlight.metering.reports import (
    PeriodRow,
    Report,
    SortOrder,
    by_cost,
    divided,
    period_columns,
)
from spendlight.metering.slices import combine
from spendlight.tracker.questions.selection import EVERYTHING, Selection
from spendlight.tracker.questions.source import PeriodRows
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from spendlight.tracker.questions.source import SumsSource


class Periods(NamedTuple):
    """Usage by day, week or month.

    Attributes:
        week_start: The first day of a week; 0 is Monday, 6 is Sunday.
        by_project: A row for each project.
        by_machine: A row for each machine.
        by: A row for each value of this dimension, see `metering.dimensions`; "" for none.
    """

    selection: Selection = EVERYTHING
    period: Period = Period.DAY
    order: SortOrder = SortOrder.ASCENDING
    week_start: int = 6
    by_project: bool = False
    by_machine: bool = False
    by: str = ""

    def answer(self, source: SumsSource) -> Report[PeriodRow]:
        """Return a row for each period with usage."""
        sign = -1 if self.order is SortOrder.DESCENDING else 1
        rows = PeriodRows(
            self.selection, self.period, self.week_start, self.by_project, self.by_machine, self.by
        )
        found = source.by_period(rows)
        if self.by:
            order = list(dict.fromkeys(row.machine for row in found))
            found.sort(key=lambda row: (order.index(row.machine), *by_cost(row)))
        if self.by_project:
            found.sort(key=lambda row: (row.project or "", sign * row.start.toordinal()))
        else:
            found.sort(key=lambda row: sign * row.start.toordinal())
        columns = divided(
            period_columns(self.period), by_machine=self.by_machine, heading=heading_of(self.by)
        )
        total = combine(row.spending for row in found)
        return Report(columns, tuple(found), total, source.prices.source)
