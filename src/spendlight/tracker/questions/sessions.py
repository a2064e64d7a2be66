"""Asks for usage by session."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from spendlight.metering.periods import day_of, spans
from spendlight.metering.reports import (
    Report,
    SessionRow,
    session_columns,
    with_machine_column,
)
from spendlight.metering.slices import Tally, combine
from spendlight.tracker.questions.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from spendlight.metering.entry import SessionName
    from spendlight.tracker.questions.source import SumsSource


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
        tallies: dict[tuple[str | None, str, str], tuple[SessionName, Tally]] = {}
        for machine, part in source.parts(by_machine=self.by_machine):
            wanted = spans(selection.zone, *part.extent(), selection.days)
            pieces = part.by_session(wanted, project=selection.project)
            for name, found in groupby(part.named(pieces), attrgetter("session")):
                key = (machine, name.project_path, name.session)
                if key not in tallies:
                    tallies[key] = (name, Tally(source.prices, selection.mode))
                tallies[key][1].add_all(found)
        rows = tuple(
            row
            for row in sorted(
                (
                    SessionRow(name, tally.total(), machine)
                    for (machine, *_), (name, tally) in tallies.items()
                ),
                key=lambda row: -row.spending.cost,
            )
            if row.spending.tokens.total
        )

        def day_text(at_ms: int) -> str:
            return f"{day_of(at_ms, selection.zone):%Y-%m-%d}"

        columns = with_machine_column(session_columns(day_text), is_wanted=self.by_machine)
        return Report(columns, rows, combine(row.spending for row in rows), source.prices.source)
