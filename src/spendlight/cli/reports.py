"""The reports of the command line: a table with a row for each, which drives everything else."""

from __future__ import annotations

from argparse import SUPPRESS
from typing import TYPE_CHECKING, Any, Final

from spendlight.cli import argument_types as types
from spendlight.cli.dimension_arguments import add_dimensions
from spendlight.cli.report_arguments import (
    add_agents,
    add_block_length,
    add_by_agent,
    add_filters,
    add_projects,
    add_sections,
    add_token_limit,
    add_week,
)
from spendlight.metering.entry import CLAUDE_CODE
from spendlight.metering.periods import Period
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Mapping

    from spendlight.cli.json_out import Json
    from spendlight.cli.namespace import Arguments
    from spendlight.metering.reports import BlockRow, PeriodRow, Report, SessionRow
    from spendlight.tracker.questions.question import Question
    from spendlight.tracker.questions.selection import Selection


class ReportVerb(NamedTuple):
    """A report of the command line, which can also be exported.

    Attributes:
        text: Its help.
        add_options: Adds the options that it shares with the report of a team.
        question: Makes the question from the arguments and the selection.
        to_json: Makes JSON from the answer and the arguments.
        period: What --last counts: calendar periods up to this one; None means rows.
        latest: For rows: keeps the latest of them, in the same order.
        has_instances: Whether --instances applies to an export of it.
        has_project: Whether --project does.
        has_agents: Whether it is of all agents.
    """

    text: str
    add_options: Callable[[ArgumentParser], None]
    question: Callable[[Arguments, Selection], Question[Report[Any]]]
    to_json: Callable[[Report[Any], Arguments], Json]
    period: Period | None = Period.DAY
    latest: Callable[[Report[Any], int], Report[Any]] | None = None
    has_instances: bool = False
    has_project: bool = True
    has_agents: bool = True

    def add_all_options(self, parser: ArgumentParser) -> None:
        """Add its options, and those of usage that this machine keeps, unlike a team's."""
        self.add_options(parser)
        if self.has_agents:
            add_agents(parser)
            add_by_agent(parser)
            add_sections(parser)
        add_dimensions(parser)


def _add_report(parser: ArgumentParser) -> None:
    """Add the options of all reports."""
    parser.add_argument("-j", "--json", action="store_true", help="print JSON")
    add_filters(parser)
    parser.add_argument("-b", "--breakdown", action="store_true", help="show a row for each model")
    parser.add_argument("--debug-samples", metavar="N", help=SUPPRESS)
    parser.add_argument(
        "--compact", action="store_true", help="show only the most important columns"
    )
    parser.add_argument("--no-cost", action="store_true", help="do not show costs")


def _add_daily(daily: ArgumentParser) -> None:
    """Add the options of the daily report."""
    _add_report(daily)
    add_projects(daily)
    daily.add_argument(
        "--project-aliases",
        type=types.aliases,
        metavar="NAME=ALIAS,…",
        help="the names of projects in tables",
    )


def _add_weekly(weekly: ArgumentParser) -> None:
    """Add the options of the weekly report."""
    _add_report(weekly)
    add_week(weekly)


def _add_session(session: ArgumentParser) -> None:
    """Add the options of the report by session."""
    _add_report(session)
    session.add_argument(
        "-i", "--id", type=types.name, metavar="SESSION", help="list the answers of one session"
    )


def _add_blocks(blocks: ArgumentParser) -> None:
    """Add the options of the report by block."""
    _add_report(blocks)
    blocks.add_argument(
        "-a", "--active", action="store_true", help="only the active block, with a projection"
    )
    blocks.add_argument("-r", "--recent", action="store_true", help="only the last three days")
    add_token_limit(blocks)
    add_block_length(blocks)


def _periods(period: Period) -> Callable[[Arguments, Selection], Question[Report[PeriodRow]]]:
    def question(arguments: Arguments, selection: Selection) -> Question[Report[PeriodRow]]:
        from spendlight.tracker.questions.periods import Periods

        return Periods(
            selection,
            period,
            arguments.order,
            arguments.week_start,
            by_project=arguments.instances,
            by_machine=arguments.by_machine,
            by=arguments.by or "",
            with_agents=True,
            by_agent=arguments.by_agent,
        )

    return question


