"""Asks for usage by day, week or month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.metering.periods import Period
from spendlight.metering.reports import (
    PeriodRow,
    Report,
    SortOrder,
    period_columns,
    with_machine_column,
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
    """

    selection: Selection = EVERYTHING
    period: Period = Period.DAY
    order: SortOrder = SortOrder.ASCENDING
    week_start: int = 6
    by_project: bool = False
    by_machine: bool = False

    def answer(self, source: SumsSource) -> Report[PeriodRow]:
        """Return a row for each period with usage."""
        sign = -1 if self.order is SortOrder.DESCENDING else 1
        rows = PeriodRows(
            self.selection, self.period, self.week_start, self.by_project, self.by_machine
        )
        found = source.by_period(rows)
        if self.by_project:
            found.sort(key=lambda row: (row.project or "", sign * row.start.toordinal()))
        else:
            found.sort(key=lambda row: sign * row.start.toordinal())
        columns = with_machine_column(period_columns(self.period), is_wanted=self.by_machine)
        total = combine(row.spending for row in found)
        return Report(columns, tuple(found), total, source.prices.source)
