from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QPushButton, QToolButton
from tests.desktop.window.conftest import Shown

from spendlight.desktop.window.cleanup_dialog import CleanupDialog
from spendlight.desktop.window.page_alerts import AlertsPage
from spendlight.desktop.window.page_logs import LogsPage
from spendlight.desktop.window.pages import PageKey
from spendlight.errors import LedgerBusyError
from spendlight.metering.budgets import (
    Alert,
    AlertFate,
    AlertRecord,
    Budget,
    BudgetPeriod,
    Metric,
    Severity,
)
from spendlight.tracker.options import TrackerOptions
from spendlight.tracker.profile import SurveyProgress

NOON = datetime(2026, 8, 3, 12, tzinfo=UTC)


def logs_page(shown: Shown) -> LogsPage:
    shown.window.show_page(PageKey.LOGS)
    page = shown.window.page
    assert isinstance(page, LogsPage)
    return page


def click(page: LogsPage, name: str) -> None:
    (button,) = (
        button
        for kind in (QPushButton, QToolButton)
        for button in page.findChildren(kind)
        if name in {button.text(), button.accessibleName()} and button.isVisible()
    )
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_logs_page_shows_the_contents_of_the_folder(shown: Shown) -> None:
    page = logs_page(shown)

    assert page.profile is not None
    assert "24" in shown.texts()
    assert {row.name for row in shown.view.rows} == {
        row.name for row in page.profile.survey.by_project
    }


def test_its_tables_are_selected_by_clicks(shown: Shown) -> None:
    page = logs_page(shown)
    assert page.profile is not None
    survey = page.profile.survey

    for name, count in (
        ("By type", len(survey.by_extension)),
        ("By depth", len(survey.depths)),
        ("Largest", len(survey.largest)),
        ("Oldest", len(survey.oldest)),
        ("Deleted next", len(page.profile.cleanup.logs) if page.profile.cleanup else 0),
        ("By project", 3),
    ):
        click(page, f"Table: {name}")
        assert len(shown.view.rows) == count > 0


def test_it_shows_what_is_deleted_next_and_that_it_stays_counted(shown: Shown) -> None:
    logs_page(shown)

    said = " ".join(shown.texts())

    assert "Claude Code deletes logs 30 days after their last change (its default)." in said


def test_only_files_that_match_the_filter_are_counted_on_the_page(shown: Shown) -> None:
    page = logs_page(shown)
    (line,) = page.findChildren(QLineEdit)

    QTest.keyClicks(line, "agent-*")
    QTest.keyClick(line, Qt.Key.Key_Return)

    assert page.profile is not None
    assert 0 < page.profile.survey.files < 24


def test_a_table_without_rows_says_so(shown: Shown) -> None:
    page = logs_page(shown)
    filled = shown.table.viewport().grab().toImage()

    page.look_for("*.nothing")

    viewport = shown.table.viewport()
    middle = viewport.rect().center()
    around = viewport.grab().toImage().copy(middle.x() - 40, middle.y() - 10, 80, 20)
    colors = {around.pixelColor(x, y).name() for x in range(80) for y in range(20)}
    assert not shown.view.rows
    assert len(colors) > 3
    assert viewport.grab().toImage() != filled


def test_progress_is_shown_while_scanning(shown: Shown) -> None:
    page = logs_page(shown)
    shown.window.work_requested.disconnect()
    click(page, "Scan again")

    page.progressed.emit(SurveyProgress(1_234, 5, 2_000_000))

    assert any("1,234 files" in text for text in shown.texts())
    click(page, "Cancel")


