"""Answers what all usage comes to, and how much of it is still in the logs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from spendlight.metering.periods import day_from_number, spans
from spendlight.metering.reports import PeriodRow
from spendlight.metering.session_names import session_name
from spendlight.metering.slices import Tally
from spendlight.metering.stats import coverage, usage_stats

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from spendlight.logs.discovery import LogFile
    from spendlight.metering.stats import UsageStats
    from spendlight.tracker.queries import ReportRequest, Source


def stats_of(source: Source, request: ReportRequest, files: Iterable[LogFile]) -> UsageStats:
    """Return what the usage asked for comes to.

    Args:
        source: What is known.
        request: The days, the project, the machines and the cost mode.
        files: The logs that are there.
    """
    there = {
        (name.project_path, name.session) for name in (session_name(file.place) for file in files)
    }
    days, here = request.days, source.scope
    pieces = source.ledger.by_session(
        here, spans(request.zone, *source.extent(), days), by_day=True, project=request.project
    )
    tallies: dict[date, Tally] = {}
    in_logs: set[date] = set()
    for piece in source.named(pieces):
        day = day_from_number(piece.group)
        if day not in tallies:
            tallies[day] = Tally(source.prices, request.mode)
        tallies[day].add(piece)
        if (piece.session.project_path, piece.session.session) in there:
            in_logs.add(day)
    rows = [PeriodRow(day, tally.total()) for day, tally in tallies.items()]
    if not rows:
        return usage_stats(rows)
    today = (request.now or datetime.now(UTC)).astimezone(request.zone).date()
    first = days.since or min(tallies)
    last = max(*tallies, min(days.until or today, today))
    return usage_stats(rows, coverage(tallies, in_logs, first, last))
