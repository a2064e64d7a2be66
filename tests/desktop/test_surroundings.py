from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from spendlight.desktop.app.surroundings import Surroundings, leave_starting_to_the_settings
from spendlight.desktop.glyph import Ink


@pytest.fixture
def surroundings(qapp: QApplication) -> Iterator[Surroundings]:
    surroundings = Surroundings(qapp, "GNOME")
    yield surroundings
    surroundings.shut_down()


def test_the_ink_follows_the_desktop(surroundings: Surroundings) -> None:
    assert surroundings.ink() is Ink.ON_DARK


def test_a_new_colour_scheme_updates_the_ink(
    qtbot: QtBot, qapp: QApplication, surroundings: Surroundings
) -> None:
    with qtbot.waitSignal(surroundings.panel_changed):
        qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)


def test_a_scheme_chosen_for_windows_does_not_affect_panels(
    qtbot: QtBot, qapp: QApplication
) -> None:
    surroundings = Surroundings(qapp, "KDE")
    before = surroundings.ink()

    surroundings.tell_scheme_chosen(is_chosen=True)
    with qtbot.assertNotEmitted(surroundings.panel_changed):
        qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)

    assert surroundings.ink() is before
    surroundings.shut_down()


def test_the_session_manager_does_not_start_a_second_copy() -> None:
    class FakeManager:
        hint: QSessionManager.RestartHint | None = None

        def setRestartHint(self, hint: QSessionManager.RestartHint) -> None:
            self.hint = hint

    manager = FakeManager()

    leave_starting_to_the_settings(manager)  # type: ignore[arg-type]  # Qt alone makes real ones

    assert manager.hint is QSessionManager.RestartHint.RestartNever
