"""What can be asked of the usage, and how the answer is put together."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.metering.periods import (
    DAY_MS,
    DEFAULT_BLOCK_MS,
    DateRange,
    Period,
    Span,
    day_from_number,
    day_of,
    period_start,
    periods_back,
    spans,
    to_utc,
)
from spendlight.metering.pricing import CostMode
from spendlight.metering.reports import (
    MODELS,
    AnswerRow,
    Column,
    PeriodRow,
    Report,
    ReportKind,
    Row,
    SessionRow,
    SortOrder,
    machine_column,
    period_columns,
    session_columns,
)
from spendlight.metering.slices import Tally, combine, cost_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from spendlight.ledger.usage_ledger import Scope, UsageLedger
    from spendlight.metering.entry import SessionName
    from spendlight.metering.pricing import PricingTable
    from spendlight.metering.slices import UsageSlice

RECENT_MS: Final = 3 * DAY_MS
"""How far back the recent blocks reach (ccusage 20.0.24)."""

COURSE_STEP_MS: Final = 300_000
"""A block has sixty of these; finer steps would say no more on a screen."""

LIMIT_OF_FULLEST_BLOCK: Final = "max"
"""Stands for the tokens of the fullest block that has ended."""

_PERIODS: Final = {
    ReportKind.DAILY: Period.DAY,
    ReportKind.WEEKLY: Period.WEEK,
    ReportKind.MONTHLY: Period.MONTH,
}
_PERIOD_OF_LAST: Final = {**_PERIODS, ReportKind.SESSION: Period.DAY, ReportKind.BLOCKS: Period.DAY}


class View(StrEnum):
    """What a page shows."""

    REPORT = "report"
    """The report of the request's kind, as the terminal has it."""
    PROJECTS = "projects"
    MODELS = "models"
    COURSE = "course"
    """A stretch of time, step by step."""
    STRETCH_SESSIONS = "stretch-sessions"
    """The sessions of a stretch of time."""
    ANSWERS = "answers"
    """One session, answer by answer."""
    CHOICES = "choices"
    """What a filter can offer."""
    EVER = "ever"
    """The models there ever was an answer of, as the total of a report without rows."""


class ReportRequest(NamedTuple):
    """What is asked for.

    Attributes:
        zone: Where days begin.
        days: Local days, both ends included. Blocks are chosen by the day of their start.
        mode: Whose word to take for the cost.
        order: For days and blocks; sessions are sorted by cost, and ascending turns that round
            only where `sorts_sessions` is set, as ccusage's two session reports differ in it.
        week_start: The first day of a week; 0 is Monday, 6 is Sunday.
        last: So many periods up to the one of *now*; goes without `days`.
        now: The moment asked at; None is the present.
        project: Only this project (the first folder below ``projects``), by its exact name.
        by_project: Keep projects apart.
        machines: Only usage of these machines, by their names; by default of all.
        by_machine: Keep machines apart; a block has a row for each that used it.
        block_ms: How long a block is.
        is_active_only: Only the active block.
        is_recent_only: Only blocks of the last three days.
        token_limit: A limit to hold the active block against; "max" is the fullest past block.
        view: What to show of it. This and what follows is for a `PageRequest` only.
        model: Only this model, by the name that reports show; "" is all.
        since: Where a stretch of time begins.
        until: Where it ends; that moment is no longer in it.
        step_ms: How long the steps of a course are.
        session: The session whose answers are asked for.
    """

    kind: ReportKind
    zone: tzinfo = UTC
    days: DateRange = DateRange()
    mode: CostMode = CostMode.AUTO
    order: SortOrder = SortOrder.ASCENDING
    week_start: int = 6
    last: int | None = None
    now: datetime | None = None
    project: str | None = None
    by_project: bool = False
    machines: tuple[str, ...] = ()
    by_machine: bool = False
    block_ms: int = DEFAULT_BLOCK_MS
    is_active_only: bool = False
    is_recent_only: bool = False
    token_limit: int | str | None = None
    view: View = View.REPORT
    model: str = ""
    since: datetime | None = None
    until: datetime | None = None
    step_ms: int = COURSE_STEP_MS
    session: str = ""


class Source(NamedTuple):
    """What reports are made of: the ledger, what of it counts, and what it costs.

    Attributes:
        aliases: Models to be called and priced by another name.
        model: Only usage of this model, by the name that reports show; "" is all.
    """

    ledger: UsageLedger
    scope: Scope
    prices: PricingTable
    aliases: Mapping[str, str]
    model: str = ""

    def extent(self) -> tuple[int, int]:
        """Return the first and last moment there may be something of."""
        return self.ledger.extent(self.scope) or (0, -1)

    def everything(self) -> Span:
        """Return the span that holds all there is."""
        first, last = self.extent()
        return Span(first, last + 1, 0)

    def parts(self, request: ReportRequest) -> list[tuple[str | None, Source]]:
        """Return the source of each machine with its name, or all in one without a name."""
        if not request.by_machine:
            return [(None, self)]
        return [(name, self._replace(scope=scope)) for name, scope in self.ledger.parts(self.scope)]

    def named(self, pieces: Iterable[UsageSlice]) -> Iterator[UsageSlice]:
        """Yield slices with their models renamed; those of one model only, if that is asked."""
        renamed = map(self._renamed, pieces) if self.aliases else iter(pieces)
        if not self.model:
            return renamed
        return (piece for piece in renamed if piece.variant.label == self.model)

    def _renamed(self, piece: UsageSlice) -> UsageSlice:
        name = self.aliases.get(piece.variant.name)
        return piece if name is None else piece._replace(variant=piece.variant._replace(name=name))


