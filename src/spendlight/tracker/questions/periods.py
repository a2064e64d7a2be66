"""Asks for usage by day, week or month."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from spendlight.metering.periods import Period, day_from_number, period_start, spans
from spendlight.metering.reports import (
    PeriodRow,
    Report,
    SortOrder,
    period_columns,
    with_machine_column,
)
from spendlight.metering.slices import Tally, combine
from spendlight.tracker.questions.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from spendlight.metering.sums import UsageSlice
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
        selection = self.selection
        tallies: dict[tuple[str, date, str | None], Tally] = {}
        for machine, part in source.parts(by_machine=self.by_machine):
            pieces = part.named(self._by_day(part))
            for (number, name), found in groupby(pieces, attrgetter("group", "session")):
                start = period_start(day_from_number(number), self.period, self.week_start)
                key = (name.project if self.by_project else "", start, machine)
                if key not in tallies:
                    tallies[key] = Tally(source.prices, selection.mode)
                tallies[key].add_all(found)
        sign = -1 if self.order is SortOrder.DESCENDING else 1
        rows = tuple(
            PeriodRow(start, tally.total(), name if self.by_project else selection.project, machine)
            for (name, start, machine), tally in sorted(
                tallies.items(), key=lambda item: (item[0][0], sign * item[0][1].toordinal())
            )
        )
        columns = with_machine_column(period_columns(self.period), is_wanted=self.by_machine)
        return Report(columns, rows, combine(row.spending for row in rows), source.prices.source)

    def _by_day(self, source: SumsSource) -> Iterable[UsageSlice]:
        """Return the slices of a report by day, in the order in which ccusage would find them."""
        selection = self.selection
        wanted = spans(selection.zone, *source.extent(), selection.days)
        if selection.project is None and not self.by_project:
            return source.by_day_in_order(wanted)
        return source.by_session(wanted, by_day=True, project=selection.project)
