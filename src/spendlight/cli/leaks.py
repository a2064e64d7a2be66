"""Prints where money leaks: facts with figures, and how each is computed."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final

from spendlight.cli import json_out, terminal, words
from spendlight.cli.plain_tables import plain_table
from spendlight.cli.reporting import days_typed, first_day_of_last, noted, selection
from spendlight.cli.words import counted
from spendlight.cli.world import opened
from spendlight.metering.periods import DateRange, Period
from spendlight.metering.reports import compact_count, cost_text, money, session_label, short_model
from spendlight.names import name, shortened
from spendlight.tracker.questions.leaks import WhereMoneyLeaks, in_total

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from spendlight.cli.arguments import Arguments
    from spendlight.cli.json_out import Json
    from spendlight.cli.world import World
    from spendlight.metering.leaks import Leak
    from spendlight.tracker.questions.leaks import Leaks

OK = 0

DEFAULT_PERIOD: Final = (Period.DAY, 30)

MOST_WIDE: Final = 80
MOST_ROWS: Final = 5
"""Lists of sessions, models and tools are cut after so many rows; JSON has all."""

MOST_NAME: Final = 38
"""The most letters of a name in a list."""

_UNREAD: Final = (
    "Written to the prompt cache, and not read by a later answer before it expired. More than "
    "without caching:"
)
_EXPIRED: Final = (
    "Sent again because an answer came later than the cache keeps it (five minutes, or an hour), "
    "and the context had not become shorter. More than if it had been read in time:"
)
_LONG: Final = (
    "Requests with more context than the threshold of their model's price, which applies to all "
    "of their tokens. More than at the normal price:"
)
_REBUILT: Final = (
    "Written by subagents although another of the same type and session had just written the "
    "same beginning, at most the shortest of their first contexts. More than if it had been read, "
    "at most:"
)
_CHEAPER: Final = (
    "The price of exactly the same tokens. Another model would have used others, so this is a "
    "comparison of prices and not a forecast."
)
_TOOLS: Final = (
    "By how much the context had grown at the next answer, after answers that called only this "
    "tool; results themselves are not kept. The cost includes reading them again with each later "
    "answer, until the context became shorter."
)


def run(arguments: Arguments) -> int:
    """Print where money leaks, and return the exit code.

    Raises:
        UsageError: If the options are invalid, or there is no data.
    """
    days = days_typed(arguments, arguments.recent_days)
    with opened(arguments) as world:
        world.read_logs()
        world.tracker.demand_data()
        if days == DateRange():
            period, count = arguments.recent_days or DEFAULT_PERIOD
            arguments.since = first_day_of_last(arguments, world.zone, period, count)
        leaks = world.tracker.ask(WhereMoneyLeaks(selection(arguments, world.zone)))
        if arguments.json:
            terminal.say_json(json_out.to_text(noted(to_json(leaks), world)))
        else:
            _print_text(leaks, world)
    return OK


def _print_text(leaks: Leaks, world: World) -> None:
    width = min(terminal.width(), MOST_WIDE)
    snapshot = world.tracker.snapshot(with_plan=False)
    if leaks.total.answers:
        terminal.say_text("\n".join(text_lines(leaks, width)))
    else:
        terminal.say(words.nothing(snapshot.state))
        if leaks.days.since is not None:
            terminal.say(
                f"Only usage since {leaks.days.since} counts; --last 12m goes back further."
            )
    terminal.say()
    unreadable = world.tracker.unreadable_paths
    terminal.say(*words.footer(leaks.prices, leaks.total, snapshot.unread_lines, unreadable))
    terminal.say(*words.folders(world.tracker.folder_notes()))


def text_lines(leaks: Leaks, width: int) -> Iterator[str]:
    """Yield the figures as lines, sentences wrapped to the width."""
    since, until = leaks.days
    period = f"since {since}" if until is None else f"{since or 'the beginning'} to {until}"
    yield f"Where money leaks, {period}"
    yield from wrap(
        f"Cost in this time: {cost_text(leaks.total)}. What follows are estimates from list "
        "prices; they overlap, so they do not add up.",
        width,
    )
    yield from _leak("Cache writes never read again", _UNREAD, leaks.unread, width)
    yield from _leak("Context sent again after pauses", _EXPIRED, leaks.expired, width)
    yield from _leak("Long context", _LONG, in_total(leaks.long), width)
    yield from _table(
        (
            (
                shortened(session_label(one.found.session[1], one.title), MOST_NAME),
                counted(one.found.leak.answers, "answer"),
                money(one.found.leak.extra),
            )
            for one in leaks.long[:MOST_ROWS]
        ),
        width,
    )
    yield from _leak("Same cache written by several subagents", _REBUILT, leaks.rebuilt, width)
    yield from _heading("The same tokens with the next cheaper model", "", _CHEAPER, width)
    yield from _table(
        (
            (
                shortened(f"{short_model(one.label)} → {short_model(one.cheaper)}", MOST_NAME),
                f"{money(one.cost)} → {money(one.cheaper_cost)}",
                money(one.cheaper_cost - one.cost),
            )
            for one in leaks.compared[:MOST_ROWS]
        ),
        width,
    )
    if not leaks.compared:
        yield "  No model in use has a cheaper one to compare with."
    yield from _heading("Results of tools in the context", "", _TOOLS, width)
    yield from _table(
        (
            (
                shortened(name(one.tool), MOST_NAME),
                f"{compact_count(one.tokens)} tokens",
                money(one.cost),
            )
            for one in leaks.growth.tools[:MOST_ROWS]
        ),
        width,
    )
    if leaks.growth.other_tokens:
        rest = compact_count(leaks.growth.other_tokens)
        text = f"{rest} tokens more cannot be assigned to one tool: prompts, and answers that "
        text += "called several tools."
        yield from _indented(text, width)


def _leak(heading: str, text: str, leak: Leak, width: int) -> Iterator[str]:
    """Yield one figure with its explanation."""
    if not leak.answers:
        yield from _heading(heading, "none", "", width)
        return
    facts = f"{compact_count(leak.tokens)} tokens in {counted(leak.answers, 'answer')}"
    told = f"{text} {money(leak.extra)} of {money(leak.cost)}."
    if leak.unpriced:
        told += f" {counted(leak.unpriced, 'answer')} of models without a price not included."
    yield from _heading(heading, f"{facts}{money(leak.extra):>12}", told, width)


def _heading(heading: str, figures: str, text: str, width: int) -> Iterator[str]:
    yield ""
    if len(heading) + len(figures) < width:
        yield f"{heading}{figures:>{width - len(heading)}}" if figures else heading
    else:
        yield from wrap(heading, width)
        yield from _indented(figures, width)
    if text:
        yield from _indented(text, width)


def _indented(text: str, width: int) -> list[str]:
    return wrap(text, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def _table(rows: Iterable[tuple[str, str, str]], width: int) -> Iterator[str]:
    indent = " " * 4
    for line in plain_table(list(rows), (40, 23, 13), width - len(indent)):
        yield f"{indent}{line}"


def to_json(leaks: Leaks) -> Json:
    """Return the figures as JSON."""
    since, until = leaks.days
    return {
        "cheaperModels": [
            {
                "answers": one.answers,
                "answersLeftOut": one.left_out,
                "cheaperCost": one.cheaper_cost,
                "cheaperModel": one.cheaper,
                "cost": one.cost,
                "modelName": one.label,
                "totalTokens": one.tokens,
            }
            for one in leaks.compared
        ],
        "expiredContext": _leak_json(leaks.expired),
        "isEstimate": True,
        "longContext": _leak_json(in_total(leaks.long))
        | {
            "sessions": [
                {
                    "projectPath": one.found.session[0],
                    "sessionId": one.found.session[1],
                }
                | _leak_json(one.found.leak)
                | ({"title": one.title} if one.title else {})
                for one in leaks.long
            ]
        },
        "prices": leaks.prices.words,
        "rebuiltCaches": _leak_json(leaks.rebuilt),
        "since": None if since is None else str(since),
        "toolResults": {
            "otherTokens": leaks.growth.other_tokens,
            "tools": [
                {
                    "answers": one.answers,
                    "cost": one.cost,
                    "firstCost": one.first_cost,
                    "tokens": one.tokens,
                    "tool": one.tool,
                    "unpricedAnswers": one.unpriced,
                }
                for one in leaks.growth.tools
            ],
        },
        "totals": json_out.totals(leaks.total),
        "unreadCacheWrites": _leak_json(leaks.unread),
        "until": None if until is None else str(until),
    }


def _leak_json(leak: Leak) -> Json:
    return {
        "answers": leak.answers,
        "cost": leak.cost,
        "extraCost": leak.extra,
        "tokens": leak.tokens,
        "unpricedAnswers": leak.unpriced,
    }
