"""The setting for update checks."""

from __future__ import annotations

import pytest
from tests.desktop.settings_dialog.pages import GENERAL, PRIVACY, button, said

from spendlight.desktop.settings_dialog import SettingsDialog
from spendlight.settings import Settings

BOX = "Check for updates"
USUAL = "Off by default, because updates come with your system’s packages."


def show(dialog: SettingsDialog, *, is_usual: bool, chosen: bool | None) -> None:
    dialog.show_page(GENERAL)
    dialog.show_updates(is_usual=is_usual)
    dialog.show_settings(Settings(check_for_updates=chosen))


@pytest.mark.parametrize("is_usual", [True, False])
@pytest.mark.parametrize("chosen", [None, True, False])
def test_the_checkbox_shows_the_effective_setting_and_stores_nothing(
    dialog: SettingsDialog, *, is_usual: bool, chosen: bool | None
) -> None:
    show(dialog, is_usual=is_usual, chosen=chosen)

    assert button(dialog, BOX).isChecked() is (is_usual if chosen is None else chosen)
    assert dialog.chosen().check_for_updates is chosen
    assert (USUAL in said(dialog)) is not is_usual


@pytest.mark.parametrize("is_usual", [True, False])
def test_a_choice_is_stored_and_the_default_is_not(
    dialog: SettingsDialog, *, is_usual: bool
) -> None:
    show(dialog, is_usual=is_usual, chosen=None)

    button(dialog, BOX).click()
    assert dialog.chosen().check_for_updates is not is_usual
    button(dialog, BOX).click()
    assert dialog.chosen().check_for_updates is None

    show(dialog, is_usual=is_usual, chosen=is_usual)
    button(dialog, BOX).click()
    assert dialog.chosen().check_for_updates is not is_usual


def test_a_note_says_what_is_sent(dialog: SettingsDialog) -> None:
    show(dialog, is_usual=True, chosen=None)
    assert "asks api.github.com" in said(dialog)
    assert "nothing is installed" in said(dialog)

    dialog.show_page(PRIVACY)
    assert "Only two requests," in said(dialog)


def test_offline_the_setting_is_disabled(dialog: SettingsDialog) -> None:
    show(dialog, is_usual=True, chosen=None)

    button(dialog, "Never go online").click()

    assert not button(dialog, BOX).isEnabled()
    assert "“Never go online” is turned on under Prices." in said(dialog)
    button(dialog, "Never go online").click()
    assert button(dialog, BOX).isEnabled()
