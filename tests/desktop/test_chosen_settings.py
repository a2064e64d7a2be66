from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QListWidget, QPushButton
from pytestqt.qtbot import QtBot
from tests.desktop.makers import FakeTracker, Open, make_snapshot, visible_texts

from spendlight.desktop.app import Desktop
from spendlight.desktop.settings_dialog import SettingsDialog
from spendlight.metering.budgets import Budget
from spendlight.settings import Settings, SettingsFile, TrayText
from spendlight.tracker.snapshot import DataState
from spendlight.tracker.tracker import UsageTracker


def all_texts(desktop: Desktop) -> list[str]:
    return [label.text() for label in desktop.window.findChildren(QLabel)]


def test_a_setting_takes_effect_at_once_and_is_saved(
    qtbot: QtBot, open_desktop: Open, tracker: FakeTracker, tmp_path: Path
) -> None:
    file = SettingsFile(tmp_path / "settings.toml")
    desktop = open_desktop(tracker.as_tracker, settings_file=file)
    qtbot.waitUntil(lambda: desktop.tray.tooltip.startswith("Block $3.75"))

    desktop.use_settings(Settings(tray_text=TrayText.TODAY_COST, is_private=True))

    assert desktop.tray.tooltip.startswith("Today •••\nBlock •••")
    qtbot.waitUntil(lambda: file.load().settings.is_private)
    desktop.shut_down()

    again = open_desktop(tracker.as_tracker, settings_file=file)
    assert again.settings.tray_text is TrayText.TODAY_COST


OFFER = "Spendlight can tell you before a budget is used up"


def test_budgets_are_suggested_once_and_a_click_opens_their_settings(
    qtbot: QtBot, open_desktop: Open, tracker: FakeTracker, tmp_path: Path
) -> None:
    file = SettingsFile(tmp_path / "settings.toml")
    desktop = open_desktop(tracker.as_tracker, settings_file=file)
    desktop.raise_window()
    qtbot.waitUntil(lambda: OFFER in visible_texts(desktop))

    buttons = desktop.window.findChildren(QPushButton)
    next(button for button in buttons if button.text() == "Set a budget…").click()

    dialog = next(w for w in QApplication.topLevelWidgets() if isinstance(w, SettingsDialog))
    pages = dialog.findChild(QListWidget)
    assert isinstance(pages, QListWidget)
    assert pages.currentItem().text() == "Budgets and alerts"
    assert OFFER not in visible_texts(desktop)
    qtbot.waitUntil(lambda: file.load().settings.has_offered_budgets)
    desktop.shut_down()

    again = open_desktop(tracker.as_tracker, settings_file=file)
    again.raise_window()
    qtbot.waitUntil(lambda: "$3.75" in visible_texts(again))
    assert OFFER not in visible_texts(again)


@pytest.mark.parametrize("state", [DataState.NO_CLAUDE, DataState.NO_LOGS])
def test_budgets_are_not_suggested_before_there_is_usage(
    qtbot: QtBot, open_desktop: Open, tracker: FakeTracker, tmp_path: Path, state: DataState
) -> None:
    file = SettingsFile(tmp_path / "settings.toml")
    tracker.snapshots = make_snapshot(datetime.now(UTC), state=state)
    desktop = open_desktop(tracker.as_tracker, settings_file=file)
    desktop.raise_window()
    qtbot.waitUntil(lambda: desktop.tray.tooltip.startswith("No "))

    assert OFFER not in visible_texts(desktop)
    assert not desktop.settings.has_offered_budgets


def test_settings_that_cannot_be_saved_take_effect_with_a_warning(
    qtbot: QtBot, open_desktop: Open, tracker: FakeTracker, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    desktop = open_desktop(
        tracker.as_tracker, settings_file=SettingsFile(tmp_path / "file" / "settings.toml")
    )
    desktop.use_settings(Settings(is_private=True))

    qtbot.waitUntil(lambda: "The settings could not be saved" in " ".join(all_texts(desktop)))
    assert desktop.settings.is_private


def test_a_new_budget_reaches_the_tracker(
    qtbot: QtBot, open_desktop: Open, tracker: FakeTracker
) -> None:
    desktop = open_desktop(tracker.as_tracker)
    budgets = (Budget(name="block", amount=5.0),)

    desktop.use_settings(Settings(budgets=budgets))

    qtbot.waitUntil(lambda: tracker.budgets == budgets)


def test_the_settings_open_from_the_tray(
    qtbot: QtBot, open_desktop: Open, tracker: FakeTracker
) -> None:
    desktop = open_desktop(tracker.as_tracker)
    qtbot.waitUntil(lambda: "Today $9.10" in desktop.tray.tooltip)

    desktop.tray.settings_requested.emit()
    desktop.tray.settings_requested.emit()

    dialogs = [
        widget for widget in QApplication.topLevelWidgets() if isinstance(widget, SettingsDialog)
    ]
    (dialog,) = [one for one in dialogs if one.isVisible()]
    dialog.applied.emit(Settings(tray_text=TrayText.TODAY_COST))
    assert desktop.tray.tooltip.startswith("Today $9.10")
    dialog.close()


def test_other_data_sources_reopen_the_tracker(
    qtbot: QtBot, open_desktop: Open, tracker: FakeTracker
) -> None:
    opened: list[int] = []

    def open_tracker() -> UsageTracker:
        opened.append(1)
        return tracker.as_tracker()

    desktop = open_desktop(open_tracker)
    qtbot.waitUntil(lambda: tracker.passes >= 1)
    desktop.use_settings(Settings(config_dirs=("/elsewhere",)))
    qtbot.waitUntil(lambda: len(opened) == 2)
