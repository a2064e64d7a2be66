from __future__ import annotations

import dataclasses

import shiboken6
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialogButtonBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot
from tests.desktop.settings_dialog.pages import (
    CHOSEN,
    DIAGNOSTICS,
    GENERAL,
    PRICES,
    TRAY,
    button,
    named,
    preview,
    said,
)

from spendlight.desktop.settings_dialog import SettingsDialog
from spendlight.metering.budgets import AlertPolicy, Budget, BudgetPeriod
from spendlight.settings import Appearance, Settings, TrayText


def apply_button(dialog: SettingsDialog) -> QAbstractButton:
    box = dialog.findChildren(QDialogButtonBox)[0]
    return box.button(QDialogButtonBox.StandardButton.Apply)


def test_the_current_settings_are_shown(dialog: SettingsDialog) -> None:
    assert all(
        getattr(CHOSEN, field.name) != getattr(Settings(), field.name)
        for field in dataclasses.fields(Settings)
    )

    dialog.show_settings(CHOSEN)

    assert dialog.chosen() == CHOSEN


def test_ok_applies_the_settings_and_closes(qtbot: QtBot, dialog: SettingsDialog) -> None:
    button(dialog, "Hide amounts").click()

    with qtbot.waitSignal(dialog.applied) as done:
        QTest.mouseClick(button(dialog, "OK"), Qt.MouseButton.LeftButton)

    assert done.args == [Settings(is_private=True)]
    assert not dialog.isVisible()


def test_apply_is_enabled_after_a_change(qtbot: QtBot, dialog: SettingsDialog) -> None:
    dialog.show_settings(CHOSEN)
    assert not apply_button(dialog).isEnabled()

    button(dialog, "Hide amounts").click()
    assert apply_button(dialog).isEnabled()

    with qtbot.waitSignal(dialog.applied) as done:
        QTest.mouseClick(apply_button(dialog), Qt.MouseButton.LeftButton)
    assert done.args == [dataclasses.replace(CHOSEN, is_private=False)]
    assert dialog.isVisible()
    assert not apply_button(dialog).isEnabled()


def test_unchanged_settings_are_not_applied(qtbot: QtBot, dialog: SettingsDialog) -> None:
    dialog.show_settings(CHOSEN)

    with qtbot.assertNotEmitted(dialog.applied):
        QTest.keyClick(dialog, Qt.Key.Key_Return)

    assert not dialog.isVisible()


def test_cancelled_settings_are_not_applied(qtbot: QtBot, dialog: SettingsDialog) -> None:
    button(dialog, "Hide amounts").click()

    with qtbot.assertNotEmitted(dialog.applied):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    assert not dialog.isVisible()


def test_invalid_values_are_shown_and_not_applied(qtbot: QtBot, dialog: SettingsDialog) -> None:
    zone = named(dialog, QComboBox, "Time zone")
    zone.setEditText("Mars/Base")
    dialog.show_page(PRICES)

    with qtbot.assertNotEmitted(dialog.applied):
        QTest.mouseClick(button(dialog, "OK"), Qt.MouseButton.LeftButton)

    assert dialog.isVisible()
    assert zone.isVisible()
    assert "There is no time zone “Mars/Base”." in said(dialog)
    assert "Mars/Base" in zone.accessibleDescription()
    zone.setEditText("Asia/Tokyo")
    assert "Mars/Base" not in said(dialog)
    assert dialog.chosen().time_zone == "Asia/Tokyo"


def test_a_time_zone_is_found_by_any_part_of_its_name(dialog: SettingsDialog) -> None:
    zone = named(dialog, QComboBox, "Time zone")
    completer = zone.completer()
    assert completer is not None

    completer.setCompletionPrefix("kolk")

    assert completer.currentCompletion() == "Asia/Kolkata"


def test_starting_at_login_is_shown_as_the_system_has_it(dialog: SettingsDialog) -> None:
    dialog.show_settings(CHOSEN)

    dialog.show_login(is_on=False, note="It was turned off in the system’s settings.")

    assert not button(dialog, "Start when I log in").isChecked()
    assert "turned off in the system" in said(dialog)
    assert not apply_button(dialog).isEnabled()
    button(dialog, "Start when I log in").click()
    assert apply_button(dialog).isEnabled()


def test_a_choice_made_before_the_system_answered_is_kept(dialog: SettingsDialog) -> None:
    at_login = button(dialog, "Start when I log in")
    appearance = named(dialog, QComboBox, "Appearance")
    at_login.click()
    appearance.setCurrentIndex(appearance.findData(Appearance.DARK))

    dialog.show_login(is_on=False)

    assert at_login.isChecked()
    assert apply_button(dialog).isEnabled()
    at_login.click()
    assert apply_button(dialog).isEnabled()  # the appearance is not applied yet


