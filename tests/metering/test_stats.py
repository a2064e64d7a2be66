from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from spendlight.metering.entry import TokenCounts
from spendlight.metering.reports import PeriodRow
from spendlight.metering.slices import ModelSpending, Spending
from spendlight.metering.stats import MonthCoverage, coverage, usage_stats

DAY = date(2026, 3, 1)


def row(number: int, tokens: int = 100, cost: float = 1.0, answers: int = 1) -> PeriodRow:
    counts = TokenCounts(input=tokens)
    model = ModelSpending("opus", counts, cost, is_priced=True, answers=answers)
    moment = number if answers else None
    spending = Spending(counts, cost, (model,), answers=answers, first_ms=moment, last_ms=moment)
    return PeriodRow(DAY + timedelta(days=number), spending)


def test_averages_are_over_days_with_usage() -> None:
    found = usage_stats([row(0, 100, 1.0), row(9, 300, 5.0), row(4, 0, 0.0, answers=0)])

    assert found.active_days == 2
    assert (found.total.tokens.total, found.total.cost) == (400, 6.0)
    assert (found.tokens_a_day, found.cost_a_day) == (200, 3.0)


def test_the_day_with_most_tokens_may_not_be_the_most_expensive() -> None:
    found = usage_stats([row(0, 100, 9.0), row(1, 300, 5.0)])

    assert found.fullest_day == row(1, 300, 5.0)
    assert found.dearest_day == row(0, 100, 9.0)


def test_the_first_of_equal_days_is_the_peak_whatever_the_order() -> None:
    assert usage_stats([row(2), row(0), row(1)]).fullest_day == row(0)


def test_without_usage_there_is_no_average_and_no_peak() -> None:
    found = usage_stats([])

    assert (found.tokens_a_day, found.cost_a_day) == (None, None)
    assert (found.fullest_day, found.dearest_day) == (None, None)


def test_days_are_counted_by_month() -> None:
    used = {date(2026, 2, 27), date(2026, 3, 1), date(2026, 3, 2)}

    months = coverage(used, {date(2026, 3, 2)}, date(2026, 2, 27), date(2026, 3, 4))

    assert months == (
        MonthCoverage(date(2026, 2, 1), days=2, in_logs=0, kept=1),
        MonthCoverage(date(2026, 3, 1), days=4, in_logs=1, kept=1),
    )
    assert [month.without_usage for month in months] == [1, 2]


days = st.dates(date(2025, 11, 1), date(2026, 4, 30))


@given(st.sets(days), st.data())
def test_each_day_is_counted_once(used: set[date], data: st.DataObject) -> None:
    first, last = sorted((data.draw(days), data.draw(days)))
    in_logs = data.draw(st.sets(st.sampled_from(sorted(used)))) if used else set()
    asked = {day for day in used if first <= day <= last}

    months = coverage(used, in_logs, first, last)

    assert sum(month.days for month in months) == (last - first).days + 1
    assert sum(month.in_logs for month in months) == len(asked & in_logs)
    assert sum(month.kept for month in months) == len(asked - in_logs)
    assert all(month.without_usage >= 0 for month in months)
