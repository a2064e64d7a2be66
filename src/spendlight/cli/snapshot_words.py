"""Current usage in words and as JSON: the active block, its projection, today, the last hour."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from spendlight.cli import words
from spendlight.cli.json_out import moment
from spendlight.metering.burnrate import LimitVerdict, against_limit
from spendlight.metering.periods import to_utc
from spendlight.metering.reports import BlockRow, compact_count, money, short_model
from spendlight.names import name, shown
from spendlight.tracker.snapshot import DataState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, tzinfo

    from spendlight.cli.json_out import Json
    from spendlight.metering.blocks import SessionBlock
    from spendlight.metering.entry import TokenCounts
    from spendlight.metering.plan import PlanReading
    from spendlight.tracker.snapshot import RecentUsage, UsageSnapshot

BAR_WIDTH = 24
RECENT_ROWS = 8

COLORED_FROM = 0.15
"""Earlier in a block its projection is too uncertain to be coloured."""

_MINUTE = timedelta(minutes=1)
_VERDICT_STYLES = {
    LimitVerdict.OK: "green",
    LimitVerdict.WARNING: "yellow",
    LimitVerdict.EXCEEDS: "bold red",
}


class Fact(NamedTuple):
    """One line about current usage: its heading, its text, and its style.

    A line without a heading belongs to the one above. Some may be cut if space is short.
    """

    heading: str
    text: str
    style: str = ""
    may_be_cut: bool = False


def block_facts(row: BlockRow, now: datetime, zone: tzinfo) -> list[Fact]:
    """Return the facts about the active block."""
    block, limit = row.block, row.limit
    length = block.end - block.start
    share = (now - block.start) / length
    spending = block.spending
    facts = [
        Fact(
            "Block",
            f"{_clock(block.start, zone)} – {_clock(block.end, zone)}  "
            f"{words.bar(share, BAR_WIDTH)}  {words.duration(block.end - now)} left",
        ),
        Fact("Cost", words.cost(spending)),
        Fact("Tokens", f"{spending.tokens.total:,} ({_by_kind(spending.tokens)})"),
        Fact("Burn rate", words.burn(row.rate)),
        Fact("Projection", words.lead(row.projection, _clock(block.end, zone))),
    ]
    if limit is not None:
        style = _VERDICT_STYLES[limit.verdict] if share >= COLORED_FROM else ""
        facts.append(Fact("Limit", words.limit(limit), style))
    if spending.limit_reset_ms is not None:
        reset = _clock(to_utc(spending.limit_reset_ms), zone)
        facts.append(Fact("Usage limit", f"reached, resets at {reset}", "yellow"))
    return facts


def facts(snapshot: UsageSnapshot, limit_tokens: int | None, zone: tzinfo) -> list[Fact]:
    """Return the facts about current usage."""
    if snapshot.block is None:
        heading = "Block" if snapshot.state is DataState.IDLE else ""
        told = [Fact(heading, words.no_block(snapshot.state, snapshot.last_at, zone))]
    else:
        told = block_facts(_row(snapshot, snapshot.block, limit_tokens), snapshot.at, zone)
    if snapshot.plan:
        told += plan_facts(snapshot.plan, snapshot.at, zone)
    for plan in snapshot.agent_plans:
        told += plan_facts(plan.readings, snapshot.at, zone, f"{plan.title}: ")
    if snapshot.last_at is not None:  # without any usage ever, today's is unknown and not zero
        today = snapshot.today
        told.append(Fact("Today", f"{words.cost(today)} · {words.tokens(today.tokens.total)}"))
    for index, recent in enumerate(snapshot.recent[:RECENT_ROWS]):
        told.append(Fact("" if index else "Last hour", _recent(recent, zone), may_be_cut=True))
    more = len(snapshot.recent) - RECENT_ROWS
    if more > 0:
        told.append(Fact("", f"and {words.counted(more, 'session')} more"))
    return told


def plan_facts(
    plan: Iterable[PlanReading], now: datetime, zone: tzinfo, whose: str = ""
) -> list[Fact]:
    """Return the facts about the plan limits; *whose* begins their headings."""
    from spendlight.cli import plan_words  # rarely needed
    from spendlight.metering.plan import WHOLE, Standing, pace, standing

    told = []
    for reading in plan:
        is_fresh = standing(reading, now) is Standing.FRESH
        seen = pace(reading, now)
        style = "yellow" if seen.exhausted_at is not None else ""
        if is_fresh and reading.percent >= WHOLE:
            style = "bold red"
        text = plan_words.use(reading, now, zone)
        heading = f"{whose}{plan_words.HEADINGS[reading.window]}"
        told.append(Fact(heading, text, style if is_fresh else "dim"))
    return told


def plain(told: list[Fact]) -> str:
    """Return facts as text without colours."""
    width = max(len(fact.heading) for fact in told)
    gap = "  " if width else ""
    return "\n".join(shown(f"{fact.heading:<{width}}{gap}{fact.text}") for fact in told)


def to_json(snapshot: UsageSnapshot, limit_tokens: int | None, zone: tzinfo) -> Json:
    """Return current usage with claude-usage's field names, and the figures of the block."""
    block = snapshot.block
    today = {"cost": float(snapshot.today.cost), "tokens": snapshot.today.tokens.total}
    plan = _plan_json(snapshot) if snapshot.plan else {}
    others = {"agent_plans": _agent_plans(snapshot)} if snapshot.agent_plans else {}
    if block is None:
        return {
            "message": "No active session",
            "plan": plan,
            **others,
            "status": "inactive",
            "today": today,
        }
    rate, projection = snapshot.rate, snapshot.projection
    current = block.spending.tokens.total
    return {
        "burn_rates": {
            "cost_per_hour": None if rate is None else rate.cost_per_hour,
            "tokens_per_minute": None if rate is None else rate.tokens_per_minute,
        },
        "cost": {
            "current": float(block.spending.cost),
            "limit": None,
            "projected": None if projection is None else projection.total_cost,
        },
        "plan": plan,
        **others,
        "session_count": max(1, len(snapshot.recent)),
        "status": "active",
        "timing": {
            "current_time": _clock(snapshot.at, zone),
            "elapsed_minutes": (snapshot.at - block.start) / _MINUTE,
            "end_time": moment(block.end_ms),
            "remaining_minutes": (block.end - snapshot.at) / _MINUTE,
            "start_time": moment(block.start_ms),
        },
        "today": today,
        "tokens": {
            "current": current,
            "limit": limit_tokens,
            "percentage": current / limit_tokens * 100 if limit_tokens else None,
            "projected": None if projection is None else projection.total_tokens,
        },
    }


