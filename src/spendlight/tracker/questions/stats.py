"""Asks for statistics of all usage, and how much of it is still in the logs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from spendlight.metering.log_names import read_with
from spendlight.metering.periods import day_from_number, spans
from spendlight.metering.reports import PeriodRow
from spendlight.metering.stats import coverage, usage_stats
from spendlight.tracker.questions.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        runs = source.runs_by_session(
            list(spans(selection.zone, *source.extent(), days)),
            by_day=True,
            project=selection.project,
        )
        keys = runs.keys
        numbers: dict[int, int] = {}
        of_runs = [numbers.setdefault(day, len(numbers)) for day, _ in keys]
        spent = source.add_up(runs, of_runs, len(numbers), selection.mode)
        rows = [
            PeriodRow(day_from_number(day), spending)
            for day, spending in zip(numbers, spent, strict=True)
            if spending is not None
        ]
        if source.model:  # not every run has some of it
            parts = source.add_up(runs, range(len(keys)), len(keys), selection.mode)
            keys = [key for key, part in zip(keys, parts, strict=True) if part is not None]
        in_logs = {
            day_from_number(day) for day, name in keys if (name.project_path, name.session) in there
        }
        if not rows:
            return usage_stats(rows)
        today = (self.now or datetime.now(UTC)).astimezone(selection.zone).date()
        used = [row.start for row in rows]
        first = days.since or min(used)
        last = max(*used, min(days.until or today, today))
        return usage_stats(rows, coverage(used, in_logs, first, last))


def _sessions_there(source: Source) -> Iterator[SessionName]:
    """Yield the sessions of the logs that still exist, as the contents of the logs name them."""
    there = {file.name: file for file in source.find_logs()}
    named = source.ledger.sessions_of_files()
    for name, session in named.items():
        if name in there or read_with(name) in there:
            yield session
    yield from (file.session for name, file in there.items() if name not in named)
