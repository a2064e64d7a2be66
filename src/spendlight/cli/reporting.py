"""Runs reports: turns arguments into a question, and the answer into a table or JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from spendlight.cli import json_out, terminal
from spendlight.cli.dimension_arguments import conditions
from spendlight.cli.reports import FIRST_REPORT, REPORTS
from spendlight.cli.world import opened
from spendlight.errors import BadArgumentError
from spendlight.metering.entry import ASSUMED_MARK
from spendlight.metering.periods import DateRange, periods_back
from spendlight.metering.reports import money
from spendlight.names import name, shown
from spendlight.tracker.questions.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, tzinfo

    from spendlight.cli.arguments import Arguments
    from spendlight.cli.reports import ReportVerb
    from spendlight.cli.world import World
    from spendlight.metering.periods import Period
    from spendlight.metering.reports import AnswerRow, Report
    from spendlight.metering.session_notes import PullRequest
    from spendlight.tracker.snapshot import UsageSnapshot


_printed: object = None
"""The last report, kept as the process ends next: freeing it would take a tenth of a second."""


class LastWithDatesError(BadArgumentError):
    """Both --last and certain days were requested."""

    def __init__(self) -> None:
        super().__init__(
            "--last cannot be combined with --since or --until", "Use one or the other."
        )


class DividedAnswersError(BadArgumentError):
    """The answers of one session were requested, and to divide or select them."""

    def __init__(self) -> None:
        super().__init__(
            "--id lists all answers of a session, so --by and filters cannot be used with it",
            "Leave them out, or leave out --id.",
        )


class SectionsWithoutJsonError(BadArgumentError):
    """Several reports in one were requested, but not as JSON."""

    def __init__(self) -> None:
        super().__init__("--sections needs --json", "Tables are printed one at a time.")


def run(arguments: Arguments) -> None:
    """Print a report.

    Raises:
        UsageError: If the options are invalid, or there is no data.
    """
    verb = REPORTS[arguments.verb or FIRST_REPORT]
    days_typed(arguments)
    if arguments.id is not None and (arguments.by is not None or arguments.where):
        raise DividedAnswersError
    if arguments.sections and not arguments.json:
        raise SectionsWithoutJsonError
    with opened(arguments) as world:
        world.read_logs()
        world.tracker.demand_data(arguments.agents)
        if arguments.id is not None:
            from spendlight.tracker.questions.answers import SessionAnswers, SessionTold

            asked = SessionAnswers(arguments.id, selection(arguments, world.zone))
            about = world.tracker.ask(SessionTold(arguments.id, asked.selection))
            _print_answers(arguments, world.tracker.ask(asked), about, world.zone)
            return
        if arguments.sections:
            _print_json(noted(_in_sections(arguments, world), world), arguments)
            return
        report = answer(verb, arguments, world)
        if arguments.json:
            told = noted(verb.to_json(report, arguments), world)
            _print_json(told, arguments)
            _keep(report, told)
        else:
            _print_text(report, arguments, world)


def _in_sections(arguments: Arguments, world: World) -> json_out.Json:
    """Return several reports in one; the total is that of the first."""
    told: json_out.Json = {}
    for name_of_report in arguments.sections:
        verb = REPORTS[name_of_report]
        told = verb.to_json(answer(verb, arguments, world), arguments) | told
    return told


def answer(verb: ReportVerb, arguments: Arguments, world: World) -> Report[Any]:
    """Return a report."""
    question = verb.question(arguments, selection(arguments, world.zone, verb.period))
    report = world.tracker.ask(question)
    if verb.latest is None or arguments.last is None or not report.rows:
        return report
    return verb.latest(report, arguments.last)


def days_typed(arguments: Arguments, last: object = None) -> DateRange:
    """Return the days that were typed.

    Args:
        arguments: The arguments.
        last: What was typed behind --last, if that is not a number.

    Raises:
        LastWithDatesError: If both --last and certain days were requested.
        BadArgumentError: If the days end before they begin.
    """
    days = DateRange(arguments.since, arguments.until)
    if days != DateRange() and (last is not None or arguments.last is not None):
        raise LastWithDatesError
    return days


def first_day_of_last(arguments: Arguments, zone: tzinfo, period: Period, count: int) -> date:
    """Return the first day of the last days, weeks or months, today's included."""
    today = datetime.now(UTC).astimezone(zone).date()
    return periods_back(today, period, count, arguments.week_start)


def selection(arguments: Arguments, zone: tzinfo, period: Period | None = None) -> Selection:
    """Return the usage that the arguments select.

    Args:
        arguments: The arguments.
        zone: The time zone of days.
        period: What --last counts; None leaves that for later.

    Raises:
        LastWithDatesError: If both --last and certain days were requested.
        BadArgumentError: If the days end before they begin.
    """
    days = days_typed(arguments)
    if arguments.last is not None and period is not None:
        days = DateRange(first_day_of_last(arguments, zone, period, arguments.last), None)
    machines = tuple(arguments.machine or ())
    return Selection(
        zone,
        days,
        arguments.mode,
        arguments.project,
        machines=machines,
        agents=arguments.agents,
        where=conditions(arguments.where),
        is_fast=arguments.speed.is_fast,
    )


def noted(told: json_out.Json, world: World) -> json_out.Json:
    """Return a report as JSON with the notes below its table."""
    from spendlight.cli import words

    tracker = world.tracker
    notes = words.folders(tracker.folder_notes())
    return json_out.with_notes(told, tracker.unread_lines(), tracker.unreadable_paths, notes)


def _print_json(value: object, arguments: Arguments) -> None:
    terminal.say_json(
        json_out.to_text(json_out.without_cost(value) if arguments.no_cost else value)
    )


def _keep(*printed: object) -> None:
    global _printed  # noqa: PLW0603  # it is never used, only not freed
    _printed = printed


def _print_text(report: Report[Any], arguments: Arguments, world: World) -> None:
    from spendlight.cli import words

    snapshot = world.tracker.snapshot(with_plan=False)
    if arguments.active and not arguments.by_machine and arguments.by is None:
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


def _print_answers(
    arguments: Arguments,
    answers: Sequence[AnswerRow],
    about: tuple[str, tuple[PullRequest, ...]],
    zone: tzinfo,
) -> None:
    from spendlight.cli import words

    session = arguments.id or ""
    title, requests = about
    if arguments.json:
        _print_json(json_out.session_answers(session, answers, title, requests), arguments)
        return
    if not answers:
        terminal.say(f"Session {session} was not found.")
        return
    if title:
        terminal.say(name(title))
    for request in requests:
        terminal.say(f"Pull request {shown(request.url)}")
    for row in answers:
        cost = "no price" if row.cost is None else money(row.cost)
        money_text = "" if arguments.no_cost else f"  {cost:>10}"
        is_said = not row.role or row.label.endswith(ASSUMED_MARK)
        kind = "" if is_said else f" ({row.role.words})"
        terminal.say(
            f"{row.at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {row.tokens.total:>12,} tokens"
            f"{money_text}  {name(row.label)}{kind}"
        )
    total = words.counted(len(answers), "answer")
    spent = "" if arguments.no_cost else f", {money(sum(row.cost or 0.0 for row in answers))}"
    terminal.say(f"{total}, {sum(row.tokens.total for row in answers):,} tokens{spent}")