def _plan_json(snapshot: UsageSnapshot) -> Json:
    from spendlight.cli import plan_words  # rarely needed

    return plan_words.to_json(snapshot.plan, snapshot.at)


def _agent_plans(snapshot: UsageSnapshot) -> Json:
    from spendlight.cli import plan_words  # as above

    return plan_words.of_agents(snapshot.agent_plans, snapshot.at)


def _row(snapshot: UsageSnapshot, block: SessionBlock, limit_tokens: int | None) -> BlockRow:
    """Return the active block as a row of the block report."""
    projection, limit = snapshot.projection, None
    if projection is not None and limit_tokens is not None:
        limit = against_limit(projection, limit_tokens)
    return BlockRow(block, True, snapshot.rate, projection, limit, limit_tokens)  # noqa: FBT003  # active


def _recent(recent: RecentUsage, zone: tzinfo) -> str:
    models = ", ".join(short_model(model.label) for model in recent.spending.models)
    parts = (
        _clock(recent.last_at, zone),
        f"{money(recent.spending.cost):>8}",
        f"{compact_count(recent.spending.tokens.total):>7}",
        name(recent.name.project_path),
        models,
    )
    return "  ".join(parts)


def _by_kind(tokens: TokenCounts) -> str:
    return (
        f"{compact_count(tokens.input)} input, {compact_count(tokens.output)} output, "
        f"cache {compact_count(tokens.cache_write)} write, {compact_count(tokens.cache_read)} read"
    )


def _clock(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"
