from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
)
from pytestqt.qtbot import QtBot
from tests.desktop.settings_dialog.pages import BUDGETS, SOURCES, TRAY, button, named, said
from tests.desktop.settings_dialog.test_sources import HEALTH

from spendlight.desktop.change_dialog import ChangeTask
from spendlight.desktop.settings_dialog import SettingsDialog
from spendlight.desktop.settings_dialog.budget_editor import BudgetEditor, Scopes
from spendlight.desktop.settings_dialog.budget_words import amount_words, rule_words
from spendlight.desktop.settings_dialog.hook_dialog import HookDialog
from spendlight.metering.budgets import Budget, BudgetPeriod, Metric
from spendlight.metering.plan import PlanReading, PlanWindow
from spendlight.settings import Settings, TrayText
from spendlight.tracker.plan_setup import HookState, StatusLineHook

NOW = datetime.now(UTC)
PLAN = Budget(name="plan", amount=100, metric=Metric.PLAN)
PLAN_WEEK = Budget(name="plan-week", amount=100, metric=Metric.PLAN, period=BudgetPeriod.WEEK)
OWN = '{"statusLine": {"type": "command", "command": "~/line.sh"}}'

RunWork = Callable[[ChangeTask[Any]], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "projects").mkdir()
    return tmp_path


def hook(folder: Path, state: HookState = HookState.MISSING) -> StatusLineHook:
    return StatusLineHook(str(folder), str(folder / "settings.json"), state)


def at_once(work: ChangeTask[Any]) -> None:
    """Run it at once on this thread."""
    try:
        result = work.run()
    except Exception as error:  # noqa: BLE001  # handed over
        work.failed(error)
    else:
        work.done(result)


def opened(qtbot: QtBot, *hooks: StatusLineHook) -> HookDialog:
    dialog = HookDialog(hooks, "spendlight statusline")
    qtbot.addWidget(dialog)
    dialog.work_requested.connect(at_once)
    dialog.show()
    return dialog


def diff(dialog: HookDialog) -> str:
    name = "Changes to Claude Code’s settings"
    return named(dialog, QPlainTextEdit, name).toPlainText()


def command(folder: Path) -> str:
    return str(json.loads((folder / "settings.json").read_text())["statusLine"]["command"])


def test_the_status_line_is_shown_written_and_undone(qtbot: QtBot, folder: Path) -> None:
    dialog = opened(qtbot, hook(folder))
    assert '+    "command": "spendlight statusline"' in diff(dialog)
    assert not (folder / "settings.json").exists()
    assert "is kept in the same folder." in said(dialog)

    with qtbot.waitSignal(dialog.changed):
        button(dialog, "Change the settings").click()
    assert command(folder) == "spendlight statusline"
    assert "next answer." in said(dialog)
    assert diff(dialog) == "It is already set up like this."
    assert not button(dialog, "Change the settings").isEnabled()

    with qtbot.waitSignal(dialog.changed):
        button(dialog, "Undo the last change").click()
    assert not (folder / "settings.json").exists()
    assert "restored" in said(dialog)


def test_a_users_own_status_line_is_kept_by_default(qtbot: QtBot, folder: Path) -> None:
    (folder / "settings.json").write_text(OWN)
    dialog = opened(qtbot, hook(folder, HookState.OTHER))
    box = next(box for box in dialog.findChildren(QCheckBox) if box.isVisible())
    assert "--then" in diff(dialog)

    box.click()
    assert "--then" not in diff(dialog)
    box.click()
    button(dialog, "Change the settings").click()

    assert command(folder) == "spendlight statusline --then '~/line.sh'"


def test_without_a_status_line_there_is_no_question_about_it(qtbot: QtBot, folder: Path) -> None:
    dialog = opened(qtbot, hook(folder))

    assert not [box for box in dialog.findChildren(QCheckBox) if box.isVisible()]
    assert not named(dialog, QComboBox, "Data folder").isVisible()


