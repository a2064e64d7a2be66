"""Asks for usage by session."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from spendlight.logs.agents import title_of
from spendlight.metering.dimensions import PROJECT, SESSION, heading_of
from spendlight.metering.divisions import by_cost, divided, has_several_agents
from spendlight.metering.periods import day_of, spans
from spendlight.metering.reports import (
    Report,
    SessionRow,
    session_columns,
)
from spendlight.metering.slices import combine
from spendlight.tracker.questions.selection import EVERYTHING, Selection
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spendlight.metering.entry import SessionName
    from spendlight.metering.session_notes import SessionNotes
    from spendlight.tracker.questions.source import Source, SumsSource


def with_notes(rows: Iterable[SessionRow], notes: SessionNotes) -> list[SessionRow]:
    """Return rows with the titles of their sessions and the pull requests linked to them."""
    titles, requests = notes
    if not titles and not requests:
        return list(rows)
    return [
        row._replace(
            title=titles.get(row.name[1:], ""), pull_requests=requests.get(row.name[1:], ())
        )
        for row in rows
    ]


def _together(rows: Iterable[SessionRow]) -> list[SessionRow]:
    """Return the rows of each session together, the most expensive session first."""
    found = sorted(rows, key=by_cost)
    costs: dict[tuple[str, str], float] = {}
    for row in found:
        costs[row.name[1:]] = costs.get(row.name[1:], 0.0) - row.spending.cost
    return sorted(found, key=lambda row: (costs[row.name[1:]], row.name[1:]))


class Sessions(NamedTuple):
    """Usage by session.

    Attributes:
        by_machine: A row for each machine.
        by: A row for each value of this dimension, see `metering.dimensions`; "" for none.
        also: The dimensions whose values are shown beside each session; not for a team.
        with_agents: Whether rows also say of which agent they are.
        by_agent: Whether there is a column of agents even if all usage is of one.
        with_logs_of: The agents whose rows also name a log of the session.
    """

    selection: Selection = EVERYTHING
    by_machine: bool = False
    by: str = ""
    also: tuple[str, ...] = ()
    with_agents: bool = False
    by_agent: bool = False
    with_logs_of: tuple[str, ...] = ()

    def answer(self, source: SumsSource) -> Report[SessionRow]:
        """Return a row for each session with tokens, the most expensive first."""
        selection = self.selection
        rows = [
            row
            for agent, of_agent in (source.of_each_agent() if self.with_agents else [("", source)])
            for row in self._rows(of_agent, agent)
        ]
        rows = _together(rows) if self.by else sorted(rows, key=lambda row: -row.spending.cost)
        rows = with_notes(rows, source.session_notes())
        if self.with_logs_of:
            logs = source.first_logs(self.with_logs_of)
            rows = [row._replace(log=logs.get(row.name[1:], "")) for row in rows]

        def day_text(at_ms: int) -> str:
            return f"{day_of(at_ms, selection.zone):%Y-%m-%d}"

        columns = divided(
            session_columns(day_text),
            by_machine=self.by_machine,
            heading=heading_of(self.by),
            title_of_agent=title_of if self.by_agent or has_several_agents(rows) else None,
        )
        if self.also:
            from spendlight.tracker.questions.told import told_of, with_told  # by the window only

            told = told_of(cast("Source", source), selection, (PROJECT, SESSION), self.also)
            rows = [
                row._replace(told=told.get((row.name.project, row.name.session), {}))
                for row in rows
            ]
            columns = with_told(columns, self.also)
        return Report(
            columns, tuple(rows), combine(row.spending for row in rows), source.prices.source
        )

    def _rows(self, source: SumsSource, agent: str) -> list[SessionRow]:
        """Return a row for each session of an agent."""
        selection = self.selection
        rows: list[SessionRow] = []
        for machine, source_of_one in source.parts(by_machine=self.by_machine):
            wanted = spans(selection.zone, *source_of_one.extent(), selection.days)
            each = source_of_one.runs_of_each(self.by, wanted, project=selection.project)
            for part, found in each:
                numbers: dict[tuple[str, str], int] = {}
                names: list[SessionName] = []
                of_runs: list[int] = []
                for _, name in found.keys:
                    number = numbers.setdefault(name[1:], len(names))
                    if number == len(names):
                        names.append(name)
                    of_runs.append(number)
                spent = source_of_one.add_up(found, of_runs, len(names), selection.mode)
                rows += [
                    SessionRow(name, spending, machine, part=part, agent=agent)
                    for name, spending in zip(names, spent, strict=True)
                    if spending is not None and any(spending.tokens)
                ]
        return rows
