"""Alerts about a team's budgets, whose figures another process measures every few minutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from tests.purse import DAY, HOUR, MINUTE, START, Purse, Watcher

from spendlight.metering.budgets import Budget, BudgetOf, BudgetPeriod, Metric, Severity
from spendlight.metering.team_budgets import TeamReading
from spendlight.tracker.questions.budgets import BudgetQuestion

MONTH = Budget(name="all", amount=100, period=BudgetPeriod.MONTH, of=BudgetOf.TEAM)
BEGAN = START.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def measure(
    watcher: Watcher,
    used: float,
    at: datetime,
    *,
    budget: Budget = MONTH,
    basis: str = "prices",
) -> None:
    """Have another process measure the team's usage."""
    watcher.purse.team = [TeamReading(budget.rule, used, BEGAN, at, basis)]


def measured(used: float, budget: Budget = MONTH) -> Watcher:
    """Return a watcher that has looked at a team's usage."""
    watcher = Watcher(Purse(budget))
    measure(watcher, used, START, budget=budget)
    watcher.look(START)
    return watcher


def test_each_level_of_a_teams_budget_is_reported_once() -> None:
    watcher = measured(50)

    measure(watcher, 82, START + 5 * MINUTE)
    (alert,) = watcher.look(START + 5 * MINUTE)
    assert (alert.level, alert.severity, alert.used, alert.project) == (0.8, Severity.WARN, 82, "")
    measure(watcher, 90, START + 10 * MINUTE)
    assert watcher.told(START + 10 * MINUTE) == []
    measure(watcher, 101, START + 15 * MINUTE)
    assert watcher.told(START + 15 * MINUTE) == [("all", 1.0)]


def test_own_usage_is_not_added_to_the_teams() -> None:
    watcher = measured(50)
    watcher.purse.spend(500, START + MINUTE)

    assert watcher.told(START + 2 * MINUTE) == []


def test_usage_that_other_machines_publish_late_is_reported() -> None:
    watcher = measured(10)

    measure(watcher, 85, START + 25 * MINUTE)

    assert watcher.told(START + 25 * MINUTE) == [("all", 0.8)]


def test_usage_before_the_first_measurement_causes_no_alert_unless_all_is_used() -> None:
    for used, told in ((85, []), (100, [("all", 1.0)])):
        watcher = Watcher(Purse(MONTH))
        assert watcher.told(START) == []
        measure(watcher, used, START + MINUTE)
        assert watcher.told(START + MINUTE) == told


def test_an_old_figure_is_a_lower_bound_and_causes_no_alert() -> None:
    watcher = measured(50)
    measure(watcher, 120, START + MINUTE)
    now = START + 40 * MINUTE

    assert watcher.told(now) == []
    (state,) = watcher.purse.states(now, BudgetQuestion((MONTH,), 0, ()))
    assert state.is_lower_bound
    assert (state.share, state.severity, state.projected) == (1.2, Severity.CRITICAL, None)
    measure(watcher, 121, now)
    assert watcher.told(now + MINUTE) == [("all", 1.0)]


def test_a_figure_of_another_period_or_budget_is_unknown() -> None:
    watcher = measured(50)
    question = BudgetQuestion((MONTH,), 0, ())

    for reading in (
        TeamReading(MONTH.rule, 50, BEGAN - DAY, START, "prices"),
        TeamReading(replace(MONTH, amount=99).rule, 50, BEGAN, START, "prices"),
        TeamReading(replace(MONTH, person="ada").rule, 50, BEGAN, START, "prices"),
    ):
        watcher.purse.team = [reading]
        (state,) = watcher.purse.states(START, question)
        assert (state.instance, state.measured_at, state.severity) == ("", None, None)


def test_other_prices_of_the_process_that_measures_cause_no_alert() -> None:
    watcher = measured(50)

    measure(watcher, 90, START + MINUTE, basis="dearer prices")
    assert watcher.told(START + MINUTE) == []
    measure(watcher, 101, START + 2 * MINUTE, basis="dearer prices")
    assert watcher.told(START + 2 * MINUTE) == [("all", 1.0)]


def test_other_prices_here_hide_no_alert_about_the_team() -> None:
    watcher = measured(50)
    watcher.purse.factor = 2.0

    measure(watcher, 82, START + MINUTE)

    assert watcher.told(START + MINUTE) == [("all", 0.8)]


def test_a_forecast_of_the_team_is_reported_once_it_has_held() -> None:
    budget = replace(MONTH, metric=Metric.FORECAST)
    watcher = measured(1, budget)
    now = BEGAN + timedelta(days=10)
    watcher.purse.team = [TeamReading(budget.rule, 60, BEGAN, now, "prices")]

    assert watcher.told(now) == []
    assert watcher.told(now + MINUTE) == [("all", 1.0)]
    (state,) = watcher.purse.states(now, BudgetQuestion((budget,), 0, ()))
    assert state.exhausted_at is not None
    assert abs(state.exhausted_at - (now + timedelta(days=10) * 2 / 3)) < HOUR
