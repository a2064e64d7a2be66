"""Budgets of a team, or of a person in it, in the settings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QTreeWidget
from tests.desktop.settings_dialog.pages import BUDGETS, button, named
from tests.desktop.settings_dialog.test_budgets import SCOPES, choose, editor, rows

from spendlight.desktop.settings_dialog import SettingsDialog
from spendlight.desktop.settings_dialog.budget_editor import BudgetEditor
from spendlight.metering.budgets import (
    TEAM_METRICS,
    TEAM_PERIODS,
    Budget,
    BudgetOf,
    BudgetPeriod,
    Metric,
)
from spendlight.settings import Settings

TEAM = Budget(name="month", amount=500.0, period=BudgetPeriod.MONTH, of=BudgetOf.TEAM)


@pytest.fixture(autouse=True)
def page(dialog: SettingsDialog) -> None:
    dialog.show_page(BUDGETS)


def test_a_teams_budgets_are_listed_and_survive_other_changes(dialog: SettingsDialog) -> None:
    before = (TEAM, replace(TEAM, name="ada", person="Ada", project="-home-moss"))
    dialog.show_settings(Settings(budgets=before))
    dialog.show_scopes(SCOPES)

    named(dialog, QDoubleSpinBox, "Day").setValue(12)

    assert named(dialog, QDoubleSpinBox, "Month").value() == 0
    assert [row[:2] for row in rows(dialog)] == [
        ["Cost, per month", "Team"],
        ["Cost, per month", "Ada · moss"],
    ]
    day = Budget(name="day", amount=12, period=BudgetPeriod.DAY)
    assert dialog.chosen().budgets == (day, *before)


def test_a_teams_budget_is_edited_to_what_a_team_can_have(dialog: SettingsDialog) -> None:
    dialog.show_settings(Settings(budgets=(TEAM,)))
    table = named(dialog, QTreeWidget, "More rules")
    item = table.topLevelItem(0)
    assert item is not None
    table.setCurrentItem(item)
    button(dialog, "Edit…").click()
    boxes = [named(editor(dialog), QComboBox, text) for text in ("Notify me about", "Period")]

    assert [[box.itemData(row) for row in range(box.count())] for box in boxes] == [
        list(TEAM_METRICS),
        list(TEAM_PERIODS),
    ]
    choose(boxes[1], BudgetPeriod.WEEK)
    editor(dialog).accept()

    assert dialog.chosen().budgets == (replace(TEAM, period=BudgetPeriod.WEEK),)


def test_who_belongs_to_a_team_can_set_budgets_for_it(dialog: SettingsDialog) -> None:
    button(dialog, "Add rule…").click()
    assert not named(editor(dialog), QComboBox, "Whose usage").isVisible()
    editor(dialog).reject()
    dialog.show_scopes(SCOPES._replace(has_team=True))
    button(dialog, "Add rule…").click()
    edited = editor(dialog)
    owner = named(edited, QComboBox, "Whose usage")
    choose(named(edited, QComboBox, "Notify me about"), Metric.BURN)  # not of a team
    assert edited.budget.of is BudgetOf.LEDGER

    choose(owner, "team")
    named(edited, QDoubleSpinBox, "Amount").setValue(500)
    edited.accept()

    period = BudgetPeriod.MONTH
    assert dialog.chosen().budgets == (
        Budget(name="month-cost", amount=500, period=period, of=BudgetOf.TEAM),
    )


def test_a_budget_can_be_set_for_any_person_of_the_team(dialog: SettingsDialog) -> None:
    dialog.show_scopes(SCOPES._replace(has_team=True, people=("Ada", "Bob")))
    button(dialog, "Add rule…").click()
    edited = editor(dialog)
    owner = named(edited, QComboBox, "Whose usage")
    texts = [owner.itemText(row) for row in range(owner.count())]
    assert texts == ["This machine’s", "The whole team’s", "Ada", "Bob"]

    owner.setCurrentIndex(texts.index("Bob"))
    named(edited, QDoubleSpinBox, "Amount").setValue(50)
    edited.accept()

    assert [row[:2] for row in rows(dialog)] == [["Cost, per month", "Bob"]]
    (budget,) = dialog.chosen().budgets
    assert (budget.of, budget.person, budget.period) == (
        BudgetOf.TEAM,
        "Bob",
        BudgetPeriod.MONTH,
    )


def test_a_persons_budget_stays_theirs_or_becomes_the_teams(dialog: SettingsDialog) -> None:
    ada = replace(TEAM, person="Ada", metric=Metric.TOKENS)
    edited = BudgetEditor(ada, (), SCOPES, dialog)
    owner = named(edited, QComboBox, "Whose usage")
    texts = [owner.itemText(row) for row in range(owner.count())]

    assert texts == ["This machine’s", "The whole team’s", "Ada"]
    assert edited.budget == ada
    choose(owner, "team")
    assert edited.budget == replace(ada, person="")
    choose(owner, "ledger")
    assert edited.budget == replace(ada, person="", of=BudgetOf.LEDGER)
    choose(owner, "person Ada")
    assert edited.budget == ada
