"""Texts of the terminal: durations, amounts, price lists, what is missing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from spendlight.metering.reports import compact_count, money
from spendlight.names import name
from spendlight.tracker.snapshot import DataState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

    from spendlight.metering.burnrate import BurnRate, Projection, TokenLimit
    from spendlight.metering.pricing import PriceSource
    from spendlight.metering.slices import Spending
    from spendlight.tracker.data_folders import FolderNotes, LeftFolder

_NOTHING_FOUND = {
    DataState.NO_CLAUDE: "No Claude Code data was found. Spendlight looks in CLAUDE_CONFIG_DIR "
    "or, if that is not set, in ~/.claude and ~/.config/claude; nor was data of another coding "
    "agent found where that usually keeps it. To try it with made-up logs: spendlight --demo",
    DataState.NO_LOGS: "No usage has been logged yet.",
}
PRICE_THEM = (
    "To add one: pricingOverrides in ccusage.json, or --prices FILE; see 'spendlight prices'"
)
_NOTHING_ASKED_FOR = "No usage matches these options."
_NO_BLOCK = "No active block."


def nothing(state: DataState) -> str:
    """Return the sentence for a report without rows."""
    return _NOTHING_FOUND.get(state, _NOTHING_ASKED_FOR)


def no_block(state: DataState, last_at: datetime | None, zone: tzinfo) -> str:
    """Return the sentence to show if no block is active."""
    if state in _NOTHING_FOUND:
        return _NOTHING_FOUND[state]
    if last_at is None:
        return _NO_BLOCK
    return f"{_NO_BLOCK} The last answer was at {last_at.astimezone(zone):%Y-%m-%d %H:%M}."


def duration(span: timedelta) -> str:
    """Return a duration in hours and minutes, rounded down.

    >>> duration(timedelta(hours=3, minutes=24, seconds=59)), duration(timedelta(minutes=7))
    ('3h 24m', '7m')
    """
    hours, minutes = divmod(max(0, span // timedelta(minutes=1)), 60)
    return f"{hours}h {minutes}m" if hours else f"{minutes}m"


def tokens(count: float) -> str:
    """Return a count of tokens, as in "1.28 M tokens"."""
    return f"{compact_count(count)} tokens"


def cost(spending: Spending) -> str:
    """Return the cost, and how many models are missing from it."""
    missing = unpriced(spending)
    return f"{money(spending.cost)} ({missing})" if missing else money(spending.cost)


def burn(rate: BurnRate | None) -> str:
    """Return the burn rate of a block."""
    if rate is None:
        return "only one answer so far"
    return f"{money(rate.cost_per_hour)}/h · {compact_count(rate.tokens_per_minute)} tokens/min"


def lead(projection: Projection | None, end: str) -> str:
    """Return the projection of a block that ends at the time *end*."""
    if projection is None:
        return "too early to tell"
    return f"{money(projection.total_cost)} · {tokens(projection.total_tokens)} at {end}"


def limit(status: TokenLimit) -> str:
    """Return how a projection compares with a limit, with a mark that needs no colour."""
    mark = {"ok": "ok", "warning": "near the limit", "exceeds": "over the limit!"}[status.verdict]
    share = "" if status.percent_used is None else f"{status.percent_used:,.0f} % of "
    return f"{share}{status.limit_tokens:,} tokens by the end: {mark}"


def unpriced(spending: Spending) -> str:
    """Return how many models have no price, or "" if all have one."""
    count = len(spending.unpriced)
    return f"{counted(count, 'model')} without a price" if count else ""


def refused(prices: PriceSource) -> list[str]:
    """Return which of the user's own prices are not used, and why."""
    return [f"Ignored in your price list: {name(what)}: {why}" for what, why in prices.refused]


def counted(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> counted(1, "model"), counted(2, "line")
    ('1 model', '2 lines')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def entries(count: int) -> str:
    """Return a count of entries."""
    return f"{count:,} entry" if count == 1 else f"{count:,} entries"


def imported(machines: Mapping[str, datetime], zone: tzinfo) -> str:
    """Return from which machines usage was imported, and when each was last imported."""
    told = (
        f"{name(machine)} ({at.astimezone(zone):%Y-%m-%d %H:%M})"
        for machine, at in machines.items()
    )
    return f"Includes usage imported from: {', '.join(told)}"


def folders(notes: FolderNotes) -> list[str]:
    """Return notes on the data folders: which are missing, and whose usage is left out."""
    where = "CLAUDE_CONFIG_DIR" if notes.is_listed else "the settings (config_dirs)"
    lines = []
    for missing in notes.missing:
        lack = "has no 'projects' folder" if missing.is_folder else "does not exist"
        if missing.answers:
            kept = counted(missing.answers, "answer")
            verb = "is" if missing.answers == 1 else "are"
            lines.append(f"{missing.folder} {lack}; the {kept} from it {verb} still counted")
        else:
            lines.append(f"No Claude Code data: {missing.folder} {lack}. Correct {where}.")
    lines.extend(left_out(left, is_listed=notes.is_listed) for left in notes.left)
    lines.extend(f"{link} is a link, so the logs in it are not counted" for link in notes.links)
    return lines


def left_out(left: LeftFolder, *, is_listed: bool) -> str:
    """Return how many answers of a folder are not counted, and how to count them."""
    where = "CLAUDE_CONFIG_DIR" if is_listed else "the settings (config_dirs)"
    gone = "" if left.exists else ", which no longer exists"
    kept = f"{counted(left.answers, 'answer')} from {left.folder}{gone}"
    them = "it" if left.answers == 1 else "them"
    return f"Not counted: {kept}. To count {them}, add that folder to {where}."


def footer(prices: PriceSource, total: Spending, problems: int, unreadable: int = 0) -> list[str]:
    """Return the notes below a report: the price list, and what is missing."""
    lines = [f"List price: {prices.words}"]
    used = {model.label for model in total.models}
    if dated := [f"{name(one)} (since {day})" for one, day in prices.by_date if one in used]:
        lines.append(f"Another price before, by date: {', '.join(dated)}")
    if total.web_searches:
        searches = "search" if total.web_searches == 1 else "searches"
        dollars = money(total.web_search_cost)
        lines.append(f"{total.web_searches:,} web {searches}, {dollars}, not included in the cost")
    if total.unpriced:
        lines.append(f"{unpriced(total)}: {', '.join(map(name, total.unpriced))}")
        lines.append(PRICE_THEM)
    return [*lines, *refused(prices), *unread(problems, unreadable)]


def unread(problems: int, unreadable: int) -> list[str]:
    """Return notes on what could not be read: lines of logs, and files or folders."""
    lines = []
    if problems:
        lines.append(
            f"{counted(problems, 'line')} could not be read; for details: spendlight doctor"
        )
    if unreadable:
        paths = "file or folder" if unreadable == 1 else "files or folders"
        lines.append(f"{unreadable:,} {paths} could not be read; for details: spendlight doctor")
    return lines


def bar(share: float, width: int) -> str:
    """Return a bar of block characters, filled from the left.

    >>> bar(0.5, 8)
    '████░░░░'
    """
    filled = round(min(1.0, max(0.0, share)) * width)
    return "█" * filled + "░" * (width - filled)
