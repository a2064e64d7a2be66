"""The reports: what was typed becomes a request, and the answer a table or JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from spendlight.cli import json_out, terminal
from spendlight.cli.arguments import Verb
from spendlight.cli.world import opened
from spendlight.errors import BadArgumentError
from spendlight.metering.periods import DateRange
from spendlight.metering.reports import ReportKind, money
from spendlight.metering.slices import combine
from spendlight.names import name
from spendlight.tracker.queries import ReportRequest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from spendlight.cli.arguments import Arguments
    from spendlight.cli.world import World
    from spendlight.metering.reports import AnswerRow, Report
    from spendlight.tracker.snapshot import UsageSnapshot

_KINDS_OF_ROWS = (ReportKind.SESSION, ReportKind.BLOCKS)
"""Reports whose last N are rows, not periods of the calendar."""


class LastWithDatesError(BadArgumentError):
    """Both the last so many periods and certain days were asked for."""

    def __init__(self) -> None:
        super().__init__(
            "--last does not go with --since and --until", "Leave one or the other out."
        )


def run(arguments: Arguments) -> None:
    """Print the report asked for.

    Raises:
        UsageError: If it makes no sense, or there is nothing to make it from.
    """
    asked = request(arguments, ReportKind(arguments.verb or Verb.DAILY))
    with opened(arguments) as world:
        asked = asked._replace(zone=world.zone)
        world.read_logs()
        world.tracker.demand_data()
        if arguments.id is not None:
            answers = world.tracker.session_answers(arguments.id, asked.mode, asked.machines)
            _print_answers(arguments, answers, world.zone)
            return
        report = cut(world.tracker.report(asked), arguments.last)
        if arguments.json:
            _print_json(noted(as_json(report, arguments), world), arguments)
        else:
            _print_text(report, arguments, world)


def request(arguments: Arguments, kind: ReportKind) -> ReportRequest:
    """Return what was typed as a request; its zone is not set yet.

    Args:
        arguments: What was typed.
        kind: The report it is about.

    Raises:
        LastWithDatesError: If both the last so many periods and certain days were asked for.
        BadArgumentError: If the days end before they begin.
    """
    days = DateRange(arguments.since, arguments.until)
    if arguments.last is not None and days != DateRange():
        raise LastWithDatesError
    return ReportRequest(
        kind=kind,
        days=days,
        mode=arguments.mode,
        order=arguments.order,
        week_start=arguments.start_of_week,
        last=None if kind in _KINDS_OF_ROWS else arguments.last,
        project=arguments.project,
        by_project=arguments.instances,
        machines=tuple(arguments.machine or ()),
        by_machine=arguments.by_machine,
        block_ms=arguments.session_length,
        is_active_only=arguments.active,
        is_recent_only=arguments.recent,
        token_limit=arguments.token_limit,
    )


def cut(report: Report[Any], count: int | None) -> Report[Any]:
    """Return a report with its *count* latest sessions or blocks only, in the order they had.

    The gaps between blocks that stay, and after them, stay too.
    """
    if count is None or report.kind not in _KINDS_OF_ROWS or not report.rows:
        return report
    used = [row for row in report.rows if row.spending.answers]
    if report.kind is ReportKind.BLOCKS:
        start_ms = sorted({row.block.start_ms for row in used})[-count:][0]
        rows = tuple(row for row in report.rows if row.block.start_ms >= start_ms)
    else:
        latest = sorted(used, key=lambda row: row.spending.last_ms)[-count:]
        kept = {(row.name, row.machine) for row in latest}
        rows = tuple(row for row in report.rows if (row.name, row.machine) in kept)
    return report._replace(rows=rows, total=combine(row.spending for row in rows))


def as_json(report: Report[Any], arguments: Arguments) -> json_out.Json:
    """Return a report as JSON."""
    if report.kind is ReportKind.SESSION:
        return json_out.sessions(report)
    if report.kind is ReportKind.BLOCKS:
        return json_out.blocks(report)
    return json_out.periods(report, project=arguments.project, is_by_project=arguments.instances)


def noted(told: json_out.Json, world: World) -> json_out.Json:
    """Return a report in JSON with what stands below its table."""
    from spendlight.cli import words

    tracker = world.tracker
    notes = words.folders(tracker.folder_notes())
    return json_out.with_notes(told, tracker.unread_lines(), tracker.unreadable_paths, notes)


def _print_json(value: object, arguments: Arguments) -> None:
    terminal.say_json(
        json_out.to_text(json_out.without_cost(value) if arguments.no_cost else value)
    )


def _print_text(report: Report[Any], arguments: Arguments, world: World) -> None:
    from spendlight.cli import words

    snapshot = world.tracker.snapshot(with_plan=False)
    if arguments.active and not arguments.by_machine:
        _print_active(report, snapshot, world.zone)
    elif not report.rows:
        terminal.say(words.nothing(snapshot.state))
    else:
        from spendlight.cli.tables import Look, table

        look = Look(
            is_compact=arguments.compact,
            has_breakdown=arguments.breakdown,
            has_cost=not arguments.no_cost,
            names=arguments.project_aliases,
        )
        console = terminal.console(arguments.color, width=terminal.width())
        console.print(table(report, look, console.width))
    terminal.say()
    unreadable = world.tracker.unreadable_paths
    terminal.say(*words.footer(report.prices, report.total, snapshot.unread_lines, unreadable))
    for note in words.folders(world.tracker.folder_notes()):
        terminal.say(note)
    imported = world.tracker.imported(arguments.machine or ())
    if imported:
        terminal.say(words.imported(imported, world.zone))


def _print_active(report: Report[Any], snapshot: UsageSnapshot, zone: tzinfo) -> None:
    from spendlight.cli import snapshot_words, words

    rows = [row for row in report.rows if row.has_begun]
    for row in rows:
        now = datetime.now(UTC)
        terminal.say_text(snapshot_words.plain(snapshot_words.block_facts(row, now, zone)))
    if not rows:
        terminal.say(words.no_block(snapshot.state, snapshot.last_at, zone))


def _print_answers(arguments: Arguments, answers: Sequence[AnswerRow], zone: tzinfo) -> None:
    from spendlight.cli import words

    session = arguments.id or ""
    if arguments.json:
        _print_json(json_out.session_answers(session, answers), arguments)
        return
    if not answers:
        terminal.say(f"No session {session} is known.")
        return
    for row in answers:
        cost = "no price" if row.cost is None else money(row.cost)
        money_text = "" if arguments.no_cost else f"  {cost:>10}"
        terminal.say(
            f"{row.at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {row.tokens.total:>12,} tokens"
            f"{money_text}  {name(row.label)}{f' ({row.role.words})' if row.role else ''}"
        )
    total = words.counted(len(answers), "answer")
    spent = "" if arguments.no_cost else f", {money(sum(row.cost or 0.0 for row in answers))}"
    terminal.say(f"{total}, {sum(row.tokens.total for row in answers):,} tokens{spent}")
