from __future__ import annotations

from datetime import time as clock

import pytest
import shiboken6
from PySide6.QtCore import Qt, QTime
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QMenu,
    QTimeEdit,
    QTreeWidget,
)
from pytestqt.qtbot import QtBot
from tests.desktop.settings_dialog.pages import BUDGETS, button, named, said

from spendlight.desktop.settings_dialog import Scopes, SettingsDialog
from spendlight.desktop.settings_dialog.budget_editor import BudgetEditor
from spendlight.desktop.settings_dialog.budget_words import (
    amount_words,
    read_levels,
    rule_words,
    scope_words,
)
from spendlight.metering.budgets import Budget, BudgetPeriod, Metric
from spendlight.settings import Settings

KETTLE = Budget(name="kettle", amount=20.0, period=BudgetPeriod.WEEK, project="-home-kettle")
TOKENS = Budget(
    name="t",
    amount=5e6,
    metric=Metric.TOKENS,
    model="claude-opus-4-5-20251101",
    levels=(0.5, 0.955),
    is_on=False,
)
SCOPES = Scopes(
    (("-home-kettle", "kettle"), ("-home-moss", "moss")),
    (("claude-opus-4-5-20251101", "opus-4-5"), ("sonnet-4-5", "sonnet-4-5")),
)


@pytest.fixture(autouse=True)
def page(dialog: SettingsDialog) -> None:
    dialog.show_page(BUDGETS)


def rows(dialog: SettingsDialog) -> list[list[str]]:
    table = named(dialog, QTreeWidget, "More rules")
    items = [table.topLevelItem(row) for row in range(table.topLevelItemCount())]
    return [[item.text(column) for column in range(4)] for item in items if item is not None]


def editor(dialog: SettingsDialog) -> BudgetEditor:
    return next(one for one in dialog.findChildren(BudgetEditor) if one.isVisible())


def choose(box: QComboBox, value: object) -> None:
    box.setCurrentIndex(box.findData(value))


def test_a_budget_is_set_by_typing_it(dialog: SettingsDialog) -> None:
    field = named(dialog, QDoubleSpinBox, "Day")
    field.selectAll()
    QTest.keyClicks(field, "12.5")

    assert dialog.chosen().budgets == (Budget(name="day", amount=12.5, period=BudgetPeriod.DAY),)


def test_an_empty_amount_means_no_budget(dialog: SettingsDialog) -> None:
    dialog.show_settings(
        Settings(budgets=(Budget(name="month", amount=200.0, period=BudgetPeriod.MONTH),))
    )

    named(dialog, QDoubleSpinBox, "Month").setValue(0)

    assert dialog.chosen().budgets == ()


def test_a_disabled_budget_stays_in_the_file(dialog: SettingsDialog) -> None:
    budget = Budget(name="block", amount=7.0, is_on=False)
    dialog.show_settings(Settings(budgets=(budget,)))
    field = named(dialog, QDoubleSpinBox, "Five-hour block")
    assert field.value() == 0
    assert dialog.chosen().budgets == (budget,)

    field.setValue(8)

    assert dialog.chosen().budgets == (Budget(name="block", amount=8.0),)


def test_other_fields_of_a_budget_in_the_file_are_kept(dialog: SettingsDialog) -> None:
    budget = Budget(name="day", amount=3.14159, period=BudgetPeriod.DAY, levels=(0.5, 1.0))

    dialog.show_settings(Settings(budgets=(budget,)))

    assert dialog.chosen().budgets == (budget,)


def test_a_forecast_needs_a_budget_and_has_its_amount(dialog: SettingsDialog) -> None:
    button(dialog, "budget for a block will not last").click()
    assert "This requires a budget for the block." in said(dialog)
    assert dialog.chosen().budgets == ()

    named(dialog, QDoubleSpinBox, "Five-hour block").setValue(5)

    assert "This requires a budget" not in said(dialog)
    assert dialog.chosen().budgets == (
        Budget(name="block", amount=5.0),
        Budget(name="forecast", amount=5.0, metric=Metric.FORECAST),
    )


def test_the_alert_for_the_end_of_a_block_needs_no_amount(dialog: SettingsDialog) -> None:
    button(dialog, "with a budget nearly used up").click()

    assert dialog.chosen().budgets == (Budget(name="reset", metric=Metric.RESET),)


def test_other_rules_are_listed_in_words(dialog: SettingsDialog) -> None:
    dialog.show_scopes(SCOPES)

    dialog.show_settings(Settings(budgets=(KETTLE, TOKENS)))

    assert rows(dialog) == [
        ["Cost, per week", "kettle", "80, 100", "$20.00"],
        ["Tokens, per block", "opus-4-5", "50, 95.5", "5,000,000 tokens"],
    ]
    assert dialog.chosen().budgets == (KETTLE, TOKENS)