def test_one_of_several_folders_can_be_selected(qtbot: QtBot, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    dialog = opened(qtbot, hook(folder), hook(other))

    named(dialog, QComboBox, "Data folder").setCurrentIndex(1)
    button(dialog, "Change the settings").click()

    assert command(other) == "spendlight statusline"
    assert not (folder / "settings.json").exists()


def test_a_failure_is_shown(qtbot: QtBot, folder: Path) -> None:
    dialog = opened(qtbot, hook(folder))
    button(dialog, "Undo the last change").click()
    assert "nothing to undo" in said(dialog)

    (folder / "settings.json").write_text("{")
    button(dialog, "Change the settings").click()
    assert "has changed in the meantime" in said(dialog)


READINGS = (
    PlanReading(PlanWindow.FIVE_HOURS, 41.9, NOW + timedelta(hours=2), NOW),
    PlanReading(PlanWindow.WEEK, 63, NOW + timedelta(days=2), NOW),
)


@pytest.mark.parametrize(
    ("states", "plan", "words"),
    [
        ([HookState.OURS], READINGS, "5-hour limit 41 % · week 63 %, reported by Claude Code "),
        ([HookState.OURS], READINGS, "Spendlight is Claude Code’s status line."),
        ([HookState.OURS], (), "the limits arrive with the next answer."),
        ([HookState.MISSING], (), "Set up Spendlight as that line."),
        ([HookState.OTHER], (), "to another status line"),
        ([], (), "Unknown, because Claude Code was not found."),
    ],
)
def test_the_page_shows_the_plan_limits_and_the_status_line(
    dialog: SettingsDialog, states: list[HookState], plan: tuple[PlanReading, ...], words: str
) -> None:
    dialog.show_page(SOURCES)
    hooks = tuple(hook(Path("/c"), state) for state in states)

    dialog.show_sources(replace(HEALTH, hooks=hooks, plan=plan, at=NOW))

    assert words in said(dialog)
    assert button(dialog, "Set up").isEnabled() is bool(states)


def test_a_status_line_whose_program_is_missing_does_not_count(dialog: SettingsDialog) -> None:
    dialog.show_page(SOURCES)
    gone = hook(Path("/c"), HookState.OURS)._replace(gone="/c/spendlight")

    dialog.show_sources(replace(HEALTH, hooks=(gone,), at=NOW))

    assert "Set up Spendlight as that line." in said(dialog)


def test_the_set_up_is_opened_and_its_work_requested(
    qtbot: QtBot, dialog: SettingsDialog, folder: Path
) -> None:
    dialog.show_page(SOURCES)
    dialog.show_sources(replace(HEALTH, hooks=(hook(folder),), hook_command="s", at=NOW))

    with qtbot.waitSignal(dialog.work_requested) as asked:
        button(dialog, "Set up").click()

    assert asked.args is not None
    at_once(asked.args[0])
    made = next(one for one in dialog.findChildren(HookDialog) if one.isVisible())
    assert '"command": "s"' in diff(made)
    with qtbot.waitSignal(dialog.sources_changed):
        made.changed.emit()
    made.reject()


@pytest.mark.parametrize(
    ("text", "budget"),
    [("of the plan’s 5-hour", PLAN), ("of the plan’s weekly limit", PLAN_WEEK)],
)
def test_alerts_about_plan_limits_can_be_selected(
    dialog: SettingsDialog, text: str, budget: Budget
) -> None:
    dialog.show_page(BUDGETS)

    button(dialog, text).click()

    assert dialog.chosen().budgets == (budget,)
    dialog.show_settings(Settings(budgets=(replace(budget, amount=90, levels=(0.5,)),)))
    assert button(dialog, text).isChecked()
    assert dialog.chosen().budgets == (replace(budget, amount=90, levels=(0.5,)),)


def editor(qtbot: QtBot, budget: Budget | None = None) -> BudgetEditor:
    made = BudgetEditor(budget, (), Scopes((("p", "p"),), (("m", "m"),)))
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_rule_for_plan_limits_has_two_windows_and_no_amount(qtbot: QtBot) -> None:
    made = editor(qtbot)
    metric, period = (named(made, QComboBox, name) for name in ("Notify me about", "Period"))

    metric.setCurrentIndex(metric.findData(Metric.PLAN))

    assert [period.itemText(row) for row in range(period.count())] == [
        "for five hours",
        "for the week",
    ]
    shown = [label.text() for label in made.findChildren(QLabel) if label.isVisible()]
    assert not {"A&mount", "P&roject", "Mo&del"} & set(shown)
    period.setCurrentIndex(1)
    assert made.problem() is None
    assert made.budget == replace(PLAN_WEEK, name="week-plan")

    metric.setCurrentIndex(metric.findData(Metric.COST))
    assert period.count() == 4
    assert made.budget.period is BudgetPeriod.WEEK


def test_a_rule_for_plan_limits_can_be_edited(qtbot: QtBot) -> None:
    rule = replace(PLAN_WEEK, name="mine", amount=80, levels=(0.5, 1.0))

    assert editor(qtbot, rule).budget == rule


def test_rules_for_plan_limits_are_described_in_words() -> None:
    assert [rule_words(budget) for budget in (PLAN, PLAN_WEEK)] == [
        "The plan’s 5-hour limit",
        "The plan’s weekly limit",
    ]
    assert amount_words(PLAN) == ""
    assert amount_words(replace(PLAN, amount=80)) == "80 %"


def test_a_plan_limit_can_be_shown_beside_the_icon(dialog: SettingsDialog) -> None:
    dialog.show_page(TRAY)

    next(
        one for one in dialog.findChildren(QRadioButton) if "5-hour" in one.text().replace("&", "")
    ).click()

    assert dialog.chosen().tray_text is TrayText.FIVE_HOURS


def test_a_wrapped_text_leaves_room_for_what_is_below(qtbot: QtBot, dialog: SettingsDialog) -> None:
    dialog.show_page(SOURCES)
    hooks = (hook(Path("/c"), HookState.OTHER),)
    dialog.show_sources(replace(HEALTH, hooks=hooks, plan=READINGS, at=NOW))
    more = named(dialog, QPlainTextEdit, "More data folders, one per line")
    add = next(one for one in dialog.findChildren(QPushButton) if "dd folder…" in one.text())

    qtbot.waitUntil(lambda: more.geometry().bottom() < add.geometry().top())
