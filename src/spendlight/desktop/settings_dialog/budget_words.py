"""Texts of the settings dialog for budgets and rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication, QLocale

from spendlight.metering.budgets import (
    TEAM_METRICS,
    TEAM_PERIODS,
    Budget,
    BudgetPeriod,
    Metric,
)
from spendlight.metering.plan import WHOLE
from spendlight.metering.reports import short_model
from spendlight.names import name
from spendlight.tracker.agents import title_of

translate = QCoreApplication.translate

CENTS: Final = 2

MOST_SHARE: Final = 10.0
"""Ten times the amount; more is a typing error."""

SIMPLE: Final = {
    BudgetPeriod.BLOCK: "block",
    BudgetPeriod.DAY: "day",
    BudgetPeriod.WEEK: "week",
    BudgetPeriod.MONTH: "month",
}
"""The names of the budgets with their own field."""

FORECAST: Final = "forecast"
RESET: Final = "reset"
PLAN: Final = "plan"
PLAN_WEEK: Final = "plan-week"
TICKED: Final = {
    FORECAST: (Metric.FORECAST, BudgetPeriod.BLOCK),
    RESET: (Metric.RESET, BudgetPeriod.BLOCK),
    PLAN: (Metric.PLAN, BudgetPeriod.BLOCK),
    PLAN_WEEK: (Metric.PLAN, BudgetPeriod.WEEK),
}
"""The names of the rules with their own checkbox, with metric and period."""

LEDGER: Final = "ledger"
TEAM: Final = "team"
PERSON: Final = "person "
"""Whose usage a rule is about; the name of a person follows."""

OWN_NAMES: Final = frozenset({*SIMPLE.values(), *TICKED})


def is_simple(budget: Budget) -> bool:
    """Return whether a budget has its own field."""
    is_all = _is_of_everything(budget)
    return is_all and budget.metric is Metric.COST and budget.name == SIMPLE[budget.period]


def is_ticked(budget: Budget) -> bool:
    """Return whether a rule has its own checkbox."""
    return _is_of_everything(budget) and TICKED.get(budget.name) == (budget.metric, budget.period)


def rule_words(budget: Budget) -> str:
    """Return the description of a rule."""
    if budget.metric is Metric.PLAN:
        if budget.period is BudgetPeriod.WEEK:
            return translate("settings", "The plan’s weekly limit")
        return translate("settings", "The plan’s 5-hour limit")
    metrics = {
        Metric.COST: translate("settings", "Cost, {period}"),
        Metric.TOKENS: translate("settings", "Tokens, {period}"),
        Metric.BURN: translate("settings", "Burn rate, once {period}"),
        Metric.FORECAST: translate("settings", "Forecast, {period}"),
        Metric.RESET: translate("settings", "End, {period}"),
    }
    return metrics[budget.metric].format(period=period_words()[budget.period])


def _is_of_everything(budget: Budget) -> bool:
    return not (budget.project or budget.model or budget.agent or budget.is_of_team)


def metric_words(*, is_of_team: bool = False) -> dict[Metric, str]:
    """Return the metrics of rules, or of those for a team."""
    words = {
        Metric.COST: translate("settings", "Cost"),
        Metric.TOKENS: translate("settings", "Tokens"),
        Metric.BURN: translate("settings", "Burn rate"),
        Metric.FORECAST: translate("settings", "Forecast: budget will not last"),
        Metric.RESET: translate("settings", "End of a period with a budget nearly used up"),
        Metric.PLAN: translate("settings", "Plan limit, as reported by Claude Code"),
    }
    return {metric: words[metric] for metric in words if not is_of_team or metric in TEAM_METRICS}


def owner_of(budget: Budget) -> str:
    """Return whose usage a rule is about."""
    if budget.person:
        return PERSON + budget.person
    return TEAM if budget.is_of_team else LEDGER


def owner_words(budget: Budget | None, people: Iterable[str]) -> dict[str, str]:
    """Return whose usage a rule can be about.

    Args:
        budget: The rule, or None for a new one.
        people: The people of the team, as far as they are known.
    """
    words = {
        LEDGER: translate("settings", "This machine’s"),
        TEAM: translate("settings", "The whole team’s"),
    }
    known = {*people, budget.person} if budget is not None and budget.person else {*people}
    return words | {PERSON + person: name(person) for person in sorted(known, key=str.casefold)}


def period_words(
    metric: Metric | None = None, *, is_of_team: bool = False
) -> dict[BudgetPeriod, str]:
    """Return the periods of a metric, by default of all; or those for a team."""
    if metric is Metric.PLAN:
        return {
            BudgetPeriod.BLOCK: translate("settings", "for five hours"),
            BudgetPeriod.WEEK: translate("settings", "for the week"),
        }
    words = {
        BudgetPeriod.BLOCK: translate("settings", "per block"),
        BudgetPeriod.DAY: translate("settings", "per day"),
        BudgetPeriod.WEEK: translate("settings", "per week"),
        BudgetPeriod.MONTH: translate("settings", "per month"),
    }
    return {period: words[period] for period in words if not is_of_team or period in TEAM_PERIODS}


def scope_words(budget: Budget, project_names: Mapping[str, str]) -> str:
    """Return the scope of a rule: the team or a person, an agent, a project, a model, or all."""
    project = project_names.get(budget.project, budget.project)
    team = translate("settings", "Team") if budget.is_of_team else ""
    whose = name(budget.person) or team
    agent = name(title_of(budget.agent)) if budget.agent else ""
    parts = [part for part in (whose, agent, name(project), short_model(budget.model)) if part]
    return " · ".join(parts) or translate("settings", "Everything")


def amount_words(budget: Budget) -> str:
    """Return the amount of a rule; "" if it has none."""
    locale, amount = QLocale(), float(budget.amount)
    if budget.metric is Metric.RESET or (budget.metric is Metric.PLAN and amount == WHOLE):
        return ""
    if budget.metric is Metric.PLAN:
        return translate("settings", "{percent} %").format(percent=f"{amount:g}")
    if budget.metric is Metric.TOKENS:
        count = locale.toString(amount, "f", 0)
        return translate("settings", "{count} tokens").format(count=count)
    dollars = f"${locale.toString(amount, 'f', CENTS)}"
    if budget.metric is Metric.BURN:
        return translate("settings", "{dollars}/h").format(dollars=dollars)
    return dollars


def has_levels(metric: Metric) -> bool:
    """Return whether alerts can be set for shares of the amount."""
    return metric in {Metric.COST, Metric.TOKENS, Metric.BURN, Metric.PLAN}


def level_words(budget: Budget) -> str:
    """Return the shares of the amount at which a rule alerts, as "80, 100"."""
    if not has_levels(budget.metric):
        return ""
    return ", ".join(f"{level * 100:g}" for level in budget.steps)


def read_levels(text: str) -> tuple[float, ...]:
    """Return the shares that were typed as percentages; empty if one is invalid."""
    words = text.replace("%", " ").replace(";", " ").replace(",", " ").split()
    try:
        shares = {float(word) / 100 for word in words}
    except ValueError:
        return ()
    is_good = all(0 < share <= MOST_SHARE for share in shares)
    return tuple(sorted(shares)) if is_good else ()