def test_a_rule_is_enabled_by_its_checkbox(dialog: SettingsDialog) -> None:
    dialog.show_settings(Settings(budgets=(TOKENS,)))
    item = named(dialog, QTreeWidget, "More rules").topLevelItem(0)
    assert item is not None

    item.setCheckState(0, Qt.CheckState.Checked)

    assert dialog.chosen().budgets[0].is_on


@pytest.mark.parametrize("by_key", [False, True])
def test_a_rule_is_removed(dialog: SettingsDialog, *, by_key: bool) -> None:
    dialog.show_settings(Settings(budgets=(KETTLE, TOKENS)))
    remove = button(dialog, "Remove")
    assert not remove.isEnabled()
    table = named(dialog, QTreeWidget, "More rules")
    table.setCurrentItem(table.topLevelItem(0))  # type: ignore[arg-type]  # it is there

    if by_key:
        QTest.keyClick(table, Qt.Key.Key_Delete)
    else:
        QTest.mouseClick(remove, Qt.MouseButton.LeftButton)

    assert dialog.chosen().budgets == (TOKENS,)


def test_a_rule_is_added(qtbot: QtBot, dialog: SettingsDialog) -> None:
    dialog.show_scopes(SCOPES)
    assert "Rules for a project or a model" in said(dialog)
    QTest.mouseClick(button(dialog, "Add rule"), Qt.MouseButton.LeftButton)
    made = editor(dialog)
    choose(named(made, QComboBox, "Notify me about"), Metric.TOKENS)
    choose(named(made, QComboBox, "Period"), BudgetPeriod.DAY)
    named(made, QDoubleSpinBox, "Amount").setValue(3_000_000)
    named(made, QComboBox, "Project").setCurrentText("moss")
    named(made, QComboBox, "Model").setEditText("some-model")
    named(made, QLineEdit, "Notify at, in percent").setText("50 % 120")

    QTest.keyClick(made, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: len(dialog.chosen().budgets) == 1)
    assert dialog.chosen().budgets == (
        Budget(
            name="day-tokens",
            amount=3e6,
            metric=Metric.TOKENS,
            period=BudgetPeriod.DAY,
            project="-home-moss",
            model="some-model",
            levels=(0.5, 1.2),
        ),
    )


def test_a_rule_is_changed_and_keeps_its_name(dialog: SettingsDialog) -> None:
    dialog.show_settings(Settings(budgets=(KETTLE, TOKENS)))
    table = named(dialog, QTreeWidget, "More rules")
    table.setCurrentItem(table.topLevelItem(1))  # type: ignore[arg-type]  # it is there
    QTest.keyClick(table, Qt.Key.Key_Return)
    changed = editor(dialog)
    assert changed.budget == TOKENS

    named(changed, QDoubleSpinBox, "Amount").setValue(6e6)
    QTest.mouseClick(button(changed, "OK"), Qt.MouseButton.LeftButton)

    assert [budget.amount for budget in dialog.chosen().budgets] == [20.0, 6e6]
    assert [budget.name for budget in dialog.chosen().budgets] == ["kettle", "t"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("Amount", 0.0, "Enter an amount above 0."),
        ("Shares", "eighty", "Enter percentages up to 1000"),
        ("Shares", "80, 0", "Enter percentages up to 1000"),
        ("Shares", "", "Enter percentages up to 1000"),
    ],
)
def test_an_invalid_rule_is_rejected(
    dialog: SettingsDialog, field: str, value: float | str, words: str
) -> None:
    QTest.mouseClick(button(dialog, "Add rule"), Qt.MouseButton.LeftButton)
    made = editor(dialog)
    amount = named(made, QDoubleSpinBox, "Amount")
    shares = named(made, QLineEdit, "Notify at, in percent")
    amount.setValue(5)
    if field == "Amount":
        amount.setValue(float(value))
    else:
        shares.setText(str(value))

    QTest.mouseClick(button(made, "OK"), Qt.MouseButton.LeftButton)

    assert made.isVisible()
    assert words in said(made)
    QTest.mouseClick(button(made, "Cancel"), Qt.MouseButton.LeftButton)
    assert dialog.chosen().budgets == ()


def test_two_new_rules_have_different_names(dialog: SettingsDialog) -> None:
    for _ in range(2):
        QTest.mouseClick(button(dialog, "Add rule"), Qt.MouseButton.LeftButton)
        made = editor(dialog)
        named(made, QDoubleSpinBox, "Amount").setValue(5)
        made.accept()

    assert [budget.name for budget in dialog.chosen().budgets] == ["block-cost", "block-cost-2"]


