"""Texts of alerts: the title and the body of a notification."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from spendlight.metering.budgets import Alert, Budget, BudgetPeriod, Metric
from spendlight.metering.plan import WHOLE
from spendlight.metering.reports import compact_count, money, short_model
from spendlight.names import name
from spendlight.tracker.agents import title_of

translate = QCoreApplication.translate

_HOUR_MINUTES = 60
_DAY_MINUTES = 24 * _HOUR_MINUTES


class AlertTexts(NamedTuple):
    """What an alert says."""

    title: str
    body: str


def alert_texts(
    alert: Alert,
    now: datetime,
    zone: tzinfo | None = None,
    project_names: Mapping[str, str] | None = None,
) -> AlertTexts:
    """Return the texts of an alert, including those that it represents.

    Args:
        alert: The alert.
        now: When it is shown.
        zone: The user's time zone; None means the computer's.
        project_names: Display names of projects, if different from their folders.
    """
    names = project_names or {}
    title, body = _title(alert, names), _body(alert, now, zone)
    if alert.was_muted:
        since = translate("alerts", "{alert} at {time}").format(
            alert=title, time=_clock(alert.at, now, zone)
        )
        title, body = translate("alerts", "While alerts were muted"), f"{since}\n{body}"
    if alert.others == 1:
        body += "\n" + translate("alerts", "and 1 more alert")
    elif alert.others:
        body += "\n" + translate("alerts", "and {count} more alerts").format(count=alert.others)
    return AlertTexts(title, body)


def budget_title(budget: Budget, project_names: Mapping[str, str] | None = None) -> str:
    """Return the title of a budget: "Block budget for kettle"."""
    templates = {
        Metric.COST: _budget(budget.period),
        Metric.FORECAST: _budget(budget.period),
        Metric.TOKENS: _tokens(budget.period),
        Metric.BURN: translate("alerts", "Burn rate"),
        Metric.RESET: _end(budget.period),
        Metric.PLAN: _plan(budget.period),
    }
    title = templates[budget.metric]
    if budget.person:
        title = translate("alerts", "{limit} of {person}").format(
            limit=title, person=name(budget.person)
        )
    elif budget.is_of_team:
        title = translate("alerts", "{limit} of the team").format(limit=title)
    if budget.project:
        project = name((project_names or {}).get(budget.project, budget.project))
        title = translate("alerts", "{limit} for {project}").format(limit=title, project=project)
    if budget.agent:
        agent = name(title_of(budget.agent))
        title = translate("alerts", "{limit} for {project}").format(limit=title, project=agent)
    if budget.model:
        model = short_model(budget.model)
        title = translate("alerts", "{limit} with {model}").format(limit=title, model=model)
    return title


def _title(alert: Alert, names: Mapping[str, str]) -> str:
    budget = alert.budget
    title = budget_title(budget, names)
    if budget.metric is Metric.RESET:
        return title
    if budget.metric is Metric.FORECAST:
        return translate("alerts", "{limit} will not last").format(limit=title)
    if budget.metric is Metric.BURN:
        above = alert.level * budget.amount
        return translate("alerts", "{limit} above {amount}/h").format(
            limit=title, amount=money(above)
        )
    if budget.metric is Metric.PLAN:
        used = translate("alerts", "{limit} used up")
        share = translate("alerts", "{limit}: {percent} % used")
        text = used if alert.used >= WHOLE else share
        return text.format(limit=title, percent=int(alert.used))
    if alert.level == 1:  # the budget itself, not a share of it
        return translate("alerts", "{limit} used up").format(limit=title)
    return translate("alerts", "{limit}: {percent} % used").format(
        limit=title, percent=int(alert.used / budget.amount * 100)
    )


def _body(alert: Alert, now: datetime, zone: tzinfo | None) -> str:
    budget = alert.budget
    if budget.metric is Metric.FORECAST and alert.exhausted_at and alert.resets_at:
        return _forecast(alert.exhausted_at, alert.resets_at, budget.period, now, zone)
    if budget.metric is Metric.RESET:
        text = translate("alerts", "It ended at {time}, with {percent} % used.")
        return text.format(
            time=_clock(alert.resets_at or alert.at, now, zone), percent=int(alert.used * 100)
        )
    if budget.metric is Metric.PLAN:
        said = translate("alerts", "As reported by Claude Code")
        if alert.resets_at is None or alert.resets_at <= now:
            return said
        text = translate("alerts", "{used} · resets {time}")
        return text.format(used=said, time=_clock(alert.resets_at, now, zone))
    if budget.metric is Metric.BURN:
        text = translate("alerts", "{used}/h in this block")
        used = text.format(used=money(alert.used))
    elif budget.metric is Metric.TOKENS:
        text = translate("alerts", "{used} of {amount} tokens")
        used = text.format(used=compact_count(alert.used), amount=compact_count(budget.amount))
    else:
        text = translate("alerts", "{used} of {amount}")
        used = text.format(used=money(alert.used), amount=money(budget.amount))
    if budget.period is not BudgetPeriod.BLOCK or alert.resets_at is None or alert.resets_at <= now:
        return used
    ends = _clock(alert.resets_at, now, zone)
    return translate("alerts", "{used} · ends {time}").format(used=used, time=ends)


def _forecast(
    exhausted_at: datetime,
    resets_at: datetime,
    period: BudgetPeriod,
    now: datetime,
    zone: tzinfo | None,
) -> str:
    texts = {
        BudgetPeriod.BLOCK: translate(
            "alerts",
            "At this rate the budget will run out at {time}, {left} before the block ends.",
        ),
        BudgetPeriod.DAY: translate(
            "alerts", "At this rate the budget will run out at {time}, {left} before the day ends."
        ),
        BudgetPeriod.WEEK: translate(
            "alerts", "At this rate the budget will run out at {time}, {left} before the week ends."
        ),
        BudgetPeriod.MONTH: translate(
            "alerts",
            "At this rate the budget will run out at {time}, {left} before the month ends.",
        ),
    }
    left = _span(resets_at - exhausted_at)
    return texts[period].format(time=_clock(exhausted_at, now, zone), left=left)


def _budget(period: BudgetPeriod) -> str:
    return {
        BudgetPeriod.BLOCK: translate("alerts", "Block budget"),
        BudgetPeriod.DAY: translate("alerts", "Daily budget"),
        BudgetPeriod.WEEK: translate("alerts", "Weekly budget"),
        BudgetPeriod.MONTH: translate("alerts", "Monthly budget"),
    }[period]


def _tokens(period: BudgetPeriod) -> str:
    return {
        BudgetPeriod.BLOCK: translate("alerts", "Block tokens"),
        BudgetPeriod.DAY: translate("alerts", "Daily tokens"),
        BudgetPeriod.WEEK: translate("alerts", "Weekly tokens"),
        BudgetPeriod.MONTH: translate("alerts", "Monthly tokens"),
    }[period]


def _plan(period: BudgetPeriod) -> str:
    if period is BudgetPeriod.WEEK:
        return translate("alerts", "The plan’s weekly limit")
    return translate("alerts", "The plan’s 5-hour limit")


def _end(period: BudgetPeriod) -> str:
    return {
        BudgetPeriod.BLOCK: translate("alerts", "The block is over"),
        BudgetPeriod.DAY: translate("alerts", "The day is over"),
        BudgetPeriod.WEEK: translate("alerts", "The week is over"),
        BudgetPeriod.MONTH: translate("alerts", "The month is over"),
    }[period]


def _span(length: timedelta) -> str:
    """Return a duration, to the minute, or to the hour or day if it is long."""
    minutes = int(length / timedelta(minutes=1))
    if minutes < _HOUR_MINUTES:
        return translate("alerts", "{minutes} min").format(minutes=minutes)
    if minutes >= 2 * _DAY_MINUTES:
        return translate("alerts", "{days} days").format(days=minutes // _DAY_MINUTES)
    hours, rest = divmod(minutes, _HOUR_MINUTES)
    if not rest:
        return translate("alerts", "{hours} h").format(hours=hours)
    return translate("alerts", "{hours} h {minutes} min").format(hours=hours, minutes=rest)


def _clock(moment: datetime, now: datetime, zone: tzinfo | None) -> str:
    """Return a moment in the user's time zone, with the day if it is another one."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    clock = f"{local:%H:%M}"
    days = (local.date() - today.date()).days
    if days == 0:
        return clock
    if days == 1:
        return translate("alerts", "{time} tomorrow").format(time=clock)
    if days == -1:
        return translate("alerts", "{time} yesterday").format(time=clock)
    return f"{local:%Y-%m-%d} {clock}"
