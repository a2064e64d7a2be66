"""Asks for statistics of all usage, and how much of it is still in the logs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from spendlight.metering.periods import day_from_number, spans
from spendlight.metering.reports import PeriodRow
from spendlight.metering.slices import Tally
from spendlight.metering.stats import coverage, usage_stats
from spendlight.tracker.questions.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from spendlight.metering.entry import SessionName
    from spendlight.metering.stats import UsageStats
    from spendlight.tracker.questions.source import Source


class Stats(NamedTuple):
    """Statistics of the usage, by day and in total.

    Attributes:
        now: The moment to take as the current time; None means now.
    """

    selection: Selection = EVERYTHING
    now: datetime | None = None

    def answer(self, source: Source) -> UsageStats:
        """Return totals and averages, and for how many days there are still logs."""
        selection = self.selection
        there = {(name.project_path, name.session) for name in _sessions_there(source)}
        days = selection.days
        pieces = source.ledger.by_session(
            source.scope,
            spans(selection.zone, *source.extent(), days),
            by_day=True,
            project=selection.project,
        )
        tallies: dict[date, Tally] = {}
        in_logs: set[date] = set()
        for piece in source.named(pieces):
            day = day_from_number(piece.group)
            if day not in tallies:
                tallies[day] = Tally(source.prices, selection.mode)
            tallies[day].add(piece)
            if (piece.session.project_path, piece.session.session) in there:
                in_logs.add(day)
        rows = [PeriodRow(day, tally.total()) for day, tally in tallies.items()]
        if not rows:
            return usage_stats(rows)
        today = (self.now or datetime.now(UTC)).astimezone(selection.zone).date()
        first = days.since or min(tallies)
        last = max(*tallies, min(days.until or today, today))
        return usage_stats(rows, coverage(tallies, in_logs, first, last))


def _sessions_there(source: Source) -> Iterator[SessionName]:
    """Yield the sessions of the logs that still exist."""
    named: dict[str, SessionName] | None = None
    for file in source.find_logs():
        if file.root.agent.session_of is not None:
            yield file.session
            continue
        if named is None:  # the session is named only in the contents of such a log
            named = source.ledger.sessions_of_files()
        yield named.get(file.name, file.session)
