from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from tests.desktop.makers import make_spending

from spendlight.desktop.theme import palette
from spendlight.desktop.window.charts.axes import nice_steps
from spendlight.desktop.window.charts.chart import Chart
from spendlight.desktop.window.charts.data import ChartMaker
from spendlight.desktop.window.charts.overlays import Tooltip
from spendlight.desktop.window.charts.palette import SERIES, ColorBook
from spendlight.desktop.window.charts.plot import PlotSurface
from spendlight.desktop.window.charts.values import ChartData, Measure, Split
from spendlight.desktop.window.formats import Formats
from spendlight.metering.periods import Period
from spendlight.metering.reports import PeriodRow

DAY = date(2026, 8, 3)
COUNT = 30


def days(formats: Formats, count: int = COUNT) -> ChartData:
    """Return a chart of days, each a dollar more expensive than the one before."""
    rows = [
        PeriodRow(DAY + timedelta(days=number), make_spending(float(number + 1)))
        for number in range(count)
    ]
    maker = ChartMaker(formats, ColorBook(), ColorBook())
    return maker.periods(rows, Period.DAY, Measure.COST, Split.MODEL)


@pytest.fixture
def chart(qtbot: QtBot) -> Chart:
    formats = Formats(UTC)
    chart = Chart(formats)
    qtbot.addWidget(chart)
    chart.setPalette(palette(is_dark=False))
    chart.resize(700, 300)
    chart.show_stack(days(formats))
    chart.show()
    qtbot.waitExposed(chart)
    QApplication.processEvents()  # posted events lay it out
    return chart


def on_screen(chart: Chart) -> QImage:
    """Return what a person sees of it: nothing is painted for this, as `grab` would do."""
    return chart.screen().grabWindow(chart.winId()).toImage()


def test_the_screen_shows_new_labels_below_the_same_bars(chart: Chart, qtbot: QtBot) -> None:
    before = on_screen(chart)
    tomorrow = [
        PeriodRow(DAY + timedelta(days=number + 1), make_spending(float(number + 1)))
        for number in range(COUNT)
    ]
    maker = ChartMaker(Formats(UTC), ColorBook(), ColorBook())
    chart.show_stack(maker.periods(tomorrow, Period.DAY, Measure.COST, Split.MODEL))
    qtbot.waitUntil(lambda: on_screen(chart) != before)

    assert on_screen(chart) == chart.grab().toImage().convertToFormat(before.format())


def surface_of(chart: Chart) -> PlotSurface:
    assert isinstance(chart.surface, PlotSurface)
    return chart.surface


def tooltip_of(chart: Chart) -> Tooltip:
    (tooltip,) = chart.findChildren(Tooltip)
    return tooltip


def widget_at(surface: PlotSurface, point: QPoint) -> QWidget:
    """Return the widget under the mouse there."""
    found = surface.childAt(point)
    assert found is not None
    return found


def test_bars_are_drawn_in_the_colour_of_their_model(chart: Chart) -> None:
    surface = surface_of(chart)
    point = surface.mapTo(chart, surface.position_of(COUNT - 1)) + QPoint(0, 30)

    image = chart.grab().toImage()

    assert image.pixelColor(point).name().upper() == SERIES[0]


def hover(surface: PlotSurface, point: QPoint) -> None:
    """Move the mouse over the plot, independent of the real one."""
    widget = widget_at(surface, point)
    place = QPointF(point)
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        place,
        widget.mapToGlobal(place),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(widget, event)


def test_hovering_shows_the_value_of_the_day(qtbot: QtBot, chart: Chart) -> None:
    surface = surface_of(chart)
    point = surface.position_of(9) + QPoint(0, 20)

    hover(surface, point)

    qtbot.waitUntil(tooltip_of(chart).isVisible)
    assert tooltip_of(chart).lines == [("opus-4-5", "$10.00", 0)]
    hover(surface, QPoint(2, 2))
    qtbot.waitUntil(lambda: not tooltip_of(chart).isVisible())


def test_a_click_opens_the_day(qtbot: QtBot, chart: Chart) -> None:
    surface = surface_of(chart)
    point = surface.position_of(9) + QPoint(0, 20)

    with qtbot.waitSignal(chart.opened) as opened:
        QTest.mouseClick(widget_at(surface, point), Qt.MouseButton.LeftButton, pos=point)

    assert opened.args == [DAY + timedelta(days=9)]


def test_keys_move_through_the_days_and_open_one(qtbot: QtBot, chart: Chart) -> None:
    QTest.keyClick(chart, Qt.Key.Key_Home)
    QTest.keyClick(chart, Qt.Key.Key_Right)
    assert chart.accessibleDescription() == "Tue 2026-08-04: opus-4-5 $2.00"
    QTest.keyClick(chart, Qt.Key.Key_End)
    QTest.keyClick(chart, Qt.Key.Key_Left)

    with qtbot.waitSignal(chart.opened) as opened:
        QTest.keyClick(chart, Qt.Key.Key_Return)

    assert opened.args == [DAY + timedelta(days=COUNT - 2)]