def _sessions(arguments: Arguments, selection: Selection) -> Question[Report[SessionRow]]:
    from spendlight.tracker.agents import CODEX
    from spendlight.tracker.questions.sessions import Sessions

    return Sessions(
        selection,
        by_machine=arguments.by_machine,
        by=arguments.by or "",
        with_agents=True,
        by_agent=arguments.by_agent,
        with_logs_of=(CODEX,) if arguments.json or arguments.verb == "export" else (),
    )


def _blocks(arguments: Arguments, selection: Selection) -> Question[Report[BlockRow]]:
    from spendlight.tracker.questions.blocks import Blocks

    return Blocks(
        selection,
        order=arguments.order,
        by_machine=arguments.by_machine,
        by=arguments.by or "",
        block_ms=arguments.session_length,
        is_active_only=arguments.active,
        is_recent_only=arguments.recent,
        token_limit=arguments.token_limit,
    )


def _periods_json(period: Period) -> Callable[[Report[PeriodRow], Arguments], Json]:
    def to_json(report: Report[PeriodRow], arguments: Arguments) -> Json:
        if _has_form_of_claude(arguments):
            from spendlight.cli import json_out

            return json_out.periods(
                report, period, project=arguments.project, is_by_project=arguments.instances
            )
        from spendlight.cli import agent_json

        return agent_json.periods(report, period, arguments)

    return to_json


def _sessions_json(report: Report[SessionRow], arguments: Arguments) -> Json:
    if _has_form_of_claude(arguments):
        from spendlight.cli import json_out

        return json_out.sessions(report)
    from spendlight.cli import agent_json

    return agent_json.sessions(report, arguments)


def _has_form_of_claude(arguments: Arguments) -> bool:
    """Whether JSON has the form of ccusage's reports of Claude Code, as that of teams has."""
    return arguments.of_agent == CLAUDE_CODE or arguments.team_verb is not None


def _blocks_json(report: Report[BlockRow], _: Arguments) -> Json:
    from spendlight.cli import json_out

    return json_out.blocks(report)


def _latest_sessions(report: Report[SessionRow], count: int) -> Report[SessionRow]:
    used = [row for row in report.rows if row.spending.answers]
    latest = sorted(used, key=lambda row: row.spending.last_ms or 0)[-count:]
    kept = {(row.name, row.machine) for row in latest}
    return _only(report, [row for row in report.rows if (row.name, row.machine) in kept])


def _latest_blocks(report: Report[BlockRow], count: int) -> Report[BlockRow]:
    """Return the latest blocks, with the gaps between and after them."""
    starts = sorted({row.block.start_ms for row in report.rows if row.spending.answers})
    start_ms = starts[-count:][0]
    return _only(report, [row for row in report.rows if row.block.start_ms >= start_ms])


def _only(report: Report[Any], rows: list[Any]) -> Report[Any]:
    """Return a report with some of its rows only, and their total."""
    from spendlight.metering.slices import combine

    total = combine(row.spending for row in rows)
    return report._replace(rows=tuple(rows), total=total)


REPORTS: Final[Mapping[str, ReportVerb]] = {
    "daily": ReportVerb(
        "usage by day",
        _add_daily,
        _periods(Period.DAY),
        _periods_json(Period.DAY),
        has_instances=True,
    ),
    "weekly": ReportVerb(
        "usage by week",
        _add_weekly,
        _periods(Period.WEEK),
        _periods_json(Period.WEEK),
        Period.WEEK,
        has_instances=True,
    ),
    "monthly": ReportVerb(
        "usage by month",
        _add_report,
        _periods(Period.MONTH),
        _periods_json(Period.MONTH),
        Period.MONTH,
        has_instances=True,
    ),
    "session": ReportVerb(
        "usage by session, most expensive first",
        _add_session,
        _sessions,
        _sessions_json,
        None,
        _latest_sessions,
    ),
    "blocks": ReportVerb(
        "usage by five-hour block",
        _add_blocks,
        _blocks,
        _blocks_json,
        None,
        _latest_blocks,
        has_project=False,
        has_agents=False,
    ),
}
"""All reports by verb."""

FIRST_REPORT: Final = "daily"
"""The default report."""