def period_report(source: Source, request: ReportRequest) -> Report[PeriodRow]:
    """Return usage by day, week or month."""
    period = _PERIODS[request.kind]
    tallies: dict[tuple[str, date, str | None], Tally] = {}
    for machine, part in source.parts(request):
        pieces = part.named(_by_day(part, request))
        for (number, name), found in groupby(pieces, attrgetter("group", "session")):
            start = period_start(day_from_number(number), period, request.week_start)
            key = (name.project if request.by_project else "", start, machine)
            if key not in tallies:
                tallies[key] = Tally(source.prices, request.mode)
            tallies[key].add_all(found)
    sign = -1 if request.order is SortOrder.DESCENDING else 1
    rows = tuple(
        PeriodRow(start, tally.total(), name if request.by_project else request.project, machine)
        for (name, start, machine), tally in sorted(
            tallies.items(), key=lambda item: (item[0][0], sign * item[0][1].toordinal())
        )
    )
    columns = with_machines(period_columns(request.kind), request)
    return Report(
        request.kind, columns, rows, combine(row.spending for row in rows), source.prices.source
    )


def session_report(source: Source, request: ReportRequest) -> Report[SessionRow]:
    """Return usage by session, the dearest first. Sessions without tokens are left out."""
    tallies: dict[tuple[str | None, str, str], tuple[SessionName, Tally]] = {}
    for machine, part in source.parts(request):
        pieces = source.ledger.by_session(
            part.scope,
            spans(request.zone, *part.extent(), days_of(request)),
            project=request.project,
        )
        for name, found in groupby(part.named(pieces), attrgetter("session")):
            key = (machine, name.project_path, name.session)
            if key not in tallies:
                tallies[key] = (name, Tally(source.prices, request.mode))
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
        return f"{day_of(at_ms, request.zone):%Y-%m-%d}"

    return Report(
        request.kind,
        with_machines(session_columns(day_text), request),
        rows,
        combine(row.spending for row in rows),
        source.prices.source,
    )


def session_answers(source: Source, session: str, mode: CostMode) -> tuple[AnswerRow, ...]:
    """Return the answers of a session's row, in the order of time."""
    pieces = source.ledger.answers(source.scope, source.everything(), session=session)
    return _answer_rows(source, pieces, mode)


def whole_session(source: Source, session: str, mode: CostMode) -> tuple[AnswerRow, ...]:
    """Return all answers in a session's logs, in the order of time.

    That is more than its row where flat logs of subagents name it, and where a copy of an answer
    in the log of another session counts, as after it was resumed or forked.
    """
    return _answer_rows(source, source.ledger.answers_of(source.scope, session), mode)


def _answer_rows(
    source: Source, pieces: Iterable[UsageSlice], mode: CostMode
) -> tuple[AnswerRow, ...]:
    return tuple(
        AnswerRow(
            to_utc(piece.first_ms),
            piece.variant.name,
            piece.variant.label,
            piece.tokens,
            piece.recorded_cost if piece.is_recorded else None,
            cost_of(piece, source.prices, mode),
            piece.variant.role,
        )
        for piece in source.named(pieces)
    )


def with_machines(columns: list[Column[Row]], request: ReportRequest) -> list[Column[Row]]:
    """Return the columns of a report with one for the machine where these are kept apart."""
    if not request.by_machine:
        return columns
    place = next(at for at, column in enumerate(columns) if column.heading == MODELS)
    return [*columns[:place], machine_column(), *columns[place:]]


def days_of(request: ReportRequest) -> DateRange:
    """Return the local days asked for, also where they were asked for as the last so many."""
    if request.last is None:
        return request.days
    now = request.now or datetime.now(UTC)
    today = now.astimezone(request.zone).date()
    period = _PERIOD_OF_LAST[request.kind]
    return DateRange(periods_back(today, period, request.last, request.week_start), None)


def _by_day(source: Source, request: ReportRequest) -> Iterable[UsageSlice]:
    """Return what a report by day is made of, in the order in which ccusage would meet it."""
    wanted = spans(request.zone, *source.extent(), days_of(request))
    if request.project is None and not request.by_project:
        return source.ledger.by_day_in_order(source.scope, wanted)
    return source.ledger.by_session(source.scope, wanted, by_day=True, project=request.project)
