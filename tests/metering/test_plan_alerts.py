from __future__ import annotations

from datetime import datetime

from tests.purse import HOUR, MINUTE, RESET, START, Purse, Watcher

from spendlight.metering.budgets import Budget, Metric, Severity

PLAN = Budget(name="plan", amount=100, metric=Metric.PLAN)
ENDS = START + 3 * HOUR


def heard(percent: float, at: datetime, ends: datetime = ENDS) -> Watcher:
    """Return a watcher that has looked at a percentage of the plan's five hours."""
    watcher = Watcher(Purse(PLAN, RESET))
    watcher.purse.hear(percent, at, ends)
    watcher.look(at)
    return watcher


def test_each_level_of_a_plan_limit_is_reported_once() -> None:
    watcher = heard(50, START)

    watcher.purse.hear(82, START + MINUTE, ENDS)
    (alert,) = watcher.look(START + MINUTE)
    assert (alert.level, alert.severity, alert.used, alert.resets_at) == (
        0.8,
        Severity.WARN,
        82,
        ENDS,
    )
    watcher.purse.hear(95, START + 2 * MINUTE, ENDS)
    assert watcher.told(START + 2 * MINUTE) == []
    watcher.purse.hear(101, START + 3 * MINUTE, ENDS)
    assert watcher.told(START + 3 * MINUTE) == [("plan", 1.0)]


def test_plan_usage_before_the_first_look_causes_no_alert_unless_it_is_used_up() -> None:
    assert heard(85, START).records == []
    assert [record.alert.level for record in heard(100, START).records] == [1.0]


def test_an_old_plan_figure_causes_no_alert() -> None:
    watcher = heard(50, START)
    watcher.purse.hear(100, START + MINUTE, ENDS)

    assert watcher.told(START + 40 * MINUTE) == []


def test_other_prices_hide_no_alert_about_plan_limits() -> None:
    watcher = heard(50, START)
    watcher.purse.factor = 2.0
    watcher.purse.hear(82, START + MINUTE, ENDS)

    assert watcher.told(START + MINUTE) == [("plan", 0.8)]


def test_the_next_window_of_the_plan_has_separate_alerts() -> None:
    watcher = heard(50, START)
    watcher.purse.hear(82, START + MINUTE, ENDS)
    assert watcher.told(START + MINUTE) == [("plan", 0.8)]

    later = ENDS + HOUR
    watcher.purse.hear(10, later, ENDS + 5 * HOUR)
    assert watcher.told(later) == []
    watcher.purse.hear(81, later + 2 * MINUTE, ENDS + 5 * HOUR)
    assert watcher.told(later + 2 * MINUTE) == [("plan", 0.8)]


def test_the_end_of_a_used_up_plan_window_is_reported_even_if_its_figure_is_old() -> None:
    watcher = heard(50, START)
    watcher.purse.hear(96, START + MINUTE, ENDS)
    watcher.look(START + MINUTE)

    assert watcher.told(ENDS - MINUTE) == []
    (alert,) = watcher.look(ENDS + MINUTE)

    assert (alert.budget, alert.used, alert.resets_at) == (RESET, 0.96, ENDS)
    assert watcher.told(ENDS + 5 * MINUTE) == []
