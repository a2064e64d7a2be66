from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QLocale
from pytestqt.qtbot import QtBot
from tests.desktop.makers import make_spending

from spendlight.desktop.window.charts.axes import AmountAxis, DayAxis, PointAxis
from spendlight.desktop.window.charts.data import ChartMaker
from spendlight.desktop.window.charts.palette import ColorBook
from spendlight.desktop.window.charts.values import Measure, Split
from spendlight.desktop.window.formats import Formats
from spendlight.metering.periods import Period, day_number
from spendlight.metering.reports import PeriodRow
from spendlight.tracker.questions.course import StepRow

WIDTH = 700.0
GERMAN = QLocale("de_DE")


def names_of(axis: PointAxis | DayAxis, low: float, high: float) -> list[str]:
    """Return the labels of an axis that are not omitted."""
    (spacing, values), *_ = axis.tickValues(low, high, WIDTH)
    return [name for name in axis.tickStrings(list(values), 1.0, spacing) if name]


@pytest.mark.parametrize("begin_minute", [0, 10, 25])
@pytest.mark.parametrize("step_minutes", [1, 5, 15, 60])
def test_labels_are_at_round_times_of_the_users_time_zone(
    qtbot: QtBot, begin_minute: int, step_minutes: int
) -> None:
    del qtbot
    zone = ZoneInfo("Asia/Kolkata")  # half an hour off
    begin = datetime(2026, 8, 3, 9, begin_minute, tzinfo=zone).astimezone(UTC)
    step = timedelta(minutes=step_minutes)
    maker = ChartMaker(Formats(zone), ColorBook(), ColorBook())
    rows = [StepRow(begin, make_spending(1.0))]
    data = maker.course(rows, begin, begin + 60 * step, step // timedelta(milliseconds=1), title="")
    axis = PointAxis()
    axis.ticks, axis.clock = [point.tick for point in data.points], data.clock
    (_, indices), *_ = axis.tickValues(0.0, 60.0, WIDTH)

    moments = [(begin + index * step).astimezone(zone) for index in indices]

    minutes = [moment.hour * 60 + moment.minute for moment in moments]
    every = minutes[1] - minutes[0]
    assert 2 <= len(indices) <= 20
    assert {later - earlier for earlier, later in pairwise(minutes)} <= {
        every,
        every - 1440,
    }
    assert all(minute % every < step_minutes for minute in minutes)


def test_over_several_years_an_axis_shows_months_and_years(qtbot: QtBot) -> None:
    del qtbot
    axis = DayAxis(Formats(UTC))
    first, last = day_number(date(2019, 3, 7)), day_number(date(2026, 8, 3))

    names = names_of(axis, first, last)

    assert names[0] == "Jan 2020"
    assert names[-1] == "Jan 2026"
    assert len(names_of(axis, last - 30, last)) > 3
    assert all("20" not in name[2:] for name in names_of(axis, last - 30, last))


def test_bars_over_several_years_show_the_year(qtbot: QtBot) -> None:
    del qtbot
    maker = ChartMaker(Formats(UTC), ColorBook(), ColorBook())

    def ticks(days: int) -> set[str]:
        rows = [
            PeriodRow(date(2026, 8, 3) - timedelta(days=number), make_spending(1.0))
            for number in range(days)
        ]
        data = maker.periods(rows, Period.DAY, Measure.COST, Split.MODEL)
        return {point.tick for point in data.points}

    assert {"3 Aug", "2 Aug"} <= ticks(30)
    assert {"Aug 2026", "Aug 2024"} <= ticks(800)


@pytest.mark.parametrize(
    ("locale", "names"),
    [
        (QLocale.c(), ["$0", "$500", "$1,000"]),
        (GERMAN, ["0\xa0$", "500\xa0$", "1.000\xa0$"]),
    ],
)
def test_whole_dollars_have_no_cents(qtbot: QtBot, locale: QLocale, names: list[str]) -> None:
    del qtbot
    axis = AmountAxis(Formats(UTC, locale))

    assert axis.tickStrings([0.0, 500.0, 1000.0], 1.0, 500.0) == names


def test_amounts_on_a_low_chart_do_not_overlap(qtbot: QtBot) -> None:
    del qtbot
    axis = AmountAxis(Formats(UTC))

    def amounts(height: float) -> list[float]:
        ((_, values),) = axis.tickValues(0.0, 29.0, height)
        return values

    assert amounts(200.0) == [0, 5, 10, 15, 20, 25]
    assert amounts(40.0) == [0, 15]
