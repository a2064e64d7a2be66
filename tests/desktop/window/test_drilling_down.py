from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import isclose

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from tests.desktop.window.conftest import Shown, click_choice

from spendlight.desktop.window.pages import PageKey
from spendlight.desktop.window.scope_bar import RangeChoice
from spendlight.desktop.window.targets import StretchTarget
from spendlight.metering.budgets import Alert, Budget, Severity
from spendlight.metering.periods import to_ms


def test_a_project_leads_to_its_sessions_and_answers_and_back(shown: Shown) -> None:
    shown.window.scope_bar.choose_range(RangeChoice.ALL)
    shown.window.show_page(PageKey.PROJECTS)
    shown.table.setCurrentIndex(shown.view.model.index(0, 0))
    project = shown.view.rows[0]

    QTest.keyClick(shown.table, Qt.Key.Key_Return)
    assert shown.page_key == "sessions"
    assert {row.name.project for row in shown.view.rows} == {project.name}
    assert isclose(sum(row.spending.cost for row in shown.view.rows), project.spending.cost)

    shown.table.setCurrentIndex(shown.view.model.index(0, 0))
    session = shown.view.rows[0]
    QTest.keyClick(shown.table, Qt.Key.Key_Return)
    assert shown.page_key == "session"
    assert len(shown.view.rows) == session.spending.answers
    assert shown.window.formats.money(session.spending.cost) in shown.texts()

    shown.key(Qt.Key.Key_Left, alt=True)
    shown.key(Qt.Key.Key_Left, alt=True)
    assert shown.page_key == "projects"
    assert shown.window.scope.project is None
    assert len(shown.view.rows) == 3


def test_a_day_of_the_calendar_is_opened_once_after_showing_it_again(shown: Shown) -> None:
    shown.window.show_page(PageKey.HISTORY)
    for period in ("Year", "Month", "Year"):
        click_choice(shown, f"Period: {period}")
    surface = shown.drawn().surface
    assert surface is not None

    surface.opened.emit(surface.count - 1)

    assert shown.page_key == "stretch"
    shown.window.go_back()
    assert shown.page_key == "history"


def test_a_click_on_a_bar_leads_to_the_sessions_of_that_day(shown: Shown) -> None:
    shown.window.show_page(PageKey.HISTORY)
    shown.window.scope_bar.choose_range(RangeChoice.ALL)
    day = max(shown.view.rows, key=lambda row: row.spending.cost)
    surface = shown.drawn().surface
    assert surface is not None
    starts = sorted(row.start for row in shown.view.rows)
    index = (day.start - starts[0]).days
    point = surface.position_of(index)
    target = surface.childAt(point)
    assert target is not None

    QTest.mouseClick(target, Qt.MouseButton.LeftButton, pos=point + QPoint(0, 12))

    assert shown.window.page_key is PageKey.STRETCH
    assert isclose(sum(row.spending.cost for row in shown.view.rows), day.spending.cost)


def test_a_month_leads_to_its_days_and_these_to_their_hours(shown: Shown) -> None:
    shown.window.show_page(PageKey.HISTORY)
    shown.window.scope_bar.choose_range(RangeChoice.ALL)
    click_choice(shown, "Period: Month")
    month = max(shown.view.rows, key=lambda row: row.spending.cost)
    shown.drawn().opened.emit(month)
    costs = [month.spending.cost]

    for _ in range(2):
        data = shown.drawn()
        surface = data.surface
        assert surface is not None
        end = shown.view.rows[0].spending.last_ms
        moments = [point.meaning for point in data.points if isinstance(point.meaning, datetime)]
        index = max(n for n, at in enumerate(moments) if to_ms(at) <= end)
        data.setFocus()
        QTest.keyClick(data, Qt.Key.Key_Home)
        for _ in range(index):
            QTest.keyClick(data, Qt.Key.Key_Right)
        QTest.keyClick(data, Qt.Key.Key_Return)
        costs.append(sum(row.spending.cost for row in shown.view.rows))

    assert shown.window.page_key is PageKey.STRETCH
    assert costs[0] > costs[1] >= costs[2] > 0
    target = shown.window.page.target
    assert isinstance(target, StretchTarget)
    assert target.until - target.since == timedelta(hours=1)
    shown.drawn().opened.emit(target.since)
    assert shown.window.page.target is target


def test_the_chart_of_now_leads_to_an_hour(shown: Shown) -> None:
    shown.window.show_page(PageKey.NOW)
    chart = shown.drawn()

    chart.opened.emit(chart.points[3].meaning)

    assert shown.window.page_key is PageKey.STRETCH


def test_the_chart_of_a_session_leads_to_an_answer(shown: Shown) -> None:
    shown.window.show_page(PageKey.SESSIONS)
    shown.window.scope_bar.choose_range(RangeChoice.ALL)
    shown.drawn().opened.emit(shown.view.rows[0])
    answers = sorted(shown.view.rows, key=lambda row: row.at)

    shown.drawn().opened.emit(answers[1].at)

    chosen = shown.table.currentIndex().row()
    assert shown.view.rows[chosen] is answers[1]


def test_the_trail_leads_back_by_clicks(shown: Shown) -> None:
    shown.window.show_page(PageKey.BLOCKS)
    block = next(row for row in shown.view.rows if not row.block.is_gap)
    shown.window.page.open_meaning(block)  # type: ignore[attr-defined]  # a page with a chart
    (link,) = (
        b
        for b in shown.window.findChildren(QToolButton)
        if b.accessibleName() == "Back to Blocks" and b.isVisible()
    )

    QTest.mouseClick(link, Qt.MouseButton.LeftButton)

    assert shown.window.page_key is PageKey.BLOCKS


def test_a_long_trail_keeps_its_ends_and_leads_back_step_by_step(shown: Shown) -> None:
    day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    shown.window.show_page(PageKey.HISTORY)
    for title, hours in (("Month", 720), ("Day", 24), ("Hour", 1)):
        shown.window.open_target(StretchTarget(title, day, day + timedelta(hours=hours)))

    links = [
        b.text()
        for b in shown.window.findChildren(QToolButton)
        if b.text().endswith(" /") and b.isVisible()
    ]

    assert links == ["History /", "… / Day /"]
    titles = []
    while shown.window.page_key is PageKey.STRETCH:
        assert isinstance(shown.window.page.target, StretchTarget)
        titles.append(shown.window.page.target.title)
        (back,) = (
            b for b in shown.window.findChildren(QToolButton) if b.accessibleName() == "Back"
        )
        QTest.mouseClick(back, Qt.MouseButton.LeftButton)
    assert titles == ["Hour", "Day", "Month"]


def test_an_alert_leads_to_the_hour_that_caused_it(shown: Shown) -> None:
    snapshot = shown.tracker.snapshot()
    assert snapshot.last_at is not None
    alert = Alert(
        key="block",
        budget=Budget(name="block", amount=5.0),
        level=0.8,
        severity=Severity.WARN,
        used=4.0,
        at=snapshot.last_at,
    )

    shown.window.show_alert(alert)

    assert shown.window.page_key is PageKey.STRETCH
    assert {row.name for row in shown.view.rows} == {usage.name for usage in snapshot.recent}
