"""Adds up the rows of a report by day, week or month from a ledger's sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.metering.periods import day_from_number, period_start, spans
from spendlight.metering.reports import PeriodRow

if TYPE_CHECKING:
    from datetime import date

    from spendlight.metering.slices import AnyRuns
    from spendlight.tracker.questions.periods import Periods
    from spendlight.tracker.questions.source import Source


def rows_by_period(source: Source, question: Periods) -> list[PeriodRow]:
    """Return the rows of a report by period, those of one machine after the other."""
    selection = question.selection
    found: list[PeriodRow] = []
    for machine, part in source.parts(by_machine=question.by_machine):
        runs = _by_day(part, question)
        keys: dict[tuple[str, date], int] = {}
        starts: dict[int, date] = {}
        of_runs: list[int] = []
        for day, name in runs.keys:
            if day not in starts:
                starts[day] = period_start(
                    day_from_number(day), question.period, question.week_start
                )
            key = (name.project if question.by_project else "", starts[day])
            of_runs.append(keys.setdefault(key, len(keys)))
        spent = part.add_up(runs, of_runs, len(keys), selection.mode)
        found += [
            PeriodRow(
                start, spending, project if question.by_project else selection.project, machine
            )
            for (project, start), spending in zip(keys, spent, strict=True)
            if spending is not None
        ]
    return found


def _by_day(source: Source, question: Periods) -> AnyRuns:
    """Return the sums of a report by day, in the order in which ccusage would find them."""
    selection = question.selection
    wanted = spans(selection.zone, *source.extent(), selection.days)
    if selection.project is None and not question.by_project:
        return source.runs_by_day(wanted)
    return source.runs_by_session(wanted, by_day=True, project=selection.project)
