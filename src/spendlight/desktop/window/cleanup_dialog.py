"""Lets Claude Code keep its logs longer: shows the change, makes it, and takes it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from spendlight.desktop.window.labels import EDGE_PX, RELATED_PX, Label
from spendlight.desktop.window.page import Work
from spendlight.errors import UsageError
from spendlight.tracker.profile import MAX_DAYS, SettingsChange, apply_change, keep_logs, undo
from spendlight.tracker.tracker import UsageTracker

Result = TypeVar("Result")

YEAR: Final = 365


class CleanupDialog(QDialog):
    """Asks how long logs shall be kept, and shows what would be written before it is.

    Signals:
        work_requested: It wants something done on another thread; carries `Work`.
        changed: Claude Code's settings have been changed.
    """

    work_requested = Signal(object)
    changed = Signal()

    def __init__(self, folder: Path, days: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._change: SettingsChange | None = None
        self.setWindowTitle(self.tr("Keep logs longer"))
        self._days = QSpinBox()
        self._days.setRange(1, MAX_DAYS)
        self._days.setValue(max(days, YEAR))
        self._days.setSuffix(" " + self.tr("days"))
        self._days.setAccessibleName(self.tr("How long logs are kept"))
        self._diff = QPlainTextEdit()
        self._diff.setReadOnly(True)
        self._diff.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._diff.setAccessibleName(self.tr("What is changed in the settings of Claude Code"))
        self._said = Label(is_secondary=True)
        self._said.setWordWrap(True)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._write = QPushButton(self.tr("Change the settings"))
        self._undo = QPushButton(self.tr("Undo the last change"))
        self._buttons.addButton(self._write, QDialogButtonBox.ButtonRole.ActionRole)
        self._buttons.addButton(self._undo, QDialogButtonBox.ButtonRole.ResetRole)
        self._lay_out()
        self._days.valueChanged.connect(self._look)
        self._write.clicked.connect(self._apply)
        self._undo.clicked.connect(self._take_back)
        self._buttons.rejected.connect(self.reject)
        self._look()

    def showEvent(self, event: object) -> None:
        """Show what would change as soon as somebody can do it."""
        super().showEvent(event)  # type: ignore[arg-type]  # Qt's own event
        self._look()

    def _look(self) -> None:
        folder, days = self._folder, self._days.value()
        self._work(lambda _: keep_logs(folder, days), self._on_change)

    def _apply(self) -> None:
        folder, change = self._folder, self._change
        if change is not None:
            self._work(lambda _: apply_change(folder, change, datetime.now(UTC)), self._on_applied)

    def _take_back(self) -> None:
        folder = self._folder

        def run(_: object) -> None:
            apply_change(folder, undo(folder), datetime.now(UTC))

        self._work(run, self._on_applied)

    def _work(
        self, run: Callable[[UsageTracker], Result], done: Callable[[Result], object]
    ) -> None:
        self.work_requested.emit(Work(run, done, self._on_failed))

    def _on_change(self, change: SettingsChange) -> None:
        self._change = change
        self._write.setEnabled(not change.is_nothing)
        self._diff.setPlainText(change.diff() or self.tr("This is how it is already."))
        self._said.setText(self.tr("A copy of {0} is kept beside it.").format(change.path))

    def _on_applied(self, _: object) -> None:
        self._said.setText(self.tr("Done. Claude Code reads it at its next start."))
        self._look()
        self.changed.emit()

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, UsageError):
            self._said.setText(f"{error.title}. {error.advice}")
        else:
            self._said.setText(str(error))

    def _lay_out(self) -> None:
        ask = Label()
        ask.setText(self.tr("Let Claude Code keep its logs for"))
        ask.setBuddy(self._days)
        line = QHBoxLayout()
        line.setSpacing(RELATED_PX)
        line.addWidget(ask)
        line.addWidget(self._days)
        line.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(EDGE_PX, EDGE_PX, EDGE_PX, RELATED_PX * 2)
        layout.setSpacing(RELATED_PX)
        layout.addLayout(line)
        layout.addWidget(self._diff, 1)
        layout.addWidget(self._said)
        layout.addWidget(self._buttons)
        self.resize(600, 360)
