"""What the pages of the window ask beyond the reports of the terminal."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from spendlight.logs.attribution import Attribution, attributions
from spendlight.metering.entry import NO_SESSION, TokenCounts
from spendlight.metering.periods import DAY_MS, DEFAULT_BLOCK_MS, Span, day_of, spans, to_ms, to_utc
from spendlight.metering.reports import (
    BlockRow,
    Column,
    Report,
    ReportKind,
    SessionRow,
    block_columns,
    models_column,
    name_column,
    session_columns,
    token_columns,
)
from spendlight.metering.slices import Spending, Tally, UsageSlice, add_up, combine
from spendlight.names import shown
from spendlight.tracker import queries
from spendlight.tracker.block_queries import (
    block_row,
    blocks_from,
    first_start_ms,
    pieces_of_blocks,
)
from spendlight.tracker.page_requests import (
    ChoiceRow,
    NameRow,
    PageRequest,
    StepRow,
    TimelineRow,
    View,
)
from spendlight.tracker.queries import ReportRequest, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from spendlight.logs.attribution import AnswerKey
    from spendlight.metering.blocks import SessionBlock
    from spendlight.metering.entry import SessionName
    from spendlight.tracker.asking import QuestionDesk
    from spendlight.tracker.reading import LogReader

EXACT_MS: Final = 2 * DAY_MS
"""Longer stretches are made of sums over half a quarter of an hour, not of single answers."""


def page_report(request: ReportRequest, desk: QuestionDesk, reader: LogReader) -> Report[Any]:
    """Return what a page asks for; of a session's answers, also what its logs alone tell."""
    report = desk.ask(lambda source: answer(source, request), request.machines)
    if isinstance(request, PageRequest) and request.session:
        return attributed(report, attributions(reader.discover().files, request.session))
    return report


def answer(source: Source, request: ReportRequest) -> Report[Any]:
    """Return what a page asks the ledger for."""
    if not isinstance(request, PageRequest):
        message = f"{type(request).__name__} is no request of a page"
        raise TypeError(message)
    if request.model:
        source = source._replace(model=request.model)
    if request.view is View.REPORT:
        return _plain_report(source, request)
    return _VIEWS[request.view](source, request)


def _plain_report(source: Source, request: PageRequest) -> Report[Any]:
    if request.kind is ReportKind.SESSION:
        return queries.session_report(source, request)
    if request.kind is ReportKind.BLOCKS:
        return _blocks(source, request)
    return queries.period_report(source, request)


def _projects(source: Source, request: PageRequest) -> Report[NameRow]:
    tallies: dict[str, Tally] = {}
    sessions: dict[str, set[SessionName]] = {}
    for piece in _in_days(source, request):
        name = piece.session.project
        if name not in tallies:
            tallies[name], sessions[name] = Tally(source.prices, request.mode), set()
        tallies[name].add(piece)
        sessions[name].add(piece.session)
    found = [(name, tally.total(), len(sessions[name])) for name, tally in tallies.items()]
    return _name_report(source, request, "Project", found)


def _choices(source: Source, request: PageRequest) -> Report[ChoiceRow]:
    machines = sorted({name for name, _ in source.ledger.parts(source.scope)}, key=str.casefold)
    rows = (
        *(ChoiceRow(name, is_machine=False) for name in source.ledger.projects(source.scope)),
        *(ChoiceRow(name, is_machine=True) for name in machines),
    )
    return Report(request.kind, (), rows, Spending(), source.prices.source)


def _ever(source: Source, request: PageRequest) -> Report[NameRow]:
    """Return which models there ever was an answer of, and how many; nothing else is summed up."""
    uses = source.ledger.models_used(source.scope)
    nothing = (*TokenCounts(), 0.0, 0)
    pieces = (
        UsageSlice._make((0, NO_SESSION, variant, 0, False, *nothing, answers, at, at, None, 0))
        for variant, answers, at in uses
    )
    total = add_up(source.named(pieces), source.prices, request.mode)
    return Report(request.kind, (), (), total, source.prices.source)


def _models(source: Source, request: PageRequest) -> Report[NameRow]:
    tallies: dict[str, Tally] = {}
    sessions: dict[str, set[SessionName]] = {}
    for piece in _in_days(source, request):
        name = piece.variant.label
        if not name:
            continue
        if name not in tallies:
            tallies[name], sessions[name] = Tally(source.prices, request.mode), set()
        tallies[name].add(piece)
        sessions[name].add(piece.session)
    found = [(name, tally.total(), len(sessions[name])) for name, tally in tallies.items()]
    return _name_report(source, request, "Model", found)


