"""The settings as opened from the tray, with a tracker of real logs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QMenu,
    QPlainTextEdit,
)
from pytestqt.qtbot import QtBot
from tests.desktop.makers import Open
from tests.desktop.settings_dialog.pages import (
    BUDGETS,
    DIAGNOSTICS,
    SOURCES,
    TRAY,
    button,
    named,
    preview,
    said,
)
from tests.makers import line, write_log

from spendlight.desktop.app.choices import login_state
from spendlight.desktop.app.desktop import Desktop
from spendlight.desktop.app.settings_desk import SettingsDesk
from spendlight.desktop.door import Door
from spendlight.desktop.settings_dialog import SettingsDialog
from spendlight.desktop.settings_dialog.budget_editor import BudgetEditor
from spendlight.desktop.workers import Result, TaskPool
from spendlight.metering.pricing import CostMode
from spendlight.settings import Settings, SettingsFile
from spendlight.tracker.options import TrackerOptions, with_settings
from spendlight.tracker.tracker import UsageTracker


@pytest.fixture
def file(home: Path) -> SettingsFile:
    return SettingsFile(home / "settings.toml")


@pytest.fixture
def desktop(open_desktop: Open, home: Path, file: SettingsFile) -> Desktop:
    write_log(home / ".claude", "-home-ada-kettle/s.jsonl", line(costUSD=5.0))
    options = TrackerOptions(data_dir=home / "data", is_offline=True, has_threads=False)

    def open_tracker() -> UsageTracker:
        return UsageTracker.open(with_settings(options, made.settings))

    made = open_desktop(open_tracker, settings_file=file)
    return made


@pytest.fixture
def dialog(qtbot: QtBot, desktop: Desktop) -> SettingsDialog:
    """The settings, opened when the logs have been read."""
    qtbot.waitUntil(lambda: "No active block" in desktop.tray.tooltip)
    desktop.tray.settings_requested.emit()
    return shown_dialog()


def shown_dialog() -> SettingsDialog:
    """Return the only settings dialog."""
    tops = QApplication.topLevelWidgets()
    (dialog,) = (one for one in tops if isinstance(one, SettingsDialog))
    assert dialog.isVisible()
    return dialog


def test_it_shows_the_data_sources(qtbot: QtBot, dialog: SettingsDialog, home: Path) -> None:
    dialog.show_page(SOURCES)

    qtbot.waitUntil(lambda: f"{home / '.claude'}\n1 log\n" in f"{said(dialog)}\n")
    assert "1 answer · " in said(dialog)


def test_rules_are_offered_for_models_and_projects_in_use(
    qtbot: QtBot, dialog: SettingsDialog
) -> None:
    dialog.show_page(BUDGETS)

    def offered() -> list[str]:
        QTest.mouseClick(button(dialog, "Add rule"), Qt.MouseButton.LeftButton)
        editor = next(one for one in dialog.findChildren(BudgetEditor) if one.isVisible())
        boxes = named(editor, QComboBox, "Project"), named(editor, QComboBox, "Model")
        texts = [box.itemText(place) for box in boxes for place in range(box.count())]
        editor.reject()
        return texts

    qtbot.waitUntil(lambda: offered() == ["All", "kettle", "All", "opus-4-5"])


@pytest.mark.parametrize("damage", ["", "damaged"])
def test_budgets_of_the_team_are_offered_to_its_members(
    qtbot: QtBot, desktop: Desktop, home: Path, damage: str
) -> None:
    qtbot.waitUntil(lambda: "No active block" in desktop.tray.tooltip)
    tracker = UsageTracker.open(TrackerOptions(data_dir=home / "data", is_offline=True))
    tracker.team.join(str(home / "team"), person="Ada")
    tracker.team.look()
    tracker.close()
    if damage:
        (home / "data" / "team.json").write_text(damage)
    desktop.tray.settings_requested.emit()
    dialog = shown_dialog()
    dialog.show_page(BUDGETS)

    def offered() -> tuple[list[str], bool, bool]:
        QTest.mouseClick(button(dialog, "Add rule"), Qt.MouseButton.LeftButton)
        editor = next(one for one in dialog.findChildren(BudgetEditor) if one.isVisible())
        box = named(editor, QComboBox, "Project")
        texts = [box.itemText(place) for place in range(box.count())]
        owner = named(editor, QComboBox, "Whose usage")
        is_for_teams, is_for_ada = owner.isVisible(), owner.findText("Ada") >= 0
        editor.reject()
        return texts, is_for_teams, is_for_ada

    qtbot.waitUntil(lambda: offered() == (["All", "kettle"], not damage, not damage))


def test_it_is_updated_while_it_is_open(qtbot: QtBot, dialog: SettingsDialog) -> None:
    dialog.show_page(TRAY)
    assert "No active block" in said(dialog)
    dialog.show_page(BUDGETS)
    menu = next(one for one in dialog.findChildren(QMenu) if one.actions())

    menu.actions()[0].trigger()

    qtbot.waitUntil(lambda: "Alerts are muted until " in said(dialog))
    menu.actions()[-1].trigger()
    qtbot.waitUntil(lambda: "Alerts are muted until " not in said(dialog))


def test_diagnostics_show_the_ledger_and_errors(
    qtbot: QtBot, dialog: SettingsDialog, caplog: pytest.LogCaptureFixture
) -> None:
    import logging

    logging.getLogger("spendlight.somewhere").warning("A thing went wrong")
    dialog.show_page(DIAGNOSTICS)
    text = named(dialog, QPlainTextEdit, "Diagnostics")

    assert "A thing went wrong" in text.toPlainText()
    qtbot.waitUntil(lambda: "Ledger: " in text.toPlainText(), timeout=10_000)
    assert "Logs watched: 1" in text.toPlainText()
    assert caplog.records


def entry(home: Path) -> Path:
    return home / ".config" / "autostart" / "spendlight.desktop"


def test_starting_at_login_is_enabled_and_disabled(
    qtbot: QtBot, dialog: SettingsDialog, desktop: Desktop, home: Path
) -> None:
    box = button(dialog, "Start when I log in")
    apply: QAbstractButton = button(dialog, "Apply")
    box.click()
    apply.click()
    qtbot.waitUntil(entry(home).exists)

    box.click()
    apply.click()

    qtbot.waitUntil(lambda: not entry(home).exists())
    assert not desktop.settings.starts_at_login


class HeldAnswers(TaskPool):
    """Runs tasks at once, and holds their results back until they are released."""

    def __init__(self) -> None:
        super().__init__(1)
        self.answers: list[Callable[[], object]] = []

    def run(
        self,
        function: Callable[[], Result],
        done: Callable[[Result], object] | None = None,
        failed: Callable[[Exception], object] | None = None,  # noqa: ARG002  # none fails here
        *,
        failure: str = "",  # noqa: ARG002  # the same
    ) -> None:
        if function is login_state and done is not None:
            result = function()
            self.answers.append(lambda: done(result))


@pytest.mark.usefixtures("qapp")
def test_the_users_choice_overrides_an_earlier_answer_of_the_system(home: Path) -> None:
    pool = HeldAnswers()
    desk = SettingsDesk(Door(lambda: pytest.fail("nobody asks")), pool, preview)
    dialog = desk.open(Settings(), (), "", is_looking_usual=True)
    box = button(dialog, "Start when I log in")
    chosen: list[Settings] = []
    found: list[bool] = []
    desk.applied.connect(chosen.append)
    desk.login_found.connect(found.append)
    box.click()
    button(dialog, "Apply").click()

    for answer in pool.answers:
        answer()

    assert pool.answers
    assert not entry(home).exists()
    assert found == []
    assert box.isChecked()
    box.click()
    button(dialog, "Apply").click()
    assert [one.starts_at_login for one in chosen] == [True, False]
    desk.shut_down()


def test_a_later_answer_of_the_system_is_shown(qtbot: QtBot, desktop: Desktop, home: Path) -> None:
    entry(home).parent.mkdir(parents=True)
    entry(home).write_text("[Desktop Entry]\nExec=/gone\nHidden=true\n")
    desktop.use_settings(Settings())

    desktop.tray.settings_requested.emit()

    dialog = shown_dialog()
    qtbot.waitUntil(lambda: "turned off in the system’s settings" in said(dialog))
    assert not button(dialog, "Start when I log in").isChecked()


def test_the_cost_mode_applies_to_the_current_figures_at_once(
    qtbot: QtBot, desktop: Desktop, dialog: SettingsDialog, file: SettingsFile
) -> None:
    mode = named(dialog, QComboBox, "Cost of an answer")
    mode.setCurrentIndex(mode.findData(CostMode.DISPLAY))

    button(dialog, "OK").click()

    qtbot.waitUntil(lambda: file.load().settings.cost_mode is CostMode.DISPLAY)
    assert desktop.settings.cost_mode is CostMode.DISPLAY


def test_an_unreadable_file_is_left_unchanged(
    qtbot: QtBot, file: SettingsFile, request: pytest.FixtureRequest
) -> None:
    file.path.write_text("[[[")
    desktop: Desktop = request.getfixturevalue("desktop")

    desktop.raise_window()
    qtbot.waitUntil(lambda: "No active block" in desktop.tray.tooltip)
    QApplication.processEvents()  # what that has caused

    assert file.path.read_text() == "[[["
    assert not file.path.with_name("settings.toml.broken-1").exists()
    assert not desktop.settings.has_offered_budgets


def test_invalid_values_in_the_file_are_shown(
    open_desktop: Open, file: SettingsFile, caplog: pytest.LogCaptureFixture
) -> None:
    file.path.write_text('week_start = "someday"\n')
    desktop = open_desktop(lambda: UsageTracker.open(TrackerOptions()), settings_file=file)

    desktop.tray.settings_requested.emit()

    assert "week_start must be a day of the week" in said(shown_dialog())
    assert caplog.records
