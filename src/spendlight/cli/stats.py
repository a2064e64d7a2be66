"""Statistics of all usage, in words and as JSON with toktrack's field names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.cli import json_out, terminal, words
from spendlight.cli.reporting import days_typed, noted, selection
from spendlight.cli.snapshot_words import Fact, plain
from spendlight.cli.world import opened
from spendlight.metering.reports import compact_count, money
from spendlight.tracker.questions.stats import Stats

if TYPE_CHECKING:
    from spendlight.cli.arguments import Arguments
    from spendlight.cli.json_out import Json
    from spendlight.metering.stats import UsageStats

OK = 0


def run(arguments: Arguments) -> int:
    """Print the statistics of the selected usage, and return the exit code.

    Raises:
        UsageError: If the options are invalid, or there is no data.
    """
    days_typed(arguments)
    with opened(arguments) as world:
        world.read_logs()
        found = world.tracker.ask(Stats(selection(arguments, world.zone)))
        if arguments.json:
            terminal.say_json(json_out.to_text(noted(to_json(found), world)))
            return OK
        snapshot = world.tracker.snapshot(with_plan=False)
        if not found.days:
            terminal.say(words.nothing(snapshot.state))
        else:
            terminal.say_text(plain(facts(found)))
            terminal.say()
            terminal.say_text(coverage_text(found))
        terminal.say()
        unreadable = world.tracker.unreadable_paths
        foot = words.footer(snapshot.prices, found.total, snapshot.unread_lines, unreadable)
        terminal.say(*foot, *words.folders(world.tracker.folder_notes()))
    return OK


def facts(found: UsageStats) -> list[Fact]:
    """Return the facts about usage on at least one day."""
    first, last = found.days[0].start, found.days[-1].start
    calendar = (last - first).days + 1
    fullest, dearest = found.fullest_day, found.dearest_day
    told = [
        Fact("Days", f"{first} to {last}, active on {found.active_days:,} of {calendar:,}"),
        Fact("Tokens", f"{found.total.tokens.total:,}"),
        Fact("Cost", words.cost(found.total)),
    ]
    if found.tokens_a_day is not None and found.cost_a_day is not None:
        average = f"{compact_count(found.tokens_a_day)} tokens · {money(found.cost_a_day)}"
        told.append(Fact("Active day", f"{average} on average"))
    if fullest is not None:
        told.append(Fact("Most tokens", f"{fullest.start}  {fullest.spending.tokens.total:,}"))
    if dearest is not None:
        told.append(Fact("Highest cost", f"{dearest.start}  {words.cost(dearest.spending)}"))
    return told


def coverage_text(found: UsageStats) -> str:
    """Return by month how many days are still in the logs, and how many only in the ledger."""
    heads = ("Month", "In logs", "Ledger only", "No usage")
    rows = [
        (f"{month.month:%Y-%m}", month.in_logs, month.kept, month.without_usage)
        for month in found.months
    ]
    lines = ["{:<9}{:>9}{:>13}{:>10}".format(*heads)]
    lines += [
        f"{name:<9}{in_logs:>9}{kept:>13}{without:>10}" for name, in_logs, kept, without in rows
    ]
    return "\n".join(line.rstrip() for line in lines)


def to_json(found: UsageStats) -> Json:
    """Return them as JSON: toktrack's fields, and more of the same kind."""
    fullest, dearest = found.fullest_day, found.dearest_day
    return {
        "active_days": found.active_days,
        "coverage": [
            {
                "days": month.days,
                "ledger_only_days": month.kept,
                "log_days": month.in_logs,
                "month": f"{month.month:%Y-%m}",
                "no_usage_days": month.without_usage,
            }
            for month in found.months
        ],
        "daily_avg_cost": found.cost_a_day or 0.0,
        "daily_avg_tokens": round(found.tokens_a_day or 0),
        "first_day": str(found.days[0].start) if found.days else None,
        "last_day": str(found.days[-1].start) if found.days else None,
        "peak_cost_day": None
        if dearest is None
        else [str(dearest.start), float(dearest.spending.cost)],
        "peak_day": None
        if fullest is None
        else [str(fullest.start), fullest.spending.tokens.total],
        "total_cost": float(found.total.cost),
        "total_tokens": found.total.tokens.total,
        "unpriced_models": list(found.total.unpriced),
    }
