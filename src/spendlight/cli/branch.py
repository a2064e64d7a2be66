"""Prints what a git branch cost, by model and person-day."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spendlight.cli import json_out, terminal, words
from spendlight.cli.plain_tables import plain_table
from spendlight.cli.reporting import days_typed, noted, selection
from spendlight.cli.snapshot_words import Fact, plain
from spendlight.cli.world import opened
from spendlight.errors import BadArgumentError
from spendlight.metering.periods import to_ms, to_utc
from spendlight.metering.reports import cost_text, money, short_model
from spendlight.names import name, shown
from spendlight.tracker.invoice_words import hours
from spendlight.tracker.questions.branch import Branch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from spendlight.cli.arguments import Arguments
    from spendlight.cli.json_out import Json
    from spendlight.cli.world import World
    from spendlight.git import MergeBase
    from spendlight.metering.slices import Spending
    from spendlight.tracker.questions.branch import BranchUsage, PersonDay

OK = 0

_WIDTHS: Final = (32, 12, 20, 14)
"""The usual widths of the columns of tables."""


class NoCheckoutError(BadArgumentError):
    """The repository of a branch is not on this machine."""

    def __init__(self, folder: str) -> None:
        title = f"The repository {name(folder)} is not on this machine"
        super().__init__(
            title if folder else "The repository of the branch is not known",
            "Name its folder with --repo, or leave --since-merge-base out: then all answers on the "
            "branch count.",
        )


def run(arguments: Arguments) -> int:
    """Print what a branch cost, and return the exit code.

    Raises:
        UsageError: If there is no such branch, or git has no answer.
    """
    days_typed(arguments)
    folder = arguments.repo or ""
    with opened(arguments) as world:
        world.read_logs()
        world.tracker.demand_data()
        chosen = selection(arguments, world.zone)
        here = "" if arguments.repo else _working_folder()
        question = Branch(arguments.branch or "", folder, here, selection=chosen)
        usage = world.tracker.ask(question)
        base = None
        if arguments.since_merge_base is not None:
            base = _merge_base(arguments, folder, usage)
            asked = question._replace(repository=usage.repository, since_ms=to_ms(base.at))
            usage = world.tracker.ask(asked)
        if arguments.json:
            told = noted(to_json(usage, arguments, base), world)
            terminal.say_json(json_out.to_text(told))
        else:
            _print_text(usage, arguments, base, world)
    return OK


def _working_folder() -> str:
    """Return the working folder, or "" if it no longer exists."""
    try:
        return os.getcwd()  # noqa: PTH109  # compared as a text
    except OSError:
        return ""


def _merge_base(arguments: Arguments, folder: str, usage: BranchUsage) -> MergeBase:
    """Ask git where the branch left another one.

    Raises:
        NoCheckoutError: If its repository is not on this machine.
        UsageError: If git has no answer.
    """
    from spendlight.git import merge_base  # rarely needed

    folders = [Path(one) for one in (folder, usage.repository) if one]
    checkout = next((one for one in folders if one.is_absolute() and one.is_dir()), None)
    if checkout is None:
        raise NoCheckoutError(usage.repository)
    return merge_base(checkout, usage.branch, arguments.since_merge_base or "")


def _print_text(
    usage: BranchUsage, arguments: Arguments, base: MergeBase | None, world: World
) -> None:
    terminal.say_text(plain(list(facts(usage, arguments, base, world.zone))))
    terminal.say()
    if usage.rows:
        terminal.say_text("\n".join(tables(usage, terminal.width())))
        terminal.say()
    snapshot = world.tracker.snapshot(with_plan=False)
    unreadable = world.tracker.unreadable_paths
    terminal.say(*words.footer(usage.prices, usage.total, snapshot.unread_lines, unreadable))
    terminal.say(*words.folders(world.tracker.folder_notes()))


def facts(
    usage: BranchUsage, arguments: Arguments, base: MergeBase | None, zone: tzinfo
) -> Iterator[Fact]:
    """Yield the facts about a branch."""

    def moment(at: datetime) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"

    yield Fact("Branch", name(usage.branch))
    yield Fact("Repository", name(usage.repository) or "not known")
    if base is not None:
        told = f"{base.commit[:10]} with {name(arguments.since_merge_base or '')}"
        yield Fact("Merge base", f"{told}, {moment(base.at)}; answers before it do not count")
    total, days = usage.total, len(usage.rows)
    if total.first_ms is None or total.last_ms is None:
        yield Fact("Answers", "none")
        return
    yield Fact("First answer", moment(to_utc(total.first_ms)))
    yield Fact("Last answer", moment(to_utc(total.last_ms)))
    yield Fact("Cost", f"{cost_text(total)} (estimate)")
    yield Fact("Tokens", f"{total.tokens.total:,}")
    yield Fact("Sessions", f"{usage.sessions:,}")
    yield Fact("Active time", hours(usage.minutes))
    yield Fact("Person-days", f"{days:,}, {money(total.cost / days)} each")
    for request in usage.pull_requests:
        yield Fact("Pull request", shown(request.url))


def tables(usage: BranchUsage, width: int) -> Iterator[str]:
    """Yield the models and the days of a branch as lines."""
    total = usage.total
    models = [("Model", "Answers", "Tokens", "Cost")]
    for model in total.models_by_cost:
        cost = money(model.cost) if model.is_priced else f"{money(model.cost)} + ?"
        tokens = f"{model.tokens.total:,}"
        models.append((short_model(model.label), f"{model.answers:,}", tokens, cost))
    yield from plain_table(models, _WIDTHS, width)
    yield ""
    has_machines = any(row.machine is not None for row in usage.rows)
    days = [("Person-day", "Active time", "Tokens", "Cost")]
    for row in usage.rows:
        day = f"{row.day} {name(row.machine or '')}" if has_machines else str(row.day)
        days.append((day, hours(row.minutes), *_sums(row.spending)))
    if len(usage.rows) > 1:
        days.append(("Total", hours(usage.minutes), *_sums(total)))
    yield from plain_table(days, _WIDTHS, width)
    if has_machines:
        yield ""
        yield "A person-day is a day on one machine; who sits at it is unknown."


def _sums(spending: Spending) -> tuple[str, str]:
    return f"{spending.tokens.total:,}", cost_text(spending)


def to_json(usage: BranchUsage, arguments: Arguments, base: MergeBase | None) -> Json:
    """Return what a branch cost as JSON."""
    total = usage.total
    told: Json = {
        "activeMinutes": usage.minutes,
        "branch": usage.branch,
        "firstActivity": None if total.first_ms is None else json_out.moment(total.first_ms),
        "isEstimate": True,
        "lastActivity": None if total.last_ms is None else json_out.moment(total.last_ms),
        "mergeBase": None,
        "personDays": [_day_json(row) for row in usage.rows],
        "prices": usage.prices.words,
        "pullRequests": [json_out.pull_request(request) for request in usage.pull_requests],
        "repository": usage.repository or None,
        "sessions": usage.sessions,
        "unpricedModels": list(total.unpriced),
    }
    if base is not None:
        told["mergeBase"] = {
            "at": json_out.moment(to_ms(base.at)),
            "commit": base.commit,
            "with": arguments.since_merge_base,
        }
    return told | json_out.of_spending(total)


def _day_json(row: PersonDay) -> Json:
    told: Json = {
        "activeMinutes": row.minutes,
        "answers": row.spending.answers,
        "date": str(row.day),
        "totalCost": float(row.spending.cost),
        "totalTokens": row.spending.tokens.total,
    }
    return told if row.machine is None else told | {"machine": row.machine}
