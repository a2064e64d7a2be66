"""Shows a change of Claude Code's settings before it is written, writes it, and undoes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Generic, NamedTuple, TypeVar

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QFontDatabase, QIcon, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from spendlight.tracker.settings_changes import SettingsChange, apply_change

translate = QCoreApplication.translate

EDGE_PX: Final = 24
GROUP_PX: Final = 16
RELATED_PX: Final = 8

Result = TypeVar("Result")

Find = Callable[[], SettingsChange]
"""Finds a change; called on another thread."""


class ChangeTask(NamedTuple, Generic[Result]):
    """A task for another thread.

    Attributes:
        run: The function.
        done: Called with its result.
        failed: Called with its exception.
    """

    run: Callable[[], Result]
    done: Callable[[Result], object]
    failed: Callable[[Exception], object]


class ChangeDialog(QDialog):
    """The base class of dialogs that change a setting of Claude Code's.

    Subclasses define the change, and the messages after it was made or undone.

    Attributes:
        applied: The message after the change was made.
        undone: The message after it was undone.

    Signals:
        work_requested: A task for another thread; carries `ChangeTask`.
        changed: Claude Code's settings have been changed.
    """

    work_requested = Signal(object)
    changed = Signal()

    applied = ""
    undone = ""

    def __init__(self, title: str, said: QLabel, parent: QWidget | None = None) -> None:
        """Create the dialog.

        Args:
            title: Its title.
            said: The label for the result of a change.
            parent: The parent window.
        """
        super().__init__(parent)
        self._change: SettingsChange | None = None
        self._said = said
        self.setWindowTitle(title)
        self._diff = QPlainTextEdit()
        self._diff.setReadOnly(True)
        self._diff.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._diff.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._diff.setAccessibleName(translate("settings", "Changes to Claude Code’s settings"))
        self._write = QPushButton(translate("settings", "Change the &settings"))
        self._write.clicked.connect(self._apply)

    def lay_out(self, *above: QWidget | QLayout) -> None:
        """Arrange everything, the questions above the change."""
        undo = QPushButton(translate("settings", "&Undo the last change"))
        undo.clicked.connect(self._take_back)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        for button in buttons.buttons():
            button.setIcon(QIcon())  # some systems show one
        buttons.addButton(self._write, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(undo, QDialogButtonBox.ButtonRole.ResetRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE_PX, EDGE_PX, EDGE_PX, GROUP_PX)
        column.setSpacing(RELATED_PX)
        for item in above:
            if isinstance(item, QWidget):
                column.addWidget(item)
            else:
                column.addLayout(item)
        column.addWidget(self._diff, 1)
        column.addWidget(self._said)
        column.addWidget(buttons)
        self.resize(640, 420)

    def showEvent(self, event: QShowEvent) -> None:
        """Show what would change as soon as the dialog is visible."""
        super().showEvent(event)
        self.look()

    def wanted(self) -> Find:
        """Return the function that finds the chosen change."""
        raise NotImplementedError

    def way_back(self) -> Find:
        """Return the function that finds the change that undoes the last one."""
        raise NotImplementedError

    def look(self) -> None:
        """Show what would change with the current choice."""
        self._said.setText("")
        self._look()

    def _look(self) -> None:
        self._change = None
        self._write.setEnabled(False)
        self._request(self.wanted(), self._on_change)

    def _apply(self) -> None:
        change = self._change
        if change is not None:
            self._request(
                lambda: apply_change(change, datetime.now(UTC)), lambda _: self._tell(self.applied)
            )

    def _take_back(self) -> None:
        find = self.way_back()
        self._request(
            lambda: apply_change(find(), datetime.now(UTC)), lambda _: self._tell(self.undone)
        )

    def _request(self, run: Callable[[], Result], done: Callable[[Result], object]) -> None:
        self.work_requested.emit(ChangeTask(run, done, self._on_failed))

    def _on_change(self, change: SettingsChange) -> None:
        self._change = change
        self._write.setEnabled(not change.is_nothing)
        self._diff.setPlainText(
            change.diff() or translate("settings", "It is already set up like this.")
        )
        if not self._said.text():
            kept = translate("settings", "A backup of {path} is kept in the same folder.")
            self._said.setText(kept.format(path=change.path))

    def _tell(self, text: str) -> None:
        self._said.setText(text)
        self._look()
        self.changed.emit()

    def _on_failed(self, error: Exception) -> None:
        self._said.setText(str(error))
