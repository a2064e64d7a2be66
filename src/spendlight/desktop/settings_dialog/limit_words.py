"""What limits are called and what they allow, in the words of the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication, QLocale

from spendlight.metering.limits import LimitPeriod, Metric, SpendLimit
from spendlight.metering.plan import WHOLE
from spendlight.metering.reports import short_model
from spendlight.names import name

translate = QCoreApplication.translate

CENTS: Final = 2

MOST_SHARE: Final = 10.0
"""Ten times the amount; more is a slip of the finger."""

SIMPLE: Final = {
    LimitPeriod.BLOCK: "block",
    LimitPeriod.DAY: "day",
    LimitPeriod.WEEK: "week",
    LimitPeriod.MONTH: "month",
}
"""The names of the budgets that have a field of their own."""

FORECAST: Final = "forecast"
RESET: Final = "reset"
PLAN: Final = "plan"
PLAN_WEEK: Final = "plan-week"
TICKED: Final = {
    FORECAST: (Metric.FORECAST, LimitPeriod.BLOCK),
    RESET: (Metric.RESET, LimitPeriod.BLOCK),
    PLAN: (Metric.PLAN, LimitPeriod.BLOCK),
    PLAN_WEEK: (Metric.PLAN, LimitPeriod.WEEK),
}
"""The names of the limits that have a box to tick, and what they are about."""

OWN_NAMES: Final = frozenset({*SIMPLE.values(), *TICKED})


def is_simple(limit: SpendLimit) -> bool:
    """Return whether a limit is a budget that has a field of its own."""
    is_all = not limit.project and not limit.model
    return is_all and limit.metric is Metric.COST and limit.name == SIMPLE[limit.period]


def is_ticked(limit: SpendLimit) -> bool:
    """Return whether a limit is one that has a box to tick."""
    is_all = not limit.project and not limit.model
    return is_all and TICKED.get(limit.name) == (limit.metric, limit.period)


def rule_words(limit: SpendLimit) -> str:
    """Return what a rule is about."""
    if limit.metric is Metric.PLAN:
        if limit.period is LimitPeriod.WEEK:
            return translate("settings", "Plan’s limit for the week")
        return translate("settings", "Plan’s 5-hour limit")
    metrics = {
        Metric.COST: translate("settings", "Cost, {period}"),
        Metric.TOKENS: translate("settings", "Tokens, {period}"),
        Metric.BURN: translate("settings", "Burn rate, once {period}"),
        Metric.FORECAST: translate("settings", "Forecast, {period}"),
        Metric.RESET: translate("settings", "End, {period}"),
    }
    return metrics[limit.metric].format(period=period_words()[limit.period])


def metric_words() -> dict[Metric, str]:
    """Return what can be limited."""
    return {
        Metric.COST: translate("settings", "Cost"),
        Metric.TOKENS: translate("settings", "Tokens"),
        Metric.BURN: translate("settings", "Burn rate"),
        Metric.FORECAST: translate("settings", "Forecast: a budget will not last"),
        Metric.RESET: translate("settings", "End of a period that was nearly used up"),
        Metric.PLAN: translate("settings", "Limit of the plan, as Claude Code says"),
    }


def period_words(metric: Metric | None = None) -> dict[LimitPeriod, str]:
    """Return over which time something can be limited; by default anything."""
    if metric is Metric.PLAN:
        return {
            LimitPeriod.BLOCK: translate("settings", "for five hours"),
            LimitPeriod.WEEK: translate("settings", "for the week"),
        }
    return {
        LimitPeriod.BLOCK: translate("settings", "per block"),
        LimitPeriod.DAY: translate("settings", "per day"),
        LimitPeriod.WEEK: translate("settings", "per week"),
        LimitPeriod.MONTH: translate("settings", "per month"),
    }


def scope_words(limit: SpendLimit, project_names: Mapping[str, str]) -> str:
    """Return what a rule counts: a project, a model, both or everything."""
    project = project_names.get(limit.project, limit.project)
    parts = [part for part in (name(project), short_model(limit.model)) if part]
    return " · ".join(parts) or translate("settings", "Everything")


def amount_words(limit: SpendLimit) -> str:
    """Return how much a rule allows; nothing where it allows no amount."""
    locale, amount = QLocale(), float(limit.amount)
    if limit.metric is Metric.RESET or (limit.metric is Metric.PLAN and amount == WHOLE):
        return ""
    if limit.metric is Metric.PLAN:
        return translate("settings", "{percent} %").format(percent=f"{amount:g}")
    if limit.metric is Metric.TOKENS:
        count = locale.toString(amount, "f", 0)
        return translate("settings", "{count} tokens").format(count=count)
    dollars = f"${locale.toString(amount, 'f', CENTS)}"
    if limit.metric is Metric.BURN:
        return translate("settings", "{dollars}/h").format(dollars=dollars)
    return dollars


def has_levels(metric: Metric) -> bool:
    """Return whether shares of the amount can be told of."""
    return metric in {Metric.COST, Metric.TOKENS, Metric.BURN, Metric.PLAN}


def level_words(limit: SpendLimit) -> str:
    """Return at which shares of the amount a rule tells, as "80, 100"."""
    if not has_levels(limit.metric):
        return ""
    return ", ".join(f"{level * 100:g}" for level in limit.steps)


def read_levels(text: str) -> tuple[float, ...]:
    """Return the shares that were typed as percentages; nothing where one makes no sense."""
    words = text.replace("%", " ").replace(";", " ").replace(",", " ").split()
    try:
        shares = {float(word) / 100 for word in words}
    except ValueError:
        return ()
    is_good = all(0 < share <= MOST_SHARE for share in shares)
    return tuple(sorted(shares)) if is_good else ()
