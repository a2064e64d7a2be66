from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import fsum, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desktop.makers import make_spending

from spendlight.desktop.window.charts.data import MOST_SERIES, ChartMaker, by_model, stacked
from spendlight.desktop.window.charts.palette import OTHER_SLOT, ColorBook
from spendlight.desktop.window.charts.speech import hover_lines, summary
from spendlight.desktop.window.charts.values import Forecast, Measure, Split
from spendlight.desktop.window.formats import Formats
from spendlight.metering.periods import Period
from spendlight.metering.reports import PeriodRow
from spendlight.tracker.questions.course import StepRow

DAY = date(2026, 8, 3)
NOON = datetime(2026, 8, 3, 12, tzinfo=UTC)

PARTS = st.lists(
    st.dictionaries(st.sampled_from("abcdefghijkl"), st.floats(0, 1e6), max_size=12), max_size=10
)


@pytest.fixture
def maker() -> ChartMaker:
    return ChartMaker(Formats(UTC), ColorBook(), ColorBook())


def rows(*costs: float) -> list[PeriodRow]:
    return [
        PeriodRow(DAY + timedelta(days=2 * number), make_spending(cost))
        for number, cost in enumerate(costs)
    ]


def steps(*costs: float) -> list[StepRow]:
    return [
        StepRow(NOON + timedelta(minutes=5 * number), make_spending(cost))
        for number, cost in enumerate(costs)
    ]


@given(PARTS)
def test_a_stack_is_as_high_as_its_parts_together(parts: list[dict[str, float]]) -> None:
    series = stacked(parts, str, {})

    for index, part in enumerate(parts):
        assert isclose(fsum(s.values[index] for s in series), fsum(part.values()), abs_tol=1e-6)
    assert len(series) <= MOST_SERIES + 1


def test_more_than_eight_are_summed_up_as_others_in_charts() -> None:
    part = {str(number): float(number + 1) for number in range(12)}

    series = stacked([part], str, {str(number): number for number in range(12)})

    assert series[-1].name == "Other"
    assert series[-1].slot == OTHER_SLOT
    assert len(series) == MOST_SERIES + 1


def test_days_without_usage_keep_their_position(maker: ChartMaker) -> None:
    data = maker.periods(rows(1.0, 2.0), Period.DAY, Measure.COST, Split.MODEL)

    assert [point.meaning for point in data.points] == [DAY + timedelta(days=n) for n in range(3)]
    assert data.totals == (1.0, 0.0, 2.0)


def test_a_range_is_drawn_from_end_to_end(maker: ChartMaker) -> None:
    first, last = DAY - timedelta(days=2), DAY + timedelta(days=3)

    data = maker.periods(rows(1.0), Period.DAY, Measure.COST, Split.MODEL, first=first, last=last)

    assert (data.points[0].meaning, data.points[-1].meaning) == (first, last)


@pytest.mark.parametrize(
    ("period", "starts"),
    [
        (Period.WEEK, [date(2026, 8, 2), date(2026, 8, 9), date(2026, 8, 16)]),
        (Period.MONTH, [date(2026, 8, 1)]),
    ],
)
def test_weeks_and_months_follow_each_other(
    maker: ChartMaker, period: Period, starts: list[date]
) -> None:
    data = maker.periods(
        [],
        period,
        Measure.COST,
        Split.MODEL,
        first=DAY,
        last=date(2026, 8, 20),
    )

    assert [point.meaning for point in data.points] == starts
    assert data.is_empty


def test_a_cumulative_chart_adds_up(maker: ChartMaker) -> None:
    data = maker.course(
        steps(1.0, 0.5, 2.0), NOON, NOON + timedelta(hours=1), 300_000, title="Block"
    )

    assert data.totals[:4] == (0.0, 1.0, 1.5, 3.5)
    assert data.totals[-1] == 3.5
    assert len(data.points) == 13


def test_an_unfinished_cumulative_chart_marks_the_present(maker: ChartMaker) -> None:
    data = maker.course(
        steps(1.0),
        NOON,
        NOON + timedelta(hours=1),
        300_000,
        title="Today",
        until=NOON + timedelta(minutes=30),
    )

    assert data.forecast == Forecast(6.0)


def test_the_parts_of_an_answer_with_several_steps_are_kept(maker: ChartMaker) -> None:
    twice = [*steps(1.0), *steps(2.0)]

    data = maker.course(twice, NOON, NOON + timedelta(hours=1), 300_000, title="Session")

    assert data.totals[-1] == 3.0


def test_the_summary_contains_the_sum_and_the_maximum(maker: ChartMaker) -> None:
    data = maker.periods(rows(1.0, 2.5), Period.DAY, Measure.COST, Split.MODEL)

    assert summary(data, Formats(UTC)) == (
        "Cost by day, Mon 2026-08-03 to Wed 2026-08-05: $3.50 in total. "
        "Most: Wed 2026-08-05 with $2.50."
    )


def test_the_tooltip_names_each_part_and_the_total(maker: ChartMaker) -> None:
    row = PeriodRow(DAY, make_spending(2.5))
    data = maker.periods([row], Period.DAY, Measure.COST, Split.MODEL)

    assert hover_lines(data, 0, Formats(UTC)) == [("opus-4-5", "$2.50", 0)]


def test_the_models_of_a_sum_are_measured_in_dollars_or_tokens() -> None:
    spending = make_spending(2.5, 700)

    assert list(by_model(spending, Measure.COST).values()) == [2.5]
    assert list(by_model(spending, Measure.TOKENS).values()) == [700.0]
