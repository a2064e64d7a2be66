"""Asks for usage by day, week or month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.logs.agents import title_of
from spendlight.metering.dimensions import heading_of
from spendlight.metering.divisions import by_cost, divided, has_several_agents
from spendlight.metering.periods import Period
from spendlight.metering.reports import (
    PeriodRow,
    Report,
    SortOrder,
    period_columns,
)
from spendlight.metering.slices import combine
from spendlight.tracker.questions.selection import EVERYTHING, Selection
from spendlight.tracker.questions.source import PeriodRows
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spendlight.tracker.questions.source import SumsSource


class Periods(NamedTuple):
    """Usage by day, week or month.

    Attributes:
        week_start: The first day of a week; 0 is Monday, 6 is Sunday.
        by_project: A row for each project.
        by_machine: A row for each machine.
        by: A row for each value of this dimension, see `metering.dimensions`; "" for none.
        with_agents: Whether rows also say what each agent used.
        by_agent: Whether there is a column of agents even if all usage is of one.
    """

    selection: Selection = EVERYTHING
    period: Period = Period.DAY
    order: SortOrder = SortOrder.ASCENDING
    week_start: int = 6
    by_project: bool = False
    by_machine: bool = False
    by: str = ""
    with_agents: bool = False
    by_agent: bool = False

    def answer(self, source: SumsSource) -> Report[PeriodRow]:
        """Return a row for each period with usage."""
        sign = -1 if self.order is SortOrder.DESCENDING else 1
        rows = PeriodRows(
            self.selection,
            self.period,
            self.week_start,
            self.by_project,
            self.by_machine,
            self.by,
            self.with_agents,
        )
        found = source.by_period(rows)
        if self.with_agents:
            found = _together(found)
        if self.by:
            order = list(dict.fromkeys(row.machine for row in found))
            found.sort(key=lambda row: (order.index(row.machine), *by_cost(row)))
        if self.by_project:
            found.sort(key=lambda row: (row.project or "", sign * row.start.toordinal()))
        else:
            found.sort(key=lambda row: sign * row.start.toordinal())
        columns = divided(
            period_columns(self.period),
            by_machine=self.by_machine,
            heading=heading_of(self.by),
            title_of_agent=title_of if self.by_agent or has_several_agents(found) else None,
        )
        total = combine(row.spending for row in found)
        return Report(columns, tuple(found), total, source.prices.source)


def _together(rows: Iterable[PeriodRow]) -> list[PeriodRow]:
    """Return one row for the rows of several agents that differ in nothing else."""
    found: dict[tuple[object, ...], list[PeriodRow]] = {}
    for row in rows:
        found.setdefault((row.start, row.project, row.machine, row.part), []).append(row)
    return [
        parts[0]._replace(of_agents=((parts[0].agent, parts[0].spending),))
        if len(parts) == 1
        else parts[0]._replace(
            spending=combine(part.spending for part in parts),
            agent="",
            of_agents=tuple((part.agent, part.spending) for part in parts),
        )
        for parts in found.values()
    ]
