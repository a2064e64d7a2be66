from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spendlight.metering.budgets import (
    Budget,
    BudgetState,
    Metric,
    Mute,
    Severity,
    is_early,
    outlook,
    reaches,
)

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
END = START + timedelta(hours=5)
BUDGET = Budget(name="block", amount=50)


@pytest.mark.parametrize(
    ("used", "projected", "severity"),
    [
        (39.0, None, None),
        (40.0, None, Severity.WARN),
        (49.9, None, Severity.WARN),
        (50.0, None, Severity.CRITICAL),
        (60.0, 60.0, Severity.CRITICAL),
        (45.0, 46.0, None),
        (20.0, 100.0, Severity.WARN),
        (20.0, 49.9, None),
    ],
)
def test_the_colour_depends_on_the_projection_if_there_is_one(
    used: float, projected: float | None, severity: Severity | None
) -> None:
    assert BudgetState(budget=BUDGET, used=used, projected=projected).severity is severity


def test_a_burn_rate_of_two_answers_in_a_minute_has_no_colour() -> None:
    budget = Budget(name="burn", amount=20, metric=Metric.BURN)

    assert BudgetState(budget=budget, used=500, is_early=True).severity is None
    assert BudgetState(budget=budget, used=500).severity is Severity.CRITICAL


def test_a_reset_has_a_share_and_no_colour() -> None:
    state = BudgetState(budget=Budget(name="reset", metric=Metric.RESET), used=0.95)

    assert (state.share, state.severity) == (0.95, None)


def test_invalid_levels_are_omitted_and_the_others_sorted() -> None:
    levels = (1.0, 0.5, 0.5, 0.0, -1.0, math.nan, math.inf)

    assert Budget(name="odd", amount=1, levels=levels).steps == (0.5, 1.0)
    assert BudgetState(budget=Budget(name="none", amount=1, levels=()), used=9).severity is None


@pytest.mark.parametrize(
    ("budget", "is_in_force"),
    [
        (BUDGET, True),
        (Budget(name="off", amount=50, is_on=False), False),
        (Budget(name="nothing", amount=0), False),
        (Budget(name="endless", amount=math.inf), False),
        (Budget(name="unknown", amount=math.nan), False),
        (Budget(name="reset", metric=Metric.RESET), True),
    ],
)
def test_a_budget_without_an_amount_is_not_in_force(budget: Budget, *, is_in_force: bool) -> None:
    assert budget.is_in_force is is_in_force


def test_ten_times_ten_cents_are_a_dollar() -> None:
    assert sum([0.1] * 10) < 1.0
    assert reaches(sum([0.1] * 10), 1.0)
    assert not reaches(0.999999, 1.0)


def test_a_budget_half_used_in_the_first_hour_is_spent_in_the_second() -> None:
    seen = outlook(50, 25, 25, starts_at=START, resets_at=END, now=START + timedelta(hours=1))

    assert seen.projected == 125
    assert seen.exhausted_at == START + timedelta(hours=2)


@pytest.mark.parametrize(("minutes", "is_known"), [(44, False), (45, True)])
def test_there_is_no_forecast_in_the_first_seventh_of_a_period(
    minutes: int, *, is_known: bool
) -> None:
    now = START + timedelta(minutes=minutes)

    seen = outlook(50, 25, 25, starts_at=START, resets_at=END, now=now)

    assert (seen.projected is not None) is is_known
    assert is_early(START, END, now) is not is_known


def test_a_spent_budget_has_no_forecast() -> None:
    later = START + timedelta(hours=1)

    seen = outlook(50, 51, 25, starts_at=START, resets_at=END, now=later)

    assert (seen.projected, seen.exhausted_at) == (151, None)
    assert outlook(50, 9, None, starts_at=START, resets_at=END, now=later).projected is None


@given(
    st.floats(0.01, 1e6),
    st.floats(0, 1e6),
    st.floats(0, 1e6),
    st.integers(45, 299),
)
def test_a_budget_is_spent_between_now_and_the_end_or_not_at_all(
    amount: float, used: float, per_hour: float, minutes: int
) -> None:
    now = START + timedelta(minutes=minutes)

    seen = outlook(amount, used, per_hour, starts_at=START, resets_at=END, now=now)

    assert seen.projected is not None
    assert seen.projected >= used
    if seen.exhausted_at is None:
        assert used >= amount * (1 - 1e-8) or seen.projected < amount
    else:
        assert now <= seen.exhausted_at <= END
        assert used < amount
        assert seen.projected >= amount * (1 - 1e-8)


def test_a_mute_ends_at_its_time_even_across_a_clock_change() -> None:
    mute = Mute(START, START + timedelta(hours=1))

    assert mute.holds(START)
    assert mute.holds(START + timedelta(minutes=59))
    assert not mute.holds(START + timedelta(hours=1))
    assert mute.holds(START - timedelta(hours=1))
    assert not mute.holds(START - timedelta(days=365))


def test_a_limit_without_an_amount_has_no_share() -> None:
    assert BudgetState(budget=Budget(name="none"), used=3.0).share == 0.0
