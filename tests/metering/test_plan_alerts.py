from __future__ import annotations

from datetime import datetime

from tests.purse import HOUR, MINUTE, RESET, START, Purse, Watcher

from spendlight.metering.budgets import Budget, Metric, Severity

PLAN = Budget(name="plan", amount=100, metric=Metric.PLAN)
ENDS = START + 3 * HOUR


def heard(percent: float, at: datetime, ends: datetime = ENDS) -> Watcher:
    """Return a watcher that has looked when so much of the plan's five hours was used."""
    watcher = Watcher(Purse(PLAN, RESET))
    watcher.purse.hear(percent, at, ends)
    watcher.look(at)
    return watcher


def test_a_limit_of_the_plan_is_told_of_at_each_level_once() -> None:
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


def test_what_is_used_of_the_plan_at_first_sight_is_no_news_unless_it_is_all() -> None:
    assert heard(85, START).records == []
    assert [record.alert.level for record in heard(100, START).records] == [1.0]


def test_what_was_heard_long_ago_is_told_to_nobody() -> None:
    watcher = heard(50, START)
    watcher.purse.hear(100, START + MINUTE, ENDS)

    assert watcher.told(START + 40 * MINUTE) == []


def test_other_prices_hide_no_limit_of_the_plan() -> None:
    watcher = heard(50, START)
    watcher.purse.factor = 2.0
    watcher.purse.hear(82, START + MINUTE, ENDS)

    assert watcher.told(START + MINUTE) == [("plan", 0.8)]


def test_the_next_window_of_the_plan_is_told_of_anew() -> None:
    watcher = heard(50, START)
    watcher.purse.hear(82, START + MINUTE, ENDS)
    assert watcher.told(START + MINUTE) == [("plan", 0.8)]

    later = ENDS + HOUR
    watcher.purse.hear(10, later, ENDS + 5 * HOUR)
    assert watcher.told(later) == []
    watcher.purse.hear(81, later + 2 * MINUTE, ENDS + 5 * HOUR)
    assert watcher.told(later + 2 * MINUTE) == [("plan", 0.8)]


def test_the_end_of_a_full_window_of_the_plan_is_told_even_if_it_was_heard_of_long_before() -> None:
    watcher = heard(50, START)
    watcher.purse.hear(96, START + MINUTE, ENDS)
    watcher.look(START + MINUTE)

    assert watcher.told(ENDS - MINUTE) == []
    (alert,) = watcher.look(ENDS + MINUTE)

    assert (alert.budget, alert.used, alert.resets_at) == (RESET, 0.96, ENDS)
    assert watcher.told(ENDS + 5 * MINUTE) == []
