"""Prints why usage cost what it did: what cost most by each dimension, on one screen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from spendlight.cli import json_out, terminal, why_screen, words
from spendlight.cli.reporting import days_typed, first_day_of_last, noted, selection
from spendlight.cli.why_arguments import BLOCK, Hours
from spendlight.cli.world import opened
from spendlight.metering.periods import HOUR_MS, to_ms
from spendlight.names import shown
from spendlight.tracker.questions.why import Why

if TYPE_CHECKING:
    from spendlight.cli.arguments import Arguments
    from spendlight.cli.json_out import Json
    from spendlight.cli.world import World
    from spendlight.tracker.questions.why import WhyReport

OK: Final = 0

MOST_WIDE: Final = 240
_FILE_WIDTH: Final = 80
"""The width of lines that are not printed to a terminal."""


def run(arguments: Arguments) -> int:
    """Print why usage cost what it did, and return the exit code.

    Raises:
        UsageError: If the options are invalid, or there is no data.
    """
    days_typed(arguments, arguments.last_period)
    with opened(arguments) as world:
        world.read_logs()
        world.tracker.demand_data()
        report = world.tracker.ask(_question(arguments, world))
        if arguments.json:
            terminal.say_json(json_out.to_text(noted(to_json(report), world)))
        else:
            _print_text(report, arguments, world)
    return OK


def _question(arguments: Arguments, world: World) -> Why:
    """Return the question that the arguments ask."""
    last, now = arguments.last_period, datetime.now(UTC)
    between = None
    if isinstance(last, Hours):
        between = to_ms(now) - last * HOUR_MS, to_ms(now) + 1
    elif isinstance(last, tuple):
        arguments.since = first_day_of_last(arguments, world.zone, *last)
    question = Why(selection(arguments, world.zone), between=between, is_last_block=last == BLOCK)
    return question if arguments.by is None else question._replace(by=(arguments.by,))


def _print_text(report: WhyReport, arguments: Arguments, world: World) -> None:
    tracker = world.tracker
    snapshot = tracker.snapshot(with_plan=False)
    footer = words.footer(
        report.prices, report.total, snapshot.unread_lines, tracker.unreadable_paths
    )
    footer += words.folders(tracker.folder_notes())
    if not report.total.answers:
        terminal.say(words.nothing(snapshot.state), "", *footer)
        return
    width = terminal.width()
    screen = why_screen.Screen(
        width=_FILE_WIDTH if width == terminal.UNLIMITED_WIDTH else min(width, MOST_WIDE),
        height=terminal.height(),
        is_bold=terminal.is_colored(arguments.color),
    )
    for line in why_screen.lines(report, screen, world.zone, list(map(shown, footer))):
        terminal.say_colored(line)


def to_json(report: WhyReport) -> Json:
    """Return all values of all dimensions as JSON."""
    total, since_ms = report.total, report.known_since_ms
    return {
        "dimensions": [
            {
                "dimension": part.dimension,
                "values": [
                    {
                        "answers": row.spending.answers,
                        "isKnown": row.value is not None,
                        "share": row.share,
                        "value": row.value or None,
                    }
                    | json_out.totals(row.spending)
                    for row in part.rows
                ],
            }
            for part in report.parts
        ],
        "firstAnswer": None if total.first_ms is None else json_out.moment(total.first_ms),
        "knownSince": None if since_ms is None else json_out.moment(since_ms),
        "lastAnswer": None if total.last_ms is None else json_out.moment(total.last_ms),
        "prices": report.prices.words,
        "totals": {"answers": total.answers} | json_out.totals(total),
        "unknown": {"answers": report.unknown.answers} | json_out.totals(report.unknown),
    }
