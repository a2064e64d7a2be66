"""Changes how long Claude Code keeps its logs."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QWidget

from spendlight.desktop.change_dialog import ChangeDialog, Find
from spendlight.desktop.window.labels import RELATED_PX, Label
from spendlight.tracker.profile import MAX_DAYS
from spendlight.tracker.settings_changes import keep_logs, keep_logs_undone

YEAR: Final = 365


class CleanupDialog(ChangeDialog):
    """Asks how long logs should be kept, and shows the change before it is written."""

    def __init__(self, folder: Path, days: int, parent: QWidget | None = None) -> None:
        said = Label(is_secondary=True)
        said.setWordWrap(True)
        super().__init__("", said, parent)
        self._folder = folder
        self.setWindowTitle(self.tr("Keep logs longer"))
        self.applied = self.undone = self.tr("Done. It takes effect when Claude Code starts next.")
        self._days = QSpinBox()
        self._days.setRange(1, MAX_DAYS)
        self._days.setValue(max(days, YEAR))
        self._days.setSuffix(" " + self.tr("days"))
        self._days.setAccessibleName(self.tr("Number of days to keep logs"))
        ask = Label()
        ask.setText(self.tr("Keep Claude Code’s logs for"))
        ask.setBuddy(self._days)
        line = QHBoxLayout()
        line.setSpacing(RELATED_PX)
        line.addWidget(ask)
        line.addWidget(self._days)
        line.addStretch(1)
        self.lay_out(line)
        self._days.valueChanged.connect(self.look)

    def wanted(self) -> Find:
        """Return the function that finds the change to the chosen number of days."""
        folder, days = self._folder, self._days.value()
        return lambda: keep_logs(folder, days)

    def way_back(self) -> Find:
        """Return the function that finds the change which undoes the last one."""
        folder = self._folder
        return lambda: keep_logs_undone(folder)
