"""Texts about a team's budgets: how much is used, as of when, and whether it will last."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from spendlight.desktop.words.situation import STATES_WITH_FIGURES, Situation, ago, amount
from spendlight.metering.budgets import Budget, BudgetPeriod, BudgetState, Metric
from spendlight.metering.reports import compact_count, money
from spendlight.names import name


def team_budget(situation: Situation) -> BudgetState | None:
    """Return the fullest budget of the team or a person in it; an unknown one if none is known."""
    snapshot = situation.snapshot
    if snapshot is None or snapshot.state not in STATES_WITH_FIGURES:
        return None
    found = [
        state
        for state in snapshot.budgets
        if state.budget.is_of_team
        and state.budget.metric in (Metric.COST, Metric.TOKENS)
        and not state.budget.project
        and not state.budget.model
    ]
    return max(found, key=lambda state: (bool(state.instance), state.share), default=None)


def team_budget_row(situation: Situation) -> str:
    """Return the row about it: "Team: month budget 83 % of $500 · lasts · 4 min ago"."""
    state = team_budget(situation)
    if state is None:
        return ""
    title = _title(state.budget)
    if not state.instance:
        return f"{title} {_tr('not known yet')}"
    share = (
        _tr("at least {percent} % of {budget}")
        if state.is_lower_bound
        else _tr("{percent} % of {budget}")
    )
    used = share.format(
        percent=round(state.share * 100), budget=_amount(situation, state.budget, None)
    )
    parts = [f"{title} {used}", _verdict(situation, state), _age(situation, state)]
    return " · ".join(part for part in parts if part)


def team_budget_card(situation: Situation) -> tuple[str, str, str] | None:
    """Return a caption, a figure and its context; None without such a budget."""
    state = team_budget(situation)
    if state is None:
        return None
    title = _title(state.budget)
    if not state.instance:
        return title, "–", _tr("not known yet")
    mark = "≥ " if state.is_lower_bound else ""
    used = _tr("{used} of {budget}").format(
        used=_amount(situation, state.budget, state.used),
        budget=_amount(situation, state.budget, None),
    )
    context = f"{used} · {_age(situation, state)}"
    return title, f"{mark}{round(state.share * 100)} %", context


def _title(budget: Budget) -> str:
    owner = name(budget.person) if budget.person else _tr("Team")
    titles = {
        BudgetPeriod.DAY: _tr("{owner}: day budget"),
        BudgetPeriod.WEEK: _tr("{owner}: week budget"),
        BudgetPeriod.MONTH: _tr("{owner}: month budget"),
    }
    return titles[budget.period].format(owner=owner)


def _amount(situation: Situation, budget: Budget, used: float | None) -> str:
    """Return how much is used, or how much may be."""
    value = budget.amount if used is None else used
    if budget.metric is not Metric.TOKENS:
        return amount(situation, money(value))
    count = compact_count(round(value))
    return count if used is not None else _tr("{count} tokens").format(count=count)


def _verdict(situation: Situation, state: BudgetState) -> str:
    if state.share >= 1:
        return _tr("used up")
    if state.exhausted_at is not None:
        spent = _tr("runs out at {time} at this rate")
        return spent.format(time=situation.clock(state.exhausted_at))
    return "" if state.projected is None else _tr("lasts")


def _age(situation: Situation, state: BudgetState) -> str:
    return "" if state.measured_at is None else ago(situation.now - state.measured_at)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Words", text)