def test_only_the_fields_that_a_metric_needs_are_shown(dialog: SettingsDialog) -> None:
    QTest.mouseClick(button(dialog, "Add rule"), Qt.MouseButton.LeftButton)
    made = editor(dialog)

    choose(named(made, QComboBox, "Notify me about"), Metric.RESET)

    assert not named(made, QDoubleSpinBox, "Amount").isVisible()
    assert not named(made, QLineEdit, "Notify at, in percent").isVisible()
    assert made.budget == Budget(name="block-reset", metric=Metric.RESET)


def test_quiet_hours_are_chosen(dialog: SettingsDialog) -> None:
    begin, end = named(dialog, QTimeEdit, "Quiet from"), named(dialog, QTimeEdit, "Quiet until")
    assert not begin.isEnabled()

    button(dialog, "Quiet hours").click()
    begin.setTime(QTime(23, 15))

    alerts = dialog.chosen().alerts
    assert (alerts.quiet_from, alerts.quiet_until) == (clock(23, 15), clock(7))
    end.setTime(QTime(23, 15))
    assert "Quiet hours cannot begin and end at the same" in said(dialog)


def test_a_test_notification_can_be_sent(qtbot: QtBot, dialog: SettingsDialog) -> None:
    dialog.show_delivery("Notifications are shown by dunst 1.9.")
    assert "dunst 1.9" in said(dialog)

    with qtbot.waitSignal(dialog.test_requested):
        QTest.mouseClick(button(dialog, "Send test notification"), Qt.MouseButton.LeftButton)


def test_alerts_are_muted_and_unmuted(qtbot: QtBot, dialog: SettingsDialog) -> None:
    menu = next(one for one in dialog.findChildren(QMenu) if one.actions())
    actions = {action.text().replace("&", ""): action for action in menu.actions()}
    assert not actions["Unmute"].isEnabled()
    with qtbot.waitSignal(dialog.mute_requested) as asked:
        actions["Until tomorrow"].trigger()
    assert asked.args == ["TOMORROW"]

    dialog.show_muted("00:00")

    assert "Alerts are muted until 00:00." in said(dialog)
    with qtbot.waitSignal(dialog.mute_requested) as asked:
        actions["Unmute"].trigger()
    assert asked.args == ["NOT"]


def test_rules_are_described_in_words() -> None:
    burn = Budget(name="b", amount=6, metric=Metric.BURN, period=BudgetPeriod.DAY)

    assert rule_words(burn) == "Burn rate, once per day"
    assert amount_words(burn) == "$6.00/h"
    assert amount_words(Budget(name="r", metric=Metric.RESET)) == ""
    assert read_levels("80,100") == (0.8, 1.0)
    assert read_levels("100; 50 %") == (0.5, 1.0)
    assert read_levels("2000") == ()


def test_models_with_the_same_short_name_are_distinguished() -> None:
    models = (("claude-a-1-20250101", "a-1"), ("claude-a-1-20260101", "a-1"), ("claude-b", "b"))
    editor = BudgetEditor(Budget(name="x", amount=1, model="claude-b"), (), Scopes((), models))
    box = named(editor, QComboBox, "Model")

    texts = [box.itemText(place) for place in range(box.count())]

    assert texts == ["All", "claude-a-1-20250101", "claude-a-1-20260101", "b"]
    assert box.currentText() == "b"
    assert editor.budget.model == "claude-b"
    shiboken6.delete(editor)


def test_a_rule_can_be_limited_to_an_agent_but_not_for_blocks(qtbot: QtBot) -> None:
    agents = (("claude-code", "Claude Code"), ("codex", "Codex"))
    made = BudgetEditor(None, (), SCOPES._replace(agents=agents))
    qtbot.addWidget(made)
    made.show()
    agent, period = named(made, QComboBox, "Agent"), named(made, QComboBox, "Period")

    assert not agent.isVisible()
    choose(period, BudgetPeriod.MONTH)
    assert agent.isVisible()
    choose(agent, "codex")
    assert made.budget.agent == "codex"
    choose(named(made, QComboBox, "Notify me about"), Metric.PLAN)
    assert (agent.isVisible(), made.budget.agent) == (False, "")


def test_the_agent_of_a_rule_is_shown_and_kept(qtbot: QtBot) -> None:
    budget = Budget(name="x", amount=1, period=BudgetPeriod.DAY, agent="codex")
    made = BudgetEditor(budget, (), SCOPES)
    qtbot.addWidget(made)
    made.show()

    assert named(made, QComboBox, "Agent").currentText() == "Codex"
    assert made.budget == budget
    assert scope_words(budget, {}) == "Codex"
