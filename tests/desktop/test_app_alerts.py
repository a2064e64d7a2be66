"""Alerts in the running program: muting, showing, and opening their cause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pytestqt.qtbot import QtBot
from tests.desktop.makers import FakeTracker, Open

from spendlight.desktop.app import Desktop
from spendlight.desktop.tray import Mute, Tray
from spendlight.desktop.window.pages import PageKey
from spendlight.metering.budgets import Alert, Budget, BudgetPeriod, Severity


def menu_texts(desktop: Desktop) -> list[str]:
    return [row.text() for row in desktop.tray.menu.actions()]


def test_alerts_are_muted_from_the_tray(
    qtbot: QtBot, open_desktop: Open, tracker: FakeTracker
) -> None:
    desktop = open_desktop(tracker.as_tracker)

    desktop.tray.mute_requested.emit(Mute.HOUR)

    qtbot.waitUntil(lambda: tracker.silent_until is not None)
    qtbot.waitUntil(lambda: any("Alerts muted until" in title for title in menu_texts(desktop)))

    desktop.tray.mute_requested.emit(Mute.NOT)
    qtbot.waitUntil(lambda: tracker.silent_until is None and "&Mute alerts" in menu_texts(desktop))


def test_alerts_that_were_muted_before_a_restart_are_still_muted(
    qtbot: QtBot, open_desktop: Open, tracker: FakeTracker
) -> None:
    tracker.silent_until = datetime.now(UTC) + timedelta(minutes=30)

    desktop = open_desktop(tracker.as_tracker)

    qtbot.waitUntil(lambda: any("Alerts muted until" in title for title in menu_texts(desktop)))


def test_an_alert_is_shown_and_opens_its_cause(
    qtbot: QtBot, open_desktop: Open, tracker: FakeTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(
        Tray, "show_message", lambda _, title, text, **__: told.append((title, text))
    )
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    now = datetime.now(UTC)
    budget = Budget(name="day", amount=10.0, period=BudgetPeriod.DAY)
    alert = Alert(
        key="day|today|1.0", budget=budget, level=1.0, severity=Severity.CRITICAL, used=10.5, at=now
    )
    tracker.alerts = (alert,)

    desktop = open_desktop(tracker.as_tracker)

    qtbot.waitUntil(lambda: len(told) == 1)
    assert "budget" in told[0][0]
    desktop.tray.message_clicked.emit()
    qtbot.waitUntil(desktop.window.isVisible)
    assert desktop.window.page_key is not PageKey.NOW
