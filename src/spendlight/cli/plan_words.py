"""Plan limits in words and as JSON: how much is used, by which source, and how old that is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from spendlight.cli.json_out import moment
from spendlight.metering.periods import to_ms
from spendlight.metering.plan import WHOLE, PlanSource, PlanWindow, Standing, pace, standing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, tzinfo

    from spendlight.cli.json_out import Json
    from spendlight.metering.plan import AgentPlan, PlanReading

HEADINGS = {PlanWindow.FIVE_HOURS: "5-hour limit", PlanWindow.WEEK: "Week"}

_SOURCES = {
    PlanSource.STATUS_LINE: "from Claude Code",
    PlanSource.USAGE_CACHE: "from Claude Code's last /usage",
    PlanSource.ROLLOUT: "from Codex",
}
_HOUR = 60
_DAYS_FROM = 48


def use(reading: PlanReading, now: datetime, zone: tzinfo) -> str:
    """Return how much of a limit is used, the forecast, the source, and its age."""
    worth = standing(reading, now)
    source = f"{_SOURCES[reading.source]}, {age(now - reading.seen_at)}"
    ends = "" if reading.resets_at is None else clock(reading.resets_at, now, zone)
    if worth in {Standing.OVER, Standing.GONE}:
        began = f" · reset {ends}" if ends else ""
        return f"unknown{began} · last {percent(reading)} {source}"
    used = percent(reading) if worth is Standing.FRESH else f"at least {percent(reading)}"
    seen = pace(reading, now)
    resets = f"resets {ends}" if ends else ""
    leads = ""
    if reading.percent >= WHOLE:
        leads = "used up"
    elif seen.exhausted_at is not None:
        leads = f"runs out {clock(seen.exhausted_at, now, zone)} at this rate"
    elif seen.projected is not None:
        leads, resets = f"lasts until reset {ends}", ""
    return " · ".join(part for part in (used, leads, resets, source) if part)


def percent(reading: PlanReading) -> str:
    """Return the percentage used; never 100 before that is reached."""
    return f"{int(reading.percent)} %"


def age(span: timedelta) -> str:
    """Return how long ago something was."""
    minutes = int(span / timedelta(minutes=1))
    if minutes < 1:
        return "just now"
    if minutes < _HOUR:
        return f"{minutes} min ago"
    hours = minutes // _HOUR
    return f"{hours} h ago" if hours < _DAYS_FROM else f"{hours // 24} days ago"


def clock(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Return a moment in the user's time zone, with the day of the week if it is another day."""
    local = at.astimezone(zone)
    is_today = local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M}" if is_today else f"{local:%a %H:%M}"


def of_agents(plans: Iterable[AgentPlan], now: datetime) -> Json:
    """Return the known limits of other agents, by their names in the ledger."""
    return {plan.agent: to_json(plan.readings, now) for plan in plans}


def to_json(plan: Iterable[PlanReading], now: datetime) -> Json:
    """Return the known limits, by Claude Code's names."""
    told: Json = {}
    for reading in plan:
        seen = pace(reading, now)
        is_known = seen.projected is not None or reading.percent >= WHOLE
        told[reading.window.value] = {
            "age_seconds": max(0, int((now - reading.seen_at).total_seconds())),
            "estimated_percentage_at_reset": seen.projected,
            "estimated_spent_at": seen.exhausted_at and moment(to_ms(seen.exhausted_at)),
            "lasts_to_reset": None
            if not is_known
            else reading.percent < WHOLE and seen.exhausted_at is None,
            "resets_at": reading.resets_at and moment(to_ms(reading.resets_at)),
            "seen_at": moment(to_ms(reading.seen_at)),
            "source": reading.source.value,
            "state": standing(reading, now).name.lower(),
            "used_percentage": reading.percent,
        }
    return told
