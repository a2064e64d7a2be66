"""Asks for usage by session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.metering.periods import day_of, spans
from spendlight.metering.reports import (
    Report,
    SessionRow,
    session_columns,
    with_machine_column,
)
from spendlight.metering.slices import combine
from spendlight.tracker.questions.selection import EVERYTHING, Selection
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spendlight.metering.entry import SessionName
    from spendlight.metering.session_notes import SessionNotes
    from spendlight.tracker.questions.source import SumsSource


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


class Sessions(NamedTuple):
    """Usage by session.

    Attributes:
        by_machine: A row for each machine.
    """

    selection: Selection = EVERYTHING
    by_machine: bool = False

    def answer(self, source: SumsSource) -> Report[SessionRow]:
        """Return a row for each session with tokens, the most expensive first."""
        selection = self.selection
        rows: list[SessionRow] = []
        for machine, part in source.parts(by_machine=self.by_machine):
            wanted = spans(selection.zone, *part.extent(), selection.days)
            found = part.runs_by_session(wanted, project=selection.project)
            numbers: dict[tuple[str, str], int] = {}
            names: list[SessionName] = []
            of_runs: list[int] = []
            for _, name in found.keys:
                number = numbers.setdefault(name[1:], len(names))
                if number == len(names):
                    names.append(name)
                of_runs.append(number)
            spent = part.add_up(found, of_runs, len(names), selection.mode)
            rows += [
                SessionRow(name, spending, machine)
                for name, spending in zip(names, spent, strict=True)
                if spending is not None and any(spending.tokens)
            ]
        rows.sort(key=lambda row: -row.spending.cost)
        rows = with_notes(rows, source.session_notes())

        def day_text(at_ms: int) -> str:
            return f"{day_of(at_ms, selection.zone):%Y-%m-%d}"

        columns = with_machine_column(session_columns(day_text), is_wanted=self.by_machine)
        return Report(
            columns, tuple(rows), combine(row.spending for row in rows), source.prices.source
        )
