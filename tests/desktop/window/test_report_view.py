from __future__ import annotations

from datetime import UTC, timedelta
from statistics import median
from time import perf_counter
from typing import NamedTuple

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QTableView
from pytestqt.qtbot import QtBot
from tests.desktop.makers import make_report

from spendlight.desktop.window.cells import PADDING_PX
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.report_view import ReportView
from spendlight.desktop.window.tables import ReportModel, TotalModel
from spendlight.metering.reports import Column, PeriodRow, number_column

COST = 7


class Shown(NamedTuple):
    """A view of three days with its two tables."""

    view: ReportView
    rows: QTableView
    sums: QTableView
    model: ReportModel
    total: TotalModel


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    view = ReportView("Usage by day", Formats(UTC))
    model, total = view.model, view.total
    qtbot.addWidget(view)
    view.show_report(make_report(2.0, 30_000.0, 1.0))
    view.resize(900, 300)
    view.show()
    qtbot.waitExposed(view)
    tables = view.findChildren(QTableView)
    (sums,) = (table for table in tables if table.accessibleName() == "Total")
    (rows,) = (table for table in tables if table is not sums)
    return Shown(view, rows, sums, model, total)


def test_the_latest_day_comes_first(shown: Shown) -> None:
    assert shown.model.index(0, 0).data() == "2026-08-03"


def test_a_click_on_a_heading_sorts(shown: Shown) -> None:
    header = shown.rows.horizontalHeader()
    x = header.sectionViewportPosition(COST) + 10

    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 5))
    one_way = costs(shown.model)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 5))
    the_other = costs(shown.model)

    assert sorted([one_way, the_other]) == [
        ["$1.00", "$2.00", "$30,000.00"],
        ["$30,000.00", "$2.00", "$1.00"],
    ]


def costs(model: ReportModel) -> list[str]:
    return [str(model.index(row, COST).data()) for row in range(model.rowCount())]


def test_the_sums_are_exactly_below_their_columns(shown: Shown) -> None:
    for width in (900, 1_100, 820):
        shown.view.resize(width, 300)
        QApplication.processEvents()
        columns = range(shown.model.columnCount())
        assert [shown.sums.columnWidth(column) for column in columns] == [
            shown.rows.columnWidth(column) for column in columns
        ]


def test_after_a_new_report_the_sums_are_still_below(shown: Shown) -> None:
    for each in (shown.model, shown.total):
        each.show_report(make_report(*[1_000_000.0] * 30))
    QApplication.processEvents()

    columns = range(shown.model.columnCount())
    assert [shown.sums.columnWidth(column) for column in columns] == [
        shown.rows.columnWidth(column) for column in columns
    ]


def test_a_column_is_wide_enough_for_its_sum(shown: Shown) -> None:
    before = shown.rows.columnWidth(COST)

    shown.total.show_report(make_report(12_345_678.0))

    assert shown.rows.columnWidth(COST) == shown.sums.columnWidth(COST) > before


@pytest.mark.parametrize("points", [7.0, 8.5, 9.0, 10.0, 11.0, 13.5])
def test_no_figure_is_truncated_in_any_font_size(shown: Shown, points: float) -> None:
    shown.model.show_report(make_report(1.0))
    for table in (shown.rows, shown.sums):
        font = table.font()
        font.setPointSizeF(points)
        table.setFont(font)

    shown.view.resize(1_600, 300)

    for cost in range(100, 1_000, 37):
        shown.total.show_report(make_report(float(cost)))
        text = str(shown.total.index(0, COST).data())
        inner = shown.sums.columnWidth(COST) - 2 * PADDING_PX
        elide = Qt.TextElideMode.ElideRight
        assert shown.sums.fontMetrics().elidedText(text, elide, inner) == text


def test_a_column_grows_with_its_figures(shown: Shown) -> None:
    before = shown.rows.columnWidth(COST)

    shown.model.show_report(make_report(2.0, 30_000.0, 12_345_678.0))

    assert shown.rows.columnWidth(COST) > before


def test_in_a_narrow_view_only_the_essential_columns_stay(shown: Shown) -> None:
    shown.view.resize(480, 300)
    QApplication.processEvents()
    hidden = {
        shown.model.headerData(column, Qt.Orientation.Horizontal)
        for column in range(shown.model.columnCount())
        if shown.rows.isColumnHidden(column)
    }

    assert hidden == {"Cache write", "Cache read", "Total tokens"}
    assert shown.sums.isColumnHidden(4)


def test_in_the_narrowest_view_days_and_costs_stay(shown: Shown) -> None:
    shown.view.resize(240, 300)
    QApplication.processEvents()

    columns = range(shown.model.columnCount())
    assert [c for c in columns if not shown.rows.isColumnHidden(c)] == [0, COST]


