from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.purse import DAY, FORECAST, HOUR, MINUTE, RESET, START, Purse, watched

from spendlight.metering.budgets import Budget, BudgetPeriod, Metric, Severity


def test_a_forecast_that_persists_is_reported_once_with_its_time() -> None:
    watcher = watched(FORECAST, used=10)
    watcher.purse.spend(10, START + HOUR)
    watcher.purse.spend(5, START + HOUR)

    assert not watcher.look(START + HOUR)
    (alert,) = watcher.look(START + HOUR + MINUTE)

    assert (alert.level, alert.severity) == (1.0, Severity.WARN)
    assert alert.exhausted_at == START + HOUR + MINUTE + HOUR  # 25 an hour, 25 are left
    assert alert.resets_at == START + 5 * HOUR
    assert all(not watcher.look(START + HOUR + number * MINUTE) for number in range(2, 180))


def test_a_forecast_of_less_than_half_a_minute_is_not_reported() -> None:
    watcher = watched(FORECAST, used=10)
    watcher.purse.spend(15, START + HOUR)
    now = START + HOUR

    assert not watcher.look(now)
    assert not watcher.look(now + timedelta(seconds=10))
    watcher.purse = Purse(FORECAST)
    watcher.purse.spend(10, START)
    assert not watcher.look(now + timedelta(seconds=20))
    watcher.purse.spend(15, now)
    assert not watcher.look(now + timedelta(seconds=40))
    assert watcher.told(now + timedelta(seconds=70)) == [("forecast", 1.0)]


@pytest.mark.parametrize(("minutes", "is_told"), [(43, False), (45, True)])
def test_a_forecast_needs_fifteen_percent_of_the_block(minutes: int, *, is_told: bool) -> None:
    watcher = watched(FORECAST, used=10)
    watcher.purse.spend(10, START + 40 * MINUTE)
    now = START + minutes * MINUTE
    watcher.look(now)

    assert bool(watcher.look(now + timedelta(seconds=45))) is is_told


@pytest.mark.parametrize(("spent", "is_told"), [(48.4, True), (47.8, False)])
def test_a_budget_that_lasts_until_ten_minutes_before_the_end_is_enough(
    spent: float, *, is_told: bool
) -> None:
    """At four hours, 12 an hour: the budget of 60 is spent soon before five hours or not."""
    watcher = watched(Budget(name="f", amount=58, metric=Metric.FORECAST), used=spent / 2)
    now = START + 4 * HOUR
    watcher.purse.spend(spent / 2, now)
    watcher.look(now)

    assert bool(watcher.look(now + MINUTE)) is is_told


def test_a_spent_budget_is_not_forecast() -> None:
    watcher = watched(FORECAST, used=10)
    watcher.purse.spend(50, START + HOUR)

    assert not any(watcher.look(START + HOUR + number * MINUTE) for number in range(5))


def test_a_month_is_forecast_from_its_average() -> None:
    watcher = watched(
        Budget(name="month", amount=100, metric=Metric.FORECAST, period=BudgetPeriod.MONTH)
    )
    now = datetime(2026, 3, 11, tzinfo=UTC)
    watcher.purse.spend(50, now - HOUR)
    watcher.look(now)

    (alert,) = watcher.look(now + MINUTE)

    assert alert.exhausted_at is not None
    assert abs(alert.exhausted_at - datetime(2026, 3, 21, tzinfo=UTC)) <= 2 * MINUTE


def test_a_burn_rate_is_reported_once_a_block_and_not_for_two_answers_in_a_minute() -> None:
    burn = Budget(name="burn", amount=20, metric=Metric.BURN, levels=(1.0,))
    watcher = watched(burn, used=1)

    watcher.purse.spend(3, START + 2 * MINUTE)
    assert not watcher.look(START + 2 * MINUTE)
    watcher.purse.spend(3, START + 12 * MINUTE)
    (alert,) = watcher.look(START + 12 * MINUTE)

    assert round(alert.used, 6) == 35
    assert alert.severity is Severity.CRITICAL
    assert not watcher.look(START + 20 * MINUTE)


def test_a_burn_rate_raised_by_a_late_log_causes_no_alert() -> None:
    burn = Budget(name="burn", amount=20, metric=Metric.BURN, levels=(1.0,))
    watcher = watched(burn, used=1)
    watcher.purse.spend(1, START + HOUR)
    watcher.look(START + HOUR)

    watcher.purse.spend(40, START + 20 * MINUTE)

    assert not watcher.look(START + HOUR + MINUTE)
    assert not watcher.look(START + HOUR + 2 * MINUTE)


@pytest.mark.parametrize(("used", "is_told"), [(44.0, False), (45.0, True)])
def test_the_end_of_a_block_is_reported_if_nine_tenths_were_used(
    used: float, *, is_told: bool
) -> None:
    watcher = watched(Budget(name="b", amount=50, levels=()), RESET, used=used)
    watcher.look(START + 4 * HOUR)
    end = START + 5 * HOUR

    assert not watcher.look(end - MINUTE)
    assert watcher.told(end) == ([("reset", 1.0)] if is_told else [])
    watcher.purse.spend(1, end + 2 * MINUTE)
    assert not watcher.look(end + 2 * MINUTE)


@pytest.mark.parametrize(("ago", "is_told"), [(HOUR, True), (HOUR + MINUTE, False), (DAY, False)])
def test_the_end_of_a_block_is_reported_within_an_hour(ago: timedelta, *, is_told: bool) -> None:
    watcher = watched(Budget(name="b", amount=50, levels=()), RESET, used=50)

    assert bool(watcher.look(START + 5 * HOUR + ago)) is is_told


def test_the_end_of_claudes_usage_limit_is_reported() -> None:
    watcher = watched(RESET, used=1)
    watcher.purse.spend(1, START + HOUR, limit_reset_at=START + 3 * HOUR)
    assert not watcher.look(START + HOUR)

    assert not watcher.look(START + 3 * HOUR - MINUTE)
    (alert,) = watcher.look(START + 3 * HOUR)

    assert (alert.level, alert.used) == (1.0, 1.0)
    assert alert.resets_at == START + 3 * HOUR
    assert not watcher.look(START + 5 * HOUR)