def test_the_tray_is_previewed_with_each_text(qtbot: QtBot, dialog: SettingsDialog) -> None:
    dialog.show_page(TRAY)
    assert "<time-left>" in said(dialog)
    dialog.activateWindow()
    button(dialog, "Cost of the block").setFocus()
    qtbot.waitUntil(button(dialog, "Cost of the block").hasFocus)

    QTest.keyClick(button(dialog, "Cost of the block"), Qt.Key.Key_Down)

    assert dialog.chosen().tray_text is TrayText.TODAY_COST
    assert named(dialog, QWidget, "Preview of the tray: <today-cost>").isVisible()
    assert "Today $9.10" in said(dialog)


def test_a_system_without_text_beside_the_icon_is_mentioned(qtbot: QtBot) -> None:
    dialog = SettingsDialog(lambda beside: preview(beside)._replace(has_room=False), lambda: "")
    qtbot.addWidget(dialog)
    dialog.show_settings(Settings())
    dialog.show()

    dialog.show_page(TRAY)

    assert "This desktop only has room for the icon," in said(dialog)


def test_the_preview_is_updated(qtbot: QtBot) -> None:
    texts = ["$1.00"]
    dialog = SettingsDialog(lambda beside: preview(beside)._replace(beside=texts[-1]), lambda: "")
    qtbot.addWidget(dialog)
    dialog.show_settings(Settings())
    dialog.show()
    dialog.show_page(TRAY)

    texts.append("$2.00")
    dialog.refresh_preview()

    assert named(dialog, QWidget, "Preview of the tray: $2.00").isVisible()
    assert "$1.00" not in said(dialog)


def test_diagnostics_are_updated_only_while_they_are_shown(qtbot: QtBot) -> None:
    looks: list[str] = []

    def look() -> str:
        looks.append(f"look {len(looks) + 1}")
        return looks[-1]

    dialog = SettingsDialog(preview, look)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not looks

    dialog.show_page(DIAGNOSTICS)

    text = named(dialog, QPlainTextEdit, "Diagnostics")
    assert text.toPlainText() == "look 1"
    dialog.show_page(GENERAL)
    assert len(looks) == 1


def test_diagnostics_are_copied(dialog: SettingsDialog) -> None:
    dialog.show_page(DIAGNOSTICS)

    QTest.mouseClick(button(dialog, "Copy"), Qt.MouseButton.LeftButton)

    from PySide6.QtGui import QGuiApplication

    assert QGuiApplication.clipboard().text() == "Memory: 75 MB"


def test_problems_of_the_file_are_shown(dialog: SettingsDialog) -> None:
    dialog.show_problems(("week_start must be a day of the week.", "Another sentence."))

    assert "week_start must be a day of the week.\nAnother sentence." in said(dialog)


def test_prices_are_updated_unless_the_user_turns_it_off(
    qtbot: QtBot, dialog: SettingsDialog
) -> None:
    dialog.show_page(PRICES)
    dialog.show_prices("LiteLLM list from 2026-11-21")
    look = button(dialog, "Check for newer prices")
    with qtbot.waitSignal(dialog.prices_requested):
        QTest.mouseClick(look, Qt.MouseButton.LeftButton)
    assert "2026-11-21" in said(dialog)

    button(dialog, "Never go online").click()
    assert not look.isEnabled()
    button(dialog, "Never go online").click()
    named(dialog, QLineEdit, "Your own price list").setText("/my.json")

    assert look.isEnabled()  # it overrides the downloaded list
    assert dialog.chosen().prices_file == "/my.json"


@settings(max_examples=20, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(list(BudgetPeriod)), st.integers(1, 10**8).map(lambda cents: cents / 100)
    ),
    st.booleans(),
)
def test_budgets_are_preserved_to_the_cent(
    amounts: dict[BudgetPeriod, float],
    is_on: bool,  # noqa: FBT001  # any value
) -> None:
    budgets = tuple(
        Budget(name=period.value, amount=amounts[period], period=period)
        for period in BudgetPeriod
        if period in amounts
    )
    chosen = Settings(budgets=budgets, alerts=AlertPolicy(is_on=is_on))
    dialog = SettingsDialog(preview, lambda: "")

    try:
        dialog.show_settings(chosen)
        assert dialog.chosen() == chosen
    finally:
        shiboken6.delete(dialog)