def test_the_selected_days_are_copied_in_the_order_shown(shown: Shown) -> None:
    shown.rows.selectRow(2)

    shown.view.copy()

    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("2026-08-01\t")


def test_new_figures_preserve_the_selection(shown: Shown) -> None:
    shown.rows.selectRow(1)

    shown.model.show_report(make_report(2.0, 31_000.0, 1.5))

    assert [index.row() for index in shown.rows.selectionModel().selectedRows()] == [1]


def test_without_days_there_is_no_sum(shown: Shown) -> None:
    for each in (shown.model, shown.total):
        each.show_report(make_report())

    assert not shown.sums.isVisible()


def test_headings_and_cells_are_drawn(shown: Shown) -> None:
    shown.rows.selectRow(0)

    image = shown.view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)

    colors = {
        image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 2)
    }
    assert len(colors) > 20


def test_a_column_can_be_hidden_and_shown_again(shown: Shown) -> None:
    menu = shown.view.make_menu()
    choices = {action.text(): action for action in submenu(menu, "Columns").actions()}

    choices["Output"].setChecked(False)
    assert shown.rows.isColumnHidden(3)
    assert shown.sums.isColumnHidden(3)

    choices["Output"].setChecked(True)
    assert not shown.rows.isColumnHidden(3)
    assert not choices["Day"].isEnabled()


def test_the_menu_can_sort_without_a_mouse(shown: Shown) -> None:
    actions = {
        action.text(): action for action in submenu(shown.view.make_menu(), "Sort by").actions()
    }

    actions["Cost"].trigger()
    assert costs(shown.model) == ["$30,000.00", "$2.00", "$1.00"]

    actions["Cost"].trigger()
    assert costs(shown.model) == ["$1.00", "$2.00", "$30,000.00"]


def submenu(menu: QMenu, title: str) -> QMenu:
    """Return the submenu with a title."""
    (found,) = (each for each in menu.findChildren(QMenu) if each.title() == title)
    return found


def test_return_and_a_double_click_open_a_row(qtbot: QtBot, shown: Shown) -> None:
    shown.rows.setCurrentIndex(shown.model.index(1, 0))
    with qtbot.waitSignal(shown.view.row_opened) as opened:
        QTest.keyClick(shown.rows, Qt.Key.Key_Return)
    assert opened.args == [shown.model.rows[1]]

    middle = shown.rows.visualRect(shown.model.index(2, 0)).center()
    QTest.mouseClick(shown.rows.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    with qtbot.waitSignal(shown.view.row_opened) as opened:
        QTest.mouseDClick(shown.rows.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert opened.args == [shown.model.rows[2]]


def test_arrow_keys_move_through_the_rows(shown: Shown) -> None:
    shown.rows.setFocus()
    shown.rows.setCurrentIndex(shown.model.index(0, 0))

    QTest.keyClick(shown.rows, Qt.Key.Key_Down)
    assert shown.rows.currentIndex().row() == 1
    QTest.keyClick(shown.rows, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert shown.rows.currentIndex().row() == 2


def turn_s(qtbot: QtBot, shown: Shown, count: int) -> float:
    """Return the median time in seconds of turning the wheel, with a number of rows."""
    report = make_report(1.0)
    row = report.rows[0]
    many = tuple(
        PeriodRow(row.start + timedelta(days=number), row.spending) for number in range(count)
    )
    shown.view.show_report(report._replace(rows=many))
    qtbot.waitUntil(lambda: shown.model.rowCount() == count)
    bar = shown.rows.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    turns: list[float] = []
    for step in range(1, 31):
        began = perf_counter()
        bar.setValue(bar.maximum() * step // 30)
        shown.rows.viewport().repaint()
        turns.append(perf_counter() - began)
    return median(turns)


def test_a_hundred_thousand_rows_scroll_as_fast_as_a_thousand(qtbot: QtBot, shown: Shown) -> None:
    few, many = turn_s(qtbot, shown, 1_000), turn_s(qtbot, shown, 100_000)

    assert many < 10 * few


def test_a_total_contains_only_what_can_be_added_up(shown: Shown) -> None:
    report = make_report(1.0, 2.0)
    weekday: Column[PeriodRow] = number_column("Weekday", lambda row: row.start.isoweekday())
    shown.view.show_report(report._replace(columns=[*report.columns, weekday]))

    place = len(report.columns)
    assert {shown.model.index(row, place).data() for row in (0, 1)} == {"6", "7"}
    assert shown.total.index(0, place).data() is None
    assert shown.total.index(0, COST).data() == "$3.00"