def test_keeping_logs_longer_is_shown_applied_and_undone(
    shown: Shown, small_world: tuple[Path, TrackerOptions]
) -> None:
    settings = small_world[0] / "settings.json"
    settings.write_text('{"model": "opus"}\n')
    page = logs_page(shown)
    page.look()
    click(page, "Keep logs longer…")
    (dialog,) = page.findChildren(CleanupDialog)
    shown.qtbot.waitUntil(dialog.isVisible)
    (diff,) = dialog.findChildren(QPlainTextEdit)
    assert '+  "cleanupPeriodDays": 365' in diff.toPlainText() or "365" in diff.toPlainText()
    assert "cleanupPeriodDays" not in settings.read_text()

    buttons = {
        button.text().replace("&", ""): button for button in dialog.findChildren(QPushButton)
    }
    QTest.mouseClick(buttons["Change the settings"], Qt.MouseButton.LeftButton)
    assert json.loads(settings.read_text()) == {"model": "opus", "cleanupPeriodDays": 365}
    said = {label.text() for label in dialog.findChildren(QLabel)}
    assert "Done. It takes effect when Claude Code starts next." in said

    QTest.mouseClick(buttons["Undo the last change"], Qt.MouseButton.LeftButton)
    assert json.loads(settings.read_text()) == {"model": "opus"}
    dialog.reject()
    settings.unlink()


def alert(number: int = 0, **budget: object) -> Alert:
    made: dict[str, object] = {"name": "block", "amount": 5.0} | budget
    return Alert(
        key=str(number),
        budget=Budget(**made),  # type: ignore[arg-type]  # any field
        level=0.8,
        severity=Severity.WARN,
        used=4.02,
        at=NOON - timedelta(hours=number),
        project="-home-ada-code-kettle",
        model="claude-opus-4-5-20251101",
    )


def alerts_page(shown: Shown) -> AlertsPage:
    shown.window.show_page(PageKey.ALERTS)
    page = shown.window.page
    assert isinstance(page, AlertsPage)
    return page


def test_without_alerts_it_explains_how_to_set_them_up(shown: Shown) -> None:
    page = alerts_page(shown)

    assert "No alerts so far" in shown.texts()
    (button,) = (b for b in page.findChildren(QPushButton) if b.isVisible())
    with shown.qtbot.waitSignal(shown.window.settings_requested):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        ({}, "$4.02 of $5.00 for the block: 80 % reached"),
        ({"period": BudgetPeriod.DAY}, "$4.02 of $5.00 for the day: 80 % reached"),
        ({"metric": Metric.TOKENS, "amount": 5e6}, "4 of 5 M for the block: 80 % reached"),
        ({"metric": Metric.BURN}, "$4.02 per hour, more than $5.00"),
        ({"metric": Metric.FORECAST}, "$4.02 of $5.00 for the block, and it will not last"),
        ({"metric": Metric.RESET}, "A new block has begun"),
        ({"metric": Metric.PLAN}, "4 % of the plan’s 5-hour limit"),
        (
            {"metric": Metric.PLAN, "period": BudgetPeriod.WEEK},
            "4 % of the plan’s weekly limit",
        ),
    ],
)
def test_alerts_are_listed_in_words(shown: Shown, budget: dict[str, object], words: str) -> None:
    page = alerts_page(shown)

    page.show_records((AlertRecord(alert=alert(0, **budget), fate=AlertFate.SHOWN),))

    cells = [str(page.table().model.index(0, column).data()) for column in range(6)]
    assert cells == ["2026-08-03 12:00", words, "warning", "kettle", "opus-4-5", "shown"]


def test_return_on_an_alert_leads_to_its_hour(shown: Shown) -> None:
    page = alerts_page(shown)
    records = tuple(AlertRecord(alert=alert(n), fate=AlertFate.MUTED) for n in range(3))
    page.show_records(records)
    shown.table.setCurrentIndex(page.table().model.index(0, 0))

    QTest.keyClick(shown.table, Qt.Key.Key_Return)

    assert shown.page_key is PageKey.STRETCH


def test_amounts_in_alerts_are_hidden(shown: Shown) -> None:
    page = alerts_page(shown)
    page.show_records((AlertRecord(alert=alert(), fate=AlertFate.DELAYED),))

    shown.window.set_private(True)  # a slot

    assert "$" not in str(page.table().model.index(0, 1).data())


def test_an_alert_log_that_cannot_be_read_says_why(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        ledger = "ledger.sqlite3"
        raise LedgerBusyError(ledger)

    monkeypatch.setattr(shown.tracker, "alert_log", refuse)

    alerts_page(shown)

    assert "The usage ledger is busy" in shown.texts()