def _name_report(
    source: Source, request: PageRequest, heading: str, found: list[tuple[str, Spending, int]]
) -> Report[NameRow]:
    total = combine(spending for _, spending, _ in found)
    rows = tuple(
        NameRow(name, spending, spending.cost / total.cost if total.cost else 0.0, sessions)
        for name, spending, sessions in sorted(
            found, key=lambda row: (-row[1].cost, -row[1].tokens.total, row[0])
        )
        if spending.tokens.total
    )
    return Report(request.kind, _name_columns(heading, request), rows, total, source.prices.source)


def _name_columns(heading: str, request: PageRequest) -> list[Column[NameRow]]:
    def last(row: NameRow) -> int:
        return row.spending.last_ms or 0

    def day_text(row: NameRow) -> str:
        return f"{day_of(last(row), request.zone):%Y-%m-%d}"

    tokens: list[Column[NameRow]] = token_columns(lambda row: row.spending)
    return [
        name_column(heading, lambda row: row.name),
        Column(
            "Sessions",
            lambda row: row.sessions,
            lambda row: f"{row.sessions:,}",
            is_number=True,
            is_vital=False,
        ),
        *tokens,
        Column(
            "Share of cost",
            lambda row: row.share,
            lambda row: f"{row.share:.1%}",
            is_number=True,
        ),
        Column("Last activity", last, day_text, is_vital=False),
    ]


def _blocks(source: Source, request: PageRequest) -> Report[BlockRow]:
    """Return the blocks of some days; a filter leaves their bounds as they are."""
    everything = Source(source.ledger, source.scope, source.prices, source.aliases)
    now = request.now or datetime.now(UTC)
    since_ms = first_start_ms(request, now)
    found = blocks_from(everything, request.mode, DEFAULT_BLOCK_MS, since_ms)
    blocks = [block for block in found if day_of(block.start_ms, request.zone) in request.days]
    if request.project is not None or request.model:
        blocks = _filtered(blocks, source, request)

    def moment_text(moment: datetime) -> str:
        return f"{moment.astimezone(request.zone):%Y-%m-%d %H:%M}"

    rows = tuple(block_row(block, now) for block in blocks)
    total = combine(row.spending for row in rows)
    return Report(request.kind, block_columns(moment_text), rows, total, source.prices.source)


def _filtered(
    blocks: Sequence[SessionBlock], source: Source, request: PageRequest
) -> list[SessionBlock]:
    """Return the blocks with what a filter leaves of them; those without any are left out."""
    known = [block for block in blocks if not block.is_gap]
    if not known:
        return []
    starts = [block.spending.first_ms or 0 for block in known]
    span = Span(starts[0], known[-1].end_ms + 1, 0)
    pieces: Iterable[UsageSlice]
    if request.project is None:
        pieces = pieces_of_blocks(source, span, DEFAULT_BLOCK_MS)
    else:
        found = source.ledger.by_slot(source.scope, span, project=request.project)
        pieces = source.named(found)
    tallies = [Tally(source.prices, request.mode) for _ in known]
    for piece in pieces:
        place = bisect_right(starts, piece.first_ms) - 1
        tallies[place].add(piece)
    filtered = (
        block._replace(spending=tally.total()) for block, tally in zip(known, tallies, strict=True)
    )
    return [block for block in filtered if block.spending.answers]


def _course(source: Source, request: PageRequest) -> Report[StepRow]:
    step = request.step_ms
    tallies: dict[int, Tally] = {}
    begin = _stretch(request).start_ms
    for piece in _in_stretch(source, request):
        number = (piece.first_ms - begin) // step
        if number not in tallies:
            tallies[number] = Tally(source.prices, request.mode)
        tallies[number].add(piece)
    rows = tuple(
        StepRow(to_utc(begin + number * step), tally.total())
        for number, tally in sorted(tallies.items())
    )

    def moment_text(row: StepRow) -> str:
        return f"{row.at.astimezone(request.zone):%Y-%m-%d %H:%M}"

    tokens: list[Column[StepRow]] = token_columns(lambda row: row.spending)
    columns: list[Column[StepRow]] = [
        Column("From", lambda row: row.at, moment_text),
        models_column(lambda row: row.spending),
        *tokens,
    ]
    total = combine(row.spending for row in rows)
    return Report(request.kind, columns, rows, total, source.prices.source)


