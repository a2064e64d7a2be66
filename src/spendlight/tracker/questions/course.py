"""Asks for the course of a span of time: its usage step by step, and its sessions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.metering.periods import DAY_MS, Span, to_ms, to_utc
from spendlight.metering.reports import (
    Column,
    Report,
    SessionRow,
    models_column,
    session_columns,
    token_columns,
)
from spendlight.metering.slices import Tally, combine
from spendlight.tracker.questions.selection import EVERYTHING, Selection
from spendlight.tracker.questions.sessions import with_notes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spendlight.metering.entry import SessionName
    from spendlight.metering.slices import Spending
    from spendlight.metering.sums import UsageSlice
    from spendlight.tracker.questions.source import Source

COURSE_STEP_MS: Final = 300_000
"""A block has sixty of these; finer steps would not be visible on a screen."""

EXACT_MS: Final = 2 * DAY_MS
"""Longer spans are made of sums by slot, not of single answers."""


class StepRow(NamedTuple):
    """One step of a course.

    Attributes:
        at: Its beginning, in UTC.
    """

    at: datetime
    spending: Spending


class Course(NamedTuple):
    """The usage of a span of time, step by step; the days of the selection are ignored.

    Attributes:
        since: Its beginning.
        until: Its end, exclusive.
        step_ms: The length of a step.
    """

    since: datetime
    until: datetime
    step_ms: int = COURSE_STEP_MS
    selection: Selection = EVERYTHING

    def answer(self, source: Source) -> Report[StepRow]:
        """Return a row for each step with usage, in chronological order."""
        zone, mode = self.selection.zone, self.selection.mode
        tallies: dict[int, Tally] = {}
        begin_ms = to_ms(self.since)
        for piece in _pieces(source, self.since, self.until, self.selection.project):
            number = (piece.first_ms - begin_ms) // self.step_ms
            if number not in tallies:
                tallies[number] = Tally(source.prices, mode)
            tallies[number].add(piece)
        rows = tuple(
            StepRow(to_utc(begin_ms + number * self.step_ms), tally.total())
            for number, tally in sorted(tallies.items())
        )

        def moment_text(row: StepRow) -> str:
            return f"{row.at.astimezone(zone):%Y-%m-%d %H:%M}"

        tokens: list[Column[StepRow]] = token_columns(lambda row: row.spending)
        columns: list[Column[StepRow]] = [
            Column("From", lambda row: row.at, moment_text),
            models_column(lambda row: row.spending),
            *tokens,
        ]
        return Report(columns, rows, combine(row.spending for row in rows), source.prices.source)


class SessionsAtWork(NamedTuple):
    """The sessions in a span of time; the days of the selection are ignored.

    Attributes:
        since: Its beginning.
        until: Its end, exclusive.
    """

    since: datetime
    until: datetime
    selection: Selection = EVERYTHING

    def answer(self, source: Source) -> Report[SessionRow]:
        """Return a row for each session with its usage in that time, the latest first."""
        zone, mode = self.selection.zone, self.selection.mode
        tallies: dict[SessionName, Tally] = {}
        for piece in _pieces(source, self.since, self.until, self.selection.project):
            if piece.session not in tallies:
                tallies[piece.session] = Tally(source.prices, mode)
            tallies[piece.session].add(piece)
        rows = sorted(
            (SessionRow(name, tally.total()) for name, tally in tallies.items()),
            key=lambda row: -(row.spending.last_ms or 0),
        )
        notes = source.session_notes({name.session for name in tallies})

        def clock_text(at_ms: int) -> str:
            return f"{to_utc(at_ms).astimezone(zone):%Y-%m-%d %H:%M}"

        total = combine(row.spending for row in rows)
        found = tuple(with_notes(rows, notes))
        return Report(session_columns(clock_text), found, total, source.prices.source)


def _pieces(
    source: Source, since: datetime, until: datetime, project: str | None
) -> Iterator[UsageSlice]:
    begin_ms = to_ms(since)
    span = Span(begin_ms, max(begin_ms, to_ms(until)), 0)
    if span.end_ms - span.start_ms > EXACT_MS:
        found = source.ledger.by_slot(source.scope, span, with_sessions=True)
    else:
        found = source.ledger.answers(source.scope, span)
    return (
        piece
        for piece in source.named(found)
        if project is None or piece.session.project == project
    )
