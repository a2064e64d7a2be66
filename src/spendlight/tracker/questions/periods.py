"""Asks for usage by day, week or month."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from spendlight.metering.periods import Period, day_from_number, period_start, spans
from spendlight.metering.reports import (
    PeriodRow,
    Report,
    SortOrder,
    period_columns,
    with_machine_column,
)
from spendlight.metering.slices import combine
from spendlight.tracker.questions.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from datetime import date

    from spendlight.metering.slices import AnyRuns
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
        found: list[tuple[str, int, PeriodRow]] = []
        sign = -1 if self.order is SortOrder.DESCENDING else 1
        for machine, part in source.parts(by_machine=self.by_machine):
            runs = self._by_day(part)
            keys: dict[tuple[str, date], int] = {}
            starts: dict[int, date] = {}
            of_runs: list[int] = []
            for day, name in runs.keys:
                if day not in starts:
                    starts[day] = period_start(day_from_number(day), self.period, self.week_start)
                key = (name.project if self.by_project else "", starts[day])
                of_runs.append(keys.setdefault(key, len(keys)))
            spent = part.add_up(runs, of_runs, len(keys), selection.mode)
            found += [
                (
                    project,
                    sign * start.toordinal(),
                    PeriodRow(
                        start, spending, project if self.by_project else selection.project, machine
                    ),
                )
                for (project, start), spending in zip(keys, spent, strict=True)
                if spending is not None
            ]
        found.sort(key=itemgetter(0, 1))
        rows = tuple(row for *_, row in found)
        columns = with_machine_column(period_columns(self.period), is_wanted=self.by_machine)
        return Report(columns, rows, combine(row.spending for row in rows), source.prices.source)

    def _by_day(self, source: SumsSource) -> AnyRuns:
        """Return the sums of a report by day, in the order in which ccusage would find them."""
        selection = self.selection
        wanted = spans(selection.zone, *source.extent(), selection.days)
        if selection.project is None and not self.by_project:
            return source.runs_by_day(wanted)
        return source.runs_by_session(wanted, by_day=True, project=selection.project)