def _stretch_sessions(source: Source, request: PageRequest) -> Report[SessionRow]:
    tallies: dict[SessionName, Tally] = {}
    for piece in _in_stretch(source, request):
        if piece.session not in tallies:
            tallies[piece.session] = Tally(source.prices, request.mode)
        tallies[piece.session].add(piece)
    rows = tuple(
        sorted(
            (SessionRow(name, tally.total()) for name, tally in tallies.items()),
            key=lambda row: -(row.spending.last_ms or 0),
        )
    )

    def clock_text(at_ms: int) -> str:
        return f"{to_utc(at_ms).astimezone(request.zone):%Y-%m-%d %H:%M}"

    total = combine(row.spending for row in rows)
    return Report(request.kind, session_columns(clock_text), rows, total, source.prices.source)


def _answers(source: Source, request: PageRequest) -> Report[TimelineRow]:
    rows = tuple(
        TimelineRow(row)
        for row in queries.session_answers(source, request.session, request.mode)
        if (row.label or row.tokens.total) and request.model in {"", row.label}
    )
    total = combine(row.spending for row in rows)
    columns = _answer_columns(request, has_roles=any(row.answer.role for row in rows))
    return Report(request.kind, columns, rows, total, source.prices.source)


def attributed(report: Report[Any], found: Mapping[AnswerKey, Attribution]) -> Report[Any]:
    """Return the answers of a session with what its logs tell of them."""
    rows = tuple(
        row._replace(
            attribution=found.get(
                (to_ms(row.at), row.answer.model, row.answer.tokens.output), row.attribution
            ),
        )
        for row in report.rows
    )
    return report._replace(rows=rows)


def _answer_columns(request: PageRequest, *, has_roles: bool) -> Sequence[Column[TimelineRow]]:
    """Return the columns of single answers; most sessions have nothing else than answers."""

    def moment_text(row: TimelineRow) -> str:
        return f"{row.at.astimezone(request.zone):%Y-%m-%d %H:%M:%S}"

    def told(row: TimelineRow) -> str:
        skill = row.attribution.skill
        return ", ".join((*((skill,) if skill else ()), *row.attribution.tools))

    def kind(row: TimelineRow) -> str:
        return row.answer.role.words

    subagent: Column[TimelineRow] = name_column("Subagent", lambda row: row.attribution.agent)
    tokens: list[Column[TimelineRow]] = token_columns(lambda row: row.spending)
    return [
        Column("Time", lambda row: row.at, moment_text),
        name_column("Model", lambda row: row.answer.label),
        *([Column("Kind", kind, kind)] if has_roles else ()),
        subagent._replace(is_vital=False),
        Column("Used for", told, lambda row: shown(told(row))),
        *tokens,
    ]


def _in_days(source: Source, request: PageRequest) -> Iterator[UsageSlice]:
    wanted = spans(request.zone, *source.extent(), request.days)
    return source.named(source.ledger.by_session(source.scope, wanted, project=request.project))


def _in_stretch(source: Source, request: PageRequest) -> Iterator[UsageSlice]:
    span = _stretch(request)
    if span.end_ms - span.start_ms > EXACT_MS:
        found = source.ledger.by_slot(source.scope, span, with_sessions=True)
    else:
        found = source.ledger.answers(source.scope, span)
    pieces = source.named(found)
    return (piece for piece in pieces if request.project in {None, piece.session.project})


def _stretch(request: PageRequest) -> Span:
    """Return the stretch of time asked for."""
    begin = 0 if request.since is None else to_ms(request.since)
    end = to_ms(request.until or request.now or datetime.now(UTC))
    return Span(begin, max(begin, end), 0)


_VIEWS: Final[dict[View, Callable[[Source, PageRequest], Report[Any]]]] = {
    View.PROJECTS: _projects,
    View.MODELS: _models,
    View.COURSE: _course,
    View.STRETCH_SESSIONS: _stretch_sessions,
    View.ANSWERS: _answers,
    View.CHOICES: _choices,
    View.EVER: _ever,
}
