from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QTimeEdit,
    QTreeWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot
from tests.desktop.settings_dialog.pages import (
    BUDGETS,
    CHOSEN,
    DIAGNOSTICS,
    GENERAL,
    TRAY,
    named,
    preview,
)

from spendlight.desktop.settings_dialog import BUDGETS_PAGE, SettingsDialog


def test_pages_are_changed_by_keys(qtbot: QtBot, dialog: SettingsDialog) -> None:
    pages = named(dialog, QListWidget, "Pages")
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)

    QTest.keySequence(dialog, QKeySequence("Ctrl+PgUp"))
    assert pages.currentRow() == DIAGNOSTICS
    QTest.keySequence(dialog, QKeySequence("Ctrl+PgDown"))
    assert pages.currentRow() == GENERAL
    QTest.keyClick(pages, Qt.Key.Key_Down)
    assert pages.currentRow() == TRAY


def test_in_a_narrow_dialog_pages_are_selected_above_them(dialog: SettingsDialog) -> None:
    pages, chooser = named(dialog, QListWidget, "Pages"), named(dialog, QComboBox, "Pages")
    assert pages.isVisible()
    assert not chooser.isVisible()

    dialog.resize(450, 400)
    QApplication.processEvents()
    chooser.setCurrentIndex(BUDGETS)

    assert not pages.isVisible()
    assert named(dialog, QDoubleSpinBox, "Month").isVisible()
    assert BUDGETS == BUDGETS_PAGE


def test_the_wheel_scrolls_pages_and_changes_nothing(dialog: SettingsDialog) -> None:
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtGui import QWheelEvent

    dialog.show_page(BUDGETS)
    field = named(dialog, QDoubleSpinBox, "Month")
    wheel = QWheelEvent(
        QPointF(5, 5),
        QPointF(field.mapToGlobal(QPoint(5, 5))),
        QPoint(0, 120),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,  # noqa: FBT003  # as Qt has it
    )

    QApplication.sendEvent(field, wheel)

    assert field.value() == 0


def test_everything_has_a_name_for_screen_readers(dialog: SettingsDialog) -> None:
    dialog.show_settings(CHOSEN)
    for kind in (QComboBox, QAbstractSpinBox, QListWidget, QPlainTextEdit, QTreeWidget, QTimeEdit):
        for widget in dialog.findChildren(kind):
            assert widget.accessibleName(), widget
    for edit in dialog.findChildren(QLineEdit):
        assert edit.accessibleName() or edit.objectName() == "qt_spinbox_lineedit"
    for one in dialog.findChildren(QAbstractButton):
        assert one.text() or one.accessibleName() or not one.isVisible()


def keys(dialog: SettingsDialog) -> list[str]:
    """Return the mnemonics of what is visible."""
    labels = [label for label in dialog.findChildren(QLabel) if label.buddy() is not None]
    widgets: list[QAbstractButton | QLabel] = [*dialog.findChildren(QAbstractButton), *labels]
    texts = [widget.text() for widget in widgets if widget.isVisible()]
    return sorted(filter(None, (QKeySequence.mnemonic(text).toString() for text in texts)))


@pytest.mark.parametrize("page", range(7))
def test_each_mnemonic_is_unique(dialog: SettingsDialog, page: int) -> None:
    dialog.show_settings(CHOSEN)
    dialog.show_page(page)

    assert keys(dialog) == sorted(set(keys(dialog)))


@pytest.mark.parametrize("page", range(7))
@pytest.mark.usefixtures("german")
def test_each_mnemonic_is_unique_in_german_too(qtbot: QtBot, page: int) -> None:
    dialog = SettingsDialog(preview, lambda: "")
    qtbot.addWidget(dialog)
    dialog.show_settings(CHOSEN)
    dialog.show()

    dialog.show_page(page)

    assert named(dialog, QListWidget, "Seiten").isVisible()
    assert keys(dialog) == sorted(set(keys(dialog)))


@pytest.mark.parametrize("page", range(7))
def test_everything_is_reached_by_tab(dialog: SettingsDialog, page: int) -> None:
    dialog.show_settings(CHOSEN)
    dialog.show_page(page)
    wanted = {
        one
        for one in dialog.findChildren(QWidget)
        if one.isVisible()
        and one.isEnabled()
        and one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and one.focusProxy() is None
    }

    reached: set[QWidget] = set()
    at = dialog.nextInFocusChain()
    while at is not None and at is not dialog:
        reached.add(at)
        at = at.nextInFocusChain()

    assert wanted <= reached