def test_a_screen_reader_gets_a_summary_of_the_chart(chart: Chart) -> None:
    found = QAccessible.queryAccessibleInterface(chart)

    assert found.text(QAccessible.Text.Name) == "Cost by day"
    assert "$465.00 in total" in found.text(QAccessible.Text.Description)


def visible_range(chart: Chart) -> tuple[float, float]:
    low, high = surface_of(chart).visible_range
    return low, high


def wheel(chart: Chart, steps: int) -> None:
    surface = surface_of(chart)
    point = surface.position_of(15) + QPoint(0, 10)
    target = widget_at(surface, point)
    for _ in range(abs(steps)):
        event = QWheelEvent(
            QPointF(point),
            QPointF(target.mapToGlobal(point)),
            QPoint(),
            QPoint(0, 120 if steps > 0 else -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,  # noqa: FBT003  # Qt's own
        )
        QApplication.sendEvent(target, event)


def test_zooming_stays_within_the_data(chart: Chart) -> None:
    whole = visible_range(chart)
    (reset,) = (b for b in chart.findChildren(QPushButton) if b.text() == "Reset zoom")

    wheel(chart, 60)
    low, high = visible_range(chart)
    assert whole[0] <= low < high <= whole[1]
    assert 3.9 < high - low < 4.5
    assert reset.isVisible()

    wheel(chart, -80)
    assert visible_range(chart) == pytest.approx(whole)
    assert not reset.isVisible()


@pytest.mark.parametrize("way", ["button", "key", "double click"])
def test_the_zoom_can_be_reset(chart: Chart, way: str) -> None:
    whole = visible_range(chart)
    QTest.keyClick(chart, Qt.Key.Key_Plus)
    assert visible_range(chart) != pytest.approx(whole)

    if way == "button":
        (reset,) = (b for b in chart.findChildren(QPushButton) if b.text() == "Reset zoom")
        QTest.mouseClick(reset, Qt.MouseButton.LeftButton)
    elif way == "key":
        QTest.keyClick(chart, Qt.Key.Key_0)
    else:
        surface = surface_of(chart)
        point = surface.position_of(15) + QPoint(0, 10)
        QTest.mouseDClick(widget_at(surface, point), Qt.MouseButton.LeftButton, pos=point)

    assert visible_range(chart) == pytest.approx(whole)


def test_new_figures_preserve_the_zoom(chart: Chart) -> None:
    QTest.keyClick(chart, Qt.Key.Key_Plus)
    before = visible_range(chart)

    chart.show_stack(days(Formats(UTC)))

    assert visible_range(chart) == before


def test_an_empty_chart_shows_one_sentence(chart: Chart) -> None:
    chart.show_stack(ChartData("Cost by day", empty="No usage in this range."))

    assert chart.spoken == "Cost by day. No usage in this range."


def test_a_picture_has_twice_the_pixels_of_the_screen(chart: Chart, tmp_path: Path) -> None:
    path = tmp_path / "chart.png"

    chart.picture(path)()

    image = QImage(str(path))
    assert (image.width(), image.height()) == (1400, 600)
    assert SERIES[0].lower() in {
        image.pixelColor(x, 400).name() for x in range(0, image.width(), 4)
    }


def test_an_svg_contains_vectors_and_a_title(chart: Chart, tmp_path: Path) -> None:
    path = tmp_path / "chart.svg"

    chart.picture(path)()

    drawing = path.read_text(encoding="utf-8")
    assert drawing.startswith("<?xml")
    assert "<title>Cost by day</title>" in drawing
    assert drawing.count("<rect") + drawing.count("<path") > COUNT


def test_an_unwritable_picture_is_an_error(chart: Chart, tmp_path: Path) -> None:
    for name in ("none/chart.png", "none/chart.svg"):
        with pytest.raises(OSError):  # noqa: PT011  # each system has its own message
            chart.picture(tmp_path / name)()


def test_a_chart_follows_the_colour_scheme(chart: Chart) -> None:
    dark = palette(is_dark=True)
    chart.setPalette(dark)
    QApplication.processEvents()

    corner = chart.grab().toImage().pixelColor(chart.width() - 3, chart.height() - 3)

    assert corner == dark.base().color()


@pytest.mark.parametrize("most", [0.004, 0.09, 1.0, 9.4, 10.0, 123.0, 99_999.0, 3.2e9])
def test_ticks_of_an_axis_are_few_and_round(most: float) -> None:
    steps = nice_steps(most)

    assert steps[0] == 0
    assert 2 <= len(steps) <= 6
    assert steps[-1] <= most * 1.000001
    assert most - steps[-1] <= steps[1]


def test_objects_that_draw_axes_are_excluded_from_garbage_collection() -> None:
    code = (
        "import gc; from spendlight.desktop.window.charts.loading import plot_loader as loader;"
        "loader().load(); loader().wait(); print(gc.get_freeze_count())"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert int(done.stdout) > 10_000
